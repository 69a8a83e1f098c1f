# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/07_better_games.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 07: better games
#
# You write the critic's loss, the gradient penalty, the hinge pair and power iteration. Then you rescue a run that fails. It belongs to lesson 07.
# **Minutes** on two CPU cores: 50 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and
# `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: the sick run of task 5 beside the rescued one.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_07_better_games")

# %%
import dataclasses

import torch
import torch.nn.functional as F

from gan_lessons import checks, data, losses, networks, runtime
from gan_lessons.checks.critics_rescue import SICK, treat
from gan_lessons.show import games

device = runtime.start(seed=0)

# %% [markdown]
# ## Task 1: the critic's loss
#
# $$L = \overline{f(G(z))} - \overline{f(x)}$$
#
# Write `critic_loss(real_scores, fake_scores)`.
#
# - **Given**: the critic's scores of a real batch and of a fake batch, float tensors of shape (B, 1), any numbers.
# - **Asked**: a scalar tensor through which gradients flow: the mean of the fake scores minus the mean of the real ones.


# %%
def critic_loss(real_scores, fake_scores):
    """Wasserstein loss of the critic, a scalar."""
    ### BEGIN SOLUTION
    return fake_scores.mean() - real_scores.mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.critic_loss(critic_loss)

# %% [markdown]
# ## Task 2: the gradient penalty
#
# $$P = \overline{\big(\lVert \nabla_{\hat x} f(\hat x) \rVert_2 - 1\big)^2}, \qquad \hat x = \varepsilon\, x + (1 - \varepsilon)\, G(z)$$
#
# Write `gradient_penalty(critic, real, fake)`.
#
# - **Given**: `critic`, a module that maps samples (B, …) to scores (B, 1); `real` and `fake`, float tensors of the same shape (B, …). The shape of a
#   sample may be anything: points (2,), images (1, 28, 28), features (3, 2, 2). Neither needs a gradient.
# - **Do**: draw $\varepsilon$ anew in every call, uniform from 0 to 1, **one for each sample**. Take the gradient of each score by its own $\hat x$, and the Euclidean
#   norm of this gradient over all numbers of the sample.
# - **Asked**: a scalar tensor, the mean over the batch of (norm - 1)². No weight inside.
# - The critic must be able to learn from it: gradients flow from the penalty to the critic's weights. `real` and `fake` stay as they are,
#   and so do the critic's weights and its mode.


# %%
def gradient_penalty(critic, real, fake):
    """Mean squared difference of the critic's slope from 1, between real and fake; a scalar."""
    ### BEGIN SOLUTION
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
    between = (epsilon * real + (1 - epsilon) * fake).requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.gradient_penalty(gradient_penalty)

# %% [markdown]
# ## Task 3: the hinge pair
#
# $$L_D = \overline{\max(0,\, 1 - D(x))} + \overline{\max(0,\, 1 + D(G(z)))}, \qquad L_G = -\overline{D(G(z))}$$
#
# Write both. Given are logits of shape (B, 1); asked is a scalar tensor through which gradients flow.


# %%
def hinge_discriminator_loss(real_logits, fake_logits):
    """Hinge loss of D, a scalar."""
    ### BEGIN SOLUTION
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()
    ### END SOLUTION


def hinge_generator_loss(fake_logits):
    """G's loss in the hinge game, a scalar."""
    ### BEGIN SOLUTION
    return -fake_logits.mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.hinge_discriminator_loss(hinge_discriminator_loss)

# %% tags=["nbval-check-output"]
checks.hinge_generator_loss(hinge_generator_loss)

# %% [markdown]
# ## Task 4: power iteration
#
# Write `power_iteration(weight, steps=100)`: how much a layer stretches a vector at most.
#
# - **Given**: `weight`, the float32 tensor of a linear layer (out, in) or of a convolution (out, in, height, width). A convolution's is flattened to
#   (out, in · height · width).
# - **Do**: start from a random vector. Send it through the matrix and back through its transposed, `steps` times. Divide it by its length each time.
# - **Asked**: the largest singular value, one number (a float or a scalar tensor), to within 0.2 %. `weight` stays as it is.


# %%
def power_iteration(weight, steps=100):
    """Largest singular value of a layer's weight."""
    ### BEGIN SOLUTION
    W = weight.detach().flatten(1)
    v = torch.randn(W.shape[1], dtype=W.dtype, device=W.device)
    for _ in range(steps):
        u = F.normalize(W @ v, dim=0)
        v = F.normalize(W.T @ u, dim=0)
    return (W @ v).norm()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.power_iteration(power_iteration)

# %% [markdown]
# Now use it. How steep could an untrained D of lesson 03 be at most, by the product of its layers' stretches? (For the convolutions this product is
# an estimate, as the lesson says.)

# %%
if checks.check("power_iteration", power_iteration).status == "passed":
    bound = 1.0
    for name, weight in networks.DCGANDiscriminator().named_parameters():
        if weight.ndim > 1:
            stretch = float(power_iteration(weight))
            bound *= stretch
            print(f"{name:20s} {stretch:5.2f}   product so far {bound:6.2f}")

# %% [markdown]
# ## Task 5: rescue a run
#
# `SICK` is a recipe of the standard game, with the defaults of Adam. `treat(recipe)` trains the course's networks for points on the ring, for 1000 steps, and gives the GAN, the modes that it
# covers, and its history. It makes no difference between your recipes but what is in them.

# %%
gan, modes, history = treat(SICK)
print({name: value for name, value in vars(SICK).items() if not callable(value)})
print(f"{modes.covered} of 8 modes covered; {modes.share:.0%} of the samples near one")

# %% [markdown]
# - **Do**: make a `losses.Recipe` that saves this run. You may change the losses, the penalty, `d_steps` (up to 10), `betas` and `ema`. You may use your own functions, or those of
#   `losses`. A penalty is a function `(D, real, fake) -> scalar`, its weight included.
# - **Must not change**: the two learning rates. `dataclasses.replace(SICK, …)` copies a recipe with changes.
# - **Asked**: the recipe, under the name `rescue`.
# - **Passed** when at least 7 of 8 modes are covered and at least 25 % of the samples lie near one, with each of two seeds. The check trains
#   twice, so it takes up to half a minute.

# %%
rescue = ...
### BEGIN SOLUTION
rescue = dataclasses.replace(SICK, penalty=losses.r1_penalty)
### END SOLUTION

# %% tags=["nbval-check-output"]
checks.rescue(rescue)

# %% [markdown]
# The picture from the top, with your recipe.

# %% tags=["result"]
if isinstance(rescue, losses.Recipe):
    pairs = [("sick", gan, modes), ("rescued", *treat(rescue)[:2])]
    games.clouds({name: g.sample(1000) for name, g, _ in pairs}, data.ring())

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **Find the edge.** With R1, try gamma = 30, 3, 0.3, 0.03, 0. Where does the rescue begin, and where does D get too flat to teach?
# - **Your own WGAN-GP.** Put your `critic_loss` and `gradient_penalty` into a recipe with `d_steps=5`. Which weight of the penalty covers the ring?
# - **No rescue needed?** Train `SICK` with ten times the learning rates. What does that say about "this game is unstable"?
# - **Only the optimiser.** Change nothing but `betas`. Try several seeds before you believe the result.
# - **One epsilon for all.** Break your penalty on purpose: one epsilon for the whole batch, or no `create_graph`. Does the rescue still work?

# %%
# Your experiments go here.
