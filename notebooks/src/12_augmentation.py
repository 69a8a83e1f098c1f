# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/12_augmentation.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Do GAN samples help a classifier with little data?
#
# You have 20 labelled images of each class, and you need a classifier. The promise, in many talks: train a GAN on the 20, let it make 100 more, and train on all of them. Here you build that GAN, give it the best chance you can, and measure whether the promise holds.
#
# **You will** set up a comparison that is fair, see a discriminator learn a small set by heart and stop it, put the GAN beside two baselines that take a few lines, read a table of ten splits, and sign a verdict.
#
# **You need** lessons 04 and 05. **Minutes** on two CPU cores: 35 to read, about 1 to run. It uses scikit-learn.
#
# Here is the end result. Right of the dashed line, the added images helped; left of it, they did harm. A hollow marker can't say which. (In a hurry? The verdict stands in a box at the end.)

# %% tags=["preview"]
from gan_lessons import show

show.preview("12_augmentation")

# %%
import torch
import torch.nn.functional as F
from torch import nn

try:
    import sklearn
except ImportError as missing:
    raise ImportError("This lesson needs scikit-learn: pip install scikit-learn") from missing

from gan_lessons import runtime, storage, training
from gan_lessons.metrics import confidence_interval
from gan_lessons.protocols import examples
from gan_lessons.protocols import images as protocol
from gan_lessons.protocols.images import MADE, STEPS, Z_DIM, classical, each_class
from gan_lessons.show import comparisons, tables
from gan_lessons.studies import augmentation as study

runtime.start(seed=0, threads=1)  # the networks of this page are small: a CPU, and one thread of it
print("scikit-learn", sklearn.__version__)
table = storage.load_table("augmentation")

# %% [markdown]
# ## All that you have
#
# Two sets: scikit-learn's `digits` (1,797 images of 8 × 8 pixels), and Fashion-MNIST, averaged to 14 × 14. You pretend to own only a few images of each class. `examples.split_images` draws them, and a test set that nobody may touch before the end.


# %%
def large(images):
    """Any small images at 28 x 28, to look at."""
    return F.interpolate(images, size=(28, 28))


few = {}
for name in study.SETS:
    few[name], test = examples.split_images(name, 5, number=0)
    print(f"{name}: {len(few[name][0])} images to learn from, {len(test[0]):,} to test on")
alt = "All that a classifier may learn from with five images of each class: five rows of digits, five of garments."
rows = [large(images).view(10, 5, 1, 28, 28).transpose(0, 1).flatten(0, 1) for images, _ in few.values()]
show.images(torch.cat(rows), columns=10, row_labels=["digits"] * 5 + ["fashion"] * 5, alt=alt)

# %% [markdown]
# **The rules of a fair comparison.** Most claims fail at one of these, so they stand before any code:
#
# 1. Whatever makes images sees the small training set and nothing else. A GAN that was trained on all of Fashion-MNIST proves nothing about 20 images.
# 2. Within a split, every arm starts from the same real images, and is tested on the same test images.
# 3. Settings are not chosen on the test images. (Ours were chosen on Fashion images that are in no split.)
# 4. The GAN competes with what a sensible person would try first, not with nothing.
# 5. Enough splits, and an interval.
#
# ## A difference, and how sure you are of it
#
# One split may draw five easy images, another five hard ones. **Predict.** Accuracies of ten splits vary by several points. Can you still see a difference of one point?
#
# You can, if you compare *within* each split. With $d_i$ the difference of two arms in split $i$, of $m$ splits:
#
# $$\bar d \;\pm\; t_{0.975,\,m-1}\, \frac{s_d}{\sqrt m}, \qquad \operatorname{Var}(a - b) = \operatorname{Var} a + \operatorname{Var} b - 2 \operatorname{Cov}(a, b)$$
#
# What makes a split easy or hard moves both arms alike: it is in the covariance, and falls out. A simulation, where the truth is known: the true difference is 1 point, splits vary by 3 points, and the rest by 1.

# %% tags=["nbval-check-output"]
from scipy import stats

luck = torch.randn(2000, 10, 1, dtype=torch.float64)
a, b = (3 * luck + torch.randn(2000, 10, 2, dtype=torch.float64)).unbind(dim=2)
a = a + 1
mine = confidence_interval(a[0] - b[0])
theirs = stats.ttest_rel(a[0], b[0]).confidence_interval()
print("the formula is scipy's paired t-interval:", abs(mine.low - theirs.low) + abs(mine.high - theirs.high) < 1e-9)
parts = a.var() + b.var() - 2 * torch.cov(torch.stack([a.flatten(), b.flatten()]))[0, 1]
print("the variance of the difference is as written:", torch.allclose((a - b).var(), parts))
paired = [confidence_interval(x - y) for x, y in zip(a, b, strict=True)]
held = sum(1 in found for found in paired) / len(paired)
print("of 2,000 intervals, 93 % to 97 % hold the truth:", 0.93 < held < 0.97)
reach = float(stats.t.ppf(0.975, 18))
unpaired = reach * ((a.var(dim=1) + b.var(dim=1)) / 10).sqrt().mean().item()
width = sum(found.high - found.value for found in paired) / len(paired)
print("the unpaired interval is more than twice as wide:", unpaired > 2 * width)

# %% [markdown]
# ## What a sensible person tries first
#
# **Classical augmentation.** A digit that is moved by a pixel is the same digit. (A mirrored garment is the same garment, too; a mirrored 2 is not a 2. *You* know this, and put it in.) Below, whole pixels, with the background's value where nothing is left. `padded[...]` picks pixels, so a gradient passes back to each of them. You will need that in a moment.


# %% tags=["shown"]
def shift(images, reach=1):
    """Each image (B, 1, H, W) moved by up to `reach` pixels each way; a gradient passes."""
    n, _, height, width = images.shape
    padded = F.pad(images, (reach, reach, reach, reach), value=-1.0)[:, 0]
    down, right = torch.randint(0, 2 * reach + 1, (2, n, 1, 1))
    rows, columns = down + torch.arange(height)[:, None], right + torch.arange(width)
    return padded[torch.arange(n)[:, None, None], rows, columns][:, None]


# %% [markdown]
# **Interpolation within a class**, the idea of SMOTE (Chawla et al. 2002): a new image between a real one and one of its five nearest neighbours of the same class.
#
# $$x_\text{new} = x_i + u\,(x_j - x_i), \qquad u \sim U(0, 1), \quad y_i = y_j$$


# %% tags=["shown"]
def interpolate(images, labels, n):
    """`n` new images of each class, between two real ones of it (Chawla et al. 2002)."""
    made = []
    for k in labels.unique():
        own = images[labels == k]
        first = torch.randint(len(own), (n,))
        distance = torch.cdist(own.flatten(1), own.flatten(1)).fill_diagonal_(torch.inf)
        near = distance.argsort(dim=1)[:, : min(5, len(own) - 1)]  # SMOTE's five neighbours
        second = near[first, torch.randint(near.shape[1], (n,))]
        made.append(own[first] + torch.rand(n, 1, 1, 1) * (own[second] - own[first]))
    return torch.cat(made), labels.unique().repeat_interleave(n)


# %% tags=["nbval-check-output"]
images, labels = few["digits"]
moved = torch.stack([shift(images) for _ in range(50)])
inner = torch.stack([images[:, :, 1 + i : 7 + i, 1 + j : 7 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)])
seen = (moved[:, None, :, :, 1:7, 1:7] == inner).flatten(3).all(dim=3)  # which of the nine shifts was it?
print("every image is one of its nine shifts:", seen.any(dim=1).all().item(), "- all nine occur:", seen.any(0).any(1).all().item())
made, classes = interpolate(images, labels, 3)
own = [images[labels == k].flatten(1) for k in classes]
to = torch.stack([torch.cdist(x.flatten()[None], few)[0] for x, few in zip(made, own, strict=True)])  # (30, 5)
pairs = torch.stack([torch.cdist(few, few) for few in own])  # (30, 5, 5)
detour = (to[:, :, None] + to[:, None] - pairs).flatten(1).amin(dim=1)
print("each new image lies on a line between two real ones of its class:", bool((detour < 1e-2).all()))

# %% [markdown]
# ## A GAN for 20 images of a class
#
# The GAN is lesson 04's, made small: labels as one-hot numbers into $G$, projection in $D$. G and D see the small set only.


# %% tags=["shown"]
class SmallGenerator(nn.Module):
    """Noise (B, z_dim) and labels (B,) to images (B, 1, size, size) in [-1, 1]; size is even."""

    def __init__(self, size, z_dim=Z_DIM, n_classes=10, width=16):
        super().__init__()
        self.n_classes, half = n_classes, size // 2
        self.net = nn.Sequential(
            nn.Linear(z_dim + n_classes, 2 * width * half * half, bias=False),
            nn.Unflatten(1, (2 * width, half, half)),
            *(nn.BatchNorm2d(2 * width), nn.ReLU()),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            *(nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, 1, 3, padding=1), nn.Tanh()),
        )

    def forward(self, z, labels):
        return self.net(torch.cat([z, F.one_hot(labels, self.n_classes).to(z.dtype)], dim=1))


# %% tags=["shown"]
class SmallDiscriminator(nn.Module):
    """Images (B, 1, size, size) and labels (B,) to logits (B, 1), by projection (lesson 04)."""

    def __init__(self, size, n_classes=10, width=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * (size // 2) ** 2, 64),
            nn.LeakyReLU(0.2),
        )
        self.out, self.embedding = nn.Linear(64, 1), nn.Embedding(n_classes, 64)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, images, labels):
        h = self.features(images)
        return self.out(h) + (self.embedding(labels) * h).sum(dim=1, keepdim=True)


# %% [markdown]
# With 200 images and 1,000 steps of 32, each one comes by 160 times. **Predict.** What will $D$ learn about them? And what will its verdict be on *new* real images?
#
# If $D$ learns its images by heart, its gradient leads $G$ to copies. The cure is augmentation, in a place where few people look for it. You can't shift the real images only: $G$ would learn to make shifted ones. **Differentiable augmentation** (Zhao et al. 2020; Karras et al. 2020 is alike) changes *everything that D sees*, real and fake, in both players' steps:
#
# $$L_D = \mathbb{E}\big[\operatorname{softplus}(-D(T(x)))\big] + \mathbb{E}\big[\operatorname{softplus}(D(T(G(z))))\big], \qquad L_G = \mathbb{E}\big[\operatorname{softplus}(-D(T(G(z))))\big]$$
#
# $T$ is a random shift. $G$'s own images stay unshifted, and its gradient must pass through $T$. As $T$ sits in front of $D$, the loop of lesson 02 does not change:


# %% tags=["shown"]
class Augmented(nn.Module):
    """A discriminator that sees real images and fakes only after a random change of them."""

    def __init__(self, D, change=shift):
        super().__init__()
        self.D, self.change = D, change

    def forward(self, images, labels):
        return self.D(self.change(images), labels)


# %% tags=["nbval-check-output"]
fake = torch.rand(6, 1, 14, 14).mul(2).sub(1).requires_grad_()
labels = torch.arange(6)
D = Augmented(SmallDiscriminator(14))
(gradient,) = torch.autograd.grad(F.softplus(-D(fake, labels)).mean(), fake)
print("a gradient reaches every fake image:", bool((gradient.flatten(1).norm(dim=1) > 0).all()))
torch.manual_seed(1)
from_outside = D(fake, labels)
torch.manual_seed(1)
print("what D sees is shifted:", torch.equal(from_outside, D.D(shift(fake), labels)), "- anew at each look:", not torch.equal(from_outside, D(fake, labels)))

# %% [markdown]
# Train both on the same 20 garments of each class. Every 100 steps, ask $D$ about its training images, and about 1,000 real ones that it never saw. A $D$ that has learnt what *garments* look like treats the two alike.

# %%
real, test = examples.split_images("fashion", 20, number=0)
new = test[0][::2][:1250], test[1][::2][:1250]
seen, gans = {}, {}
for name in ("plain D", "augmented D"):
    torch.manual_seed(0)
    inside = SmallDiscriminator(14)
    D = Augmented(inside) if name == "augmented D" else inside
    gans[name] = gan = training.GAN(SmallGenerator(14), D, protocol.RECIPE, Z_DIM)
    seen[f"{name}: its images"], seen[f"{name}: new images"] = own, others = [], []

    def ask(step, gan, history, D=inside, own=own, others=others):
        if step % 100 == 99:
            with torch.no_grad():
                own.append(D(*real).sigmoid().mean().item())
                others.append(D(*new).sigmoid().mean().item())

    training.fit(gan, protocol.batches_of(*real), STEPS, ask)

# %%
lines = {name: torch.tensor(values[-5:]) for name, values in seen.items()}
gap = {name: (lines[f"{name}: its images"] - lines[f"{name}: new images"]).mean().item() for name in gans}
alt = f"D's mean probability of real, for its own 200 images and for {len(new[0]):,} new ones, over {STEPS} steps. In the last "
alt += "five looks the two differ, on average, " + " and ".join(f"by {value:.2f} with {name}" for name, value in gap.items()) + "."
show.curves(range(100, STEPS + 1, 100), seen, "step", 'probability of "real"', alt, markers=True, beside=True)

# %% tags=["nbval-check-output"]
print("augmentation at least halves what D knows by heart:", gap["augmented D"] < gap["plain D"] / 2)

# %% [markdown]
# **What we saw.** A plain $D$ tells its own images from new ones. What it calls "real" is, more and more, *these 200*. Is the *generator* better for it, too? One run says little. The stored table has ten splits, with disjoint training images: the kernel distance (lesson 05) to 1,250 new images, enlarged to the size that the course's classifier knows.

# %%
print(table["made_by"]["command"], "|", table["made_by"]["machine"], "|", table["made_by"]["date"], "\n")
runs, better, lines = table["little_data"], {}, []
for i, step in enumerate(study.MARKS):
    kinds = [[r["at"][i] for r in runs if r["augmented"] == kind] for kind in (False, True)]
    for name, kind in zip(("plain D", "augmented D"), kinds, strict=True):
        distance = confidence_interval([at["distance"] for at in kind])
        heart = confidence_interval([at["d_train"] - at["d_new"] for at in kind])
        lines.append([f"{step} steps, {name}", distance, heart])
    better[step] = confidence_interval([b["distance"] - a["distance"] for a, b in zip(*kinds, strict=True)])
    lines.append([f"{step} steps, augmented minus plain, paired", better[step], ""])
tables.table(["", "distance", "by heart: D(its images) − D(new ones)"], lines)

# %% tags=["nbval-check-output"]
last = better[study.MARKS[-1]]
print("after the last step the augmented GAN is closer to new images, interval below 0:", last.high < 0)

# %% [markdown]
# Two different results. Augmentation keeps $D$ from learning by heart, clearly. Whether the *samples* come closer depends on how long you train: read the two paired lines. From here on, "the GAN" is the one with the augmented $D$: the promise gets its best chance. Look at what it makes, beside the baselines:

# %%
torch.manual_seed(0)
fake = gans["augmented D"].sample(10 * MADE, each_class(MADE)), each_class(MADE)
sources = {"real": real, "classical": classical(*real, MADE, flips=True)}
sources |= {"interpolation": interpolate(*real, MADE), "GAN": fake}
rows = [images[labels == k][:2] for images, labels in sources.values() for k in range(10)]
rows = [torch.stack(rows[i : i + 10], dim=1).flatten(0, 1) for i in range(0, 40, 10)]
alt = "Two images of each class: real ones, shifted and mirrored ones, interpolated ones, and the GAN's."
names = [name for name in sources for _ in range(2)]
show.images(large(torch.cat(rows)), columns=10, row_labels=names, alt=alt)

# %% [markdown]
# ## The classifiers, and the arms
#
# A weak and a strong one. The weak one is logistic regression of the pixels. The strong one is a small convolutional network. Each of its 200 steps has 32 images from *each part* of the training set: made images come on top, and no arm looks at the real ones less often.


# %% tags=["shown"]
def weak(images, labels, weights, test):
    """Logistic regression of the pixels; returns its classes for test images."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000, tol=1e-3)
    # in all, the weight of 200 images: else an arm with more images would be regularised less
    weights = (200 * weights / weights.sum()).numpy()
    model.fit((images.flatten(1).numpy() + 1) / 2, labels.numpy(), sample_weight=weights)
    return torch.from_numpy(model.predict((test.flatten(1).numpy() + 1) / 2))


# %% tags=["shown"]
def strong(images, labels, weights, test, steps=200):
    """A small convolutional network: 200 steps with 32 images of each part of the training set."""
    half = images.shape[-1] // 2
    net = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(0.5), nn.Linear(32 * half * half, int(labels.max()) + 1)),
    )
    opt = torch.optim.Adam(net.parameters(), 2e-3, fused=True)
    batch = 32 * round(weights.sum().item())
    for _ in range(steps):
        index = torch.multinomial(weights, batch, replacement=True)
        loss = F.cross_entropy(net(images[index]), labels[index])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        return torch.cat([net.eval()(part) for part in test.split(500)]).argmax(dim=1)


# %% [markdown]
# Each arm that adds images adds 100 for each class. As a part of the training set they weigh as much as the real ones, for both classifiers. (Otherwise 100 made images would drown 5 real ones.)


# %% tags=["shown"]
def together(*parts):
    """Parts (images, labels) as one training set, each part with weights of sum 1."""
    images, labels = (torch.cat(column) for column in zip(*parts, strict=True))
    weights = [torch.full((len(part[1]),), 1 / len(part[1])) for part in parts]
    return images, labels, torch.cat(weights)


# %% tags=["shown"]
def training_sets(real, fake, flips):
    """The training set of each arm: images, labels and weights."""
    moved, between = classical(*real, MADE, flips), interpolate(*real, MADE)
    return {
        "real": together(real),
        "classical": together(real, moved),
        "interpolation": together(real, between),
        "GAN added": together(real, fake),
        "GAN alone": together(fake),
        "classical + GAN": together(real, moved, fake),
    }


# %% [markdown]
# **GAN alone** is the **classification accuracy score** (Ravuri and Vinyals 2019): train on made images only, test on real ones. It asks whether the samples hold all that a classifier needs.
#
# Run four splits of one cell yourself: digits, 10 images of each class. Each split trains its own GAN. **Predict.** Which arms end above *real*? Does the answer depend on the classifier?

# %%
live = [study.cell("digits", 10, number) for number in range(4)]
stored = [c for c in table["cells"] if (c["data"], c["n"]) == ("digits", 10)]


def gains(cells, classifier, arm, other="real"):
    """Paired difference of two arms in points of accuracy, with its interval."""
    return confidence_interval([100 * (c[classifier][arm] - c[classifier][other]) for c in cells])


def say(found):
    return f"{found.value:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"


for classifier in protocol.CLASSIFIERS:
    level = confidence_interval([100 * c[classifier]["real"] for c in live])
    print(f"{classifier}: accuracy with real images alone {level} %")
    lines = [[arm, say(gains(live, classifier, arm)), say(gains(stored, classifier, arm))] for arm in protocol.ARMS[1:]]
    tables.table(["minus real", "4 splits, now", "10 splits, stored"], lines)

# %% [markdown]
# Yours are the first four of the table's ten splits, so the means should be near. But four leave wide intervals. That is why a table was stored.
#
# ## The table: 2 sets, 4 sizes, 2 classifiers, 10 splits

# %% tags=["result"]
COUNTS, added = study.COUNTS, ("classical", "interpolation", "GAN added", "GAN alone")
by_cell = {(name, n): [c for c in table["cells"] if (c["data"], c["n"]) == (name, n)] for name in study.SETS for n in COUNTS}
panels = {
    f"{name}, {classifier} classifier": {
        arm: {f"{n} a class": gains(by_cell[name, n], classifier, arm) for n in COUNTS} for arm in added
    }
    for name in study.SETS
    for classifier in protocol.CLASSIFIERS
}
tally = {arm: [p[arm][f"{n} a class"] for p in panels.values() for n in COUNTS] for arm in added}
alt = "Change of accuracy against real images alone, 95 % intervals of ten paired splits, in 16 cells. " + " ".join(
    f"{arm}: {sum(d.low > 0 for d in found)} clearly up, {sum(d.high < 0 for d in found)} clearly down."
    for arm, found in tally.items()
)
comparisons.differences(panels, "points of accuracy, against real images alone", alt)

# %% [markdown]
# **What we saw.** Read it by rows.
#
# - *Classical* depends on the classifier and on the task. Logistic regression has one weight for each pixel and can't use "the same, one to the right". The convolutional network can; digits do vary in place. Garments are centred in their frames, the test images too, and few are worn the other way round: there the same idea does harm.
# - *Interpolation* changes next to nothing.
# - *GAN added*: of 16 intervals none lies right of the line, and half of them lie left of it. The changes are small, a point at most. They point one way.
# - *GAN alone* stays left of the line. And mind what this score can't see: a GAN that copied its training images would score as well as *real*.
#
# These are the accuracies that each cell is compared with:

# %%
lines = [
    [f"{name}, {classifier}", *(confidence_interval([100 * c[classifier]["real"] for c in by_cell[name, n]]) for n in COUNTS)]
    for name in study.SETS
    for classifier in protocol.CLASSIFIERS
]
tables.table(["accuracy, %", *(f"{n} a class" for n in COUNTS)], lines)

# %% [markdown]
# ## Would you add the GAN to what you do anyway?
#
# The question of a team that shifts and mirrors already: does the GAN add anything *to that*? For the strong classifier, *classical + GAN* minus *classical*:

# %%
on_top = {}
for name in study.SETS:
    for n in COUNTS:
        on_top[name, n] = gains(by_cell[name, n], "strong", "classical + GAN", "classical")
        print(f"{name:8s}{n:3d} a class: {say(on_top[name, n])} points")

# %% [markdown]
# All eight intervals hold 0: for this team the GAN changes nothing that ten splits could show.
#
# ## Read it as a sceptic
#
# - **Sixteen intervals for each arm.** Where nothing helps at all, about one in twenty misses 0 by chance: one of 16. A single filled marker is no finding. The next cell also counts with intervals at 99.7 %, which keeps the chance of *any* false alarm among 16 below 5 % (Bonferroni).
# - **Overlap.** Fashion's splits share no training images, but one test set. Digits' splits are drawn from 1,797 images and overlap, so their intervals are somewhat too narrow.
# - **One recipe.** A small GAN, 1,000 steps, 100 images for each class at half the weight. Another GAN might do better. No setting was tuned for each cell, neither for the GAN nor for the baselines.
# - **Nothing from outside.** A generator that was pretrained on *other* data brings in knowledge that the 20 images lack (DAGAN, Antoniou et al. 2017, learns from other classes). This page says nothing about that.

# %% tags=["nbval-check-output"]
def count(found):
    return f"{sum(d.low > 0 for d in found):2d} up {sum(d.high < 0 for d in found):2d} down"


strict = 1 - 0.05 / 16
for arm in added:
    wide = [
        confidence_interval([c[k][arm] - c[k]["real"] for c in cells], strict)
        for cells in by_cell.values()
        for k in protocol.CLASSIFIERS
    ]
    print(f"{arm:14s} of 16 cells, 95 %: {count(tally[arm])}; 99.7 %: {count(wide)}")

# %% [markdown]
# ## What would a few more real images bring?
#
# The sets are nested: within a split, the 10 images of a class include the 5. So the table also tells, in pairs, what *twice as many real images* bring. Beside it, what the GAN's 100 brought:

# %%
doubled, lines = {}, []
for name in study.SETS:
    for classifier in protocol.CLASSIFIERS:
        for n in (5, 10):
            pairs = zip(by_cell[name, n], by_cell[name, 2 * n], strict=True)
            more = confidence_interval([100 * (b[classifier]["real"] - a[classifier]["real"]) for a, b in pairs])
            doubled[name, classifier, n] = more
            by_gan = gains(by_cell[name, n], classifier, "GAN added")
            lines.append([f"{name}, {classifier}, from {n} a class", say(more), say(by_gan)])
tables.table(["points of accuracy", "twice the real images", "100 a class by the GAN"], lines)

# %% tags=["nbval-check-output"]
print("twice the real images beat the GAN's 100 in every one of these 8 cells:", all(
    more.low > gains(by_cell[name, n], classifier, "GAN added").high for (name, classifier, n), more in doubled.items()
))

# %% [markdown]
# ## Verdict

# %% jupyter={"source_hidden": true}
from IPython.display import display


def span(found):
    return f"{min(d.value for d in found):+.1f} to {max(d.value for d in found):+.1f}"


plain, augmented = (
    confidence_interval([r["at"][-1]["d_train"] - r["at"][-1]["d_new"] for r in runs if r["augmented"] == kind])
    for kind in (False, True)
)
VERDICT = f"""
> **"Train a GAN on your few images, and add its samples to the training set."**
> Changes are in points of accuracy against real images alone; means of ten splits.
>
> | | |
> |---|---|
> | **Held** | A random shift of all that $D$ sees keeps it from learning a small set by heart: its certainty differs by {augmented.value:.2f} between old and new images, not by {plain.value:.2f}. Change of the GAN's distance to new images: {last.value:+.2f} [{last.low:+.2f}, {last.high:+.2f}]. |
> | **Did not hold** | GAN samples added: {span(tally["GAN added"])} in 16 cells; {count(tally["GAN added"])}. GAN samples alone: {span(tally["GAN alone"])}. |
> | **Baselines** | Interpolation: {span(tally["interpolation"])}. Shifts of digits, strong classifier: {span(panels["digits, strong classifier"]["classical"].values())}. |
> | **Use it** | If you must train a GAN on little data: augment what $D$ sees. For a classifier: first a change that you know to keep the label and that your test images really show. |
> | **Don't** | Add samples of a GAN that saw nothing but your small set, in the hope of accuracy. Never train on them alone. |
> | **What it costs to rely on it** | A GAN to train, watch and keep for each data set, and a classifier that may be worse without anyone noticing. The test set that would notice needs labelling anyway. Twice the real images bring {span(doubled.values())}. |
"""
display({"text/markdown": VERDICT, "text/plain": VERDICT}, raw=True)

# %% [markdown]
# ## Recap
#
# - A comparison is fair when the arms share their splits, nothing that makes or learns sees a test image, and a sensible baseline competes. Then take paired differences, and an interval.
# - A GAN that sees only your few images has no other information than they hold. What it adds is smoothing between them; a shift adds what *you* know.
# - With little data $D$ learns by heart. A random change of all that it sees, real and fake, keeps it from that. That is not the same as helping your classifier.
# - A $D$ that generalises is not yet a better training set. Measure the use that you have in mind.
#
# ## Test yourself
#
# 1. A colleague trains a GAN on all 60,000 images, takes 10 real ones of each class and adds GAN samples. The classifier gains 15 points. What did she show?
#
# <details><summary>Answer</summary>
#
# That 60,000 images hold more than 100. The GAN saw images that the plain arm did not have. With the same access, the baseline is a classifier that learns from all of them.
#
# </details>
#
# 2. Two arms have 80 ± 3 % and 81 ± 3 % over ten splits. Is there a difference?
#
# <details><summary>Answer</summary>
#
# You can't tell from these numbers. If the splits are the same, ask for the ten differences: their interval may be far narrower than ± 3, or not.
#
# </details>
#
# 3. Why must $D$ see the *fakes* shifted as well, and why must a gradient pass through the shift?
#
# <details><summary>Answer</summary>
#
# If only real images are shifted, shifted images are what "real" means, and $G$ learns to make them. With both shifted, unshifted fakes are still a right answer. And $G$ learns from $D$'s gradient, which comes to it through the shift.
#
# </details>
#
# Now do [exercise 12](../exercises/12_augmentation.ipynb): write the interval, the baseline, the shift and the protocol yourself, and use all four. Then [lesson 13](13_simulation.ipynb) asks for what you have rarely seen.
#
# ## References
#
# - Antoniou, Storkey, Edwards 2017, *Data augmentation generative adversarial networks* (DAGAN)
# - Chawla, Bowyer, Hall, Kegelmeyer 2002, *SMOTE: synthetic minority over-sampling technique*
# - Karras, Aittala, Hellsten, Laine, Lehtinen, Aila 2020, *Training generative adversarial networks with limited data*
# - Ravuri, Vinyals 2019, *Classification accuracy score for conditional generative models*. They found that samples of the best GANs of the time, alone, lose much accuracy on ImageNet.
# - Zhao, Liu, Lin, Zhu, Han 2020, *Differentiable augmentation for data-efficient GAN training*
