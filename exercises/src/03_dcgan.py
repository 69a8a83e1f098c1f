# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/03_dcgan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 03: build a DCGAN
#
# You compute sizes, write an initialisation, a generator and a discriminator, and train them to a measured result. It belongs to
# lesson 03. **Minutes** on two CPU cores: 45 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and
# `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: samples of networks like those that you will write, after half a minute of training.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_03_dcgan")

# %%
import torch
from torch import nn

from gan_lessons import checks, data, losses, metrics, runtime, training

device = runtime.start(seed=0)

# %% [markdown]
# ## Task 1: sizes
#
# Before you stack layers, you want to know how large each map is.
#
# Write `conv_size(size, kernel, stride, padding)`. An image of `size` × `size` pixels goes through
# `nn.Conv2d(…, kernel, stride, padding)`. Return how many pixels wide the result is, as a whole number. Places where the kernel would stick out of the
# padded image do not count. For example, `conv_size(28, 4, 2, 1)` is 14.
#
# Write `transposed_size(size, kernel, stride, padding)`, the same for `nn.ConvTranspose2d(…, kernel, stride, padding)`. For example,
# `transposed_size(7, 4, 2, 1)` is 14.
#
# Arguments are ints. Compute; do not build a layer.


# %%
def conv_size(size, kernel, stride, padding):
    """Width of the map after a convolution."""
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


def transposed_size(size, kernel, stride, padding):
    """Width of the map after a transposed convolution."""
    ### BEGIN SOLUTION
    return (size - 1) * stride - 2 * padding + kernel
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.conv_size(conv_size)

# %% tags=["nbval-check-output"]
checks.transposed_size(transposed_size)

# %% [markdown]
# ## Task 2: a quiet start
#
# Write `init_weights(module)` for use as `network.apply(init_weights)`, which calls it on every module inside the network.
#
# - `nn.Linear`, `nn.Conv2d` and `nn.ConvTranspose2d`: draw the weight from a normal distribution with mean 0 and standard deviation 0.02. Set the bias to 0,
#   where there is one (it is `None` in a layer made with `bias=False`).
# - `nn.BatchNorm2d`: draw the weight from a normal distribution with mean 1 and standard deviation 0.02. Set the bias to 0. Leave the running mean and variance alone.
# - Other modules, such as `nn.ReLU` or `nn.Sequential`, stay as they are.
#
# It changes the module in place. Set no seed inside.


# %%
def init_weights(module):
    """DCGAN's initialisation of one module, in place."""
    ### BEGIN SOLUTION
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.init_weights(init_weights)

# %% [markdown]
# ## Task 3: the generator
#
# Write the class `DCGANGenerator(z_dim)`, a `torch.nn.Module`.
#
# - `forward(z)` takes noise of shape (B, z_dim), float32, and returns images of shape (B, 1, 28, 28), float32.
# - The pixels lie in [-1, 1] whatever the weights are, and can come near both ends. No BatchNorm or other normalisation at the output.
# - It works for any `z_dim` and any batch size; for a batch of one at least in eval mode.
# - In eval mode, image `i` depends on `z[i]` and not on the other samples of the batch.
# - All that it learns is made in `__init__` and is a parameter of the module. Gradients reach every weight, and `z`: no weight is frozen, and no layer is made and then left
#   out.
#
# Which layers lead from `z` to 28 × 28 pixels is your choice: transposed convolutions, or enlarging and convolving; a Linear layer first, or
# a transposed convolution from 1 × 1. The sizes 7, 14, 28 are a good ladder. At the end of `__init__`, `self.apply(init_weights)` uses task 2.


# %%
class DCGANGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim):
        super().__init__()
        ### BEGIN SOLUTION
        self.net = nn.Sequential(
            nn.Linear(z_dim, 64 * 7 * 7, bias=False),
            nn.Unflatten(1, (64, 7, 7)),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )
        self.apply(init_weights)
        ### END SOLUTION

    def forward(self, z):
        ### BEGIN SOLUTION
        return self.net(z)
        ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.dcgan_generator(DCGANGenerator)

# %% [markdown]
# ## Task 4: the discriminator
#
# Write the class `DCGANDiscriminator()`, a `torch.nn.Module`.
#
# - `forward(images)` takes images of shape (B, 1, 28, 28) in [-1, 1], float32, and returns logits of shape (B, 1), float32: any number. The last layer gives the logit; no
#   activation and no normalisation stands after it.
# - It works for any batch size; for a batch of one at least in eval mode.
# - In eval mode, logit `i` depends on image `i` and not on the other images. It depends on the whole image: on all its parts, on dark pixels as on bright ones.
# - As before: all weights are made in `__init__`, and gradients reach each of them. They must reach the images too, because G learns through them.
#
# Again, the layers are your choice.


# %%
class DCGANDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) to logits (B, 1)."""

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )
        self.apply(init_weights)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        return self.net(images)
        ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.dcgan_discriminator(DCGANDiscriminator)

# %% [markdown]
# ## Task 5: train it
#
# Write `train_dcgan(steps)`. It makes your two networks with `z_dim=32`, puts them into a `training.GAN` on `device`, trains them for `steps` steps on the training images, and
# returns the `GAN`.
#
# Use what is there: `data.fashion_mnist()`, `data.batches`, `training.fit`. `losses.DCGAN` and a batch size of 32 are a good start.
#
# The check takes 5,000 samples of the averaged generator. Their Fréchet distance to the 5,000 test images must be at most 60. The solution reaches that with room to spare
# in 700 steps; other networks may need more.


# %%
def train_dcgan(steps=700):
    """A trained GAN of your two networks."""
    ### BEGIN SOLUTION
    gan = training.GAN(
        DCGANGenerator(32), DCGANDiscriminator(), losses.DCGAN, z_dim=32, device=device
    )
    batches = data.batches(data.fashion_mnist(), 32, device=device)
    training.fit(gan, batches, steps)
    return gan
    ### END SOLUTION


torch.manual_seed(0)
gan = train_dcgan()

# %% tags=["result"]
if gan is not None:
    samples = gan.sample(5000)
    distance = metrics.fashion_distance(samples)
    alt = f"40 samples of the DCGAN of this exercise. Fréchet distance of 5,000: {distance:.0f}."
    show.images(samples[:40], columns=10, alt=alt)

# %% tags=["nbval-check-output"]
checks.dcgan_samples(gan)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Change one thing, predict, train with at least three seeds, and compare at equal steps. Then look at the seconds too.
#
# - **Your own rule.** Take one of the rules of lesson 03 away from *your* networks. Does the order of the table hold?
# - **Deeper.** One more convolution with stride 1 in D, or in G. Is it worth its time?
# - **Enlarge, then convolve.** Replace the transposed convolutions, and look at the finest patterns in the samples.
# - **Fewer images.** Train on 500 images only. Does D's loss tell you before the samples do? How near are the samples to their nearest training images now?
# - **Shuffled pixels.** Give your networks shuffled clothes. Can any convolutional network that you think of do well?

# %%
# Your experiment
