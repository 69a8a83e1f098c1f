# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/03_dcgan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # What do convolutions buy, and why these rules?
#
# The MLP of lesson 02 made clothes of a sort: grainy, but with good will you recognise them. In this lesson you
# change the two networks and little else. Same game, same losses, same `fit`. **DCGAN** (Radford et al. 2016) is a GAN made of
# convolutions and a short list of rules: how to initialise, where to normalise, which activation, which setting of Adam. The
# rules are usually handed down as folklore. Here each one is taken away, and you see what happens.
#
# **You will** see what a convolution knows about images that an MLP has to learn; compute sizes of transposed convolutions, and
# find the cause of checkerboards; measure what each rule buys over several seeds; train a DCGAN; and ask it two questions: what
# has D learnt, and did G copy its training images?
#
# **You need** lesson 02. **Minutes** on two CPU cores: 30 to read, about 2 to run.
#
# Here is the end result: samples of the network that this page trains.

# %% tags=["preview"]
from gan_lessons import show

show.preview("03_dcgan")

# %%
import copy

import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import data, losses, metrics, networks, runtime, storage, training, widgets
from gan_lessons.studies.dcgan import rules

device = runtime.start(seed=0)
train, test = data.fashion_mnist("train"), data.fashion_mnist("test")

# %% [markdown]
# ## Why convolutions?
#
# The MLP's first layer connects every pixel with every one of its units. A **convolution** has a small window of weights, the
# kernel, and moves it over the image. For each place $(i, j)$ and each channel $c$ it computes
#
# $$y_{c,i,j} = b_c + \sum_{u,v} w_{c,u,v}\; x_{s i + u - p,\; s j + v - p}$$
#
# with stride $s$ and padding $p$: pixels outside the image count as 0. The weights $w$ do not depend on the place. Check the
# formula against PyTorch's layer, with a loop over the places:

# %% tags=["nbval-check-output"]
conv = nn.Conv2d(1, 16, kernel_size=4, stride=2, padding=1)
image = data.to_float(train.images[:1])  # (1, 1, 28, 28)
padded = F.pad(image, (1, 1, 1, 1))[0, 0]
y = torch.empty(16, 14, 14)
for i in range(14):
    for j in range(14):
        window = padded[2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
        y[:, i, j] = conv.bias + (conv.weight[:, 0] * window).sum(dim=(1, 2))
print("the formula gives what nn.Conv2d gives:", torch.allclose(y, conv(image)[0], atol=1e-5))

# %% [markdown]
# Three things follow. The layer needs few weights. Each output sees few pixels. And a pattern that moves by two pixels gives the
# same output, moved by one place. An MLP has none of the three.

# %% tags=["nbval-check-output"]
linear = nn.Linear(28 * 28, 256)
for name, layer in (("Linear(784, 256)", linear), ("Conv2d(1, 16, 4)", conv)):
    print(f"{name}: {sum(p.numel() for p in layer.parameters()):,} parameters")

touched = image.clone()
touched[0, 0, 14, 14] += 1  # one pixel
changed = (conv(touched) != conv(image)).any(dim=1).sum().item()
print(f"one pixel changes {changed} of the convolution's {14 * 14} places")
changed = (linear(touched.flatten(1)) != linear(image.flatten(1))).sum().item()
print("and nearly every unit of the MLP:", "yes" if changed > 230 else "no")

moved = image.roll(2, dims=3)  # two pixels to the right
same = torch.allclose(conv(moved)[..., 2:-1], conv(image)[..., 1:-2], atol=1e-5)
print("image moved by two pixels, output moved by one place:", same)

# %% [markdown]
# Are these gifts or chains? Here is a way to find out. Draw one random order of the 784 pixels and rearrange *every* image by it.
# Nothing is lost: put the pixels back, and the clothes are there again. But neighbours are no longer neighbours.

# %%
order = torch.randperm(784, generator=torch.Generator().manual_seed(0))
real = data.to_float(train.images[:10])
shuffled = real.flatten(1)[:, order].view(-1, 1, 28, 28)


def neighbours_agree(images):
    """Correlation between each pixel and the one to its right."""
    left, right = images[..., :-1].flatten(), images[..., 1:].flatten()
    return torch.corrcoef(torch.stack([left, right]))[0, 1].item()


before, after = neighbours_agree(real), neighbours_agree(shuffled)
show.images(
    torch.cat([real, shuffled]),
    row_labels=["real", "shuffled"],
    alt=f"Ten clothes, and the same with their pixels in one fixed random order. The correlation "
    f"of a pixel with its right neighbour falls from {before:.2f} to {after:.2f}.",
)

# %% [markdown]
# **Predict.** Train the MLP and the DCGAN on shuffled images, and put the pixels of the samples back before you measure. Which of
# the two suffers?
#
# For the MLP you can answer without training. Shuffle the columns of its first layer by the same order, and it computes the same:

# %% tags=["nbval-check-output"]
D = networks.ImageMLPDiscriminator()
D_shuffled = copy.deepcopy(D)
D_shuffled.net[1].weight.data = D.net[1].weight.data[:, order]
same = torch.allclose(D(real), D_shuffled(shuffled), atol=1e-5)
print("an MLP with shuffled columns cannot tell shuffled images from straight ones:", same)

# %% [markdown]
# Its weights start random, so one order of the columns is as good as another: for an MLP, shuffled clothes are as easy as straight
# ones. For the DCGAN, look at a stored table. This and all the tables on this page come from one study with several seeds; the cell
# prints its command. The measure is the **Fréchet distance** between 5,000 samples and the 5,000 test images: how far apart the two sets
# are in the features of a classifier. Smaller is better; [lesson 05](05_measuring.ipynb) takes it apart.

# %%
study = storage.load_table("dcgan_rules")
print(f"{study['made_by']['command']}, {study['made_by']['machine']}, {study['made_by']['date']}")
runs = {v: [r for r in study["runs"] if r["variant"] == v] for v in rules.VARIANTS}
distances = {v: [r["distance"] for r in rows] for v, rows in runs.items()}
seeds, floor = len(distances["DCGAN"]), study["real"]["distance"]
print(f"{seeds} seeds, {study['steps']} steps, batch {study['batch']}; real against real: {floor}")


def mean(values):
    return sum(values) / len(values)


names = ["MLP", "DCGAN", "DCGAN, shuffled pixels"]
means = [mean(distances[v]) for v in names]
said = ", ".join(f"{v} {m:.0f}" for v, m in zip(names, means, strict=True))
alt = f"Fréchet distance after {study['steps']} steps, mean of {seeds} seeds (dots): {said}."
show.bars(names, means, "Fréchet distance", alt, dots=[distances[v] for v in names])

# %% [markdown]
# On shuffled images the DCGAN loses its lead, and more: it is behind the MLP. So convolutions do not make networks stronger. They are a bet: neighbouring
# pixels belong together, and a pattern means the same everywhere. For pictures the bet is right. For a table of numbers whose columns
# have no order, it would be wrong.
#
# How much is it worth? Steps are one price, seconds another, and a convolution costs more of these. Here are all four runs without
# shuffling, with the seconds of one core:


# %%
def line(name):
    """One row of a table: range over the seeds, and mean seconds."""
    found, seconds = distances[name], mean([r["cpu_seconds"] for r in runs[name]])
    return f"{name:32s} {min(found):5.1f} to {max(found):5.1f} {seconds:5.0f} s"


for name in ("MLP", "DCGAN"):
    row = runs[name][0]
    print(f"{name}: G has {row['parameters_G']:,} parameters, D {row['parameters_D']:,}")
for name in ("MLP", "DCGAN", "MLP, 6000 steps", "DCGAN, 6000 steps"):
    print(line(name))

# %% [markdown]
# **What we saw.** At equal steps the DCGAN is far ahead, with fewer parameters. At about equal seconds, the second line against the third, it still is.
# And judge by eye: put the images of lesson 02 beside those at the top of this page.
#
# ## Upwards: the transposed convolution
#
# D goes from 28 × 28 pixels down to one number; strides of 2 shrink the image. G needs the way back. A **transposed convolution**
# turns the picture around: each input pixel *paints* a kernel into the output, multiplied by the pixel's value, and where kernels
# overlap, they add up. With `stride=2`, the kernels lie two pixels apart.
#
# From $n$ input pixels, the last kernel starts $(n-1)\,s$ pixels after the first and is $k$ wide; the padding $p$ is cut off at
# both sides:
#
# $$n_\text{out} = (n-1)\,s - 2p + k$$


# %% tags=["nbval-check-output"]
def transposed_size(n, k, s, p):
    return (n - 1) * s - 2 * p + k


right = []
for n, k, s, p in [
    (n, k, s, p) for n in (1, 7, 14) for k in (3, 4, 5) for s in (1, 2) for p in (0, 1)
]:
    layer = nn.ConvTranspose2d(1, 1, k, stride=s, padding=p)
    right.append(layer(torch.zeros(1, 1, n, n)).shape[-1] == transposed_size(n, k, s, p))
print(f"the formula is right in {sum(right)} of {len(right)} cases")
print(
    "kernel 4, stride 2, padding 1:",
    [n := 7, n := transposed_size(n, 4, 2, 1), transposed_size(n, 4, 2, 1)],
)

# %% [markdown]
# Kernel 4, stride 2, padding 1 doubles the size exactly. Why "transposed"? A convolution without bias is linear, so it is a matrix
# $C$, and the layer above is its transpose. One property defines the transpose:
#
# $$\langle C x,\; y\rangle = \langle x,\; C^\top y\rangle \quad\text{for all } x, y$$

# %% tags=["nbval-check-output"]
kernel, x, y = torch.randn(1, 1, 4, 4), torch.randn(1, 1, 28, 28), torch.randn(1, 1, 14, 14)
down = F.conv2d(x, kernel, stride=2, padding=1)
up = F.conv_transpose2d(y, kernel, stride=2, padding=1)
print("transpose of the convolution:", torch.allclose((down * y).sum(), (x * up).sum(), atol=1e-3))

# %% [markdown]
# It is the transpose, not the inverse: going down and up again does not give the image back. You have met it before. When a
# gradient goes back through a convolution, it goes through exactly this.
#
# ## Checkerboards
#
# GAN images often show a fine chess pattern. Its cause is in the sentence above: *where kernels overlap, they add up.* Let every
# input pixel and every weight be 1. Then each output pixel is the number of kernels that paint it.
#
# **Predict.** With stride 2: for which of the kernels 3, 4 and 5 is that number the same everywhere, borders aside?

# %%
options = {3: (1, 1), 4: (1, 0), 5: (2, 1)}  # padding and output_padding, so that 6 become 12
counts = {}
for k, (padding, extra) in options.items():
    ones = torch.ones(1, 1, k, k)
    up = F.conv_transpose2d(torch.ones(1, 1, 6, 6), ones, None, 2, padding, extra)
    counts[f"kernel {k}, stride 2"] = up[0, 0]
inner = {name: sorted(set(c[2:-2, 2:-2].flatten().int().tolist())) for name, c in counts.items()}
said = "; ".join(f"{name}: {' or '.join(map(str, c))}" for name, c in inner.items())
show.maps(counts, f"How many kernels paint each output pixel, away from the border. {said}.", 3)

# %% tags=["nbval-check-output"]
for name, found in inner.items():
    print(f"{name}: {'even' if len(found) == 1 else 'uneven'}")

# %% [markdown]
# When the stride divides the kernel, every pixel gets equally many layers of paint. When it does not, some get several times as many
# as their neighbours (Odena et al. 2016). The network can learn to make up for that, but it starts with a pattern that nobody asked
# for. The DCGAN paper has kernel 5 and stride 2.
#
# Here are three *untrained* generators. Each pixel shows how much it varies from sample to sample. The third one cannot draw a chess
# pattern by itself: it first enlarges the map by copying pixels, then applies an ordinary convolution with stride 1.

# %%
torch.manual_seed(0)
titles = {"kernel 5": "kernel 5", "DCGAN": "kernel 4", "upsample + conv": "enlarge, convolve"}
panels, untrained, ratio = {}, {}, {}
for name, title in titles.items():
    G = rules.make(name)[0]
    with torch.no_grad():
        images = G(torch.randn(1000, 32))
    panels[title] = images.std(dim=0)[0]
    untrained[name] = rules.finest(images)
    blocks = panels[title][4:24, 4:24].reshape(10, 2, 10, 2).mean(dim=(0, 2))  # 2 x 2 places
    ratio[title] = (blocks.max() / blocks.min()).item()
said = ", ".join(f"{title} {r:.2f}" for title, r in ratio.items())
alt = (
    "How much each pixel varies over 1,000 samples of untrained generators. Of the four places "
    f"in a block of 2 x 2, the strongest over the weakest: {said}."
)
show.maps(panels, alt, 3)

# %% [markdown]
# Kernel 5 is uneven, as counted. But even overlap is not all: with stride 2, even and odd columns are painted by *different weights* of
# the kernel, and nothing makes these agree. So measure single images: which share of their power lies in patterns that change from each
# pixel to the next? And does training remove them?

# %%
print("share of power at the finest pattern")
for name, title in titles.items():
    trained = mean([r["finest"] for r in runs[name]])
    print(
        f"{title:18s} untrained {untrained[name]:6.2%}, trained {trained:.2%}; Fréchet distance "
        f"{mean(distances[name]):.0f}, {mean([r['cpu_seconds'] for r in runs[name]]):.0f} s"
    )
print(f"{'real clothes':35s} {study['real']['finest_test']:.2%}")

# %% [markdown]
# **What we saw.** Both transposed convolutions start with strong fine patterns, the enlarging one without. Kernel 4, with its even overlap, starts with *more* than kernel 5: the different weights of even and odd places matter more than the count. After training, all
# three are near the level of real clothes or below it: on these small grey images G learns the pattern away. So we keep the
# transposed convolution with kernel 4, the quickest of the three. On large colour images, where checkerboards are seen most,
# enlarging first is the safer choice.
#
# ## The two networks
#
# Here they are in full. G goes up, 7 → 14 → 28 pixels, and D goes down. At the end of each class stands the initialisation.


# %% tags=["shown"]
def init_dcgan(module):
    """Weights from N(0, 0.02), BatchNorm's around 1 (Radford et al. 2016)."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


# %% tags=["shown"]
class DCGANGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim=32, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(
                2 * width, width, 4, stride=2, padding=1, bias=False
            ),  # (B, width, 14, 14)
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),  # (B, 1, 28, 28)
            nn.Tanh(),
        )
        self.apply(init_dcgan)

    def forward(self, z):
        return self.net(z)


# %% tags=["shown"]
class DCGANDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) to logits (B, 1)."""

    def __init__(self, width=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),  # (B, width, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # (B, 2 * width, 7, 7)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 7 * 7, 128),
            nn.LeakyReLU(0.2),
        )
        self.out = nn.Linear(128, 1)
        self.apply(init_dcgan)

    def forward(self, images):
        return self.out(self.features(images))


# %% [markdown]
# Two details are easy to miss. `bias=False` before BatchNorm, since BatchNorm subtracts the mean, and any bias with it. And the
# package has exactly these classes: from here on we use `networks.DCGANGenerator`, not a copy.
#
# **BatchNorm** takes each channel of a batch, subtracts the mean over all images and places, divides by the standard deviation, and
# then scales and shifts by two learned numbers:
#
# $$y = \gamma\,\frac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta$$
#
# In **train mode**, $\mu_B$ and $\sigma_B$ are those of the present batch. In **eval mode**, they are running means from training.

# %% tags=["nbval-check-output"]
norm, x = nn.BatchNorm2d(3), torch.randn(8, 3, 7, 7) * 5 + 2
mu = x.mean(dim=(0, 2, 3), keepdim=True)
variance = x.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
gamma, beta = norm.weight.view(1, 3, 1, 1), norm.bias.view(1, 3, 1, 1)
by_hand = gamma * (x - mu) / (variance + norm.eps).sqrt() + beta
print("train mode, this batch's mean and deviation:", torch.allclose(norm(x), by_hand, atol=1e-4))
norm.eval()
mu, variance = norm.running_mean.view(1, 3, 1, 1), norm.running_var.view(1, 3, 1, 1)
by_hand = gamma * (x - mu) / (variance + norm.eps).sqrt() + beta
print("eval mode, the running ones:", torch.allclose(norm(x), by_hand, atol=1e-4))

# %% [markdown]
# Keep the two modes in mind; below they make pictures that differ.
#
# ## What does each rule buy?
#
# | rule | where | meant to |
# |---|---|---|
# | weights from N(0, 0.02) | G and D | start quiet: no saturated tanh, no strong opinions |
# | BatchNorm | G | keep each layer's output in range, whatever the layers before it do |
# | no BatchNorm at the output | G | leave the brightness of a batch free |
# | LeakyReLU | D | let a gradient through where a ReLU has none |
# | small $\beta_1$ | Adam | forget old gradients soon: the opponent has moved on |
#
# **Predict.** One rule at a time is broken, the rest stays. Order the five by how much they matter. Then run: first a live comparison
# of one rule with one seed, then the table.


# %%
def short_run(variant, steps=400):
    """A GAN of one variant of the study, after a short training."""
    torch.manual_seed(0)
    G, D, recipe = rules.make(variant)
    gan = training.GAN(G, D, recipe, z_dim=32, device=device)
    training.fit(gan, data.batches(train, 32, device=device), steps, progress=False)
    return gan


pair = {name: short_run(name) for name in ("DCGAN", "no BatchNorm in G")}
torch.manual_seed(1)
samples = {name: gan.sample(2000) for name, gan in pair.items()}
found = {name: metrics.fashion_distance(x) for name, x in samples.items()}
show.images(
    torch.cat([x[:10] for x in samples.values()]),
    row_labels=["with", "without"],
    alt=f"After 400 steps, ten samples each with and without BatchNorm in G. Fréchet distance of "
    f"2,000 samples: {found['DCGAN']:.0f} with, {found['no BatchNorm in G']:.0f} without.",
)

# %% [markdown]
# One run proves little: another seed can turn the order round. So the table has every variant with the same few seeds, for longer.
# "Worse" needs more than a larger mean: *every* run of the variant must be worse than *every* run of the DCGAN.

# %%
one_rule_less = [
    "DCGAN",
    "PyTorch's init",
    "init N(0, 0.2)",
    "no BatchNorm in G",
    "BatchNorm at G's output",
    "ReLU in D",
    "β₁ = 0.9",
    "none of the rules",
]
base = distances["DCGAN"]


def verdict(values, base=base):
    """What runs of a variant say, compared with all runs of the DCGAN."""
    if min(values) > max(base):
        return "worse in every run"
    return "better in every run" if max(values) < min(base) else "no clear difference"


for name in one_rule_less:
    print(line(name), "" if name == "DCGAN" else verdict(distances[name]), sep="   ")

# %%
means = [mean(distances[name]) for name in one_rule_less]
said = ", ".join(f"{name} {m:.0f}" for name, m in zip(one_rule_less, means, strict=True))
show.bars(
    one_rule_less,
    means,
    "Fréchet distance",
    f"Fréchet distance after {study['steps']} steps; bars are means, dots the {seeds} seeds. {said}. "
    f"Dashed: the DCGAN with all rules.",
    dots=[distances[name] for name in one_rule_less],
    reference=mean(base),
    reference_name="all rules",
)

# %% [markdown]
# **What we saw.** Adam's $\beta_1$ matters most: with its usual 0.9, and high rates, every run is lost. A wild init is bad, and so is BatchNorm at the output. PyTorch's own init,
# no BatchNorm in G, ReLU in D: with three seeds, no clear difference. That is not "no difference". It says that three seeds cannot tell such an effect from luck, on these small networks and with
# this Adam. (Luck works the other way, too: where a rule does nothing, all three runs are still worse in 1 table row of 20.) They cost little (BatchNorm in G takes a fifth more time), so we keep the rules, as an insurance. The last row shows no more than the row above it: it breaks $\beta_1$ too, and that alone is enough to fail.
#
# Why does BatchNorm at the *output* hurt? It fixes the mean brightness of every batch that G makes, and real batches differ:

# %% tags=["nbval-check-output"]
G = rules.make("BatchNorm at G's output")[0]
with torch.no_grad():
    before_tanh = [
        torch.atanh(G(scale * torch.randn(32, 32)).clamp(-0.999, 0.999)) for scale in (1, 9)
    ]
means = torch.stack([x.mean() for x in before_tanh])
print("mean before tanh is 0, whatever z is:", "yes" if means.abs().max() < 0.05 else "no")
brightness = [next(data.batches(test, 32, seed=s))[0].mean().item() for s in range(50)]
print("real batches differ by more than 0.1:", max(brightness) - min(brightness) > 0.1)

# %% [markdown]
# Our recipe also departs from the paper. Its authors, with larger images and far longer runs, have BatchNorm in D, no hidden layer before
# the logit, and one Adam for both players: rate 0.0002, $\beta_1 = 0.5$, $\beta_2 = 0.999$. Ours is in the next cell: no momentum at all, five times that rate for D, and twenty times
# for G. Are these mistakes?

# %%
recipe = losses.DCGAN
print(f"the course: rate of D {recipe.lr_d}, of G {recipe.lr_g}; betas {recipe.betas}")
departures = ["no hidden layer in D", "BatchNorm in D", "β₁ = 0.5", "the paper's Adam", "equal learning rates"]
print(line("DCGAN"))
for name in departures:
    print(line(name), verdict(distances[name]), sep="   ")
longer = distances["DCGAN, 6000 steps"]
print(line("DCGAN, 6000 steps"))
for name in departures[1:2] + departures[3:]:
    name = f"{name}, 6000 steps"
    print(line(name), verdict(distances[name], longer), sep="   ")

# %% [markdown]
# The hidden layer pays. BatchNorm in D makes no clear difference early, and a small one for the better in the longer runs: this rule of the paper holds. We do without it all the same. With it, D's answer about one image depends on the other images of the batch. That makes D harder to reason about,
# and it rules out the penalties on D's slope, which [lesson 07](07_better_games.ipynb) adds to the loss and which look at one image at a time (Gulrajani et al. 2017 drop it for that reason).
#
# The paper's Adam is made for long runs: after a minute here it has hardly begun. Our rates need $\beta_1 = 0$; even the paper's 0.5 is worse in every run. Equal rates make no difference early, and a clear one
# later. Two rates are an idea of Heusel et al. (2017). In their theory D is the faster one; which rate should be larger in practice has to be tried. Here G's is.
#
# Mind what such a table can say: it holds for this data, these sizes and this many steps. Rules are bets too. Test those that you
# rely on.
#
# ## Training
#
# Now for longer. `on_step` keeps what the averaged generator `G_ema` makes of the same ten $z$ at five moments, so that you can follow
# each garment down its column. And it hands each step on to a dashboard, with the Fréchet distance of 2,000 samples now and then.
#
# **Predict.** What comes first: outlines, or cloth and details?

# %%
STEPS = 4000  # a minute on two CPU cores; with a GPU or patience, take more
torch.manual_seed(0)
gan = training.GAN(
    networks.DCGANGenerator(), networks.DCGANDiscriminator(), losses.DCGAN, z_dim=32, device=device
)
z, moments = gan.sample_z(10), {}
board = widgets.Dashboard(
    STEPS,
    metric=lambda gan: metrics.fashion_distance(gan.sample(2000)),
    name="Fréchet distance",
)


def keep_samples(step, gan, history):
    if step + 1 in (20, 100, 300, 1000, STEPS):
        with torch.no_grad():
            moments[step + 1] = gan.G_ema(z).cpu()
    return board(step, gan, history)  # True once you press Stop


history = training.fit(gan, data.batches(train, 32, device=device), STEPS, keep_samples)

# %%
show.images(
    torch.cat(list(moments.values())),
    row_labels=[f"step {step}" for step in moments],
    alt=f"Ten samples from the same noise after {', '.join(map(str, moments))} steps, one row each.",
)

# %%
show.losses(history)

# %% [markdown]
# **What we saw.** First a faint pattern, then white blobs, then outlines, and at last sleeves, heels and straps. The losses do not tell:
# in the second half of the run the loss of G goes up, while the images still improve. So measure the samples.

# %% tags=["result"]
samples = gan.sample(5000)
distance = metrics.fashion_distance(samples)
show.images(
    samples[:40],
    columns=10,
    alt=f"40 samples of a DCGAN after {STEPS} steps ({history.seconds:.0f} s): Fréchet distance "
    f"{distance:.0f} (5,000 samples against 5,000 test images; real against real {floor}).",
)

# %% tags=["nbval-check-output"]
print("Fréchet distance below 30:", "yes" if distance < 30 else "no")
print(
    "samples of at least 9 of 10 classes:",
    "yes" if len(metrics.predict(samples[:1000]).unique()) > 8 else "no",
)

# %% [markdown]
# The distance to the real test images is still far above real against real. More steps help, up to a point: the bundled weights
# (`storage.pretrained("dcgan")`) had 6,000. Lesson 07 shows what happens after that.
#
# ## Train mode, eval mode, and the average
#
# Three generators are at hand: `gan.G` in train mode, `gan.G` in eval mode, and `gan.G_ema`, which is always in eval mode. Which one
# should make your samples?
#
# **Predict.** The first $z$ below is the same in all eight columns, but its companions in the batch change. Does its image change?

# %%
G = copy.deepcopy(gan.G)  # a copy: running statistics move in train mode
one, others = gan.sample_z(1), [gan.sample_z(31) for _ in range(8)]
rows = {}
with torch.no_grad():
    for title, mode, size in (
        ("train, batch 2", True, 2),
        ("train, batch 32", True, 32),
        ("eval, batch 32", False, 32),
    ):
        G.train(mode)
        rows[title] = torch.cat([G(torch.cat([one, z[: size - 1]]))[:1] for z in others]).cpu()
changes = {title: x.std(dim=0).mean().item() for title, x in rows.items()}
said = ", ".join(f"{title} {change:.3f}" for title, change in changes.items())
show.images(
    torch.cat(list(rows.values())),
    columns=8,
    row_labels=list(rows),
    alt=f"The same z in eight batches of 2 or 32, in train and in eval mode. "
    f"Mean change of a pixel: {said}.",
)

# %% tags=["nbval-check-output"]
print(
    "train mode: the image depends on its companions:",
    "yes" if changes["train, batch 2"] > 0.01 else "no",
)
print("eval mode: on z alone:", "yes" if changes["eval, batch 32"] < 1e-5 else "no")

# %%
for title, net in (("G, eval mode", G.eval()), ("G_ema", gan.G_ema)):
    torch.manual_seed(2)
    with torch.no_grad():
        images = torch.cat([net(gan.sample_z(500)) for _ in range(10)])
    print(f"{title}: Fréchet distance {metrics.fashion_distance(images):.0f}")

# %% [markdown]
# **What we saw.** In train mode an image depends on its companions, so a single sample means nothing. Train in train mode, sample
# in eval mode. Forgetting `G.eval()` is one of the commonest bugs in GAN code; `gan.sample` does it for you. And G jumps about from step
# to step, as D pushes it; the average of its weights over about the last thousand steps is calmer.
#
# ## What has D learnt?
#
# Nobody told D that there are trousers and bags. It only had to tell real from fake. Yet perhaps its features know more.
# The test is a **linear probe**: take the outputs of D's convolutions as inputs of a linear classifier, with few labels. The
# yardsticks are the raw pixels, and the same convolutions with random weights. Radford et al. did this in section 5 of their paper.


# %%
def probe(features, n=2000):
    """Test accuracy of a linear classifier (ridge regression) on features, with n labels."""
    with torch.no_grad():
        x = features(data.to_float(train.images[: n + 2000]).to(device)).flatten(1).cpu()
        x_test = features(data.to_float(test.images).to(device)).flatten(1).cpu()
    mean, std = x[:n].mean(0), x[:n].std(0) + 1e-3
    x, x_test, y = (x - mean) / std, (x_test - mean) / std, train.labels[: n + 2000]
    target = F.one_hot(y[:n], 10).float() - 0.1
    tried = []
    for penalty in (10, 100, 1000):  # chosen on 2,000 other training images
        gram = x[:n].T @ x[:n] + penalty * torch.eye(x.shape[1])
        W = torch.linalg.solve(gram, x[:n].T @ target)
        accuracy = ((x[n:] @ W).argmax(1) == y[n:]).float().mean()
        tried.append(
            (accuracy.item(), ((x_test @ W).argmax(1) == test.labels).float().mean().item())
        )
    return max(tried)[1]


# %% [markdown]
# **Predict.** Which accuracy will the three reach with 2,000 labels? (Guessing gives 10 %.)

# %%
fresh = networks.DCGANDiscriminator().to(device)
inputs = {"pixels": nn.Identity(), "random D": fresh.features[:5], "trained D": gan.D.features[:5]}
accuracy = {name: probe(layers) for name, layers in inputs.items()}
for name, share in accuracy.items():
    print(f"{name:10s} {share:.1%} of the test images right, {1 - share:.1%} wrong")

# %% tags=["nbval-check-output"]
best = accuracy["trained D"]
print(
    "trained D is ahead of the pixels by 2 points:",
    "yes" if best > accuracy["pixels"] + 0.02 else "no",
)

# %% [markdown]
# **What we saw.** D's features are ahead of the pixels, and of random convolutions too, by less: part of the gain is the
# architecture, part is what D learnt without a label. To tell real clothes from fake ones, it had to learn what clothes are made of.
#
# ## Did G copy?
#
# G never sees a real image. It only gets gradients through D. Can it still reproduce a training image? Put each sample beside its
# nearest training image, by the Euclidean distance of the pixels. A distance alone says nothing: you need a yardstick. Real *test* images
# are new to the training set, and clothes look alike. How near are *they* to their nearest training image?

# %%
references = data.to_float(train.images)
held_out = data.to_float(test.images[torch.randperm(len(test))[:1000]])
distance_fake, index = metrics.nearest_neighbours(samples[:1000], references)
distance_test, _ = metrics.nearest_neighbours(held_out, references)
fake_median, test_median = distance_fake.median().item(), distance_test.median().item()
show.images(
    torch.cat([samples[:10], references[index[:10, 0]]]),
    row_labels=["sample", "nearest"],
    alt=f"Ten samples and their nearest training images. Median distance of 1,000 samples "
    f"{fake_median:.1f}, of 1,000 real test images {test_median:.1f}.",
)

# %%
near = distance_test.quantile(0.01).item()
print(f"1 % of the test images lie within {near:.1f} of a training image (duplicates, nearly).")
print(f"Of the samples, {(distance_fake < near).float().mean():.1%} do.")

# %% tags=["nbval-check-output"]
share = (distance_fake < near).float().mean().item()
print("more near-copies than among test images:", "yes" if share > 0.02 else "no")

# %% [markdown]
# **What we saw.** Near-copies are *rarer* among the samples than among new real images, and in the median the samples are a little farther from the training images. So this test shows no sign of copies.
# Two warnings. Pixel distance is a crude eye: an image moved by two pixels counts as far away. And farther is not better: part of the
# distance is simply that the samples are worse. Lesson 14 looks for copies with sharper tools.
#
# ## In short
#
# - A convolution is a bet: neighbours belong together, and a pattern means the same everywhere. Shuffle the pixels and the bet is lost.
# - A transposed convolution paints kernels. Output size: $(n-1)s - 2p + k$. Kernels that the stride does not divide overlap unevenly.
# - Of DCGAN's rules, a quiet init, no BatchNorm at the output, and above all a small $\beta_1$ matter here; the others are an insurance.
# - Train in train mode, sample in eval mode, from the averaged generator.
# - D learns features that are good for more than its job. Nearest neighbours need a yardstick.
#
# ## Test yourself
#
# <details><summary>You want images of 64 × 64 pixels from a 4 × 4 start. How many layers with kernel 4, stride 2, padding 1?</summary>
# Four: 4 → 8 → 16 → 32 → 64. Each one doubles, since (n - 1) · 2 - 2 + 4 = 2n.</details>
#
# <details><summary>A friend's samples look fine in batches of 64, but a single one is broken. What do you ask first?</summary>
# Whether the generator is in eval mode. In train mode BatchNorm takes the mean and deviation of the batch, and a batch of one is a
# poor sample.</details>
#
# <details><summary>A table of patients: 784 columns in no particular order. Would you use this DCGAN, with each row as an image?</summary>
# No. That is the experiment with shuffled pixels: neighbouring columns have nothing to do with each other, and the convolution
# cannot use, and cannot easily undo, what it assumes. The MLP does not care about the order.</details>
#
# ## Now you
#
# Do [exercise 03](../exercises/03_dcgan.ipynb): build this GAN yourself. Then [lesson 04](04_conditional_gan.ipynb) lets you choose what it makes.
#
# ## References
#
# - Radford, Metz, Chintala: *Unsupervised representation learning with deep convolutional generative adversarial networks*, ICLR 2016.
# - Odena, Dumoulin, Olah: *Deconvolution and checkerboard artifacts*, Distill 2016.
# - Ioffe, Szegedy: *Batch normalization*, ICML 2015.
# - Gulrajani et al.: *Improved training of Wasserstein GANs*, NeurIPS 2017, section 4.
# - Kingma, Ba: *Adam: a method for stochastic optimization*, ICLR 2015.
# - Heusel et al.: *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, NeurIPS 2017.
# - Yazıcı et al.: *The unusual effectiveness of averaging in GAN training*, ICLR 2019.
