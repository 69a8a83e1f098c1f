"""What lesson 15 plays and draws: sounds with their pictures, moving clips with their frames, and
quality over variety.
"""

import base64
import html
import io

import numpy as np
import torch
from IPython.display import display

from gan_lessons.show.canvas import COLOURS, MARKERS, STYLES, axes, numbers, show


def waves(clips, rate, alt):
    """Waveform above spectrogram (up to 1 kHz) of one clip for each name.

    Parameters
    ----------
    clips : dict of name -> Tensor (1, T) in [-1, 1]
    rate : int
        Samples per second.
    alt : str
    """
    figure, axs = axes(len(clips), 2, width=9.5, height=1.9, squeeze=False, sharey="row")
    for i, (name, clip) in enumerate(clips.items()):
        x = numbers(clip).ravel()
        above, below = axs[:, i]
        above.plot(np.arange(len(x)) / rate * 1000, x, color=COLOURS[i % 8], linewidth=0.8)
        above.set(title=name, ylim=(-1.05, 1.05))
        window = np.hanning(256)
        parts = np.lib.stride_tricks.sliding_window_view(np.pad(x, 128), 256)[::8]
        power = np.abs(np.fft.rfft(parts * window, 2048)) ** 2
        top = int(1000 * 2048 / rate)
        picture = below.imshow(
            10 * np.log10(power[:, :top].T + 1e-6),
            origin="lower",
            aspect="auto",
            cmap="Greys",
            vmin=-25,
            vmax=30,
            extent=[0, len(x) / rate * 1000, 0, 1000],
        )
        below.set(xlabel="milliseconds")
        below.grid(False)
    axs[0, 0].set_ylabel("sample")
    axs[1, 0].set_ylabel("Hz")
    figure.colorbar(picture, ax=list(axs[1]), label="dB", shrink=0.9)
    show(figure, alt)


def player(clips, rate, caption, pause=0.12):
    """A player for short clips, one after another; it starts when it is asked to.

    Parameters
    ----------
    clips : Tensor (N, 1, T) in [-1, 1]
    rate : int
    caption : str
        What is heard, for those who do not hear it: with the measured numbers.
    """
    from scipy.io import wavfile

    silence = torch.zeros(len(clips), int(pause * rate))
    line = torch.cat([clips[:, 0].cpu(), silence], dim=1).flatten()
    file = io.BytesIO()
    wavfile.write(file, rate, (line.clamp(-1, 1) * 32767).round().short().numpy())
    said = html.escape(caption)
    source = base64.b64encode(file.getvalue()).decode()
    text = (
        f'<audio controls preload="none" aria-label="{said}" '
        f'src="data:audio/wav;base64,{source}"></audio><br><small>{said}</small>'
    )
    display({"text/html": text, "text/plain": caption}, raw=True)


def canvas(clips, scale, gap=1):
    """Clips (R, C, 8, H, W) in [-1, 1] as uint8 frames (8, height, width), white lines between."""
    rows, columns, frames, h, w = clips.shape
    found = np.full((frames, rows * (h + gap) - gap, columns * (w + gap) - gap), 255, np.uint8)
    levels = ((clips.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()
    for r in range(rows):
        for c in range(columns):
            y, x = r * (h + gap), c * (w + gap)
            found[:, y : y + h, x : x + w] = levels[r, c]
    return found.repeat(scale, axis=1).repeat(scale, axis=2)


def movie(rows, alt, each=6):
    """The frames of one clip in each row, and below, when unfolded, several clips that move.

    Parameters
    ----------
    rows : dict of name -> Tensor (N, 1, 8, H, W) in [-1, 1]
        The first clip of each stands still in the picture; the first `each` of them move.
    alt : str
    """
    from PIL import Image

    still = canvas(torch.stack([clips[0, 0][:, None] for clips in rows.values()]), 1)[0]
    figure, ax = axes(width=8.0, height=1.0 * len(rows) + 0.3)
    ax.imshow(still, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    h, w = next(iter(rows.values())).shape[-2:]
    n = next(iter(rows.values())).shape[2]
    ax.set_yticks([h / 2 + (h + 1) * i for i in range(len(rows))], list(rows))
    ax.set_xticks([w / 2 + (w + 1) * i for i in range(n)], [f"frame {i + 1}" for i in range(n)])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    show(figure, alt)
    moving = canvas(torch.stack([clips[:each, 0] for clips in rows.values()]), 4)
    first, *others = (Image.fromarray(frame) for frame in moving)
    file = io.BytesIO()
    time = [120] * (len(others)) + [600]
    first.save(file, "gif", save_all=True, append_images=others, duration=time, loop=0)
    source = base64.b64encode(file.getvalue()).decode()
    said = html.escape(f"Moving, {each} in each row, from top: {', '.join(rows)}.")
    text = (
        f"<details><summary>Play them (unfold; fold to stop)</summary>"
        f'<img alt="Moving picture. {said} {html.escape(alt)}" '
        f'src="data:image/gif;base64,{source}"><br><small>{said}</small></details>'
    )
    display({"text/html": text, "text/plain": said}, raw=True)


def tradeoff(curves, points, xlabel, ylabel, alt):
    """Quality over variety: a line for each model, a mark for each setting.

    Parameters
    ----------
    curves : dict of name -> (x, y)
    points : dict of name -> (x, y)
        Single values.
    """
    figure, ax = axes(width=7.5, height=4.2)
    for i, (name, (x, y)) in enumerate(curves.items()):
        style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 4}
        ax.plot(numbers(x), numbers(y), STYLES[i % 4], label=name, **style)
    for i, (name, (x, y)) in enumerate(points.items(), start=len(curves)):
        style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 8}
        ax.plot([x], [y], linestyle="", label=name, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    figure.legend(loc="outside right upper", fontsize=9)
    show(figure, alt)
