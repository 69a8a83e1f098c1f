# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/01_the_game.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 01: the game in six pieces
#
# You write the pieces of lesson 01: the value, the best discriminator, the divergence, the two losses, and at
# the end a discriminator that you train yourself.
#
# Each task has a cell to fill in and a check. The check says what it saw and, where it can, which mistake it was. Stuck? Run
# `checks.hint("value_function")`, with the name of the task, up to three times. `checks.progress()` shows what
# you have solved. About 40 minutes; the cells run in seconds.
#
# Here is what the last task will show: your discriminator on top of the formula.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_01_the_game")

# %%
import torch
import torch.nn.functional as F

from gan_lessons import checks, data, networks, runtime

device = runtime.start(seed=0)

# %% [markdown]
# ## Task 1: the value
#
# `d_real` holds D's *probabilities* of "real" on a batch of real samples, `d_fake` those on a batch of fakes; both (B, 1), strictly between 0 and 1, so that no logarithm fails: clip nothing and add nothing.
# Return the value
#
# $$V = \mathrm{mean}\,\log D(x) + \mathrm{mean}\,\log\big(1 - D(G(z))\big)$$
#
# as one number (natural logarithm). Do not change the inputs.


# %%
def value_function(d_real, d_fake):
    """V(D, G) of two batches of probabilities."""
    ### BEGIN SOLUTION
    return torch.log(d_real).mean() + torch.log(1 - d_fake).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.value_function(value_function)

# %% [markdown]
# ## Task 2: the best discriminator
#
# `p_real` and `p_fake` are densities, 0 or larger, at many places at once: two float tensors of the same shape, which may have any number of axes.
# Return the probability of "real" that the best possible D gives at each place; same shape. Where both densities are exactly 0, return 0.5. Do not change the inputs.


# %%
def optimal_discriminator(p_real, p_fake):
    """The probability that a sample found at each place is real."""
    ### BEGIN SOLUTION
    total = p_real + p_fake
    safe = torch.where(total > 0, total, 1.0)  # no division by 0, not even in the unused branch
    return torch.where(total > 0, p_real / safe, 0.5)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.optimal_discriminator(optimal_discriminator)

# %% [markdown]
# ## Task 3: how far apart?
#
# `p` and `q` are densities on a line of places `dx` apart, both of shape (N,). Return their Jensen-Shannon divergence, one number:
#
# $$\mathrm{JS} = \tfrac12 \int p \log\frac{p}{m} + \tfrac12 \int q \log\frac{q}{m}, \qquad m = \frac{p + q}{2}$$
#
# The integral is a sum over the places times `dx`; logarithms are natural. Either density may be 0 somewhere: there its term counts 0. Do not change the inputs.


# %%
def js_divergence(p, q, dx):
    """Jensen-Shannon divergence of two densities on a grid."""
    ### BEGIN SOLUTION
    m = ((p + q) / 2).clamp(min=1e-30)  # where both are 0, the terms are 0 whatever m is
    return dx * (torch.xlogy(p, p / m) + torch.xlogy(q, q / m)).sum() / 2
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.js_divergence(js_divergence)

# %% [markdown]
# ## Task 4: the discriminator's loss
#
# From here on D gives *logits*. `real_logits` and `fake_logits` have the same shape, (B, 1), for any B. Return the loss as a scalar tensor with
# gradient: the mean binary cross-entropy of the real batch with the label 1 **plus** the mean binary cross-entropy of the fake batch with the label 0.
# (A label of 0.9 for real, "one-sided smoothing", passes with a remark; noise in the labels does not.) A formula with a sigmoid and a logarithm
# passes too, if it is right for ordinary logits, say from -5 to 5.


# %%
def discriminator_loss(real_logits, fake_logits):
    """Mean BCE of real -> 1 plus mean BCE of fake -> 0."""
    ### BEGIN SOLUTION
    real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real + fake
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.discriminator_loss(discriminator_loss)

# %% [markdown]
# ## Task 5: the generator's loss
#
# The non-saturating one. `fake_logits` is (B, 1). Return, as a scalar tensor with gradient, the mean binary cross-entropy of the fake batch with the
# label that G wishes for: 1 exactly. (Smoothed labels belong to D's loss.)


# %%
def generator_loss(fake_logits):
    """The non-saturating loss: mean BCE of fake -> 1."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.generator_loss(generator_loss)

# %% [markdown]
# ## Task 6: train a discriminator
#
# No generator here: real samples come from one density, fakes from another, and both stay as they are.

# %%
real_density = data.mixture_1d(means=(-1.0, 2.0), std=0.5)
fake_density = data.mixture_1d(means=(0.5,), std=1.2)
x, _ = real_density.sample(5)
print("five real samples:", tuple(x.shape), x.dtype)

# %% [markdown]
# Write `train()`: make `networks.MLPDiscriminator(in_dim=1)`, train it with batches of `real_density.sample(n)[0]` and `fake_density.sample(n)[0]`, and
# return it. It must give logits, (B, 1) to (B, 1). The check compares its sigmoid with $p/(p+q)$ on 400 places: the mean difference, weighted with
# $p + q$, must be at most 0.05. A learning rate that drops near the end leaves plenty of room.


# %%
def train():
    """A discriminator, trained on samples of the two densities."""
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    D = networks.MLPDiscriminator(in_dim=1)
    optimiser = torch.optim.Adam(D.parameters(), lr=0.01)
    for step in range(800):
        if step == 500:  # small steps at the end settle the noise
            optimiser.param_groups[0]["lr"] = 0.001
        real, fake = real_density.sample(256)[0], fake_density.sample(256)[0]
        loss = discriminator_loss(D(real), D(fake))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return D
    ### END SOLUTION


D = train()

# %% tags=["nbval-check-output"]
checks.trained_discriminator(D)

# %% [markdown]
# When it passes, the next cell draws it.

# %% tags=["result"]
if checks.check("trained_discriminator", D).status == "passed":
    places = torch.linspace(-4, 7, 400)[:, None]
    p, q = real_density.density(places), fake_density.density(places)
    best = p / (p + q)
    with torch.no_grad():
        yours = torch.sigmoid(D(places))[:, 0]
    error = ((p + q) / (p + q).sum() * (yours - best).abs()).sum()
    series = {"real density p": p, "fake density q": q, "p / (p + q)": best, "your D": yours}
    alt = f"Your trained D lies {error:.3f} from p / (p + q) on average, weighted with p + q."
    show.curves(places[:, 0], series, "x", "density, probability", alt)
else:
    print("Not attempted yet: the picture comes when task 6 passes.")

# %% [markdown]
# ## Explore
#
# No check here; change, predict, run.
#
# - Move the two densities apart until they no longer meet. What does V at the best D go to, and what does the gradient for a fake sample go to?
# - Train with 100 samples in all, drawn once, instead of fresh batches. Where does D differ from the formula now, and why?
# - Give D a width of 2. Is "D says one half" always a sign that the densities are equal?
