"""The latent explorer: walk between noise vectors, truncate them, push them along directions."""

import torch

from gan_lessons.data import CLASS_NAMES
from gan_lessons.latent import slerp, truncate
from gan_lessons.metrics import predict
from gan_lessons.widgets.pictures import png, show_with_picture, slider

NO_TRUNCATION = 4.0  # one number in 16,000 is beyond it


def latent_explorer(G, z0, z1, directions):
    """Sliders over a row of images: from z0 to z1, truncation, and one for each direction.

    Parameters
    ----------
    G : module
        From noise (B, z_dim) to images (B, 1, 28, 28).
    z0, z1 : Tensor (N, z_dim)
        Each image goes from its own z0 to its own z1, along an arc.
    directions : dict of name -> Tensor (z_dim,)
        Of length 1, so that a slider's number is a distance.
    """
    walk = slider("From z0 to z1")
    walk.min, walk.max, walk.step = 0.0, 1.0, 0.05
    threshold = slider("Truncated at")
    threshold.max, threshold.min, threshold.value = NO_TRUNCATION, 0.1, NO_TRUNCATION
    device = next(G.parameters()).device

    def draw(t, c, *pushes):
        z = slerp(z0, z1, t)
        z = z if c >= NO_TRUNCATION else truncate(z, c)
        for push, vector in zip(pushes, directions.values(), strict=True):
            z = z + push * vector
        with torch.no_grad():
            images = G(z.to(device))
        moved = "".join(f", {name} {x:+.1f}" for name, x in zip(directions, pushes, strict=True))
        cut = "not truncated" if c >= NO_TRUNCATION else f"truncated at {c:.1f}"
        seen = ", ".join(CLASS_NAMES[label] for label in predict(images))
        return png(images, len(z)), (
            f"{t:.0%} of the way from z0 to z1, {cut}{moved}. Mean length of z: "
            f"{z.norm(dim=1).mean():.1f}. A classifier sees: {seen}."
        )

    show_with_picture([walk, threshold, *map(slider, directions)], draw)
