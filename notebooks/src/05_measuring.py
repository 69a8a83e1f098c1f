# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/05_measuring.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # How good is it, when losses don't say?
#
# You have two generators and want the better one. Or one, and want to know when to stop. The losses on your screen will not help. At the end
# of this page you can measure a generator so that another person can check it, and you know what each number cannot see.
#
# **You will** show that losses do not tell quality; build the Fréchet distance, the kernel distance, precision and recall by hand; put an interval and a
# floor beside each number; and catch three cheats that fool the most used number of all.
#
# **You need** lessons 02 and 03. **Minutes** on two CPU cores: 35 to read, about 2 to run.
#
# Here is the end result: real images and five generators, eight samples of each, and five numbers. What is worse than for new real images is framed. No column finds them all.

# %% tags=["preview"]
from gan_lessons import show

show.preview("05_measuring")

# %%
import copy
import math

import torch

from gan_lessons import data, losses, metrics, networks, runtime, storage, training
from gan_lessons.show import measures

device = runtime.start(seed=0)
train, test = data.fashion_mnist("train"), data.fashion_mnist("test")

# %% [markdown]
# ## One generator, two losses
#
# A loss is the result of a match. It depends on both players. So take *one* generator, the bundled DCGAN, and let two discriminators judge it. Both are new networks of the same kind, and both have practised for 200 steps. But the first
# practised against a beginner, a generator with random weights. The second practised against the generator that it is about to judge.
#
# **Predict.** The images are the same. Is the loss of G the same? If not, which judge gives the lower one?


# %%
def loss_before(opponent, steps=200):
    """The loss of the bundled DCGAN before a new D that has practised against some generator."""
    torch.manual_seed(1)
    D = networks.DCGANDiscriminator()
    gan = training.GAN(opponent, D, losses.DCGAN, networks.Z_DIM, device)
    batches = data.batches(train, 32, device=device)
    for _ in range(steps):
        training.train_discriminator(gan, *next(batches))
    with torch.no_grad():
        images = storage.pretrained("dcgan")(torch.randn(1000, networks.Z_DIM))
        return losses.generator_loss(D(images.to(device))).item()


judged = {
    "a beginner": loss_before(networks.DCGANGenerator()),
    "this generator": loss_before(storage.pretrained("dcgan")),
}
for opponent, loss in judged.items():
    print(f"loss of G, judged by a D that practised against {opponent}: {loss:.2g}")

# %% tags=["nbval-check-output"]
print("one generator, and a loss 5 times as high:", judged["this generator"] > 5 * judged["a beginner"])

# %% [markdown]
# **What we saw.** The same images have a tiny loss before the first judge and an ordinary one before the second. Who has only seen noise takes every garment for real. In training both players change at once, so a loss that
# falls may mean a better G or a worse D.
#
# ## Do losses at least point in the right direction?
#
# To ask that, we need a measure of quality. For now, use the Fréchet distance as you have since lesson 02: smaller is better. Below you take it apart.
#
# To compare two columns of numbers without caring for their units, replace each number by its rank and correlate the ranks. That is **Spearman's rank
# correlation**: 1 when both columns rise together, -1 when one falls while the other rises, near 0 when they have nothing to do with each other. Without ties,
# and with $d_i$ the difference of the two ranks, it is
#
# $$\rho \;=\; 1 - \frac{6 \sum_i d_i^2}{n (n^2 - 1)}$$


# %% tags=["nbval-check-output"]
def ranks(x):
    """The rank of each number, 0 for the smallest; equal numbers share their mean rank."""
    x = torch.as_tensor(x, dtype=torch.float64)
    return ((x[:, None] > x).sum(1) + (x[:, None] >= x).sum(1) - 1) / 2


def rank_correlation(a, b):
    """Spearman's rank correlation of two lists."""
    return torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1].item()


a, b = torch.randn(2, 20)
by_formula = 1 - 6 * (ranks(a) - ranks(b)).square().sum().item() / (20 * (20**2 - 1))
print("the formula holds:", abs(rank_correlation(a, b) - by_formula) < 1e-6)

# %% [markdown]
# The runs were made once, by the command that the next cell prints. There are three kinds, each with five seeds: the DCGAN of lesson 03; the same with a D that learns ten times
# more slowly; and the MLP of lesson 02. Each was measured several times on its way.
#
# **Predict.** While the samples get better, does the loss of G fall, rise, or stay?

# %%
study = storage.load_table("measuring")
made = study["made_by"]
print(f"{made['command']} ({made['date']}, {made['machine']})")
print(f"batches of {study['batch']}; distances: {study['samples']} samples, 5,000 test images")
print(f"\n{'kind':15s} seed  after  loss D  loss G  distance | rank correlation with the distance")
within = {}


def signed(rho):
    """With its sign; a loss that stands still has no rank correlation."""
    return "none" if math.isnan(rho) else f"{rho:+.1f}"


for run in study["runs"]:
    at = [row for row in run["at"] if row["step"] <= study["steps"]]
    distance, last = [row["distance"] for row in at], at[-1]
    rho = [rank_correlation([row[x] for row in at], distance) for x in ("d_loss", "g_loss")]
    within.setdefault(run["kind"], []).append(rho)
    print(f"{run['kind']:15s} {run['seed']:4d} {last['step']:6d} {last['d_loss']:7.2f}", end="")
    print(f" {last['g_loss']:7.2f} {last['distance']:9.1f} | D {signed(rho[0])}   G {signed(rho[1])}")

# %%
kinds = list(within)
mean_rho = {k: torch.tensor(within[k]).mean(0).tolist() for k in kinds}
panels = []
for x in ("d_loss", "g_loss"):
    paths = {k: [] for k in kinds}
    for run in study["runs"]:
        at = [row for row in run["at"] if row["step"] <= study["steps"]]
        paths[run["kind"]].append([(row[x], row["distance"]) for row in at])
    panels.append(paths)
said = "; ".join(f"{k}: D {signed(d)}, G {signed(g)}" for k, (d, g) in mean_rho.items())
alt = (
    f"Distance against loss on the way of {len(study['runs'])} runs, one path each, downwards with the "
    f"steps. Mean rank correlation of loss and distance within a run: {said}."
)
measures.scatter(panels, ["loss of D", "loss of G"], "Fréchet distance", alt)

# %% tags=["nbval-check-output"]
print("DCGAN: better samples with a higher loss of G, in every run:", all(g < 0 for _, g in within["DCGAN"]))
print("MLP:   better samples with a lower loss of G, in every run:", all(g > 0 for _, g in within["MLP"]))

# %% [markdown]
# **What we saw.** In every DCGAN run the loss of G goes *up*, by and large, while its samples get better. In every run of the MLP it goes *down*. Both are healthy. With a slow D both losses
# stand still at 1.386 and 0.693 from the first measurement to the last (so there is no rank correlation): the values of an undecided D, which lesson 01 derived for a perfect G. The samples are far from perfect; it is D
# that is weak. So neither a rising nor a falling loss, nor the "ideal" value, says how good G is.
#
# Be fair to the losses, though. At the end of the runs, across all kinds:

# %%
ends = [next(row for row in r["at"] if row["step"] == study["steps"]) for r in study["runs"]]
for x, name in (("d_loss", "D"), ("g_loss", "G")):
    rho = rank_correlation([row[x] for row in ends], [row["distance"] for row in ends])
    print(f"loss of {name} and distance after {study['steps']} steps, {len(ends)} runs: {rho:+.2f}")
first = min(study["runs"], key=lambda r: r["at"][0]["d_loss"])
print(f"the lowest loss of D of all: {first['at'][0]['d_loss']:.2f} ({first['kind']}, after", end="")
print(f" {first['at'][0]['step']} steps), at a distance of {first['at'][0]['distance']:.0f}")

# %% [markdown]
# A high correlation in one set of runs is not a measure: the very lowest loss of D belongs to one of the worst generators. You need something that does not play.
#
# ## Compare clouds, not images
#
# There is no right image to compare a sample with. There is a *set* of real images, and a set of samples. Are the two alike?
#
# Pixels are a bad place to compare them. **Predict.** Shift test images by two pixels down and right, and look for the nearest other test image. How often has it the same class?


# %%
def same_class_share(describe):
    """Share of shifted images whose nearest test image has their class."""
    some = torch.arange(500)
    shifted = torch.roll(test.images[some], (2, 2), (2, 3))
    distance = torch.cdist(describe(shifted), describe(test.images))
    distance[some, some] = float("inf")  # not the image itself
    return (test.labels[distance.argmin(dim=1)] == test.labels[some]).float().mean().item()


found = {
    "pixels": same_class_share(lambda images: images.flatten(1).float()),
    "features": same_class_share(metrics.features),
}
print(", ".join(f"{place}: {share:.0%}" for place, share in found.items()))

# %% tags=["nbval-check-output"]
print("features find the class more often, by 20 points or more:", found["features"] > found["pixels"] + 0.2)

# %% [markdown]
# **Features** are the 64 numbers that a classifier computes before its last layer. This course has a small classifier in the package, trained on the same 20,000
# training images as our generators, and on no others. Everything below happens in the space of its features, so *a measure sees what its features see*. And a distance in these features can't be compared with one that somebody computed with Inception features on photographs.
#
# Prepare the sets once. The **reference** is the 5,000 test images. `fresh` are 10,000 real images that stand for a perfect generator.

# %%
real = metrics.reference_features("test")  # (5000, 64), the reference set
order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
fresh_images = data.to_float(train.images[order[:10_000]])
fresh_labels = train.labels[order[:10_000]]
fresh = metrics.features(fresh_images)


@torch.no_grad()
def dcgan(n):
    """Samples of the bundled DCGAN."""
    G = storage.pretrained("dcgan")
    return torch.cat([G(z) for z in torch.randn(n, networks.Z_DIM).split(500)])


dcgan_images = dcgan(10_000)
fake = metrics.features(dcgan_images)

# %% [markdown]
# ## The Fréchet distance
#
# Describe each cloud by its mean and its spread, as if it were a Gaussian. How far is it from one Gaussian to another? Start with a single feature. Two Gaussians with means $m$ and
# standard deviations $s$ have the **Fréchet distance**
#
# $$d^2 \;=\; (m_1 - m_2)^2 + (s_1 - s_2)^2$$
#
# Why this? Move the first heap of sand onto the second with the least effort, where a grain costs the square of its way. On a line the cheapest plan keeps the order: the smallest goes to
# the smallest. For Gaussians the mean cost is exactly the right-hand side. Check it with sorted samples:

# %% tags=["nbval-check-output"]
x, y = 1.0 + 2.0 * torch.randn(100_000), -0.5 + 0.5 * torch.randn(100_000)
moving = (x.sort().values - y.sort().values).square().mean().item()
closed = (1.0 + 0.5) ** 2 + (2.0 - 0.5) ** 2
print("cost of moving sorted samples = closed form, within 3 %:", abs(moving / closed - 1) < 0.03)

# %% [markdown]
# With 64 features the means become vectors and the variances become covariance matrices $C_1$ and $C_2$ (Dowson and Landau 1982):
#
# $$d^2 \;=\; \lVert m_1 - m_2 \rVert^2 + \operatorname{tr}\!\big(C_1 + C_2 - 2\,(C_1 C_2)^{1/2}\big)$$
#
# The root is a *matrix* root: $A^{1/2}$ is the matrix with $A^{1/2} A^{1/2} = A$. Only its trace is needed, and that is the sum of the roots of the eigenvalues of $C_1 C_2$. Those are also the eigenvalues of
# $S C_2 S$ with $S = C_1^{1/2}$, which is symmetric, so that no complex number can appear.


# %% tags=["shown"]
def frechet_distance(real_features, fake_features):
    """Fréchet distance between Gaussians fitted to two clouds of features."""
    real, fake = real_features.double(), fake_features.double()
    mean_term = (real.mean(0) - fake.mean(0)).square().sum()
    c1, c2 = torch.cov(real.T), torch.cov(fake.T)
    # C1 C2 has the eigenvalues of the symmetric S C2 S with S = C1^(1/2): real and not negative.
    values, vectors = torch.linalg.eigh(c1)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ c2 @ root).clamp(min=0).sqrt().sum()
    return mean_term + c1.trace() + c2.trace() - 2 * cross


# %% [markdown]
# Cases that you can do on paper: one feature (with a second one that is always 0); a shifted copy; a copy stretched to $a$ times its size, where the formula shrinks to
# $(1-a)^2 \operatorname{tr} C$. And then the formula itself, with a root that is multiplied out.

# %% tags=["nbval-check-output"]
def agree(a, b):
    """Equal up to rounding."""
    return abs(float(a) / float(b) - 1) < 1e-4


pair = [torch.stack([v, 0 * v], dim=1) for v in (x, y)]
one = (x.mean() - y.mean()) ** 2 + (x.std() - y.std()) ** 2
print("one feature:", agree(frechet_distance(*pair), one))
cloud = torch.randn(500, 5).double() @ torch.randn(5, 5).double()
cloud = cloud - cloud.mean(0)
print("shifted by 2:", agree(frechet_distance(cloud, cloud + 2), 5 * 2**2))
c1 = torch.cov(cloud.T)
print("stretched to 3 times its size:", agree(frechet_distance(cloud, 3 * cloud), 4 * c1.trace()))
other = cloud @ torch.diag(torch.tensor([1.0, 2, 3, 4, 5]).double())
c2 = torch.cov(other.T)
values, vectors = torch.linalg.eig(c1 @ c2)
root = (vectors * values.sqrt() @ torch.linalg.inv(vectors)).real
print("root times root is the product:", torch.allclose(root @ root, c1 @ c2, rtol=1e-6))
print("the formula with that root:", agree(frechet_distance(cloud, other), (c1 + c2 - 2 * root).trace()))

# %% [markdown]
# Now the DCGAN. A number alone says nothing: is 12 far? So measure *real* images in the same way. That is the **floor**: what a perfect generator would get.

# %%
N = 2500  # samples for each measurement, everywhere below unless we say otherwise
for name, part in (("fresh real images", fresh), ("DCGAN", fake)):
    print(f"{name:18s} {frechet_distance(real, part[:N]):6.2f}   ({N} samples, 5,000 test images)")

# %% [markdown]
# ## Few samples make it worse
#
# The floor is not 0, although `fresh` and the reference come from the same source. Two means of finite samples are never equal. For two sets of $N$ and $M$ samples of one distribution with
# covariance $C$, the mean term alone is on average
#
# $$\mathbb{E}\,\lVert m_1 - m_2 \rVert^2 \;=\; \operatorname{tr}(C)\,\Big(\frac1N + \frac1M\Big)$$


# %% tags=["nbval-check-output"]
def draw(cloud, n):
    """n different samples of a cloud, at random."""
    return cloud[torch.randperm(len(cloud))[:n]]


terms = []
for _ in range(500):
    both = draw(fresh, 300).double()
    terms.append((both[:100].mean(0) - both[100:].mean(0)).square().sum())
wanted = torch.cov(fresh.double().T).trace() * (1 / 100 + 1 / 200)
print("mean of 500 draws = formula, within 10 %:", abs(torch.stack(terms).mean() / wanted - 1).item() < 0.1)

# %% [markdown]
# The covariance term adds its share, of the same sign: fewer samples, larger distance. That is a **bias**. No number of repetitions averages it away.
#
# **Predict.** Which scores worse: 50 perfect images, or 2,500 images with a fault? Here the fault is a class that is left out: real images without a single bag.

# %%
no_bags = fresh[fresh_labels != 8]
unfair = {n: frechet_distance(real, fresh[:n]).item() for n in (50, N)}
faulty = frechet_distance(real, no_bags[:N]).item()
print(f"perfect images: {unfair[50]:.1f} with 50 samples, {unfair[N]:.1f} with {N}")
print(f"no bags:        {faulty:.1f} with {N}")

# %% tags=["nbval-check-output"]
print("with 50 samples, perfect images lose against a faulty generator:", unfair[50] > faulty)

# %% [markdown]
# **What we saw.** The sample count decided, not the quality. **Compare at equal counts only.** Chong and Forsyth (2020) add that even this is not quite enough, since the bias depends on the
# generator, too. More samples help.
#
# ## A distance without bias
#
# The **kernel distance** asks: are two real samples, or two fakes, more alike than a real and a fake one? Likeness is a kernel; Bińkowski et al. (2018) take
#
# $$k(x, y) \;=\; \Big(\frac{x \cdot y}{d} + 1\Big)^3$$
#
# with $d$ features, and average it over three kinds of pairs:
#
# $$\mathrm{MMD}^2 \;=\; \operatorname*{mean}_{i \neq j} k(x_i, x_j) + \operatorname*{mean}_{i \neq j} k(y_i, y_j) - 2 \operatorname*{mean}_{i, j} k(x_i, y_j)$$
#
# A sample is very much like itself. Leaving out those pairs, $i = j$, is what removes the bias.


# %% tags=["shown"]
def kernel_distance(real_features, fake_features):
    """Squared maximum mean discrepancy with the kernel (x . y / d + 1)^3, unbiased."""
    real, fake = real_features.double(), fake_features.double()

    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def mean_of_pairs(x):  # pairs of different samples: the diagonal would bias the mean
        k = kernel(x, x)
        return (k.sum() - k.trace()) / (len(x) * (len(x) - 1))

    return mean_of_pairs(real) + mean_of_pairs(fake) - 2 * kernel(real, fake).mean()


# %% [markdown]
# What does the cube compare? With one feature, $(xy + 1)^3 = 1 + 3xy + 3x^2y^2 + x^3y^3$, and each product splits into a mean over $x$ times a mean over $y$. So with all pairs, $i = j$ included,
#
# $$\mathrm{MMD}^2 \;=\; 3\,(\overline{x} - \overline{y})^2 + 3\,(\overline{x^2} - \overline{y^2})^2 + (\overline{x^3} - \overline{y^3})^2$$
#
# Means, second and third moments. The Fréchet distance knows no third moment: it takes everything for a Gaussian.

# %% tags=["nbval-check-output"]
p, q = torch.randn(400, 1).double(), torch.rand(300, 1).double()
all_pairs = sum(w * ((a @ b.T + 1) ** 3).mean() for w, a, b in ((1, p, p), (1, q, q), (-2, p, q)))
moments = [p.pow(i).mean() - q.pow(i).mean() for i in (1, 2, 3)]
by_moments = 3 * moments[0] ** 2 + 3 * moments[1] ** 2 + moments[2] ** 2
print("three moments:", torch.isclose(all_pairs, by_moments).item())
slow = [(p[i] * p[j] + 1) ** 3 for i in range(40) for j in range(40) if i != j]
cross = ((p[:40] @ p[:40].T + 1) ** 3).mean()
itself = kernel_distance(p[:40], p[:40])  # the first two terms are equal
print("the function leaves out i = j:", agree(itself, 2 * torch.stack(slow).mean() - 2 * cross))
gauss, skewed = torch.randn(20_000, 2), -torch.log(torch.rand(20_000, 2)) - 1  # exponential
print("same means and covariances, another shape")
print("  Fréchet distance below 0.01:", frechet_distance(gauss, skewed).item() < 0.01)
print("  kernel distance above 0.3:", kernel_distance(gauss[:5000], skewed[:5000]).item() > 0.3)

# %% [markdown]
# ## Every number gets an interval
#
# Another draw gives another number. So draw $R$ times, and say how sure you are of the mean. With $\bar{v}$ the mean of the $R$ values, $s$ their standard deviation and $t$ from Student's
# distribution (2.8 for five draws), the **confidence interval** is
#
# $$\bar{v} \;\pm\; t\,\frac{s}{\sqrt{R}}$$
#
# Its promise: make it again and again, and 95 % of the intervals hold the true mean.

# %%
from gan_lessons.metrics import Interval


# %% tags=["shown"]
def confidence_interval(values, level=0.95):
    """Interval for the mean of repeated measurements."""
    from scipy.stats import t  # here, since this import takes a second

    values = torch.as_tensor(values, dtype=torch.float64)
    if len(values) < 4:
        raise ValueError(f"An interval needs at least 4 repeated values, not {len(values)}.")
    mean, error = values.mean().item(), values.std().item() / len(values) ** 0.5
    reach = float(t.ppf((1 + level) / 2, len(values) - 1)) * error
    return Interval(mean, mean - reach, mean + reach)


# %% tags=["nbval-check-output"]
hits = [7.0 in confidence_interval(7 + 3 * torch.randn(5)) for _ in range(2000)]
share = sum(hits) / len(hits)
print("of 2,000 intervals, 93 to 97 % hold the true mean:", 0.93 < share < 0.97)

# %% [markdown]
# Now both distances over the sample count, with intervals from five draws.

# %%
counts, clouds = [100, 300, 1000, 2500], {"fresh real images": fresh, "DCGAN": fake}
curves = []
for measure in (frechet_distance, kernel_distance):
    curves.append(
        {
            name: [
                confidence_interval([measure(real, draw(cloud, n)) for _ in range(5)]) for n in counts
            ]
            for name, cloud in clouds.items()
        }
    )
few, many = (curves[0]["fresh real images"][i] for i in (0, -1))
k_few, k_many = (curves[1]["fresh real images"][i] for i in (0, -1))
alt = (
    f"Real images against real images: the Fréchet distance falls from {few.value:.1f} with 100 samples to "
    f"{many.value:.2f} with 2,500; the kernel distance stays around 0 ({k_few.value:+.2f} and "
    f"{k_many.value:+.2f}). The DCGAN's Fréchet distance falls, too, its kernel distance does not."
)
names = ["Fréchet distance", "kernel distance"]
measures.with_intervals(counts, curves, "samples", names, alt, levels=[0, 0])

# %% tags=["nbval-check-output"]
print("Fréchet, real images: 100 samples at least 5 times as far as 2,500:", few.value > 5 * many.value)
inside = [abs(v.value) < 3 * (v.high - v.low) / 2 for v in curves[1]["fresh real images"]]
print("kernel, real images: around 0 at every count:", all(inside))

# %% [markdown]
# **What we saw.** The Fréchet distance of real images falls with every sample that you add. The kernel distance stays around 0, above and below. (A value below 0 is no error: it is what an unbiased estimate of 0 looks like.) With
# few samples it is noisy, but not wrong on average.
#
# When you cannot draw again (a folder of images, and the generator is gone), you can resample what you have, with replacement: the **bootstrap**. It serves for shares and means. **Predict.** Does it serve for the Fréchet distance?

# %%
once = metrics.bootstrap(lambda part: frechet_distance(real, part), fresh[:1000], times=50)
again = confidence_interval([frechet_distance(real, draw(fresh, 1000)) for _ in range(8)])
print(f"measured {once.value:.2f}; bootstrap interval [{once.low:.2f}, {once.high:.2f}]")
print(f"eight real draws: {again}")

# %% tags=["nbval-check-output"]
print("the bootstrap interval lies above the value itself:", once.low > once.value)

# %% [markdown]
# A resampled set holds some images twice and others not at all, so its distance is biased once more. For distances, draw again.
#
# ## Two faults, one number
#
# Beside the generator without bags, put another: it has all classes, but a fine grain lies over each image. We choose the grain so that both have about the same distance.

# %%
grain = torch.randn(fresh_images.shape, generator=torch.Generator().manual_seed(1))


def with_grain(strength, part=slice(None)):
    """Real images under Gaussian noise."""
    return (fresh_images[part] + strength * grain[part]).clamp(-1, 1)


low, high, some = 0.0, 0.3, slice(0, 1000)
wanted = sum(frechet_distance(real, draw(no_bags, 1000)) for _ in range(20)) / 20
for _ in range(7):  # halve the bracket
    strength = (low + high) / 2
    distance = frechet_distance(real, metrics.features(with_grain(strength, some)))
    low, high = (strength, high) if distance < wanted else (low, strength)
grainy_images = with_grain(strength)
grainy = metrics.features(grainy_images)
print(f"grain of standard deviation {strength:.3f}; white is 1 and black -1")
for name, cloud in (("no bags", no_bags), ("grain", grainy)):
    print(f"{name:8s} {confidence_interval([frechet_distance(real, draw(cloud, N)) for _ in range(5)])}")

# %%
pictures = torch.cat([fresh_images[:8], grainy_images[:8]])
alt = f"Eight real images, and below them the same with a grain of standard deviation {strength:.2f} on a scale from -1 to 1."
show.images(pictures, columns=8, row_labels=["real", "grain"], alt=alt)

# %% [markdown]
# **What we saw.** To this distance, a fine grain is about as bad as losing a tenth of the wardrobe. That is the *features'* opinion: the classifier was never trained on grain.
#
# And a single number can't say *what* is wrong. Two questions can:
#
# - Are the samples good? **Precision**: the share of fakes that lie where real samples are.
# - Are they all there? **Recall**: the share of real samples that lie where fakes are.
#
# "Where real samples are" needs a shape. Kynkäänniemi et al. (2019) put a ball around each real sample $x_i$. Its radius $r_k(x_i)$ reaches to the sample's $k$-th nearest *other* real sample, so balls are small where data is dense.
#
# $$\mathrm{precision} \;=\; \frac1M \sum_{j=1}^{M} \big[\, \lVert y_j - x_i \rVert \le r_k(x_i) \text{ for at least one } i \,\big]$$
#
# Recall is the same with real and fake exchanged. A square bracket counts 1 if true, else 0.


# %% tags=["shown"]
def radii(features, k):
    """Distance of each sample to its k-th nearest other sample: (N,)."""
    # k + 1, since the nearest sample of all is the sample itself
    return torch.cdist(features, features).topk(k + 1, largest=False).values[:, -1]


def precision_recall(real_features, fake_features, k=3):
    """Precision: share of fakes in the region of the real samples. Recall: the other way round."""
    real, fake = real_features.double(), fake_features.double()
    between = torch.cdist(fake, real)  # (M, N)
    precision = (between <= radii(real, k)).any(dim=1).double().mean()
    recall = (between.T <= radii(fake, k)).any(dim=1).double().mean()
    return precision.item(), recall.item()


# %% tags=["nbval-check-output"]
plane = torch.Generator().manual_seed(2)
xs = torch.randn(14, 2, generator=plane).double()
ys = 0.7 * torch.randn(10, 2, generator=plane).double() + torch.tensor([1.3, 0.9])
k, good = 3, 0
for y_j in ys:
    reach = [sorted((x_i - other).norm() for other in xs)[k] for x_i in xs]  # entry 0 is itself
    good += any((y_j - x_i).norm() <= r for x_i, r in zip(xs, reach, strict=True))
precision, recall = precision_recall(xs, ys, k)
print("the function is the formula:", precision == good / len(ys))

# %%
alt = (
    f"14 real points with balls that reach to their third neighbour, and 10 fakes, of which "
    f"{round(precision * 10)} lie in a ball: precision {precision:.0%}. Recall, by the balls of the fakes, is {recall:.0%}."
)
measures.balls(xs, ys, radii(xs, k), "precision: fakes in the balls of real points", alt)

# %% [markdown]
# One far-away real sample has a huge ball, and a fake in it counts as good. Naeem et al. (2020) therefore count *how many* balls hold a fake, and turn recall round, so that only real samples have balls:
#
# $$\mathrm{density} \;=\; \frac{1}{kM} \sum_{j=1}^{M} \sum_{i=1}^{N} \big[\, \lVert y_j - x_i \rVert \le r_k(x_i) \,\big]
# \qquad
# \mathrm{coverage} \;=\; \frac1N \sum_{i=1}^{N} \big[\, \lVert y_j - x_i \rVert \le r_k(x_i) \text{ for at least one } j \,\big]$$


# %% tags=["shown"]
def density_coverage(real_features, fake_features, k=5):
    """Density: how many real balls hold a fake, over k. Coverage: share of real balls with a fake."""
    real, fake = real_features.double(), fake_features.double()
    inside = torch.cdist(fake, real) <= radii(real, k)  # (M, N)
    density = inside.double().sum(dim=1).mean() / k
    return density.item(), inside.any(dim=0).double().mean().item()


# %% tags=["nbval-check-output"]
r = radii(xs, 5)
hits = torch.tensor([[float((y_j - x_i).norm() <= r[i]) for i, x_i in enumerate(xs)] for y_j in ys])
density, coverage = density_coverage(xs, ys, k=5)
print("density is the formula:", abs(density - hits.sum().item() / (5 * len(ys))) < 1e-6)
print("coverage is the formula:", abs(coverage - hits.amax(dim=0).mean().item()) < 1e-6)
outlier = torch.cat([xs, torch.tensor([[50.0, 50.0]]).double()])  # one real point far away
nonsense = torch.full((10, 2), 10.0).double() + torch.randn(10, 2)
print("one outlier gives nonsense a precision of 1:", precision_recall(outlier, nonsense)[0] == 1)
print("its density stays below 1/2:", density_coverage(outlier, nonsense)[0] < 0.5)

# %% [markdown]
# **Predict.** Two faults, four numbers. For the generator without bags and for the one with grain: which of the four fall below the floor?


# %%
def look(cloud):
    """Five measures of a cloud of features, each over four draws."""
    rows = []
    for _ in range(4):
        part = draw(cloud, N)
        rows.append([frechet_distance(real, part), *precision_recall(real, part)])
        rows[-1] += density_coverage(real, part)
    return [confidence_interval(column) for column in torch.tensor(rows, dtype=torch.float64).T]


seen = {name: look(c) for name, c in (("floor", fresh), ("no bags", no_bags), ("grain", grainy))}
print(f"{'':8s} {'Fréchet':>20s} {'precision':>20s} {'recall':>20s} {'density':>20s} {'coverage':>20s}")
for name, values in seen.items():
    print(f"{name:8s} " + " ".join(f"{str(v):>20s}" for v in values))
print(f"mean and 95 % interval of 4 draws of {N} samples; reference: 5,000 test images")

# %% tags=["nbval-check-output"]
floor = [v.value for v in seen["floor"]]
print("precision: no bags is near the floor, grain is not:", seen["no bags"][1].value > floor[1] - 0.03 > seen["grain"][1].value)
print("coverage finds both:", max(seen["no bags"][4].value, seen["grain"][4].value) < floor[4] - 0.04)

# %% [markdown]
# **What we saw.** Grain costs precision: the images are off. Missing bags cost no precision at all: what is there is good. Recall and coverage fall, but only by a part of the tenth that is missing, because the wide balls of other
# classes reach into the gap. Ask each class by itself, and nothing is left to guess:

# %%
part = draw(no_bags, N).double()
in_ball = (torch.cdist(part, real.double()) <= radii(real.double(), 5)).any(dim=0)
per_class = [in_ball[test.labels == c].double().mean().item() for c in range(10)]
alt = (
    f"Coverage of each class by the generator without bags: bag {per_class[8]:.0%}, all others between "
    f"{min(per_class[:8] + per_class[9:]):.0%} and {max(per_class):.0%}."
)
show.bars(list(data.CLASS_NAMES), per_class, "coverage", alt)

# %% tags=["nbval-check-output"]
print("least covered class:", data.CLASS_NAMES[per_class.index(min(per_class))])
print("less than half as well covered as any other:", 2 * sorted(per_class)[0] < sorted(per_class)[1])

# %% [markdown]
# ## The perfect score
#
# Now the worst cheat. A **parrot** has learned nothing: it stores 250 of its training images and repeats them. A **big parrot** stores all of them.
#
# **Predict.** Compare their Fréchet distances with the DCGAN's.

# %%
stored = torch.randperm(10_000)[:250]  # what the parrot keeps, of the images in `fresh`
parrot = fresh[stored[torch.randint(250, (10_000,))]]
seen |= {"DCGAN": look(fake), "parrot": look(parrot), "big parrot": look(fresh)}
for name in ("floor", "DCGAN", "parrot", "big parrot"):
    frechet, precision, recall, *_ = seen[name]
    print(f"{name:10s} Fréchet {str(frechet):22s} precision {precision.value:.2f}  recall {recall.value:.2f}")

# %% tags=["nbval-check-output"]
print("Fréchet: the parrot beats the DCGAN:", seen["parrot"][0].high < seen["DCGAN"][0].low)
print("recall sees that the parrot is small:", seen["parrot"][2].value < 0.3 * seen["DCGAN"][2].value)
print("the big parrot's recall is the floor's:", seen["big parrot"][2].value > 0.95 * floor[2])

# %% [markdown]
# **What we saw.** By distance, 250 stored images beat the DCGAN by far. Recall catches this parrot: it repeats itself so often that the balls around its samples shrink to nothing.
#
# For the big parrot, recall is blind. To measure it, we drew from the same real images as for the floor, and that is the point: a generator that hands out its whole training set *is* the floor, in every column. No measure that compares with
# real images can object, because they are real.
#
# So ask another question: are the samples nearer to the images that G was trained on than to real images that it has never seen? Put $N$ training images and $M$ held-out ones together and find each sample's nearest neighbour. For a stranger, the chance that it is a training image is
#
# $$p_0 \;=\; \frac{N}{N + M}$$
#
# and with $p$ the share that you find, $(p - p_0) / (1 - p_0)$ is 0 for a stranger and 1 for a parrot.


# %%
from gan_lessons.metrics import nearest_neighbours


# %% tags=["shown"]
def memorisation(samples, train, held_out):
    """Share of samples that can only be copies: 0 for a stranger to the training set, 1 for a copy of it."""
    _, index = nearest_neighbours(samples, torch.cat([train, held_out]))
    found = (index < len(train)).double().mean().item()
    chance = len(train) / (len(train) + len(held_out))
    return (found - chance) / (1 - chance)


# %% tags=["nbval-check-output"]
three = [torch.randn(n, 4) for n in (4000, 900, 300)]  # strangers to each other
_, index = nearest_neighbours(three[0], torch.cat(three[1:]))
share = (index < 900).float().mean().item()
print("strangers: share within 4 points of N / (N + M):", abs(share - 900 / 1200) < 0.04)
print("all copies:", memorisation(three[1] + 1e-4, *three[1:]) == 1)

# %% [markdown]
# We do this on pixels, not on features: the classifier has seen the training images, so its features might treat them in their own way. And on eight parts of the samples, for an interval.
#
# Look at the first and the last row. They hold the *same images*. In the first, they are the work of somebody who was trained on the other half; in the last, of somebody who was trained on them. Copying is no property of an image. It is a
# relation to a training set, and you must know that set to test it.

# %%
everything, others = data.to_float(train.images), data.to_float(train.images[order[10_000:]])
held_out = data.to_float(test.images)
rows = {  # name: images, the training images that they might be copies of
    "floor": (fresh_images[:1000], others),
    "DCGAN": (dcgan_images[:1000], everything),
    "no bags": (fresh_images[fresh_labels != 8][:1000], others),
    "grain": (grainy_images[:1000], others),
    "parrot": (fresh_images[stored], fresh_images),
    "big parrot": (fresh_images[:1000], everything),
}
copied = {}
for name, (images, own) in rows.items():
    parts = [memorisation(part, own, held_out) for part in images.chunk(8)]
    copied[name] = confidence_interval(parts)
    print(f"{name:10s} {copied[name].value:+.2f}  [{copied[name].low:+.2f}, {copied[name].high:+.2f}]")

# %% tags=["nbval-check-output"]
print("both parrots above 0.9:", min(copied[n].value for n in ("parrot", "big parrot")) > 0.9)
print("everybody else below 0.3:", all(copied[n].value < 0.3 for n in ("floor", "DCGAN", "no bags", "grain")))

# %% [markdown]
# Numbers convince; pictures convince faster. Left to right, eight samples of each and the training image nearest to them.

# %%
pairs, away = [], []
for images, own in (rows["DCGAN"], rows["parrot"]):
    distance, index = nearest_neighbours(images[:8], own)
    pairs += [images[:8], own[index[:, 0]]]
    away.append(distance.mean().item())
alt = (
    f"Eight samples of the DCGAN and of the parrot, each above its nearest training image. Mean distance between "
    f"the two, in pixels: DCGAN {away[0]:.1f}, parrot {away[1]:.1f}."
)
labels = ["DCGAN", "nearest", "parrot", "nearest"]
show.images(torch.cat(pairs), columns=8, row_labels=labels, alt=alt)

# %% [markdown]
# ## The scorecard

# %% tags=["result"]
columns = ["Fréchet", "precision", "recall", "coverage", "copied"]
cards, marked = {}, {}
for name in ("floor", "DCGAN", "no bags", "grain", "parrot", "big parrot"):
    values = [seen[name][i].value for i in (0, 1, 2, 4)] + [copied[name].value]
    limits = [3 * floor[0] + 1, 0.95 * floor[1], 0.95 * floor[2], 0.95 * floor[4], 0.3]
    worse = [values[0] > limits[0], *(values[i] < limits[i] for i in (1, 2, 3)), values[4] > 0.3]
    marked[name] = [c for c, bad in zip(columns, worse, strict=True) if bad]
    texts = [f"{values[0]:.1f}", *(f"{value:.2f}" for value in values[1:])]
    cards[name] = (rows[name][0], texts, marked[name])
said = "; ".join(f"{name}: {', '.join(marks) or 'nothing'}" for name, marks in marked.items())
alt = f"Eight samples and five numbers of real images and five generators. Marked as worse than the floor: {said}."
measures.scorecard(cards, columns, alt)

# %% tags=["nbval-check-output"]
print("the floor is not marked:", not marked["floor"])
print("marked for copies:", ", ".join(name for name in marked if "copied" in marked[name]))
print("the big parrot is marked for nothing else:", marked["big parrot"] == ["copied"])
print("no column marks all five:", all(sum(c in m for m in marked.values()) < 5 for c in columns))
made_up = sorted((n for n in cards if n != "floor"), key=lambda n: seen[n][0].value)
print("last by Fréchet distance:", made_up[-1])

# %% [markdown]
# **What we saw.** Read the Fréchet column alone: the big parrot wins, the small one comes next, and the only one of the five that has learned to make new clothes comes last. Read along the rows: each fault has its own pattern.

# %% [markdown]
# ## When do you stop?
#
# Not when the losses say something. Stop when the measure has not improved, beyond its own noise, for a while; then go back to the best weights. `fit` calls `on_step` after each step, and ends when it returns `True`.


# %%
def watch(every=250, n=1000, patience=3, by=0.05):
    """An `on_step` that stops when the distance has not fallen by a share `by` for a while."""
    best, way = {"distance": float("inf"), "step": 0}, []

    def on_step(step, gan, history):
        if gan.steps % every:
            return False
        distance = metrics.frechet_distance(real, metrics.features(gan.sample(n))).item()
        way.append((gan.steps, distance))
        if distance < (1 - by) * best["distance"]:
            best.update(distance=distance, step=gan.steps)
            best["weights"] = copy.deepcopy(gan.G_ema.state_dict())
        return gan.steps - best["step"] >= patience * every

    return on_step, best, way


G, D = networks.ImageMLPGenerator(), networks.ImageMLPDiscriminator()
gan = training.GAN(G, D, losses.VANILLA, networks.Z_DIM, device)
on_step, best, way = watch()
history = training.fit(gan, data.batches(train, 64, device=device), 2000, on_step)

# %%
gan.G_ema.load_state_dict(best["weights"])
new = confidence_interval(
    [frechet_distance(real, metrics.features(gan.sample(1000))) for _ in range(4)]
)
steps, distances = zip(*way, strict=True)
alt = (
    f"Distance of the MLP every 250 steps, from {distances[0]:.0f} to {distances[-1]:.0f}; the best weights are "
    f"those of step {best['step']}. {history.stopped or 'The run used all of its steps.'}"
)
show.curves(steps, {"1,000 samples": distances}, "step", "Fréchet distance", alt, markers=True)
print(f"when chosen: {best['distance']:.1f}; the same weights on new samples: {new}")

# %% [markdown]
# And if it went on? Two stored studies did: five runs of this MLP, and three of the DCGAN.
#
# **Predict.** Does the distance fall for ever?

# %%
longer = [run["at"] for run in study["runs"] if run["kind"] == "MLP"]
dcgan_study = storage.load_table("long_run")
dcgan_runs = [run["at"] for run in dcgan_study["runs"] if run["kind"] == "DCGAN"]
for kind, ways, origin in (("MLP", longer, made), ("DCGAN", dcgan_runs, dcgan_study["made_by"])):
    print(f"{kind}: {origin['command']}")
    for rows_at in zip(*ways, strict=True):
        found = sorted(row["distance"] for row in rows_at)
        mean = sum(found) / len(found)
        print(f"{rows_at[0]['step']:7d} steps: {mean:6.1f} ({found[0]:.1f} … {found[-1]:.1f}), {len(found)} seeds")

# %% tags=["nbval-check-output"]
print("live run: the distance fell to less than half:", best["distance"] < distances[0] / 2)
print("MLP: at its best at the last mark, in every run:", all(at[-1]["distance"] < at[-2]["distance"] for at in longer))
past = [at[-1]["distance"] - min(row["distance"] for row in at) > 1 for at in dcgan_runs]
print("DCGAN: past its best by more than 1 at the last mark, in every run:", all(past))

# %% [markdown]
# **What we saw.** The MLP falls steeply, then slowly, and is still falling when its runs end. The DCGAN falls, stands, and then *rises*: after some thousand steps its samples get worse, and
# neither loss announces it. So measure on the way, and keep the best weights. Two cautions. A stop rule with a *noisy* measure picks lucky draws, so report the chosen weights on **new samples**, as
# the live run did. And choosing by the test images uses them up a little; when it matters, choose with one half and report with the other. ([Lesson 07](07_better_games.ipynb) has a game that does not turn.)
#
# ## Two models, one winner?
#
# An interval from repeated *draws* says how well you know one trained generator. It does not say what happens when somebody trains it again. For that you need several **seeds**. The stored runs have both.

# %%
print(f"{'kind':15s} {'one run, 5 draws':>24s} {'5 runs, 5 draws each':>24s}")
wide, spread = {}, {}
for kind in kinds:
    draws = [r["draws"] for r in study["runs"] if r["kind"] == kind]
    wide[kind] = confidence_interval([sum(d) / len(d) for d in draws])
    spread[kind] = torch.tensor(draws).mean(1).std() / torch.tensor(draws).std(1).mean()
    print(f"{kind:15s} {str(confidence_interval(draws[0])):>24s} {str(wide[kind]):>24s}", end="")
    print(f"   seeds spread {spread[kind]:.1f} times as much as draws")
real_rows = [row["distance"] for row in study["real"]]
print(f"{'floor':15s} {'':24s} {str(confidence_interval(real_rows)):>24s}")
print(f"after {study['steps']} steps; {study['samples']} samples against 5,000 test images")

# %% tags=["nbval-check-output"]
print("seeds spread at least 3 times as much as draws:", all(ratio > 3 for ratio in spread.values()))
print("DCGAN better than MLP, intervals apart:", wide["DCGAN"].high < wide["MLP"].low)

# %% [markdown]
# **What we saw.** One run's interval is narrow and useless: the next seed lands far outside of it. "A is better than B" is a sentence about training, so it needs the interval over seeds. If two such intervals overlap, say that you don't know.
#
# A result that others can check looks like this. Leave nothing out:

# %%
value = wide["DCGAN"]
print(
    f"Fréchet distance {value.value:.1f}, 95 % interval {value.low:.1f} to {value.high:.1f} over {len(study['runs']) // 3} seeds;"
    f"\n  {study['samples']} samples per draw; reference: the 5,000 bundled Fashion-MNIST test images;"
    f"\n  features: the course's classifier, 64 numbers; floor: {confidence_interval(real_rows)};"
    f"\n  made by: {study['made_by']['command']}"
)

# %% [markdown]
# ## Outside the course
#
# Now that you know what the numbers do, use a library that many people check. On photographs, with Inception features, even the way of resizing changes the number.
#
# - **torchmetrics** has `FrechetInceptionDistance`, `KernelInceptionDistance` and `MemorizationInformedFrechetInceptionDistance` as modules that you feed batch by batch, also on several GPUs. It accepts your own network for the features. Its Inception weights need `torch-fidelity` beside it. The tests of
#   this course hold our Fréchet distance against it, to 1 part in 1,000.
# - **torch-fidelity** computes the Inception score, FID, KID, the perceptual path length and, in newer versions, precision and recall, from folders or generators, with one command. Its aim is to match the reference implementations to rounding.
# - **clean-fid** computes FID and KID with careful resizing and quantisation, and can reproduce the older numbers. Parmar et al. (2022) show how much carelessness there costs.
#
# The memorisation test is short enough to take along. Whichever you choose: name the version, the features, the reference set and the counts.
#
# ## Recap
#
# - A loss is the result of a match. The same images have different losses before different judges, and the direction of a loss means different things in different runs.
# - The **Fréchet distance** compares means and covariances of features. It is **biased**: equal sample counts, always.
# - The **kernel distance** is unbiased and looks at third moments, too. **Precision** asks "are they good?", **recall** and **coverage** ask "are they all there?", **memorisation** asks "are they new?".
# - Each number needs its reference set, its sample count, its interval and the real-vs-real **floor**. Claims about training need several seeds.
# - A measure sees what its features see.
#
# ## Test yourself
#
# <details><summary>1. A generator has a Fréchet distance below the floor. Should you publish?</summary>
# Look for copies first. A generator that replays training images gets the floor; one that replays the <em>reference</em> images gets 0. Also check that both were measured with the same number of samples: with more samples than the floor had, it may fall
# below it by bias alone.
# </details>
#
# <details><summary>2. Precision 0.86 with a floor of 0.87, recall 0.30 with a floor of 0.87. What do the samples look like?</summary>
# Each of them could be real, and they show a small part of what there is: missing classes, or one T-shirt in every row. Ask for coverage class by class, and look at a large grid.
# </details>
#
# <details><summary>3. Your kernel distance is -0.02. Your colleague takes the absolute value "because distances are positive". What goes wrong?</summary>
# For samples of one distribution the unbiased estimate lies around 0, below it in about half of all draws. Absolute values are all positive, so their mean is not 0 any more: the bias is back, and with it the dependence on the sample count.
# </details>
#
# Now do [exercise 05](../exercises/05_measuring.ipynb): write the three metrics, and judge three mystery generators with them. Then [lesson 06](06_failure_clinic.ipynb) looks at runs that go wrong.
#
# ## References
#
# - D. Dowson, B. Landau: The Fréchet distance between multivariate normal distributions. Journal of Multivariate Analysis 12, 1982.
# - M. Heusel et al.: GANs trained by a two time-scale update rule converge to a local Nash equilibrium. NIPS 2017. The distance on Inception features, FID.
# - A. Gretton et al.: A kernel two-sample test. JMLR 13, 2012. MMD and its unbiased estimate.
# - M. Bińkowski et al.: Demystifying MMD GANs. ICLR 2018. The cubic kernel, KID, and the bias of FID.
# - T. Kynkäänniemi et al.: Improved precision and recall metric for assessing generative models. NeurIPS 2019.
# - M. F. Naeem et al.: Reliable fidelity and diversity metrics for generative models. ICML 2020. Density and coverage.
# - M. J. Chong, D. Forsyth: Effectively unbiased FID and Inception score and where to find them. CVPR 2020.
# - C. Meehan, K. Chaudhuri, S. Dasgupta: A non-parametric test to detect data-copying in generative models. AISTATS 2020.
# - G. Parmar, R. Zhang, J.-Y. Zhu: On aliased resizing and surprising subtleties in GAN evaluation. CVPR 2022.
# - H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST. arXiv:1708.07747, 2017.
