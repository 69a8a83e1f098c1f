# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/12_augmentation.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 12: does it help?
#
# You write what an honest comparison needs: an interval for a paired difference, a baseline, an augmentation that lets a gradient pass, and a protocol without leaks. Then you use all four on digits. It belongs to lesson 12, and uses scikit-learn. **Minutes** on two CPU cores: 45 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: three ways to make images, two classifiers, six splits, measured by your own functions.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_12_augmentation")

# %%
import torch
from scipy import stats
from torch.nn import functional as F

try:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC
except ImportError as missing:
    raise ImportError("This exercise needs scikit-learn: pip install scikit-learn") from missing

from gan_lessons import checks, metrics, runtime, training
from gan_lessons.protocols import examples
from gan_lessons.protocols import images as protocol
from gan_lessons.show import comparisons

runtime.start(seed=0, threads=1)  # small networks: one thread is enough


# %%
def large(images):
    """Any small images at 28 x 28, to look at."""
    return F.interpolate(images, size=(28, 28))


def or_own(name, mine, package):
    """The learner's answer once it passes its check, the package's before."""
    return mine if checks.check(name, mine).status == "passed" else package


# %% [markdown]
# ## Task 1: a difference, with its interval
#
# $$\bar d \;\pm\; t_{0.975,\,m-1}\, \frac{s_d}{\sqrt m}, \qquad d_i = a_i - b_i$$
#
# Write `paired_interval(a, b)`. It returns three numbers, `(mean, low, high)`: the mean of the differences a − b, and its 95 % interval.
#
# - `a` and `b` are float64 tensors of shape (m,), m ≥ 4. Entry i of both belongs to split i.
# - $s_d$ divides by m − 1. $t_{0.975,\,m-1}$ is `stats.t.ppf(0.975, m - 1)`.
# - Leave `a` and `b` as they are.


# %%
def paired_interval(a, b):
    """Mean of a - b, and the ends of its 95 % interval."""
    ### BEGIN SOLUTION
    d = a - b
    reach = stats.t.ppf(0.975, len(d) - 1) * d.std().item() / len(d) ** 0.5
    return d.mean().item(), d.mean().item() - reach, d.mean().item() + reach
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.paired_interval(paired_interval)

# %% [markdown]
# ## Task 2: between two of a kind
#
# $$x_\text{new} = x_i + u\,(x_j - x_i), \qquad u \sim U(0, 1), \quad y_i = y_j, \quad i \ne j$$
#
# Write `interpolate_class(images, labels, n)`. It returns `(made, made_labels)`: `n` new images of each class that occurs in `labels`, and their labels.
#
# - `images` has shape (N, 1, H, W), float32; `labels` has shape (N,), int64. Each class that occurs has at least two images. The classes may have gaps and stand in any order.
# - Each new image lies between two *different* real images of one class, drawn at random for each new image. (Choosing the partner among the nearest, as SMOTE does, is fine as well.) One `u` for each new image, not one for each pixel.
# - The order of the new images is yours, as long as labels and images agree. Two calls make different images. Leave `images` and `labels` as they are.


# %%
def interpolate_class(images, labels, n):
    """n images of each class, each between two real ones of it; and their labels."""
    ### BEGIN SOLUTION
    made, made_labels = [], []
    for k in labels.unique():
        own = images[labels == k]
        first = torch.randint(len(own), (n,))
        second = (first + torch.randint(1, len(own), (n,))) % len(own)  # never the same
        made.append(own[first] + torch.rand(n, 1, 1, 1) * (own[second] - own[first]))
        made_labels.append(labels.new_full((n,), int(k)))
    return torch.cat(made), torch.cat(made_labels)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.interpolate_class(interpolate_class)

# %% [markdown]
# ## Task 3: a shift that lets a gradient pass
#
# Write `random_shift(images, reach)`. Each image moves by a whole number of pixels, from −`reach` to `reach`, down, and by another one to the right.
#
# - `images` has shape (B, 1, H, W), values in [−1, 1]; so has the result. `reach` is a whole number, 1 or more.
# - Each image gets its own two numbers. All values, the two ends included, are equally likely. Two calls move differently.
# - What leaves the frame is lost. What becomes empty is −1, the background.
# - The gradient of the result reaches the images. Leave `images` as they are.


# %%
def random_shift(images, reach):
    """Each image moved by up to `reach` pixels each way; a gradient passes."""
    ### BEGIN SOLUTION
    n, _, height, width = images.shape
    padded = F.pad(images, (reach, reach, reach, reach), value=-1.0)
    top, left = torch.randint(0, 2 * reach + 1, (2, n)).tolist()
    windows = [p[:, i : i + height, j : j + width] for p, i, j in zip(padded, top, left, strict=True)]
    return torch.stack(windows)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.random_shift(random_shift)

# %% [markdown]
# Real digits, and below each one what your functions of tasks 2 and 3 make of its class. Until their checks pass, you see the package's.

# %%
(images, labels), _ = examples.split_images("digits", 10, number=0)
between = or_own("interpolate_class", interpolate_class, protocol.interpolate)
move = or_own("random_shift", random_shift, protocol.shift)
made, made_labels = between(images, labels, 2)
one = torch.stack([images[labels == k][0] for k in range(10)])
rows = [one, move(one, 1), move(one, 1)] + [torch.stack([made[made_labels == k][i] for k in range(10)]) for i in (0, 1)]
alt = "Ten digits; below them each one shifted twice, and two interpolated digits of the same class."
names = ["real", "shifted", "shifted", "between", "between"]
show.images(large(torch.cat(rows)), columns=10, row_labels=names, alt=alt)

# %% [markdown]
# ## Task 4: a fair comparison
#
# Write `fair_comparison(draw, make, classify, splits)`. It returns `(plain, helped)`: two lists with an accuracy from 0 to 1 for each split, in the order of `splits`.
#
# You are given three functions, and a list of seeds:
#
# - `draw(seed)` returns `(images, labels), (test_images, test_labels)`, the same each time for the same seed.
# - `make(images, labels)` returns `(made, made_labels)`.
# - `classify(images, labels, test_images)` learns from the first two, and returns a label for each test image.
#
# In each split, *plain* learns from the real training images alone; *helped* learns from these and the made ones together. Both are tested on the split's test images. Nothing that learns or makes may see a test image. Make new images in each split. Report every split, whatever comes out.


# %%
def fair_comparison(draw, make, classify, splits):
    """Accuracies without and with made images, in the same splits."""
    ### BEGIN SOLUTION
    plain, helped = [], []
    for seed in splits:
        (images, labels), (test_images, test_labels) = draw(seed)
        made, made_labels = make(images, labels)
        both = torch.cat([images, made]), torch.cat([labels, made_labels])
        for arm, training_set in ((plain, (images, labels)), (helped, both)):
            found = classify(*training_set, test_images)
            arm.append((found == test_labels).float().mean().item())
    return plain, helped
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.fair_comparison(fair_comparison)

# %% [markdown]
# ## All four together
#
# Six splits of digits, 10 images of each class, 50 made ones for each. Three makers: your shift, your interpolation, and a conditional GAN that sees its split only, with *your* shift in front of $D$. **Predict.** Which of the six differences will be clearly above 0, and which clearly below?


# %%
kept = {}


def gan(images, labels):
    """50 images of each class from a GAN of these images alone, trained once for both classifiers."""
    key = move, images.numpy().tobytes()  # another shift, another GAN
    if key not in kept:
        D = protocol.Augmented(protocol.SmallDiscriminator(8), lambda x: move(x, 1))
        made_by = training.GAN(protocol.SmallGenerator(8), D, protocol.RECIPE, protocol.Z_DIM)
        training.fit(made_by, protocol.batches_of(images, labels), 600, progress=False)
        kept[key] = made_by.sample(500, protocol.each_class(50)), protocol.each_class(50)
    return kept[key]


# %%
def learner(model):
    """A scikit-learn model as a `classify`."""

    def classify(images, labels, test_images):
        model.fit(images.flatten(1).numpy(), labels.numpy())
        return torch.from_numpy(model.predict(test_images.flatten(1).numpy()))

    return classify


makers = {
    "shift": lambda x, y: (move(x.repeat(5, 1, 1, 1), 1), y.repeat(5)),
    "between": lambda x, y: between(x, y, 50),
    "GAN": gan,
}
classifiers = {"weak: logistic regression": LogisticRegression(max_iter=1000), "strong: SVM": SVC(C=10)}

# %% tags=["result"]
def interval_of(make, model):
    """The paired difference in points of accuracy, by the learner's functions."""
    plain, helped = fair_comparison(lambda s: examples.split_images("digits", 10, s), make, learner(model), range(6))
    plain, helped = (100 * torch.tensor(x, dtype=torch.float64) for x in (plain, helped))
    return metrics.Interval(*map(float, paired_interval(helped, plain)))


ready = [checks.check(n, f).status for n, f in (("paired_interval", paired_interval), ("fair_comparison", fair_comparison))]
if ready == ["passed", "passed"]:
    found = {
        title: {name: {"10 a class": interval_of(make, model)} for name, make in makers.items()}
        for title, model in classifiers.items()
    }
    said = [f"{t}, {n}: {i['10 a class']}" for t, names in found.items() for n, i in names.items()]
    alt = "Difference to real images alone, in points, with 95 % intervals of six splits. " + "; ".join(said) + "."
    comparisons.differences(found, "points of accuracy, against real images alone", alt)
else:
    print("The comparison runs when tasks 1 and 4 pass.")

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **A leak.** Give `make` the test images as well, on purpose. How many points does the GAN seem to gain?
# - **Unpaired.** Compute the interval from two independent samples. Which of the six conclusions survive?
# - **Fewer, more.** Repeat with 5 and with 40 images of a class (`examples.split_images` has up to 60). Where does a shift stop paying?
# - **GAN alone.** Train the classifier on made images only: the classification accuracy score. How far below *plain* is it?
# - **How much is too much?** 5, 50 and 500 made images for each class. Which classifier minds?
# - **Your own baseline.** Rotate by a few degrees, or thicken the strokes. Does it beat the shift?

# %%
# Your experiment
