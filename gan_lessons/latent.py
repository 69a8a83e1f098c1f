"""Moves in the space of noise vectors: between two of them, towards the middle, along an attribute,
and back from an image.
"""

import torch
from torch.nn import functional as F


def slerp(z0, z1, t):
    """From z0 (t = 0) to z1 (t = 1) along an arc, for vectors or batches (B, z_dim).

    sin((1 - t) w) / sin(w) * z0 + sin(t w) / sin(w) * z1, with w the angle between z0 and z1 in
    each row (Shoemake 1985). Where the sine is 0, the straight line: there is no arc, or no single
    one.
    """
    cosine = (F.normalize(z0, dim=-1) * F.normalize(z1, dim=-1)).sum(dim=-1, keepdim=True)
    angle = torch.acos(cosine.clamp(-1, 1))
    flat = torch.sin(angle) < 1e-3
    safe = torch.where(flat, torch.ones_like(angle), angle)
    arc = (torch.sin((1 - t) * safe) * z0 + torch.sin(t * safe) * z1) / torch.sin(safe)
    return torch.where(flat, (1 - t) * z0 + t * z1, arc)


def truncate(z, threshold):
    """Squeeze noise from N(0, 1) between -threshold and threshold.

    The result is distributed as if every number beyond the threshold had been drawn again (Brock et
    al. 2019), but each number moves only a little and keeps its rank.
    """
    share = torch.special.ndtr(z.double())  # of the normal distribution, below z
    edge = torch.special.ndtr(torch.tensor(-threshold, dtype=torch.float64))
    return torch.special.ndtri(edge + share * (1 - 2 * edge)).to(z.dtype)


def direction(z, labels):
    """Where a linear classifier (logistic regression) sees more of label 1: (z_dim,), of length 1.

    Parameters
    ----------
    z : Tensor (N, z_dim)
    labels : Tensor (N,)
        0 or 1; both must occur.
    """
    x, y = z.double(), labels.double()
    weights = torch.zeros(z.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        opt.zero_grad()
        logits = x @ weights[:-1] + weights[-1]
        value = F.binary_cross_entropy_with_logits(logits, y)
        value = value + weights[:-1].square().sum() / (2 * len(x))  # keeps them finite
        value.backward()
        return value

    opt.step(loss)
    return F.normalize(weights[:-1].detach(), dim=0).to(z.dtype)


def invert(G, images, z_dim, steps=150, starts=4, lr=0.1, prior=0.0):
    """Noise vectors (B, z_dim) whose images are close to the given ones, by Adam on z.

    Parameters
    ----------
    G : module
        In eval mode; its weights stay as they are.
    images : Tensor (B, 1, 28, 28)
    starts : int
        From how many random z each image is tried; the best end is kept.
    prior : float
        Weight of |z|² / z_dim, which keeps z where noise is.
    """
    batch = len(images)
    target = images.repeat(starts, 1, 1, 1)
    z = torch.randn(starts * batch, z_dim, device=images.device, requires_grad=True)
    opt = torch.optim.Adam([z], lr=lr)
    for _ in range(steps):
        error = (G(z) - target).square().mean(dim=(1, 2, 3))
        loss = (error + prior * z.square().mean(dim=1)).sum()
        (z.grad,) = torch.autograd.grad(loss, z)  # for z alone, whatever else could learn in G
        opt.step()
    with torch.no_grad():
        error = (G(z) - target).square().mean(dim=(1, 2, 3)).view(starts, batch)
    return z.detach().view(starts, batch, z_dim)[error.argmin(dim=0), torch.arange(batch)]
