"""Drums: synthetic clips with a known pitch and decay, networks, measures, baselines.

A clip is a Tensor (1, 1024): 0.128 s at 8 kHz, in [-1, 1].
"""

import math

import torch
from torch import nn

RATE, SAMPLES = 8000, 1024
TIME = torch.arange(SAMPLES) / RATE  # seconds
LATE = 160  # the first 20 ms hold the stroke: noise, and a falling pitch


def drums(n, seed):
    """`n` synthetic drums (n, 1, 1024), their pitch in Hz and their decay time in seconds."""
    draw = torch.Generator().manual_seed(seed)
    pitch = 120 * 3 ** torch.rand(n, 1, generator=draw)  # 120 to 360 Hz
    spread = (0.15 * torch.randn(n, 1, generator=draw)).exp()
    decay = (0.03 * (200 / pitch).sqrt() * spread).clamp(0.012, 0.05)  # low drums ring longer
    # the pitch starts twice as high and falls within a few milliseconds
    phase = 2 * math.pi * pitch * (TIME + 0.004 * (1 - (-TIME / 0.004).exp()))
    tone = phase.sin() * (-TIME / decay).exp()
    noise = torch.randn(n, SAMPLES + 1, generator=draw).unfold(1, 2, 1).mean(dim=2)  # a low-pass
    level = 0.1 + 0.2 * torch.rand(n, 1, generator=draw)
    clips = 0.7 * tone + level * noise * (-TIME / 0.004).exp()
    return clips.clamp(-1, 1)[:, None], pitch[:, 0], decay[:, 0]


def pitch_of(clips):
    """Pitch of clips (N, 1, 1024) in Hz, (N,): the highest peak of the spectrum after 20 ms."""
    power = torch.fft.rfft(clips[:, 0, LATE:].double(), 2 * RATE).abs().square()
    power[:, : 2 * 50] = 0  # half a Hz for each entry; nothing below 50 Hz is a drum here
    return power.argmax(dim=1) / 2.0


def decay_of(clips, block=80, parts=slice(2, 8)):
    """Decay time of clips (N, 1, 1024) in seconds, (N,): from a line through the log energy of
    blocks of 10 ms, between 20 and 80 ms.
    """
    energy = clips[:, 0, : 12 * block].double().unflatten(1, (12, block)).square().sum(dim=2)
    log = (energy[:, parts] + 1e-8).log()
    t = torch.arange(12, dtype=torch.float64)[parts] * block / RATE
    t = t - t.mean()
    slope = (log * t).sum(dim=1) / t.square().sum()  # energy falls as exp(-2 t / decay)
    return -2 / slope.clamp(max=-1.0)


def tone_share(clips, width=40):
    """Share of the energy after 20 ms that lies within `width` Hz of the pitch, (N,)."""
    power = torch.fft.rfft(clips[:, 0, LATE:].double(), 2 * RATE).abs().square()
    f = torch.arange(power.shape[1]) / 2.0
    near = (f - pitch_of(clips)[:, None]).abs() <= width
    return (power * near).sum(dim=1) / power.sum(dim=1).clamp(min=1e-12)


class DrumGenerator(nn.Module):
    """Noise (B, 16) to clips (B, 1, 1024) in [-1, 1]."""

    def __init__(self, z_dim=16, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, SAMPLES),
            *(nn.Tanh(), nn.Unflatten(1, (1, SAMPLES))),
        )

    def forward(self, z):
        return self.net(z)


class DrumDiscriminator(nn.Module):
    """Clips (B, 1, 1024) to logits (B, 1)."""

    def __init__(self, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(SAMPLES, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, clips):
        return self.net(clips)
