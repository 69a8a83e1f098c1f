# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/08_latent_space.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 08: walk, cut, push, and find again
#
# You write four tools for the latent space: an arc between noise vectors, truncated noise, a direction with a name, and the inversion of an image. It belongs to lesson 08. **Minutes** on two CPU cores: 45 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: real images, your inversions of them, and what your direction does to those.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_08_latent_space")

# %%
import torch
from torch.nn import functional as F

from gan_lessons import checks, data, latent, runtime, storage

device = runtime.start(seed=0)
G = storage.pretrained("dcgan")
Z = G.net[0].in_features  # 32
test = data.fashion_mnist("test")


@torch.no_grad()
def images_of(z):
    """Images of a batch of noise vectors, in pieces."""
    return torch.cat([G(piece) for piece in z.split(500)])


# %% [markdown]
# ## Task 1: an arc
#
# $$\operatorname{slerp}(z_0, z_1, t) = \frac{\sin((1-t)\,\omega)}{\sin \omega}\, z_0 + \frac{\sin(t\,\omega)}{\sin \omega}\, z_1$$
#
# Write `slerp(z0, z1, t)`. It returns a tensor of the shape of `z0`.
#
# - `z0` and `z1` have shape (B, z_dim), float32. Each row is a pair of its own. `t` is a plain number from 0 to 1.
# - $\omega$ is the angle between the two vectors of a row, in radians. The vectors may have any length; normalise them for the *angle* only. The weights multiply $z_0$ and $z_1$ as they are.
# - Where the two vectors of a row point the same way, $\sin \omega = 0$. Return $(1-t)\,z_0 + t\,z_1$ in those rows, without nan. Other rows of the batch stay on their arcs. (Opposite vectors have no single arc; they are not checked.)
# - Leave `z0` and `z1` as they are.


# %%
def slerp(z0, z1, t):
    """From z0 (t = 0) to z1 (t = 1) along an arc, for each row."""
    ### BEGIN SOLUTION
    unit0, unit1 = F.normalize(z0, dim=1), F.normalize(z1, dim=1)
    angle = torch.acos((unit0 * unit1).sum(dim=1, keepdim=True).clamp(-1, 1))
    sine = torch.sin(angle)
    arc = (torch.sin((1 - t) * angle) * z0 + torch.sin(t * angle) * z1) / sine
    return torch.where(sine < 1e-3, (1 - t) * z0 + t * z1, arc)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.slerp(slerp)

# %% [markdown]
# Your arcs, one a row. Until the check passes, you see the package's.

# %%
def or_own(name, mine, package):
    """The learner's answer once it passes its check, the package's before."""
    return mine if checks.check(name, mine).status == "passed" else package


arc = or_own("slerp", slerp, latent.slerp)
z0, z1 = torch.randn(2, 4, Z)
times = torch.linspace(0, 1, 9).tolist()
walk = torch.stack([arc(z0, z1, t) for t in times], dim=1).flatten(0, 1)
alt = "Four walks along arcs between two noise vectors, nine steps each."
show.images(images_of(walk.float()), columns=9, titles=[f"t={t:.2f}" for t in times], alt=alt)

# %% [markdown]
# ## Task 2: noise without surprises
#
# Write `truncated_noise(n, z_dim, threshold)`. It returns a float tensor (n, z_dim) of normal random numbers, of which each number beyond ±`threshold` was drawn again until it was within.
#
# - Cut each *number*, not the length of a vector. Do not clamp, and do not scale: numbers within the threshold stay what they are.
# - Two calls give different noise, and it comes back soon for any `z_dim` and any threshold above 0.1.


# %%
def truncated_noise(n, z_dim, threshold):
    """Noise (n, z_dim) from N(0, 1), given that each number lies within ±threshold."""
    ### BEGIN SOLUTION
    z = torch.randn(n, z_dim)
    while (far := z.abs() > threshold).any():
        z[far] = torch.randn(int(far.sum()))
    return z
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.truncated_noise(truncated_noise)

# %%
noise = or_own(
    "truncated_noise", truncated_noise, lambda n, d, threshold: latent.truncate(torch.randn(n, d), threshold)
)
thresholds = (0.2, 0.6, 1.0, 3.0)
rows = torch.cat([noise(9, Z, threshold).float() for threshold in thresholds])
alt = "Nine images each from noise truncated at " + ", ".join(map(str, thresholds)) + ", a row for each."
show.images(images_of(rows), columns=9, row_labels=[str(threshold) for threshold in thresholds], alt=alt)

# %% [markdown]
# ## Task 3: a direction with a name
#
# Write `direction(z, labels)`. It returns the direction in which a linear classifier finds more of label 1: a tensor (z_dim,) of length 1.
#
# - `z` has shape (N, z_dim), float32; its mean need not be 0. `labels` has shape (N,), int64: 0 or 1, both occur.
# - Any linear classifier will do: logistic regression by hand, or one from a library that you have. A constant (intercept) is no part of the direction.
# - The direction points to label 1. Leave `z` and `labels` as they are.


# %%
def direction(z, labels):
    """The direction of label 1: (z_dim,), of length 1."""
    ### BEGIN SOLUTION
    w = torch.zeros(z.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.Adam([w, b], lr=0.05)
    for _ in range(300):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(z @ w + b, labels.float()).backward()
        opt.step()
    return (w / w.norm()).detach()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.direction(direction)

# %% [markdown]
# Put it to work: which way is *bright*? The labels come from the images' own pixels. The numbers say how many of 200 fresh images are brighter than the middle one, without and with a push of 3.

# %%
z = torch.randn(2000, Z)
brightness = images_of(z).mean(dim=(1, 2, 3))
bright = or_own("direction", direction, latent.direction)(z, (brightness > brightness.median()).long())
fresh = torch.randn(200, Z)
pushed = [(images_of(fresh + push * bright).mean(dim=(1, 2, 3)) > brightness.median()) for push in (-3, 0, 3)]
share = [part.float().mean().item() for part in pushed]
print("bright, with a push of -3, 0 and 3:", ", ".join(f"{x:.0%}" for x in share))

# %% tags=["nbval-check-output"]
print("a push of 3 makes more images bright, by 15 points or more:", share[2] > share[1] + 0.15)

# %% [markdown]
# ## Task 4: find it again
#
# Write `invert(G, images, z_dim)`. It returns noise vectors (B, z_dim), such that `G(z)` is close to `images`, (B, 1, 28, 28), row by row.
#
# - `G` is in eval mode. Its weights, and `images`, stay as they are. The result carries no gradient.
# - You choose steps, learning rate and the number of starts. The check inverts 6 images that G made; the mean squared error over all of them must be below 0.03, and a minute is enough time.


# %%
def invert(G, images, z_dim):
    """Noise vectors (B, z_dim) whose images are close to the given ones."""
    ### BEGIN SOLUTION
    batch, starts = len(images), 4
    target = images.repeat(starts, 1, 1, 1)
    z = torch.randn(starts * batch, z_dim, requires_grad=True)
    opt = torch.optim.Adam([z], lr=0.1)
    for _ in range(150):
        opt.zero_grad()
        error = (G(z) - target).square().mean(dim=(1, 2, 3))
        error.sum().backward()
        opt.step()
    best = error.detach().view(starts, batch).argmin(dim=0)
    return z.detach().view(starts, batch, z_dim)[best, torch.arange(batch)]
    ### END SOLUTION


# %% tags=["nbval-check-output"]
print(checks.check("invert", invert).status)

# %% [markdown]
# The next cell shows the check's panel, with your measured error.

# %%
checks.invert(invert)

# %% [markdown]
# Now real images, and then your direction from task 3 on what you found. Until both checks pass, you see the package's.

# %% tags=["result"]
some = torch.cat([torch.where(test.labels == k)[0][2:3] for k in range(10)])
x = data.to_float(test.images[some])
find = invert if checks.check("invert", invert).status == "passed" else latent.invert
found = find(G, x, Z).float()
rows = {"real": x, "found": images_of(found), "bright +2": images_of(found + 2 * bright)}
rows["bright -2"] = images_of(found - 2 * bright)
error = (rows["found"] - x).square().mean(dim=(1, 2, 3))
alt = (
    "Ten real images, one of each class; what an inversion found, with mean squared errors from "
    f"{error.min():.3f} to {error.max():.3f}; and the found ones pushed along and against a direction for brightness."
)
titles = [f"{e:.3f}" for e in error]
show.images(torch.cat(list(rows.values())), columns=10, titles=titles, row_labels=list(rows), alt=alt)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **A direction of your own.** Find one for "boot" or "trouser" with `metrics.predict`. How far can you push before the classifier sees something else? And is the cosine with *bright* near 0?
# - **Nowhere to be found.** Invert an image of noise, a real image shifted by 6 pixels, one upside down. Which are farther away than any real image?
# - **A longer search.** Plot the error of one real image against the number of steps, for 1, 4 and 16 starts. Where does it stop paying?
# - **Walks between real images.** Invert a T-shirt and a boot, and slerp between them. What do you meet in the middle?
# - **Truncate and measure.** Precision and recall of 500 images at four thresholds, four draws each: where do the intervals part?
# - **Mix two labels.** Give the conditional generator's `net` a label of three thirds. What does the classifier say?

# %%
# Your experiment
