# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/14_privacy.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 14: attack it, then protect it
#
# You write an attack, the number that judges it, the report that it passes under, and the two mechanisms behind private training and its baseline. It belongs to lesson 14. **Minutes** on two CPU cores: 50 to work, about ½ to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: what share of the training images your attack finds at 1 % false alarms, over the training of one GAN.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_14_privacy")

# %%
import torch

from gan_lessons import checks, data, losses, networks, runtime, training

device = runtime.start(seed=0)
images = data.to_float(data.fashion_mnist("train").images)
images = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]
members, others, reference = images[:50], images[50:1050], images[1050:2050]


def passed(name, mine):
    """Whether the learner's answer passes its check."""
    return checks.check(name, mine).status == "passed"


# %% [markdown]
# A GAN is trained on the 50 `members` (so few that it leaks; with more of them the attack finds less, see Explore). `others` are as real, and it has never seen them. `reference` are real images that the attacker owns; they are neither. The attacker sees samples only, after 500, 1,000 and 2,000 steps.

# %%
torch.manual_seed(0)
networks_ = networks.ImageMLPGenerator(), networks.ImageMLPDiscriminator()
gan = training.GAN(*networks_, losses.Recipe(lr_d=1e-3, lr_g=1e-3), z_dim=32)
stream, history, stages = data.batches(members, 32), None, {}
for steps in (500, 500, 1000):
    history = training.fit(gan, stream, steps, history=history, progress=False)
    stages[len(history)] = gan.sample(2000)
show.images(stages[2000][:16], columns=8, alt="Sixteen samples of the GAN after 2,000 steps.")

# %% [markdown]
# ## Task 1: the score of an attack
#
# $$a(x) \;=\; \log \min_{r} \lVert x - r \rVert \;-\; \log \min_{s} \lVert x - s \rVert$$
#
# Write `calibrated_score(images, samples, reference)`. It returns one score for each image: a tensor of shape (N,). High means "was in the training set".
#
# - `images` (N, 1, S, S), `samples` (M, 1, S, S) and `reference` (K, 1, S, S), float32; N, M and K may differ. Use the pixels as they are.
# - $\lVert \cdot \rVert$ is the Euclidean distance over all pixels, $\log$ the natural logarithm. $r$ runs over `reference`, $s$ over `samples`. No distance is 0 here.


# %%
def calibrated_score(images, samples, reference):
    """Closer to the samples than to other real images? (N,)"""
    ### BEGIN SOLUTION
    def near(y):
        return torch.cdist(images.flatten(1), y.flatten(1)).amin(dim=1)

    return near(reference).log() - near(samples).log()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.calibrated_score(calibrated_score)

# %% [markdown]
# ## Task 2: what it finds at few false alarms
#
# Write `found_at(others, members, rate)`: the share of the members that the attack finds, when it may accuse at most the share `rate` of the non-members wrongly. One number from 0 to 1.
#
# - `others` (N,) and `members` (M,) are scores, float32. N and M may differ. `rate` is a number from 0 to 1, below 1.
# - $k$ is rate · N, rounded down (it is a whole number in the check). The threshold is the $(k+1)$-th largest score of `others`.
# - Count members with a score *strictly above* the threshold. So ties count as not found.


# %%
def found_at(others, members, rate):
    """Share of the members above the threshold."""
    ### BEGIN SOLUTION
    k = int(rate * len(others) + 1e-9)
    threshold = others.sort().values[-k - 1]
    return (members > threshold).double().mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.found_at(found_at)

# %% [markdown]
# Predict, then run: does the attack find more after 500 steps, or after 2,000?

# %%
found = {}
if passed("calibrated_score", calibrated_score) and passed("found_at", found_at):
    for steps, samples in stages.items():
        outside, inside = (calibrated_score(x, samples, reference) for x in (others, members))
        found[steps] = float(found_at(outside, inside, 0.01))
        print(f"{steps:5d} steps: {found[steps]:.0%} of the members found at 1 % false alarms")

# %% tags=["result"]
if found:
    said = ", ".join(f"{share:.0%} after {steps:,} steps" for steps, share in found.items())
    alt = f"Share of 50 members that the calibrated attack finds at 1 % false alarms: {said}."
    show.bars([f"{steps:,} steps" for steps in found], list(found.values()), "share found", alt)

# %% [markdown]
# ## Task 3: the report that comforts
#
# The **distance to the closest record** (DCR): are samples nearer to the training set than other real images are?
#
# Write `closeness_ratio(samples, members, others)`. It returns one number.
#
# - All three are images, float32 (…, 1, S, S), of different numbers.
# - For each sample, take the Euclidean distance to its nearest member. Of these take the 5 % quantile, as `torch.quantile` gives it.
# - The same for each image in `others`: to its nearest member, 5 % quantile. Return the first over the second. Many reports pass at 1 or more.


# %%
def closeness_ratio(samples, members, others):
    """5 % quantile of the distances samples to members, over that of others to members."""
    ### BEGIN SOLUTION
    def near(x):
        return torch.cdist(x.flatten(1), members.flatten(1)).amin(dim=1).quantile(0.05)

    return near(samples) / near(others)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.closeness_ratio(closeness_ratio)

# %% [markdown]
# Now comfort yourself: add noise to the pixels of the samples until the report passes. Does the attack stop?

# %%
if found and passed("closeness_ratio", closeness_ratio):
    noise = torch.randn_like(stages[2000])
    for size in (0.0, 0.05, 0.1, 0.2, 0.3):
        noisy = stages[2000] + size * noise
        ratio = float(closeness_ratio(noisy, members, others))
        outside, inside = (calibrated_score(x, noisy, reference) for x in (others, members))
        share = float(found_at(outside, inside, 0.01))
        print(f"noise {size:.2f}: ratio {ratio:.2f}, {'passes' if ratio >= 1 else 'fails '}; found {share:.0%}")

# %% [markdown]
# ## Task 4: clip and noise
#
# One step of DP-SGD on $D$, with $g_i$ the gradient of row $i$ (one person):
#
# $$\tilde g \;=\; \frac{1}{B} \Big( \sum_i g_i \min\big(1, \tfrac{C}{\lVert g_i \rVert}\big) + \sigma\, C\, \xi \Big), \qquad \xi \sim \mathcal N(0, I)$$
#
# Write `clip_and_noise(grads, clip, sigma, batch)`. It returns $\tilde g$, a tensor of shape (P,).
#
# - `grads` (rows, P), float32: one gradient for each row. `clip` is $C$, `sigma` $\sigma$, `batch` $B$, plain numbers.
# - $\lVert g_i \rVert$ is the Euclidean length of row $i$. A row of zeros stays zero.
# - $B$ is *not* the number of rows: rows come by chance, so that their number is a secret; $B$ is the expected one.
# - New noise in each call, one draw for each of the P entries. No fixed seed inside.


# %%
def clip_and_noise(grads, clip, sigma, batch):
    """The noisy mean of clipped gradients: (P,)."""
    ### BEGIN SOLUTION
    length = grads.norm(dim=1, keepdim=True).clamp(min=1e-12)
    total = (grads * (clip / length).clamp(max=1)).sum(dim=0)
    return (total + sigma * clip * torch.randn_like(total)) / batch
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.clip_and_noise(clip_and_noise)

# %% [markdown]
# How much of a step is signal? A gradient of one fixed direction, more and more rows.

# %%
if passed("clip_and_noise", clip_and_noise):
    direction = torch.nn.functional.normalize(torch.randn(1, 5000), dim=1)
    for rows in (16, 64, 256, 1024):
        step = clip_and_noise(direction.expand(rows, -1), 1.0, 1.0, rows)
        print(f"{rows:5d} rows: cosine to the true direction {float(step @ direction[0] / step.norm()):.2f}")

# %% [markdown]
# ## Task 5: the baseline of three lines
#
# Write `noisy_histogram(values, bins, epsilon)`: how often each of the values 0 … bins - 1 occurs, plus noise. A tensor of shape (bins,).
#
# - `values` (N,), int64, one for each person, from 0 to bins - 1; `bins` a whole number, `epsilon` a number above 0.
# - Two data sets are neighbours if one has *one row more*. So one count differs by 1, and the noise is Laplace noise of scale $1/\varepsilon$ on each count, empty ones included.
# - Return the noisy counts as they are: not rounded, not cut at 0. New noise in each call.


# %%
def noisy_histogram(values, bins, epsilon):
    """Counts with Laplace noise: (bins,)."""
    ### BEGIN SOLUTION
    counts = torch.bincount(values, minlength=bins)
    return counts + torch.distributions.Laplace(0.0, 1 / epsilon).sample((bins,))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.noisy_histogram(noisy_histogram)

# %%
if passed("noisy_histogram", noisy_histogram):
    labels = data.fashion_mnist("test").labels
    for n in (100, 5000):
        for epsilon in (0.1, 1.0):
            true = torch.bincount(labels[:n], minlength=10)
            wrong = (noisy_histogram(labels[:n], 10, epsilon) - true).abs().sum() / n
            print(f"{n:5d} rows, ε = {epsilon}: the ten counts are off by {float(wrong):.1%} of the rows in all")

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **More members.** Train on 1,000 images in place of 50. What is left of the attack? How many seeds do you need to say so?
# - **The discriminator.** Use `gan.D(images)[:, 0]` as the score. Does it find more than the samples do? Who has it?
# - **An odd one.** Replace one member by its negative, and compare its score with those of 100 other negatives. Repeat with five seeds.
# - **A private GAN.** Put `clip_and_noise` into a loop for a small D. What does ε not count?
# - **A sentence for a lawyer.** Write down in three sentences what you measured, against which attacker, and what you do not claim. Leave the word "anonymous" to the lawyer.

# %%
# Your experiment
