# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/04_conditional_gan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 04: a GAN that takes orders
#
# You write both networks of a conditional GAN, train them with the loop that you have, and measure whether it gives you the class that you ask for,
# and how much of the class. It belongs to lesson 04. **Minutes** on two CPU cores: 45 to work,
# about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and
# `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: each row is a class, asked for by its label, from networks like those that you will write.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_04_conditional_gan")

# %%
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, data, losses, metrics, networks, runtime, training

device = runtime.start(seed=0)

# %% [markdown]
# ## Task 1: labels in rows
#
# For a picture with one class in each row, a generator needs the labels 0, 0, …, 0, 1, 1, …, 1, and so on.
#
# Write `class_rows(n_classes, per_class)`. It returns a flat tensor of `n_classes * per_class` labels, dtype int64: first `per_class` times
# 0, then `per_class` times 1, up to the class `n_classes - 1`. For example, `class_rows(3, 2)` is `tensor([0, 0, 1, 1, 2, 2])`.


# %%
def class_rows(n_classes, per_class):
    """Each class `per_class` times, in order: int64, shape (n_classes * per_class,)."""
    ### BEGIN SOLUTION
    return torch.arange(n_classes).repeat_interleave(per_class)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.class_rows(class_rows)

# %% [markdown]
# ## Task 2: the projection
#
# The last step of a conditional discriminator, as a formula:
#
# $$\mathrm{logit}(x, y) = w\cdot h + b + e(y)\cdot h$$
#
# Write `projection_logit(h, labels, w, b, table)` for a whole batch:
#
# - `h`: features of the images, shape (B, d). `labels`: int64, shape (B,).
# - `w`: shape (d,). `b`: a tensor with one number. `table`: shape (n_classes, d); row `y` is $e(y)$.
# - It returns one logit for each sample, shape (B, 1), and leaves its inputs as they are. No sigmoid. Gradients flow through it to `h`, `w`, `b` and `table`.


# %%
def projection_logit(h, labels, w, b, table):
    """w·h + b + e(label)·h for each sample: shape (B, 1)."""
    ### BEGIN SOLUTION
    return ((w + table[labels]) * h).sum(dim=1, keepdim=True) + b
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.projection_logit(projection_logit)

# %% [markdown]
# ## Task 3: the generator
#
# Write the class `ConditionalGenerator(z_dim, n_classes)`, a `torch.nn.Module`.
#
# - `forward(z, labels)` takes noise of shape (B, z_dim), float32, and labels of shape (B,), int64, from 0 to n_classes - 1.
# - It returns images of shape (B, 1, 28, 28), float32, with values in [-1, 1] whatever the weights are.
# - Image `i` depends on `z[i]` and on `labels[i]`. In eval mode the other samples of the batch have no influence on it.
# - Every class gets a vector of its own: one-hot, a learned embedding, or what you like better. The label must not enter as an amount
#   (a float, or a factor).
# - It works for any `z_dim`, `n_classes` and batch size. Everything that it learns is a parameter of the module, and a gradient reaches it.
#
# What is inside is your choice: an MLP, `networks.DCGANGenerator(z_dim).net` from lesson 03 with a longer input, conditional BatchNorm, …


# %%
class ConditionalGenerator(nn.Module):
    """Noise (B, z_dim) and labels (B,) to images (B, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        ### BEGIN SOLUTION
        self.n_classes = n_classes
        self.net = networks.DCGANGenerator(z_dim + n_classes).net
        ### END SOLUTION

    def forward(self, z, labels):
        ### BEGIN SOLUTION
        one_hot = F.one_hot(labels, self.n_classes).to(z.dtype)
        return self.net(torch.cat([z, one_hot], dim=1))
        ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.conditional_generator(ConditionalGenerator)

# %% [markdown]
# ## Task 4: the discriminator
#
# Write the class `ConditionalDiscriminator(n_classes)`, a `torch.nn.Module`.
#
# - `forward(images, labels)` takes images of shape (B, 1, 28, 28) in [-1, 1], float32, and labels of shape (B,), int64.
# - It returns logits of shape (B, 1), float32: any number, no sigmoid at the end.
# - Logit `i` depends on `images[i]` and `labels[i]`, on no other label, and the label must change *which images* get a high logit. A label that adds the same number for
#   every image is not enough: then no image fits its label better than another.
# - As before: a vector for each class, any `n_classes` and batch size, and gradients that reach all weights. They must reach the
#   images too, because G learns through them.
#
# A projection does it; so do label planes beside the image, or a label joined to the features *before* a nonlinear layer. `networks.DCGANDiscriminator()`
# has `.features`, which gives 128 numbers for each image, and `.out`, its last linear layer.


# %%
class ConditionalDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) and labels (B,) to logits (B, 1)."""

    def __init__(self, n_classes):
        super().__init__()
        ### BEGIN SOLUTION
        base = networks.DCGANDiscriminator()
        self.features, self.out = base.features, base.out
        self.table = nn.Embedding(n_classes, self.out.in_features)
        nn.init.normal_(self.table.weight, 0.0, 0.02)
        ### END SOLUTION

    def forward(self, images, labels):
        ### BEGIN SOLUTION
        h = self.features(images)
        return self.out(h) + (self.table(labels) * h).sum(dim=1, keepdim=True)
        ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.conditional_discriminator(ConditionalDiscriminator)

# %% [markdown]
# ## Task 5: train it
#
# Write `train_conditional(steps)`. It makes your two networks for the ten classes, puts them into a `training.GAN` on `device`, trains them for `steps` steps
# on the training images *with their labels*, and returns the `GAN`.
#
# Use what is there: `data.fashion_mnist()`, `data.batches`, `training.fit`. `losses.DCGAN` and a batch size of 32 are a good start.
#
# The check samples 100 images of each class from the averaged generator. Asked are a class accuracy of at least 75 % **and** at least 70 % of the spread that real images have
# within their classes. The solution reaches both with room to spare in 1000 steps, about 20 seconds on two cores; other networks may need more.


# %%
def train_conditional(steps=1000):
    """A trained GAN of your two networks."""
    ### BEGIN SOLUTION
    G, D = ConditionalGenerator(32, 10), ConditionalDiscriminator(10)
    gan = training.GAN(G, D, losses.DCGAN, z_dim=32, device=device)
    batches = data.batches(data.fashion_mnist(), 32, labels=True, device=device)
    training.fit(gan, batches, steps)
    return gan
    ### END SOLUTION


gan = train_conditional()

# %% tags=["nbval-check-output"]
checks.conditional_gan(gan)

# %% [markdown]
# Look at your numbers, and at your clothes. Which class is the weakest, and is it weak in accuracy or in spread?

# %%
names = list(data.CLASS_NAMES)
if gan is not None:
    test = data.fashion_mnist("test")
    labels = torch.arange(10).repeat_interleave(100)
    images = gan.sample(len(labels), labels)
    real_spread = metrics.within_class_spread(metrics.reference_features("test"), test.labels)
    spread = metrics.within_class_spread(metrics.features(images), labels) / real_spread
    right = (metrics.predict(images) == labels).view(10, 100).float().mean(dim=1)
    for name, accuracy, part in zip(names, right.tolist(), spread.tolist(), strict=True):
        print(f"{name:12s} accuracy {accuracy:4.0%}  spread {part:4.0%}")
    print(f"{'all classes':12s} accuracy {right.mean():4.0%}  spread {spread.mean():4.0%}")

# %% tags=["result"]
if gan is not None and checks.check("class_rows", class_rows).status == "passed":
    labels = class_rows(10, 10)
    grid = gan.sample(len(labels), labels)
    found = (metrics.predict(grid) == labels).sum()
    alt = f"Ten images of each class, one class per row; a classifier recognises {found} of the 100 as the class asked for."
    show.images(grid, columns=10, row_labels=names, alt=alt)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Change one thing, predict, train, and measure accuracy *and* spread.
#
# - **Wrong labels.** Give a random label to every fifth training image. Does the accuracy fall by a fifth, by more, or by less? Why?
# - **Three kinds.** Group the classes into tops, shoes and the rest: three labels. Which row of the picture now shows the most variety, and what decides which shirt or pullover
#   you get?
# - **A rare class.** Keep 50 sandals of 2,000 in the training images, and leave the other classes as they are. What happens to the sandals' accuracy, and what to their spread?
# - **Where the label goes.** Replace the projection by label planes at D's input, or the one-hot input of G by conditional BatchNorm (a gain and a shift per class). Compare at equal
#   steps with three seeds before you believe a difference.
# - **The trap.** Find the change that gives the highest accuracy. What did it cost?

# %%
# Your experiment
