"""One picture of the playground, drawn with numpy and Pillow: matplotlib would need ten times as
long.
"""

import io
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw, ImageFont

from gan_lessons.show import D_COLOUR, FAKE, FIELD, G_COLOUR, GREY, REAL

SIZE, SIDE, LIMIT, CELLS = (820, 420), 420, 1.6, 70
# Paler than the points, and in 33 steps: a PNG with few colours is made fast.
PALETTE = (np.array([FIELD(i / 32)[:3] for i in range(33)]) * 140 + 115).astype(np.uint8)


@lru_cache
def font(size):
    """matplotlib's own font, which is there on every machine."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(str(path), size)


def to_pixels(points):
    """Points (..., 2) of the plane as pixels of the field."""
    scaled = points.detach().nan_to_num(9).clamp(-9, 9) / LIMIT * (SIDE / 2)
    return (scaled * torch.tensor([1.0, -1.0]) + SIDE / 2).numpy()


def field(D):
    """The probability of real that D, a function of points, gives on a grid of the plane
    (CELLS, CELLS), top row first.
    """
    line = torch.linspace(-LIMIT, LIMIT, CELLS)
    x, y = torch.meshgrid(line, line.flip(0), indexing="xy")
    with torch.no_grad():
        return torch.sigmoid(D(torch.stack([x, y], dim=-1).view(-1, 2))).view(CELLS, CELLS).numpy()


def arrows(D, generator_loss, fake):
    """Where each fake would go: against the gradient of G's loss, the longest of them 0.25 long."""
    fake = fake.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(generator_loss(D(fake)), fake)
    return -0.25 * slope / slope.norm(dim=1).max().clamp(min=1e-12)


def noise_grid(G, z_dim, lines=13, fine=40):
    """G's images of straight lines of noise, each (fine, 2); none for z_dim over 2."""
    line, points = torch.linspace(-2.5, 2.5, lines), torch.linspace(-2.5, 2.5, fine)
    with torch.no_grad():
        if z_dim == 1:
            return [G(torch.linspace(-3, 3, 300)[:, None])]
        if z_dim > 2:
            return []
        across = torch.cartesian_prod(line, points)
        return [bent for z in (across, across.flip(1)) for bent in G(z).view(lines, fine, 2)]


def draw_plane(image, game):
    """The left half: D's field and its contour at one half, both kinds of points, arrows, grid."""
    G, D = game.for_shown(game.gan.G), game.for_shown(game.gan.D)
    bold = game.asked == game.shown if game.settings.labels else torch.ones(len(game.fake)).bool()
    p = Image.fromarray(np.nan_to_num(field(D), nan=0.5))
    p = np.asarray(p.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    colours, sure = PALETTE[(p * 32).round().astype(int)], p > 0.5
    border = (sure[1:, 1:] != sure[1:, :-1]) | (sure[1:, 1:] != sure[:-1, 1:])
    colours[1:, 1:][border] = colours[:-1, 1:][border] = 0
    image.paste(Image.fromarray(colours), (0, 0))
    pen = ImageDraw.Draw(image)
    for bent in noise_grid(G, game.settings.z_dim):
        pen.line([tuple(xy) for xy in to_pixels(bent)], fill=G_COLOUR, width=1)
    for x, y in to_pixels(game.real):
        pen.ellipse([x - 2, y - 2, x + 2, y + 2], fill=REAL)
    for (x, y), width in zip(to_pixels(game.fake), 1 + bold, strict=True):
        pen.line([x - 2, y - 2, x + 2, y + 2], fill=FAKE, width=int(width))
        pen.line([x - 2, y + 2, x + 2, y - 2], fill=FAKE, width=int(width))
    some = game.fake[bold][:40]
    ends = to_pixels(some + arrows(D, game.gan.recipe.generator_loss, some))
    for start, end in zip(to_pixels(some), ends, strict=True):
        pen.line([*start, *end], fill="black", width=1)
        pen.ellipse([*(end - 2), *(end + 2)], fill="black")


def draw_curves(pen, top, height, title, curves, low, high):
    """One small chart on the right: `curves` is a list of (values, colour)."""
    left, right = SIDE + 48, SIZE[0] - 12
    pen.text((SIDE + 14, top), title, fill="black", font=font(12))
    box = (left, top + 20, right, top + height)
    pen.rectangle(box, outline="#DDDDDD")
    for value, y in ((high, box[1]), (low, box[3] - 12)):
        pen.text((left - 5, y), f"{value:.3g}", fill=GREY, font=font(11), anchor="ra")
    for values, colour in curves:
        values = np.nan_to_num(np.asarray(values, float), nan=low)
        if len(values) > 1:
            x = np.linspace(left, right, len(values))
            y = box[3] - (np.clip(values, low, high) - low) / (high - low) * (box[3] - box[1])
            pen.line(list(zip(x, y, strict=True)), fill=ImageColor.getrgb(colour), width=2)


def thin(values, most=200):
    """At most `most` of the values: means of equally long pieces."""
    first = np.linspace(0, len(values), min(most, len(values)), endpoint=False).astype(int)
    return np.add.reduceat(values, first) / np.diff([*first, len(values)]) if len(values) else []


def frame(game):
    """The state of a `Game` as the bytes of a PNG of SIZE.

    Left the plane: D's probability of real from orange to blue, its contour at one half, real
    points (dots), fakes (crosses), black arrows towards a lower loss of G, and G's bent noise; with
    labels field, arrows, noise and bold crosses are those of one mode.
    Right: losses, modes covered and the distance, since the start.
    """
    image = Image.new("RGB", SIZE, "white")
    draw_plane(image, game)
    pen = ImageDraw.Draw(image)
    _, covered, _, distance = zip(*game.measured, strict=True)
    d_loss, g_loss = thin(game.d_loss), thin(game.g_loss)
    seen = [v for v in [*d_loss, *g_loss] if np.isfinite(v)] or [0]
    low, high = min(0, *seen, 0), max(2, *seen)
    draw_curves(
        pen,
        6,
        126,
        "Losses of D (green) and G (pink)",
        [(d_loss, D_COLOUR), (g_loss, G_COLOUR)],
        low,
        high,
    )
    total = game.modes.total
    title = f"Modes covered: {covered[-1]} of {total}"
    draw_curves(pen, 144, 126, title, [(thin(covered), REAL)], 0, total)
    title = f"Distance from the data: {distance[-1]:.2f}"
    draw_curves(pen, 282, 126, title, [(thin(distance), FAKE)], 0, max(1, *thin(distance), 0))
    buffer = io.BytesIO()
    image.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()
