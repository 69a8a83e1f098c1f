# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/05_measuring.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 05: three metrics, three suspects
#
# You write the Fréchet distance, the kernel distance, and precision and recall. Then you use them, and what else you need, to find out what is wrong with three mystery generators. It belongs
# to lesson 05. **Minutes** on two CPU cores: 50 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and
# `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: eight samples of each suspect beside real images and the course's DCGAN, and their numbers.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_05_measuring")

# %%
import torch

from gan_lessons import checks, data, metrics, networks, runtime, storage
from gan_lessons.checks.measure_mystery import GENERATORS
from gan_lessons.show import measures

device = runtime.start(seed=0)

# %% [markdown]
# In tasks 1 to 3, `real_features` has shape (N, d) and `fake_features` has shape (M, d): a row for each sample, float32. N and M may differ. Leave the inputs as they are.
#
# ## Task 1: the Fréchet distance
#
# $$d^2 = \lVert m_1 - m_2 \rVert^2 + \operatorname{tr}\!\big(C_1 + C_2 - 2\,(C_1 C_2)^{1/2}\big)$$
#
# Write `frechet_distance(real_features, fake_features)`. It returns one number: a float or a tensor with one entry.
#
# - $m_1$ and $m_2$ are the mean feature vectors of the two sets, $C_1$ and $C_2$ their covariance matrices, (d, d). The covariances are *unbiased*: divided by N - 1 and M - 1.
# - The root is a matrix root. You need its trace only, which is the sum of the roots of the eigenvalues of $C_1 C_2$.
# - Return $d^2$ itself: no root at the end.


# %%
def frechet_distance(real_features, fake_features):
    """Squared Fréchet distance between Gaussians fitted to both sets: one number."""
    ### BEGIN SOLUTION
    real, fake = real_features.double(), fake_features.double()
    means = (real.mean(0) - fake.mean(0)).square().sum()
    c1, c2 = torch.cov(real.T), torch.cov(fake.T)
    cross = torch.linalg.eigvals(c1 @ c2).real.clamp(min=0).sqrt().sum()
    return means + c1.trace() + c2.trace() - 2 * cross
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.frechet_distance(frechet_distance)

# %% [markdown]
# ## Task 2: the kernel distance
#
# $$\mathrm{MMD}^2 = \operatorname*{mean}_{i \neq j} k(x_i, x_j) + \operatorname*{mean}_{i \neq j} k(y_i, y_j) - 2 \operatorname*{mean}_{i, j} k(x_i, y_j),
# \qquad k(x, y) = \Big(\frac{x \cdot y}{d} + 1\Big)^3$$
#
# Write `kernel_distance(real_features, fake_features)`. It returns one number: a float or a tensor with one entry.
#
# - $x_i$ are the real features, $y_j$ the fake ones, $d$ is the number of features.
# - The first two means leave out the pairs of a sample with itself. The third has all N · M pairs.
# - Use all samples. The result may be below 0; leave it so.


# %%
def kernel_distance(real_features, fake_features):
    """Unbiased squared maximum mean discrepancy with the cubic kernel: one number."""
    ### BEGIN SOLUTION
    real, fake = real_features.double(), fake_features.double()

    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def among(x):
        k, n = kernel(x, x), len(x)
        return (k.sum() - k.trace()) / (n * (n - 1))

    return among(real) + among(fake) - 2 * kernel(real, fake).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.kernel_distance(kernel_distance)

# %% [markdown]
# ## Task 3: precision and recall
#
# Write `precision_recall(real_features, fake_features, k=3)`. It returns two numbers from 0 to 1, `(precision, recall)`.
#
# - **Precision** is the share of fakes that lie in at least one ball around a real sample. The ball of a real sample reaches to its `k`-th nearest *other* real sample, by Euclidean distance.
# - **Recall** is the same with real and fake exchanged: the share of real samples that lie in at least one ball around a fake. Those balls reach to the `k`-th nearest other fake.
# - What lies exactly on the edge of a ball is in it.


# %%
def precision_recall(real_features, fake_features, k=3):
    """(share of fakes near real samples, share of real samples near fakes)."""
    ### BEGIN SOLUTION
    real, fake = real_features.double(), fake_features.double()

    def covered(points, centres):
        radius = torch.cdist(centres, centres).sort(dim=1).values[:, k]
        return (torch.cdist(points, centres) <= radius).any(dim=1).double().mean().item()

    return covered(fake, real), covered(real, fake)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.precision_recall(precision_recall)

# %% [markdown]
# ## Task 4: three suspects
#
# `GENERATORS` holds three mystery generators, `"A"`, `"B"` and `"C"`. Each is a function of a number: with `make = GENERATORS["A"]`, the call `make(n)` gives `n` images, (n, 1, 28, 28) in [-1, 1]. (Where they come from stands in the module that they are
# imported from. Looking there is like reading the last page first.)
#
# Begin with eight images of each, between real ones and samples of the course's DCGAN.

# %%
train, test = data.fashion_mnist("train"), data.fashion_mnist("test")
N = 2000


@torch.no_grad()
def dcgan(n):
    """Samples of the bundled DCGAN."""
    return torch.cat([storage.pretrained("dcgan")(z) for z in torch.randn(n, networks.Z_DIM).split(500)])


images = {"real": data.to_float(train.images[torch.randperm(len(train))[:N]]), "DCGAN": dcgan(N)}
images |= {name: make(N) for name, make in GENERATORS.items()}
eight = torch.cat([part[:8] for part in images.values()])
alt = "Eight images each: real training images, the course's DCGAN, and the mystery generators A, B and C."
show.images(eight, columns=8, row_labels=list(images), alt=alt)

# %% [markdown]
# Now measure. With your functions, the next cell prints a table against the 5,000 test images. The first row is the floor. Until the checks pass, it uses the package's own.

# %%
own = {"frechet_distance": frechet_distance, "kernel_distance": kernel_distance, "precision_recall": precision_recall}
use = {
    name: f if checks.check(name, f).status == "passed" else getattr(metrics, name)
    for name, f in own.items()
}
real, table = metrics.reference_features("test"), {}
print(f"{'':6s} Fréchet  kernel  precision  recall   ({N} samples, 5,000 test images)")
for name, part in images.items():
    features = metrics.features(part)
    distances = [float(use[d](real, features)) for d in ("frechet_distance", "kernel_distance")]
    shares = [float(share) for share in use["precision_recall"](real, features)]
    table[name] = distances + shares
    print(f"{name:6s} {distances[0]:7.1f} {distances[1]:7.2f} {shares[0]:10.2f} {shares[1]:7.2f}")

# %% [markdown]
# One suspect has the best distance of all. Two have distances that are close to each other, for different reasons. These numbers are not enough: measure what else you need, here. Two more tools are
# `metrics.predict(images)`, the classifier's class of each image, and `metrics.memorisation(samples, train_images, held_out_images)` from the lesson.

# %%
### BEGIN SOLUTION
pixels = data.to_float(train.images), data.to_float(test.images)
evidence = {}
for name in GENERATORS:
    copied = metrics.memorisation(images[name][:1000], *pixels)
    counts = metrics.predict(images[name]).bincount(minlength=10).tolist()
    evidence[name] = copied, counts
    print(f"{name}: copied {copied:+.2f}, images of each class {counts}")
### END SOLUTION

# %% [markdown]
# Write what you found into `findings`. For each generator choose one of
#
# - `"copies"`: it hands out training images;
# - `"misses classes"`: at least one class does not occur;
# - `"poor images"`: all classes are there, but many images are not like real ones;
# - `"honest"`: nothing is wrong beyond what any GAN of this course does.

# %%
findings = {"A": None, "B": None, "C": None}
### BEGIN SOLUTION
findings = {"A": "misses classes", "B": "copies", "C": "poor images"}
### END SOLUTION

# %% tags=["nbval-check-output"]
checks.mystery(findings)

# %% [markdown]
# The picture from the top, with your functions.

# %% tags=["result"]
columns, cards = ["Fréchet", "kernel", "precision", "recall"], {}
for name, row in table.items():
    texts = [f"{row[0]:.1f}", f"{row[1]:.1f}", f"{row[2]:.2f}", f"{row[3]:.2f}"]
    cards[name] = (images[name], texts, ())
best = min(table, key=lambda name: table[name][0] if name != "real" else float("inf"))
said = "; ".join(f"{name}: {', '.join(card[1])}" for name, card in cards.items())
alt = f"Eight samples and four numbers (Fréchet, kernel, precision, recall) of real images and four generators. {said}. Smallest distance of a generator: {best}."
measures.scorecard(cards, columns, alt)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **A better cheat.** Change generator B's images so that `metrics.memorisation` no longer finds the copies (shift them, mirror them, add noise). What does it cost in Fréchet distance?
# - **Which classes?** Find the classes that the suspect with the gap lacks, once by counting and once by the coverage of each class. Do both agree?
# - **The smallest gap.** From real images, leave out a growing part of one class: 20 %, 40 %, … At which part do recall and coverage leave the interval of the floor? At which does the Fréchet distance?
# - **Other features.** Use `images.flatten(1)` in place of the features. Do the three verdicts hold?
# - **Count down.** Give each number of the table an interval from five draws (`metrics.confidence_interval`), with 2,000 samples and with 200. Which verdicts survive?

# %%
# Your experiment
