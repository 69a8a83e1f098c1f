# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/02_vanilla_gan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 02: write the loop yourself
#
# You build the two steps of lesson 02 from nothing and train a generator with them. Five tasks: read a loss, make fakes, D's step, G's step,
# and a whole training. Each check tells you *which* mistake it sees. A check never changes your work, so run it as often as you like.
#
# **You need** lesson 02. **Minutes**: 40 to solve, and about half a minute of computing on two CPU cores.
#
# This is the result of the last task: nine modes on a grid, and the samples of a generator that your loop has trained.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_02_vanilla_gan")

# %%
import torch

from gan_lessons import checks, data, losses, metrics, networks, runtime, training

device = runtime.start(seed=0)

# %% [markdown]
# ## Task 1: read a loss
#
# For one fake, the loss of G is $-\log p$, where $p$ is the probability that D gives to "real". Turn it round: from the loss, say what
# D thinks.
#
# - **Given**: `g_loss`, a tensor with one number, 0 or larger.
# - **Asked**: the probability $p$ between 0 and 1 for which $-\log p$ is that loss (natural logarithm). A tensor or a float. Do not change `g_loss`.
#
# Stuck? `checks.hint("probability_from_loss")` gives one hint at a time.

# %%
def probability_from_loss(g_loss):
    """The probability of "real" that D gives to a fake, from G's loss on it."""
    ### BEGIN SOLUTION
    return torch.exp(-g_loss)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.probability_from_loss(probability_from_loss)

# %% [markdown]
# With that you can read any log of a GAN. (For a whole batch, the loss is a mean of logarithms, so you get a typical probability, the
# geometric mean.)

# %%
if checks.check("probability_from_loss", probability_from_loss).status == "passed":
    for g_loss in (0.1, 0.693, 1.0, 2.5, 12.0):
        p = probability_from_loss(torch.tensor(g_loss))
        print(f"L_G = {g_loss:6.3f}: D gives the typical fake {float(p):.2%}")

# %% [markdown]
# ## Task 2: fakes for D's step
#
# D's step needs samples of G, but no way back into G.
#
# - **Given**: `gan`, a `training.GAN` (it has `gan.G`, `gan.z_dim`, `gan.sample_z(n)`), and `n`, how many samples.
# - **Asked**: `n` samples of `gan.G`, one for each row of new **standard normal** noise of shape `(n, gan.z_dim)`. The result carries no
#   graph: `requires_grad` is False.
# - **Must not change**: weights and gradients, those that G holds from before too, and the train mode of `gan.G`. Gradients stay switched on for
#   the rest of the program.
#
# (`gan.sample(n)` is something else: it draws from the averaged generator. The game is played with `gan.G`.)

# %%
def detached_fakes(gan, n):
    """n samples of gan.G without a graph."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        return gan.G(gan.sample_z(n))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.detached_fakes(detached_fakes)

# %% [markdown]
# ## Task 3: one step of D
#
# - **Given**: `gan` as before, with `gan.D`, `gan.opt_D` and `gan.recipe`; and `real`, a batch `(B, …)` of any size.
# - **Do**: make as many fakes as there are real samples. Compute D's loss, mean cross-entropy of the real batch towards 1 plus mean
#   cross-entropy of the fakes towards 0 (`gan.recipe.discriminator_loss(real_logits, fake_logits)` is just that): the sum of the two, not halved.
#   Make **one** step of `gan.opt_D` with the gradient of this loss alone. When your step begins, D may hold gradients that G's step left: clear
#   them before `backward()`. D is in train mode when it learns. (A label of 0.9 for real passes with a remark, other labels do not.)
# - **Asked**: the loss as a Python float.
# - **Must not change**: G's weights, `requires_grad` and the train mode of both networks, and `real`. No gradient of D's loss stays behind in G.
#   (To empty G's gradients does no harm.)

# %%
def train_discriminator(gan, real):
    """One step of D on a real batch and as many fakes; returns the loss as a float."""
    ### BEGIN SOLUTION
    fake = detached_fakes(gan, len(real))
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    gan.opt_D.zero_grad()
    loss.backward()
    gan.opt_D.step()
    return loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.train_discriminator(train_discriminator)

# %% [markdown]
# What does D learn if G stands still? Here are 200 of your steps against an untrained G, whose samples are a small blob. Before you run it:
# where will the plane turn blue?

# %%
mixture = data.grid(side=3, spacing=0.8, std=0.05)
if checks.check("train_discriminator", train_discriminator).status == "passed":
    gan = training.GAN(
        networks.MLPGenerator(), networks.MLPDiscriminator(), losses.VANILLA, z_dim=2, device=device
    )
    batches = data.batches(mixture, 256, device=device)
    d_loss = [train_discriminator(gan, *next(batches)) for _ in range(200)]
    print(f"D's loss: {d_loss[0]:.3f} at first, {d_loss[-1]:.3f} after 200 steps")
    show.points(mixture.sample(300)[0], gan.sample(300), gan.D)

# %% [markdown]
# <details><summary>What you should see</summary>
#
# Blue nearly everywhere, and orange around the blob. D has not learnt where the data are. It has learnt where G is, and calls all the rest
# real, since nothing punished it for that. Only a G that moves makes D look elsewhere.
# </details>

# %% [markdown]
# ## Task 4: one step of G
#
# - **Given**: `gan` as before, with `gan.opt_G`; and `n`, how many samples.
# - **Do**: make `n` new samples of `gan.G` from standard normal noise, let `gan.D` judge them, and compute G's non-saturating loss: mean
#   cross-entropy of these fakes towards the label 1 (`gan.recipe.generator_loss(fake_logits)`). Make **one** step of `gan.opt_G` with the
#   gradient of this loss alone. G is in train mode when it learns.
# - **Asked**: the loss as a Python float.
# - **Must not change**: D's weights, and `requires_grad` and the train mode of both networks. D's *gradients* may change: D's step clears them.
#
# Call `gan.update_average()` once, at the end, so that `gan.sample` follows G. The check accepts a step without it, but task 5 needs it.

# %%
def train_generator(gan, n):
    """One step of G on n fakes, through D; returns the loss as a float."""
    ### BEGIN SOLUTION
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    gan.opt_G.zero_grad()
    loss.backward()
    gan.opt_G.step()
    gan.update_average()
    return loss.item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.train_generator(train_generator)

# %% [markdown]
# ## Task 5: train
#
# Now put it together, for nine modes on a grid.
#
# - **Given**: `mixture`, here `data.grid(side=3, spacing=0.8, std=0.05)`, and a `seed`.
# - **Do**: set the seed with `torch.manual_seed(seed)`. Choose a generator and a discriminator for points (those of `networks`, or your own),
#   make a `training.GAN`, and train it with your two steps on batches from `data.batches(mixture, …)`. You choose the number of rounds and
#   the batch size. Half a minute is plenty.
# - **Asked**: 5,000 samples of your generator (not of the mixture), a tensor `(5000, 2)` on the CPU, no fewer and no more.
# - **Passed** when all 9 modes are covered (each gets at least a tenth of its fair share) and at least 75 % of the samples lie within four
#   standard deviations of a mode.

# %%
def train_points(mixture, seed=0):
    """Train a GAN on a mixture in the plane; returns 5,000 samples (5000, 2)."""
    ### BEGIN SOLUTION
    torch.manual_seed(seed)
    G, D = networks.MLPGenerator(z_dim=2), networks.MLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2, device=device)
    batches = data.batches(mixture, 256, device=device, seed=seed)
    for _ in range(3000):
        (real,) = next(batches)
        train_discriminator(gan, real)
        train_generator(gan, len(real))
    return gan.sample(5000)
    ### END SOLUTION


# %%
samples = train_points(mixture, seed=0)

# %% tags=["nbval-check-output"]
checks.trained_points(samples)

# %% tags=["result"]
if isinstance(samples, torch.Tensor) and samples.ndim == 2:
    show.points(mixture.sample(500)[0], samples.detach(), mixture=mixture)
    modes = metrics.modes_covered(samples.detach().cpu(), mixture)
    print("samples per mode:", modes.counts)

# %% [markdown]
# ## Explore
#
# Not checked. Pick one, predict, then look.
#
# - **Sabotage your own loop.** Leave out one `zero_grad`, or the `detach`, or swap the labels, and train again. Which of them can you see in the
#   losses, which only in the samples, and which not at all?
# - **A line of noise.** Set `z_dim=1`, in `GAN` and in the generator. The noise is a line now. What must the samples look like? Can one line
#   visit nine modes?
# - **More modes.** `data.grid()` has 25 modes in the same square. How many rounds does your loop need for all of them? Does a wider network
#   help, or a larger batch?
# - **Who is ahead?** Two steps of D for each of G, or the other way round. What changes in the losses, and what in the share of samples near a mode?

# %%
# Your experiments go here.
