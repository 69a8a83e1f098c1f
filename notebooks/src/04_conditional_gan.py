# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/04_conditional_gan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # How do I get the class that I ask for?
#
# The DCGAN of lesson 03 makes clothes, but it decides which. You want to say "a sandal" and get a sandal. At the end of this
# page you can: a **conditional GAN** takes a label beside its noise. You will also know why its best-looking score is a trap.
#
# **You will** give a label to a network in three ways and prove that they are the same kind of thing; train with the loop that
# you know, not a line of it changed; measure whether you get the class that you ask for, *and* how much of the class you get;
# and mix two classes.
#
# **You need** lessons 02 and 03. **Minutes** on two CPU cores: 25 to read, about 2 to run.
#
# Here is the end result. Each row is one class, asked for by its label.

# %% tags=["preview"]
from gan_lessons import show

show.preview("04_conditional_gan")

# %%
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import data, losses, metrics, networks, runtime, storage, training, widgets

device = runtime.start(seed=0)

# %% [markdown]
# ## Three ways to give a network a label
#
# A label is a whole number: 0 is a T-shirt, 5 a sandal, 9 an ankle boot. It is a *name*, not an amount. If you fed the number
# itself to a layer, class 4 would lie between 3 and 5, and class 9 would be nine times as much as class 1. So each class gets a
# vector of its own. There are three common ways.
#
# **One-hot**: as many places as classes, a 1 in the place of the label and 0 elsewhere.
#
# **Embedding**: a table $E$ with a row $e(y)$ for each class. The entries are weights and are learned. That sounds like another
# thing, but looking up a row is the same as multiplying the one-hot vector with the table:
#
# $$e(y) = \mathrm{onehot}(y)\, E$$

# %% tags=["nbval-check-output"]
labels = torch.tensor([0, 5, 9, 5])  # (B,), int64
one_hot = F.one_hot(labels, num_classes=10).float()  # (B, 10)
table = nn.Embedding(10, 3)  # 10 rows of 3 learned numbers
print("one-hot", tuple(one_hot.shape), " embedding", tuple(table(labels).shape))
print("looking up = multiplying:", torch.allclose(table(labels), one_hot @ table.weight))

# %% [markdown]
# The generator gets the one-hot label as ten more numbers behind its noise. What can its first layer do with them? Split the
# layer's matrix into the columns for the noise, $W_z$, and the columns for the label, $W_y$:
#
# $$W\,[z;\,\mathrm{onehot}(y)] + b \;=\; W_z z + \underbrace{W_y[:, y] + b}_{\text{a bias for each class}}$$
#
# So each class starts from its own bias, and the later layers make clothes of it.

# %% tags=["nbval-check-output"]
z, layer = torch.randn(4, 32), nn.Linear(32 + 10, 128)
joined = layer(torch.cat([z, one_hot], dim=1))
W_z, W_y = layer.weight[:, :32], layer.weight[:, 32:]
by_hand = z @ W_z.T + W_y[:, labels].T + layer.bias
print("a one-hot input is a bias for each class:", torch.allclose(joined, by_hand, atol=1e-5))

# %% [markdown]
# The discriminator has a harder question. Not "is this image real?" but "is this a real image *of this class*?" A perfect sneaker
# with the label *sandal* is a fake. A bias for each class at the last layer would be useless there: it adds the same number for
# every image, so no image would fit its label better than another.
#
# **Projection** (Miyato and Koyama 2018) lets the label meet the image in a product. Let $h$ be the image's features, the input of
# D's last layer. Beside that layer's weights $w$ and bias $b$ stands one row $e(y)$ for each class:
#
# $$\mathrm{logit}(x, y) \;=\; w\cdot h + b + e(y)\cdot h \;=\; \big(w + e(y)\big)\cdot h + b$$
#
# Read the right-hand side: it is a linear layer whose weights belong to the class. D has ten last layers that share their features,
# and the label picks one.

# %% tags=["nbval-check-output"]
h, w, b = torch.randn(4, 128), torch.randn(128), torch.randn(())
e = torch.randn(10, 128)  # one row for each class
projection = h @ w + b + (e[labels] * h).sum(dim=1)
ten_layers = h @ (w + e).T + b  # (B, 10): every class's own linear layer
picked = ten_layers[torch.arange(4), labels]
print("projection = the class's own linear layer:", torch.allclose(projection, picked, atol=1e-4))

# %% [markdown]
# Why a *sum* of two parts? In lesson 01 the best D had the logit $\log p/q$, real density over fake density. With labels, it is the
# log-ratio of the joint densities, and that splits:
#
# $$\log\frac{p(x, y)}{q(x, y)} \;=\; \underbrace{\log\frac{p(x)}{q(x)}}_{\text{real?}} \;+\;
# \underbrace{\log\frac{p(y\mid x)}{q(y\mid x)}}_{\text{does it fit its label?}}$$
#
# $w\cdot h + b$ can take the first part, $e(y)\cdot h$ the second. Check the split on made-up tables of five images and three labels:

# %% tags=["nbval-check-output"]
p, q = torch.rand(5, 3), torch.rand(5, 3)
p, q = p / p.sum(), q / q.sum()  # joint probabilities of image (rows) and label (columns)
p_x, q_x = p.sum(1, keepdim=True), q.sum(1, keepdim=True)
both = torch.log(p_x / q_x) + torch.log((p / p_x) / (q / q_x))
print("the best logit splits in two:", torch.allclose(torch.log(p / q), both, atol=1e-5))

# %% [markdown]
# ## The loop does not change
#
# Here are the two steps from lesson 02 again, as the package has them. This time, look at `*labels`.


# %% tags=["shown"]
def train_discriminator(gan, real, *labels):
    """One step of D on a real batch and as many fakes; G stays as it is."""
    with torch.no_grad():  # D's step needs no gradient in G
        fake = gan.G(gan.sample_z(len(real)), *labels)
    real_logits, fake_logits = gan.D(real, *labels), gan.D(fake, *labels)
    loss = gan.recipe.discriminator_loss(real_logits, fake_logits)
    loss = loss + gan.recipe.penalty(gan.D, real, fake, *labels)
    gan.opt_D.zero_grad()
    loss.backward()
    gan.opt_D.step()
    return loss.item()


def train_generator(gan, n, *labels):
    """One step of G on `n` fakes, through D, which stays as it is. Returns the loss as a float."""
    fake_logits = gan.D(gan.G(gan.sample_z(n), *labels), *labels)
    loss = gan.recipe.generator_loss(fake_logits)
    gan.opt_G.zero_grad()
    loss.backward(inputs=list(gan.G.parameters()))  # the gradient passes through D; only G keeps it
    gan.opt_G.step()
    gan.update_average()
    return loss.item()


# %% [markdown]
# A batch is a tuple. Without labels it is `(real,)`, and `*labels` is empty: the code of lesson 02. With labels it is
# `(real, labels)`, and `*labels` carries them along to G and to D. D sees the real images with *their* labels, and the fakes
# with the labels that G was asked for. That is all: same losses, same `fit`.

# %% tags=["nbval-check-output"]
for with_labels in (False, True):
    batch = next(data.batches(data.fashion_mnist(), 32, labels=with_labels))
    print(f"labels={with_labels}: {len(batch)} part(s),", [tuple(part.shape) for part in batch])

# %% [markdown]
# ## First in the plane
#
# Start with the ring of eight Gaussians. The label is the number of the mode. `Labelled` puts a one-hot label beside the input of any
# network, so it serves for G and for D. Its switch `sees_label` can blind it.


# %%
class Labelled(nn.Module):
    """A network that gets a one-hot label beside its input; blind when `sees_label` is False."""

    def __init__(self, net, n_classes=8, sees_label=True):
        super().__init__()
        self.net, self.n_classes, self.sees_label = net, n_classes, sees_label

    def forward(self, x, labels):
        one_hot = F.one_hot(labels, self.n_classes).to(x.dtype)
        return self.net(torch.cat([x, one_hot * self.sees_label], dim=1))


ring = data.ring()


def train_on_ring(G_sees, D_sees, steps=600):
    """A conditional GAN on the ring, of which one player may be blind for labels."""
    G = Labelled(networks.MLPGenerator(z_dim=2 + 8), sees_label=G_sees)
    D = Labelled(networks.MLPDiscriminator(in_dim=2 + 8), sees_label=D_sees)
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2, device=device)
    batches = data.batches(ring, 256, labels=True, device=device)
    training.fit(gan, batches, steps, progress=False)
    return gan


# %% [markdown]
# **Predict.** Three runs: both players see the label; only G sees it; only D sees it. We ask each generator for 250 points of every
# mode. Which share lands in the mode asked for? Write down three numbers. (One of eight is 12.5 %.)

# %%
asked = torch.arange(8).repeat_interleave(250)
players = {"both see it": (True, True), "D is blind": (True, False), "G is blind": (False, True)}
panels, share = {}, {}
for name, sees in players.items():
    points = train_on_ring(*sees).sample(len(asked), asked)
    distance, nearest = torch.cdist(points, ring.means).min(dim=1)
    right = (nearest == asked) & (distance < 4 * ring.std)
    share[name] = right.float().mean().item()
    panels[f"{name}: {share[name]:.0%} right"] = points, asked
said = ", ".join(f"{name}: {part:.0%}" for name, part in share.items())
alt = (
    f"Points on the ring, drawn as the number asked for. Share that lies in the right mode: {said}."
)
show.labelled_points(panels, ring, alt)

# %% tags=["nbval-check-output"]
print("both see the label, more than 90 % right:", "yes" if share["both see it"] > 0.9 else "no")
for name in ("D is blind", "G is blind"):
    print(f"{name}, no better than 25 %:", "yes" if share[name] < 0.25 else "no")

# %% [markdown]
# **What we saw.** With both players seeing the label, nearly every point is where it was ordered. With one of them blind, obedience falls
# to chance or below (points between the modes count as wrong). If *D* is blind, G sees the label but gains nothing by
# obeying, and no loss tells you: for D it is an ordinary GAN. If *G* is blind, D punishes points of the wrong class, but G does not know
# which class was asked. That game is easy for D: even against perfect points with random labels, its loss could fall to $-\log\frac89 - \frac18 \log\frac19 \approx 0.39$, far below 2 log 2. This is the bug to look for first
# when a conditional GAN ignores its labels: does the label reach the output of *both* networks?
#
# Now look closer at the first panel. The circles have a radius of two standard deviations. Do the points fill them?

# %%
points, _ = panels[next(iter(panels))]
own = torch.stack([points[asked == c].std(dim=0).mean() for c in range(8)]).mean().item()
print(f"spread of a mode: real {ring.std:.3f}, generated {own:.3f}: {own / ring.std:.0%} of it")

# %% [markdown]
# Every point is right, and the modes are too narrow all the same. Being of the right class is one thing, showing all of the class is
# another. Keep that in mind for the images.
#
# In the playground the field is D's opinion of *one* mode. **Predict.** Where on the ring will D say "fake", while mode 0 is shown? Press Start, then move *Mode shown*.

# %%
play = widgets.playground("healthy", labels=True)

# %% [markdown]
# ## The networks for images
#
# The generator is that of lesson 03 with ten more inputs. The discriminator is that of lesson 03 with a projection.

# %%
from gan_lessons.networks import DCGANDiscriminator, DCGANGenerator, init_dcgan


# %% tags=["shown"]
class ConditionalGenerator(nn.Module):
    """Noise (B, z_dim) and labels (B,) to images (B, 1, 28, 28)."""

    def __init__(self, z_dim=32, n_classes=10, width=32):
        super().__init__()
        self.n_classes = n_classes
        self.net = DCGANGenerator(z_dim + n_classes, width).net
        self.apply(init_dcgan)

    def forward(self, z, labels):
        one_hot = nn.functional.one_hot(labels, self.n_classes).to(z.dtype)
        return self.net(torch.cat([z, one_hot], dim=1))


# %% tags=["shown"]
class ConditionalDiscriminator(nn.Module):
    """Images and labels (B,) to logits (B, 1): "is it real?" plus "does it fit its label?"."""

    def __init__(self, n_classes=10, width=16):
        super().__init__()
        self.n_classes = n_classes
        base = DCGANDiscriminator(width)
        self.features, self.out = base.features, base.out
        self.embedding = nn.Embedding(n_classes, 128)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, images, labels):
        h = self.features(images)
        return self.out(h) + (self.embedding(labels) * h).sum(dim=1, keepdim=True)


# %% [markdown]
# How much do the labels cost? Count the weights against lesson 03's pair.


# %%
def count(network):
    """Number of weights."""
    return sum(w.numel() for w in network.parameters())


for part in ("Generator", "Discriminator"):
    plain = count(getattr(networks, f"DCGAN{part}")())
    conditional = count(getattr(networks, f"Conditional{part}")())
    more = conditional / plain - 1
    print(f"{part:14s} {plain:8,} weights, conditional {conditional:8,} ({more:+.1%})")

# %% [markdown]
# ## Train
#
# This is the longest cell, about a minute. The dashboard shows a column for each class. Set `TRAIN = False` to load bundled weights, which the same
# code made in more steps.

# %%
TRAIN = True

G = networks.ConditionalGenerator(z_dim=32, n_classes=10)
D = networks.ConditionalDiscriminator(n_classes=10)
gan = training.GAN(G, D, losses.DCGAN, z_dim=32, device=device)
train = data.fashion_mnist("train")
if TRAIN:
    batches = data.batches(train, 32, labels=True, device=device)
    board = widgets.Dashboard(3500, labels=(torch.arange(80) % 10,))
    training.fit(gan, batches, 3500, board)
else:
    gan.G_ema.load_state_dict(storage.pretrained("conditional").state_dict())

# %% [markdown]
# Ask for ten of each class.

# %% tags=["result"]
names = list(data.CLASS_NAMES)
rows = torch.arange(10).repeat_interleave(10)  # 0 ten times, then 1 ten times, …
grid = gan.sample(100, rows)
right = metrics.predict(grid) == rows
alt = (
    "Ten generated images of each class, one class per row. A classifier recognises "
    f"{right.sum()} of the 100 as the class asked for."
)
show.images(grid, columns=10, row_labels=names, alt=alt)

# %% [markdown]
# You asked, and you got it. That was the easy part. How well did it go?
#
# ## Two numbers, never one
#
# **Class accuracy**: a classifier that was trained on real images (it comes with the course, and [lesson 05](05_measuring.ipynb) looks into it) says what it sees. Count how often that
# is the class asked for. The classifier errs on real images too, so its accuracy on real test images is the number to compare with.
#
# **Spread within a class**: how different are two samples of the same class? Take the features $f$ that the classifier computes before its
# last layer, and average the distance over all pairs of a class with $n$ samples:
#
# $$s = \frac{2}{n(n-1)} \sum_{i<j} \lVert f_i - f_j \rVert$$


# %% tags=["shown"]
def within_class_spread(image_features, labels, n_classes=10):
    """Mean distance between two samples of the same class, in feature space: (n_classes,)."""
    spread = []
    for c in range(n_classes):
        part = image_features[labels == c]
        if len(part) < 2:
            raise ValueError(f"Class {c} has {len(part)} samples; at least 2 are needed.")
        spread.append(torch.pdist(part).mean())
    return torch.stack(spread)


# %% tags=["nbval-check-output"]
f, n = torch.randn(6, 3), 6
pairs = sum((f[i] - f[j]).norm() for i in range(n) for j in range(i + 1, n))
one_class = within_class_spread(f, torch.zeros(n), n_classes=1)
print("the function is the formula:", torch.allclose(one_class, 2 / (n * (n - 1)) * pairs))

# %% [markdown]
# We give it as a share of the real images' spread: 100 % means "as varied as real". And the **Fréchet distance**, which you know from lesson 03, compares the whole
# cloud of samples with the real one: smaller is better, and [lesson 05](05_measuring.ipynb) takes it apart. We report all three, on 5,000 samples with the labels of the 5,000 test images. (The test images are the reference, so
# their own distance is 0.)

# %%
test = data.fashion_mnist("test")
real_features = metrics.reference_features("test")
real_spread = metrics.within_class_spread(real_features, test.labels)


def look(name, images, labels):
    """What the classifier sees in images: classes, accuracy, spread (10,), Fréchet distance."""
    features = metrics.features(images)
    says = metrics.classifier().head(features).argmax(dim=1)
    accuracy = (says == labels).float().mean().item()
    spread = metrics.within_class_spread(features, labels) / real_spread
    distance = max(metrics.frechet_distance(real_features, features).item(), 0)
    if name:
        print(
            f"{name:18s} accuracy {accuracy:4.0%}  spread {spread.mean():4.0%}  Fréchet {distance:5.1f}"
        )
    return {"says": says, "accuracy": accuracy, "spread": spread, "distance": distance}


samples = gan.sample(len(test), test.labels)
real = look("real test images", test.images, test.labels)
ours = look("our samples", samples, test.labels)

# %% tags=["nbval-check-output"]
print("accuracy at least 80 %:", "yes" if ours["accuracy"] >= 0.8 else "no")
print("spread at least 70 % of the real one:", "yes" if ours["spread"].mean() >= 0.7 else "no")

# %% [markdown]
# Between the two lines lies what is left to learn. Suppose that you are paid by accuracy alone. There is a way up that needs no training: for each class,
# find one noise vector whose image the classifier is very sure of, the *favourite*. Then give G only noise near the favourite:
#
# $$z' = \sqrt{1 - s^2}\; z_{\text{favourite}} + s\, z$$
#
# With width $s = 1$ that is ordinary noise. With $s = 0$ each class is a single image. The two factors make $z'$ as long as ordinary noise, on average:


# %% tags=["nbval-check-output"]
@torch.no_grad()
def near(favourite, s, labels):
    """Noise that keeps near the favourite of its class, (B, z_dim)."""
    return (1 - s**2) ** 0.5 * favourite[labels] + s * gan.sample_z(len(labels))


some, many = torch.randn(10, 32, device=device), torch.arange(10, device=device).repeat(1000)
lengths = [near(some, s, many).square().sum(dim=1).mean() for s in (0.0, 0.3, 1.0)]
wanted = [(1 - s**2) * some.square().sum(dim=1).mean() + s**2 * 32 for s in (0.0, 0.3, 1.0)]
close = [abs(a / b - 1) < 0.05 for a, b in zip(lengths, wanted, strict=True)]
print("mean squared length is (1 - s²)·favourite's + s²·32:", all(close))

# %% [markdown]
# **Predict.** With $s = 0.3$, how high is the accuracy? Can it be higher than that of real images? And the other two numbers?


# %%
@torch.no_grad()
def find_favourites(tries=100):
    """Of `tries` noise vectors for each class, the one whose image the classifier is surest of."""
    found = []
    for c in range(10):
        z, labels = gan.sample_z(tries), torch.full((tries,), c, device=device)
        sure = metrics.in_pieces(metrics.classifier(), gan.G_ema(z, labels)).softmax(dim=1)[:, c]
        found.append(z[sure.argmax()])
    return torch.stack(found)


@torch.no_grad()
def sample_near(favourite, s, labels):
    """Samples from noise near the favourite of each class."""
    parts = [(near(favourite, s, part), part) for part in labels.to(device).split(500)]
    return torch.cat([gan.G_ema(*part) for part in parts]).cpu()


# %%
favourite = find_favourites()
trap = look("near favourites", sample_near(favourite, 0.3, test.labels), test.labels)
alt = (
    f"Ten samples per class near one favourite, one class per row; in each row they look alike. "
    f"Accuracy {trap['accuracy']:.0%}, but {trap['spread'].mean():.0%} of the real spread."
)
show.images(sample_near(favourite, 0.3, rows), columns=10, row_labels=names, alt=alt)

# %% tags=["nbval-check-output"]
print("more accurate than real images:", "yes" if trap["accuracy"] > real["accuracy"] else "no")
print("less than 60 % of the real spread:", "yes" if trap["spread"].mean() < 0.6 else "no")
print("further from the real images:", "yes" if trap["distance"] > 1.5 * ours["distance"] else "no")

# %% [markdown]
# **What we saw.** The accuracy is above that of real images. And look at the rows: one T-shirt, ten times. Real classes have odd members that the
# classifier gets wrong; who never shows them makes no mistakes. This is **collapse inside the classes**: ten classes, all there, and each of them
# shrunk to less than half of its spread. An accuracy above the real images' is no triumph. It is a symptom.
#
# Here we collapsed G by hand. Training can do it too, and then no loss says so: the ring above was on the way. Here is the whole dial:

# %%
widths = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
few = torch.arange(10).repeat_interleave(100)
seen = [look(None, sample_near(favourite, s, few), few) for s in widths]
accuracies = [s["accuracy"] for s in seen]
spreads = [s["spread"].mean().item() for s in seen]
alt = (
    f"From width 0 to width 1 the accuracy goes from {accuracies[0]:.0%} to {accuracies[-1]:.0%}, "
    f"the spread from {spreads[0]:.0%} to {spreads[-1]:.0%} of the real one. "
    f"The accuracy of real test images is {real['accuracy']:.0%}."
)
real_line = [real["accuracy"]] * len(widths)
series = {"accuracy": accuracies, "spread": spreads, "accuracy of real images": real_line}
show.curves(widths, series, "width s of the noise", "share", alt, markers=True)

# %% [markdown]
# One curve rises while the other falls. So neither number means anything without the other. (Shrinking the noise of a good generator *on purpose*, for
# typical pictures instead of varied ones, is called **truncation**: Brock et al. 2019, and [lesson 08](08_latent_space.ipynb).)
#
# Are the two numbers enough together? **Predict.** Take three *real* images of each class and repeat them, 5,000 images in all. How high are accuracy and spread?

# %%
three = torch.cat([(test.labels == c).nonzero()[:3, 0] for c in range(10)]).view(10, 3)
turns = torch.arange(len(test)) % 3
few_real = look("3 images per class", test.images[three[test.labels, turns]], test.labels)

# %% tags=["nbval-check-output"]
print("spread above 50 % with three images:", "yes" if few_real["spread"].mean() > 0.5 else "no")
print("further away than our samples:", "yes" if few_real["distance"] > ours["distance"] else "no")

# %% [markdown]
# The spread is a mean distance, not a count. Two of three pairs are of different images, so about two thirds of the spread remain, although there are only
# three things to see in each class. The Fréchet distance notices. Each number has its blind spot: report all three, and look at the pictures.
#
# ## Is it luck? And what did the labels buy?
#
# One run on one machine proves little. This table was made once, over three seeds, by the command that it names. It also holds the unconditional DCGAN,
# trained for as many steps on the same images.

# %%
study = storage.load_table("conditional")
print(f"{study['made_by']['command']}, {study['made_by']['date']}: ", end="")
print(f"{study['steps']} steps of batch {study['batch']}, {study['samples']} samples")
print(f"\n{'':26s} Fréchet  accuracy  spread")
floor, with_labels, without = study["real"], [], []
print(f"{'real training images':26s} {floor['train']['frechet_distance']:7.1f} {'':9s}", end="")
print(f" {floor['train']['spread']:6.0%}")
print(f"{'real test images':26s} {'':7s} {floor['test_accuracy']:9.0%} {1:7.0%}")
for run in study["runs"]:
    (with_labels if run["conditional"] else without).append(run)
for run in without:
    print(f"{'unconditional, seed':20s}{run['seed']:3d}    {run['frechet_distance']:7.1f}")
for run in with_labels:
    print(f"{'conditional, seed':20s}{run['seed']:3d}    {run['frechet_distance']:7.1f}", end="")
    print(f" {run['accuracy']:9.0%} {run['spread']:7.0%}")
for run in with_labels:
    near_by = next(row for row in run["by_width"] if row["width"] == 0.3)
    print(
        f"{'  near favourites':20s}{run['seed']:3d}    {near_by['frechet_distance']:7.1f}", end=""
    )
    print(f" {near_by['accuracy']:9.0%} {near_by['spread']:7.0%}")

# %% tags=["nbval-check-output"]
furthest = max(run["frechet_distance"] for run in with_labels)
closest = min(run["frechet_distance"] for run in without)
print("every conditional run is closer to real images than every other:", furthest < closest)
print("accuracy at least 85 % in each run:", all(run["accuracy"] >= 0.85 for run in with_labels))
print("spread at least 80 % in each run:", all(run["spread"] >= 0.8 for run in with_labels))

# %% [markdown]
# **What we saw.** The labels bought more than control. After the same number of steps the conditional GAN is *closer* to the real images than the
# unconditional one, with every seed. The labels tell both players which kinds of clothes there are; without them, that has to be discovered from pixels. A part of the gain is simpler: we ask for exactly as many images of each class as the test set has, and the unconditional GAN picks its own mix. (Its G also has fewer weights.) And the
# spread, averaged over the classes, stays below the real one in every run: something is missing. The next section shows in which classes.
#
# The first line is the floor: 5,000 real training images, measured as if they were samples. (Their accuracy is left out, because the classifier learned from them.)
#
# ## Class by class
#
# An average over ten classes hides the hard ones. In a **confusion matrix**, row *i* shows what the classifier says about images that should be class *i*.
#
# **Predict.** Which class of *real* images will be confused most often, and with which others? Will ours be confused in the same places?


# %%
def confusion(says, labels):
    """Share of each class's images, rows, that the classifier puts into each class, columns."""
    counts = torch.zeros(10, 10)
    counts.index_put_((labels, says), torch.tensor(1.0), accumulate=True)
    return counts / counts.sum(dim=1, keepdim=True)


def describe(matrix):
    """The accuracy, and the three largest confusions, in words."""
    wrong = matrix.clone().fill_diagonal_(0)
    top = [(i // 10, i % 10) for i in wrong.flatten().topk(3).indices.tolist()]
    said = ", ".join(f"{names[i]} as {names[j]} ({wrong[i, j]:.0%})" for i, j in top)
    return f"{matrix.diagonal().mean():.0%} on average on the diagonal; largest confusions: {said}."


matrices = [confusion(found["says"], test.labels) for found in (real, ours)]
for kind, matrix in zip(("Real test images", "Our samples"), matrices, strict=True):
    alt = f"{kind}, in per cent: {describe(matrix)}"
    show.matrix(matrix, alt, ylabel="class", title=kind)

# %%
print(f"{'':12s} accuracy: ours  real   spread")
for c, name in enumerate(names):
    of_real, own = (matrix[c, c].item() for matrix in matrices)
    print(f"{name:12s} {own:14.0%} {of_real:5.0%} {ours['spread'][c]:8.0%}")
off = ~torch.eye(10, dtype=torch.bool)
together = torch.corrcoef(torch.stack([matrix[off] for matrix in matrices]))[0, 1].item()
print(f"\ncorrelation of the two matrices off the diagonal: {together:.2f}")

# %% tags=["nbval-check-output"]
tops = [0, 2, 3, 4]  # T-shirt, pullover, dress, coat
lost = matrices[1][6].sum() - matrices[1][6, 6]
print("hardest class of the real images:", names[matrices[0].diagonal().argmin()])
print(
    "lost shirts mostly pass as other tops or dresses:", bool(matrices[1][6, tops].sum() > lost / 2)
)
print("our confusions resemble the real ones:", together > 0.4)

# %% [markdown]
# **What we saw.** Our samples are confused where real images are: among the tops, around the shirt. At 28 × 28 pixels some shirts *are* nearly
# pullovers. That is a property of the data and of the classifier, and a generator that copies the data copies it too. A confusion that real images do *not*
# have is G's own mistake: compare the two matrices to find it. Then look for classes whose accuracy is *above* the real one, and read their spread: the symptom from above, class by class.
#
# ## Between two classes
#
# G was only ever given one-hot labels: a 1 and nine 0s. Nothing forbids other rows. Put $1 - t$ in the place of one class and $t$ in the place of another, and
# keep the noise fixed.
#
# **Predict.** Halfway from sneaker to ankle boot: a shoe of middle height, two shoes laid over each other, or noise? And halfway from trouser to bag?


# %%
@torch.no_grad()
def mix(a, b, t, z):
    """Images with the label row (1 - t) of class a plus t of class b."""
    row = torch.zeros(10, device=device)
    row[a], row[b] = 1 - t, t
    return gan.G_ema.net(torch.cat([z, row.expand(len(z), 10)], dim=1)).cpu()


ts = [i / 10 for i in range(11)]
shown_z = gan.sample_z(2)
for a, b in ((7, 9), (1, 8)):
    strip = torch.stack([mix(a, b, t, shown_z) for t in ts], dim=1).flatten(0, 1)
    alt = (
        f"Two noise vectors, one per row, from {names[a]} (left) to {names[b]} (right) in ten "
        "equal steps of the label."
    )
    show.images(strip, columns=11, titles=[f"{t:.1f}" for t in ts], alt=alt)

# %% [markdown]
# Pictures invite stories. The classifier's probabilities, averaged over 100 noise vectors, tell where the change happens.

# %%
many_z, halfway = gan.sample_z(100), {}
for a, b in ((7, 9), (1, 8)):
    p = [metrics.in_pieces(metrics.classifier(), mix(a, b, t, many_z)) for t in ts]
    p = torch.stack([logits.softmax(dim=1).mean(dim=0) for logits in p])  # (11, 10)
    others = p.clone()
    others[:, [a, b]] = 0
    third = others[5].argmax().item()
    halfway[a, b] = (p[5, a] + p[5, b]).item()
    series = {names[a]: p[:, a], names[b]: p[:, b], "all other classes": others.sum(dim=1)}
    alt = (
        f"Mean probabilities from {names[a]} to {names[b]}. Halfway: {names[a]} {p[5, a]:.0%}, "
        f"{names[b]} {p[5, b]:.0%}, all others {1 - halfway[a, b]:.0%}, most of it {names[third]}."
    )
    show.curves(ts, series, f"share of {names[b]} in the label", "probability", alt)

# %% tags=["nbval-check-output"]
shoes, others = halfway[7, 9], halfway[1, 8]
print("halfway, it is one of the two more often between two shoes than between trouser and bag:")
print("yes" if shoes > others else "no")

# %% [markdown]
# **What we saw.** Between two classes that resemble each other, nearly every image on the way is one or the other, and the shape moves over in small steps.
# Between a trouser and a bag there is nothing in the data. G was never trained there, so nobody corrected it: it stretches one shape into the other, and the classifier
# reads third classes into what it sees. A mixed label is a question to which the training gave no answer. G answers all the same.
#
# ## Recap
#
# - A label is a name: it becomes a vector by **one-hot** or **embedding**, which are the same up to a matrix.
# - In G it is a bias for each class. In D it must meet the image: the **projection** is a last layer for each class.
# - The loop does not change. The batches carry labels, and both players must see them.
# - Report class accuracy *with* the spread within the classes, both beside the real images' numbers. Accuracy above the real one is a sign of
#   **collapse inside the classes**.
# - With labels the samples came closer to the real images in the same number of steps.
#
# ## Test yourself
#
# <details><summary>1. A paper reports 99 % class accuracy for its generator, where real images reach 92 %. Which number do you ask for?</summary>
# The spread within each class, beside that of real images (or any other measure of variety). 99 % can be had by showing one perfect example of each class:
# you did it above with the favourites. The AC-GAN (Odena et al. 2017) even trains for a high accuracy, and Shu et al. (2017) show that this
# pushes it to samples that are easy to classify.
# </details>
#
# <details><summary>2. All rows e(y) of D's table are zero and stay zero. What does D ask, and what does G learn?</summary>
# The logit is w·h + b: "is it real?", the question of an unconditional D. G then gains nothing by obeying its label. That is "D is blind" in the
# three runs on the ring: obedience at chance.
# </details>
#
# <details><summary>3. You write <code>self.out(torch.cat([h, one_hot], dim=1))</code> with a linear layer <code>out</code> at the end of D. Where is the mistake?</summary>
# By the second equation of this page, a one-hot input of a linear layer is a bias for each class. The logit of class 3 would be that of class 5 plus a
# constant, for every image, so D can't say which image fits which label. The label must meet the features in a product, or pass through one more
# nonlinear layer.
# </details>
#
# ## Now you
#
# Do [exercise 04](../exercises/04_conditional_gan.ipynb): you write both networks, and a checker tells you which mistake you made. Then [lesson 05](05_measuring.ipynb) asks what
# such numbers are worth, and which others you need.
#
# ## References
#
# - M. Mirza, S. Osindero: Conditional generative adversarial nets. arXiv:1411.1784, 2014. The label as an input of both players.
# - T. Miyato, M. Koyama: cGANs with projection discriminator. ICLR 2018. Section 3 derives the sum of two parts.
# - A. Odena, C. Olah, J. Shlens: Conditional image synthesis with auxiliary classifier GANs. ICML 2017. D predicts the label instead of getting it.
# - R. Shu, H. Bui, S. Ermon: AC-GAN learns a biased distribution. NIPS workshop on Bayesian deep learning, 2017.
# - A. Brock, J. Donahue, K. Simonyan: Large scale GAN training for high fidelity natural image synthesis. ICLR 2019. The truncation trick.
# - H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST. arXiv:1708.07747, 2017. The images.
