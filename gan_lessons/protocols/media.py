"""GANs of sound, motion and text, the baselines beside them, and what a set of clips is worth.

Drums, videos and sentences are synthetic: `drums`, `videos` and `sentences` make and measure them.
"""

from functools import partial

import torch
import torch.nn.functional as F

from gan_lessons import data, losses, training
from gan_lessons.protocols import drums, sentences, videos
from gan_lessons.protocols.sentences import Reader, Writer

STEPS = {"drums": 4000, "videos": 2400, "text": 1500}
BATCH = {"drums": 64, "videos": 32, "text": 64}
PARTS = {
    "drums": (drums.DrumGenerator, drums.DrumDiscriminator, 16),
    "videos": (videos.VideoGenerator, videos.VideoDiscriminator, 16),
    "text": (Writer, Reader, 8),
}


def recipe(lr):
    """R3GAN's losses with weak penalties, for a short run."""
    penalty = partial(losses.r1_r2_penalty, gamma=0.1)
    return losses.Recipe(
        *losses.relativistic_losses(), penalty, lr_d=lr, lr_g=lr, betas=(0.0, 0.99), ema=0.99
    )


def trained(medium, clips, seed, steps=None, progress=False):
    """A GAN of a medium ("drums", "videos", "text"), trained on clips or one-hot sentences."""
    if medium not in PARTS:
        raise ValueError(f"The media are {', '.join(PARTS)}; there is no {medium!r}.")
    torch.manual_seed(seed)
    G, D, z_dim = PARTS[medium]
    gan = training.GAN(G(), D(), recipe(1e-3 if medium == "text" else 2e-3), z_dim)
    batches = data.batches(clips, BATCH[medium], seed=seed)
    training.fit(gan, batches, steps or STEPS[medium], progress=progress)
    return gan


def one_hot(texts):
    """Sentences (N, 6) as float (N, 6, 19)."""
    return F.one_hot(texts, len(sentences.WORDS)).float()


def pca_gaussian(clips, n, seed, share=0.95):
    """`n` draws from a Gaussian on the principal components that hold a share of the variance."""
    flat = clips.flatten(1)
    mean = flat.mean(dim=0)
    _, size, axes = torch.linalg.svd(flat - mean, full_matrices=False)
    k = int((size.square().cumsum(0) / size.square().sum() < share).sum()) + 1
    z = torch.randn(n, k, generator=torch.Generator().manual_seed(seed))
    made = mean + z * size[:k] / (len(clips) - 1) ** 0.5 @ axes[:k]
    return made.view(n, *clips.shape[1:]).clamp(-1, 1)


def nearest(samples, train):
    """For each sample the training clip that is nearest to it."""
    return train[torch.cdist(samples.flatten(1), train.flatten(1)).argmin(dim=1)]


def novelty(samples, train, fresh):
    """Median distance to the nearest training clip, over that of fresh real clips.

    0 for copies; 1 for clips as new as real ones that were never seen; more for what lies far from
    all real clips.
    """
    own, real = (
        torch.cdist(x.flatten(1), train.flatten(1)).amin(dim=1).median() for x in (samples, fresh)
    )
    return (own / real).item()


def gap(a, b):
    """Mean distance of two sets of as many numbers, both sorted (Wasserstein distance)."""
    return (a.double().sort().values - b.double().sort().values).abs().mean().item()


def judge_drums(clips, train, fresh):
    """What one set of drums is worth beside fresh real ones, all (N, 1, 1024).

    The share with a clean tone; distances of pitch (half tones) and of log decay time; the
    correlation of the two; novelty.
    """
    pitch, decay = drums.pitch_of(clips), drums.decay_of(clips)
    real_pitch, real_decay = drums.pitch_of(fresh), drums.decay_of(fresh)
    both = torch.stack([pitch.log(), decay.log()])
    return {
        "clean": (drums.tone_share(clips) > 0.85).double().mean().item(),
        "pitch": gap(12 * pitch.log2(), 12 * real_pitch.log2()),
        "decay": gap(decay.log(), real_decay.log()),
        "link": torch.corrcoef(both)[0, 1].item(),
        "new": novelty(clips, train, fresh),
    }


def judge_videos(clips, train, fresh):
    """What one set of videos is worth beside fresh real ones: the share that passes each of
    `videos.video_checks`, the distance of speeds, novelty.
    """
    found = {k: v.double().mean().item() for k, v in videos.video_checks(clips).items()}
    found["speed"] = gap(videos.speed_of(clips), videos.speed_of(fresh))
    return found | {"new": novelty(clips, train, fresh)}


JUDGE = {"drums": judge_drums, "videos": judge_videos}


def at_quality(points, level=0.95):
    """Best variety at a share `level` of valid sentences, between neighbouring temperatures.

    `points` (2, T) hold valid and variety, from cold to hot; nan where no temperature is that good.
    """
    found = []
    for (v0, d0), (v1, d1) in zip(points.T.tolist(), points.T.tolist()[1:], strict=False):
        if v0 >= level > v1:
            found.append(d0 + (d1 - d0) * (v0 - level) / (v0 - v1))
    if not found and points[0].min() >= level:
        found = [points[1].max().item()]
    return max(found, default=float("nan"))
