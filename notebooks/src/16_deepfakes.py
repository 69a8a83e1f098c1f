# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/16_deepfakes.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Can fakes be detected, and for how long?
#
# A vendor offers you a detector: "finds 97 % of all fakes, with 1 % false alarms". At the end of this page you know which five questions to ask before you sign, and you have answered them for detectors of your own.
#
# **You will** train a detector on one generator and meet it with others; see what it looks at, and how a simple baseline beats it; spoil it with a blur, and on purpose; turn its numbers into the share of alarms that are right; compare the other road, marks and signatures; and lead a discussion
# on consent, harm and law.
#
# **You need** lessons 03, 05 and 07. **Minutes** on two CPU cores: 40 to read, about 1½ to run. Five minutes only? Read the [verdict](#Verdict). All images are garments: no face, and no real person, is faked here.
#
# Here is the end result: how well two detectors find the images of generators that they have met, and of those that they have not.

# %% tags=["preview"]
from gan_lessons import show

show.preview("16_deepfakes")

# %%
import copy
import math

import torch
from scipy.stats import mannwhitneyu
from torch import nn
from torch.nn import functional as F

from gan_lessons import data, metrics, networks, runtime, storage
from gan_lessons.protocols import detection as protocol
from gan_lessons.protocols.detection import BATCH, CHANGES, generator, samples, scores
from gan_lessons.show import detection, tables
from gan_lessons.studies import deepfakes

device = runtime.start(seed=0)
train, test = (data.fashion_mnist(part).images for part in ("train", "test"))
order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
for_generators, for_detectors = train[order[:10_000]], train[order[10_000:]]

# %% [markdown]
# ## What is a GAN in today's fakes, and what is not
#
# "Deepfake" is a word for what is done, not for how. GANs are one engine among several:
#
# | The fake | A usual engine | A GAN? |
# |---|---|---|
# | a face swapped in a video | one encoder and a decoder for each person (Perov et al. 2020) | no, an autoencoder; some add a GAN loss |
# | a portrait of nobody | StyleGAN (Karras et al. 2019) | yes |
# | lips that follow another sound | Wav2Lip (Prajwal et al. 2020): a lip-sync expert, and a discriminator for the looks | in part |
# | a cloned voice | a speech model, then a vocoder, often HiFi-GAN (Kong et al. 2020) | in part |
# | an image from a sentence | diffusion in a latent space (Rombach et al. 2022) | no; its autoencoder is trained with a discriminator |
# | a text | a language model | no |
#
# So a detector of "GAN traces" finds some of the fakes, and a law about "GANs" would miss most. And people? Shown portraits by StyleGAN2 and photographs, they were right in 48.2 % of the cases (Nightingale and Farid 2022). A coin is right in 50 %.
#
# ## First, a detector that is too good
#
# Here are samples of the course's DCGAN as the network gives them, and photographs from the data set. **Predict.** How well does the rule below tell them apart? It has learned nothing.

# %%
with torch.no_grad():
    bundled = storage.pretrained("dcgan")
    raw = bundled(torch.randn(1000, networks.Z_DIM))


def broken_levels(images):
    """Share of pixels that are no whole grey level."""
    level = (images + 1) * 127.5
    return ((level - level.round()).abs() > 1e-3).float().mean(dim=(1, 2, 3))


photos = data.to_float(test[:1000])
print(f"photographs: {broken_levels(photos).mean():.1%} of the pixels; samples: {broken_levels(raw).mean():.1%}")

# %% tags=["nbval-check-output"]
print("the rule is right about every image:", bool(broken_levels(photos).max() < 0.01 < broken_levels(raw).min()))
rounded = data.to_float(data.to_uint8(raw))
print("after rounding the samples to whole levels, it finds none:", bool(broken_levels(rounded).max() < 0.01))

# %% [markdown]
# **What we saw.** Everything is found, and nothing is learned about fakes: a file holds whole numbers, a network does not. Every detector will use such a leak if you leave one. It comes as a format, a size, a compression, a crop. So from here on *every* image is rounded to 256 levels, real or fake, before a detector meets it.
#
# ## A detector is a discriminator
#
# You know how to train one. Only two things are new: it meets images of a generator that does not answer, and its logit says **fake** when it is high, because a fake is what raises the alarm. It sees each pixel (stride 1 at first), and averages over places at the end, because a trace may be anywhere.


# %% tags=["shown"]
class Detector(nn.Module):
    """Images (B, 1, 28, 28) in [-1, 1] to logits (B, 1): above 0 says "fake"."""

    def __init__(self, width=16):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),  # stride 1: traces are as small as a pixel
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),  # (B, 2 * width, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),  # (B, 4 * width, 7, 7)
            nn.LeakyReLU(0.2),
            nn.AdaptiveAvgPool2d(1),  # where a trace is does not matter
            nn.Flatten(),
            nn.Linear(4 * width, 1),
        )

    def forward(self, images):
        return self.net(images)


# %% tags=["shown"]
def train_detector(real, fake, seed, change=None, epochs=6):
    """A Detector trained on uint8 images of both kinds; `change` alters a batch of both."""
    torch.manual_seed(seed)
    D, images = Detector().train(), torch.cat([real, fake])
    labels = torch.cat([torch.zeros(len(real), 1), torch.ones(len(fake), 1)])
    opt = torch.optim.Adam(D.parameters(), 3e-3)
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(64):
            batch = images[part] if change is None else change(images[part])
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(D(data.to_float(batch)), labels[part]).backward()
            opt.step()
    return D.eval()


# %%
home = generator("DCGAN", 0, for_generators, steps=500)  # lesson 03's, after a short training
cnn = train_detector(for_detectors[:4000], samples(home, 4000, seed=1), seed=0)

# %% [markdown]
# Three sets keep apart what must be kept apart. It was trained on 4,000 real images. 2,000 other real images set its **threshold**: the score that 1 % of them exceed. The test images are new to it, and so are the samples that it is tested on.
#
# Two numbers judge it. **Recall**, the share of fakes above the threshold. And, without any threshold, **AUC**: the chance that a random fake $f$ scores higher than a random real image $r$. One half is a coin.
#
# $$\mathrm{AUC} \;=\; P(s_f > s_r) + \tfrac12 P(s_f = s_r)$$


# %% tags=["shown"]
def auc(real, fake):
    """Chance that a fake scores above a real image; ties count half."""
    order = real.sort().values
    below = torch.searchsorted(order, fake) + torch.searchsorted(order, fake, right=True)
    return (below.double().mean() / (2 * len(real))).item()


# %% tags=["nbval-check-output"]
a, b = torch.randint(5, (40,)).double(), torch.randint(2, 7, (30,)).double()  # many ties
by_pairs = ((b[:, None] > a).double() + (b[:, None] == a) / 2).mean().item()
print("AUC is the share of won pairs:", abs(auc(a, b) - by_pairs) < 1e-9)
oracle = mannwhitneyu(b.numpy(), a.numpy()).statistic / (40 * 30)
print("scipy agrees:", abs(auc(a, b) - oracle) < 1e-9)

# %%
def report(detect, threshold, fakes, real=test[:2000]):
    """Print AUC and recall for each generator, and the false alarms on new real images."""
    on_real, found = scores(detect, real), {}
    print(f"{'false alarms on test images':30s} {(on_real > threshold).double().mean():8.1%}")
    print(f"{'':30s}  AUC   recall")
    for name, images in fakes.items():
        s = scores(detect, images)
        found[name] = auc(on_real, s)
        print(f"{name:30s} {found[name]:.3f} {(s > threshold).double().mean():7.1%}")
    return found


def one_per_cent(detect):
    """The threshold that 1 % of 2,000 real images exceed; none of them is a test image."""
    return scores(detect, for_detectors[4000:6000]).quantile(0.99).item()


fakes = {"has met": samples(home, 2000, seed=2)}
at_home = report(cnn, one_per_cent(cnn), fakes)

# %% tags=["nbval-check-output"]
print("at home the detector is good, AUC above 0.9:", at_home["has met"] > 0.9)

# %% [markdown]
# That is the number in the vendor's brochure. Now let it meet strangers. A second DCGAN: same code, same data, same steps, another seed. The bundled DCGAN, which was trained for much longer. One that doubles pixels and convolves, in place of transposed convolutions. A **variational autoencoder**
# (Kingma and Welling 2014) that has the DCGAN's generator as its decoder.

# %%
strangers = {"another seed": ("DCGAN", 500), "upsampling": ("DCGAN, upsampling", 400), "VAE": ("VAE", 400)}
for name, (kind, steps) in strangers.items():
    fakes[name] = samples(generator(kind, 7, for_generators, steps), 2000, seed=3)
fakes["trained longer"] = samples(bundled, 2000, seed=3)
eight = torch.cat([test[:8], *(images[:8] for images in fakes.values())])
names = ["photographs", *fakes]
show.images(eight, columns=8, row_labels=names, alt="Eight images each: " + ", ".join(names) + ".")

# %% [markdown]
# **Predict.** Order the four strangers: whom does the detector find best, whom least?

# %%
abroad = report(cnn, one_per_cent(cnn), fakes)

# %% tags=["nbval-check-output"]
worse = [name for name in list(fakes)[1:] if abroad[name] < abroad["has met"] - 0.03]
print("strangers that it finds less well, by 0.03 of AUC or more: at least 2 of 4:", len(worse) >= 2)

# %% [markdown]
# **What we saw.** Same recipe, another seed, and much of the recall is gone. The detector did not learn "fake". It learned *this* network, and something that it shares with some others. One run proves little, though: the table further down has five detectors, and five generators of each kind.
#
# ## A baseline that a sensible person tries first
#
# How a network enlarges its maps leaves patterns in the image. G learns the chess pattern of lesson 03 away. Does anything else remain? Look at the **power spectrum**, which says how much of an image varies with $u$ waves across and $v$ waves down:
#
# $$P(u, v) \;=\; \Big| \sum_{x, y} I(x, y)\, e^{-2 \pi i (u x + v y) / 28} \Big|^2$$


# %% tags=["shown"]
def log_spectrum(images):
    """Logarithm of each image's power spectrum: (N, 28, 28), frequency 0 in the middle."""
    power = torch.fft.fft2(images[:, 0].double() / 255).abs().square()
    return torch.fft.fftshift((power + 1e-3).log(), dim=(1, 2))


# %% tags=["nbval-check-output"]
x = test[:3, 0].double() / 255
n = torch.arange(28).double()
wave = torch.exp(-2j * math.pi * torch.outer(n, n) / 28)
by_sums = (wave @ x.to(wave.dtype) @ wave.T).abs().square()
print("the formula, summed up:", torch.allclose(by_sums, torch.fft.fft2(x).abs().square(), rtol=1e-4, atol=1e-4))
print("all power is the squared pixels times 28² (Parseval):", torch.allclose(by_sums.sum((1, 2)), 784 * x.square().sum((1, 2)), rtol=1e-4))

# %%
mean = {name: log_spectrum(images).mean(dim=0) for name, images in fakes.items()}
real_mean = log_spectrum(test).mean(dim=0)
panels = {name: (m - real_mean) / math.log(10) for name, m in mean.items()}
alike = {name: torch.corrcoef(torch.stack([m.flatten(), panels["has met"].flatten()]))[0, 1] for name, m in panels.items()}
alt = (
    "Mean log10 spectrum of five generators minus that of photographs, frequency 0 in the middle, on one scale that is cut at the "
    "ends. Correlation with the first pattern: " + "; ".join(f"{name} {r:.2f}" for name, r in list(alike.items())[1:]) + "."
)
detection.spectra(panels, "log10 of the power\nratio, fake to real", alt, limit=0.8)

# %% [markdown]
# **What we saw.** All fakes have less fine detail than photographs (blue). The two DCGANs of one recipe share a pattern of four blots; so does the bundled one, much paler. Doubled pixels leave another pattern. The VAE is so blurred that you need no detector. Keep it in mind for the table below: at 1 % false alarms the detectors find only about half of these images. Durall et al. (2020) found fakes by such traces; Chandrasegaran et al. (2021) showed that another last layer avoids them.
#
# The baseline: **logistic regression** on these 784 numbers. One weight for each frequency, no network.


# %% tags=["shown"]
def train_spectrum(real, fake, weight=1e-2):
    """Logistic regression on the log spectrum; returns a function of images to logits (N, 1)."""
    x = log_spectrum(torch.cat([real, fake])).flatten(1)
    y = torch.cat([torch.zeros(len(real)), torch.ones(len(fake))]).double()
    mean, std = x.mean(dim=0), x.std(dim=0)
    w = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    opt, x = torch.optim.LBFGS([w], max_iter=100), (x - mean) / std

    def loss():
        opt.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ w[:-1] + w[-1], y)
        value = value + weight * w[:-1].square().sum()
        value.backward()
        return value

    opt.step(loss)
    w = w.detach()
    return lambda images: ((log_spectrum(images).flatten(1) - mean) / std @ w[:-1] + w[-1])[:, None]


# %%
spectrum = train_spectrum(for_detectors[:4000], samples(home, 4000, seed=1))
by_spectrum = report(spectrum, one_per_cent(spectrum), fakes)

# %% [markdown]
# ## Five detectors, five generators of each kind
#
# The whole table was made once, by the command below. Half of the training images went to the generators, the other half to the detectors. Detector $i$ has met DCGAN $i$, and nothing else. It is tested on 1,000 test images of its own, which no other detector sees. "The same seed" is five pairs. Each other row is a square of five detectors and five generators.
#
# The intervals are for *another* detector and *another* generator of the kind: the spread of the five row means and that of the five column means are added, which is rather too wide than too narrow. They are not for another data set: all draw from the same 10,000 images for generators and 10,000 for detectors. That the CNN
# averages over places was chosen because it did better with strangers in a trial with one pair, which can only flatter it here; its learning rate and epochs were chosen by its AUC at home. Nothing was tuned for the baseline.

# %%
table = storage.load_table("deepfakes")
made = table["made_by"]
print(f"{made['command']} ({made['date']}, {made['machine']}, {table['cpu_seconds'] / 60:.0f} minutes)")
quality = {kind: [g["distance"] for g in table["generators"] if g["kind"] == kind] for kind in protocol.KINDS}
print("Fréchet distances:", "; ".join(f"{k} {min(d):.0f} to {max(d):.0f}" for k, d in quality.items()))


def square(sort, kind, key="auc"):
    """A number of the table for each detector and generator; the pairs that have met are left out."""
    found = deepfakes.matrix(table, sort, kind, key)
    return protocol.strangers(found) if kind == "DCGAN" else found


def met(sort, key="auc"):
    """The same for the five pairs that have met, with a t-interval."""
    return metrics.confidence_interval(deepfakes.matrix(table, sort, "DCGAN", key).diagonal())


def cut(interval):
    """The part of an interval that lies between 0 and 1."""
    return metrics.Interval(interval.value, max(interval.low, 0.0), min(interval.high, 1.0))


NAMES = {kind: kind.replace("DCGAN, ", "") for kind in protocol.KINDS} | {"DCGAN": "another seed"}

# %% tags=["result"]
rows = {"the same seed": {s: met(s) for s in ("CNN", "spectrum")}}
for kind, name in NAMES.items():
    rows[name] = {s: cut(protocol.crossed(square(s, kind))) for s in ("CNN", "spectrum")}
floor = {s: [r["floor"] for r in table["detectors"] if r["sort"] == s] for s in ("CNN", "spectrum")}
rows["photographs"] = {s: metrics.confidence_interval(values) for s, values in floor.items()}
said = "; ".join(f"{name}: CNN {r['CNN'].value:.2f}, spectrum {r['spectrum'].value:.2f}" for name, r in rows.items())
alt = f"AUC of two detectors trained on one DCGAN, with 95 % intervals, for generators that they have and have not met. {said}."
detection.forest(rows, "AUC (with 95 % intervals)", alt, reference=(0.5, "a coin"), limits=(0.3, 1.02))

# %%
lines = []
for kind, name in NAMES.items():
    paired = protocol.crossed(square("spectrum", kind) - square("CNN", kind))
    lines.append([name, rows[name]["CNN"], rows[name]["spectrum"], paired])
tables.table(["AUC", "CNN", "spectrum", "spectrum minus CNN"], lines)

# %%
lines = []
for name, kind in {"the same seed": None, **{name: kind for kind, name in NAMES.items()}}.items():
    pair = [cut(protocol.crossed(square(s, kind, "found")) if kind else met(s, "found")) for s in ("CNN", "spectrum")]
    lines.append([name, *pair])
rung = {s: [r["VAE"]["false_alarms"] for r in table["detectors"] if r["sort"] == s] for s in ("CNN", "spectrum")}
lines.append(["false alarms (asked for: 0.01)", *(metrics.confidence_interval(values) for values in rung.values())])
tables.table(["recall", "CNN", "spectrum"], lines)

# %% tags=["nbval-check-output"]
home_auc, away = met("CNN").value, protocol.crossed(square("CNN", "DCGAN"))
print("CNN, another seed: AUC lower than at home by 0.1 or more:", away.value < home_auc - 0.1)
better = protocol.crossed(square("spectrum", "DCGAN") - square("CNN", "DCGAN"))
print("there, the simple baseline beats the CNN (paired interval above 0):", better.low > 0)
blind = protocol.crossed(square("spectrum", "DCGAN, upsampling"))
print("the baseline falls to an AUC below 0.7 where pixels are doubled:", blind.value < 0.7)

# %% [markdown]
# **What we saw.** At home both are good, and the CNN is nearly perfect. One seed further it has lost most of its recall, and how much depends on the pair: see the width of the intervals. The baseline keeps most of its AUC, even for another game or other networks. Its recall falls all the same: from 73 % at home to 52 % with another seed, and 35 % with the MLP. It has not learned "fake" either. It has learned how the power falls off in networks of this kind:
# double the pixels in place of transposed convolutions, and it is close to a coin. (One interval in 20 misses by chance. There are 14 in the figure.)
#
# Be fair to the field. Wang et al. (2020) trained a large network on ProGAN's images alone, with blur and JPEG in the training. Tested on 11 kinds of generators with convolutions, it worked surprisingly well on those that it had not met. Ojha et al. (2023) showed that such detectors miss diffusion models, and gained 25.9 points of accuracy with frozen features of a
# model that was trained for something else. Facebook's challenge of 2020 had 2,114 entrants: the best had 82.56 % on the public test videos; on hidden ones the winner had 65.18 % (Dolhansky et al. 2020, and the announcement of the results). Bigger detectors move the wall. None of the papers found that there is none.
#
# ## The same generator, one month later
#
# The forger goes on training. Each of the five DCGANs was trained on, from 800 to 4,000 steps. **Predict.** What does the detector find that met it at 800? And a *new* detector, trained on samples of the better generator?

# %%
def later(met, sort, key, at):
    """A number for the five pairs: at 0 on the generator after 800 steps, at 1 after 4,000."""
    return torch.tensor([r[key][at] for r in table["longer"] if (r["met"], r["sort"]) == (met, sort)])


better = [r["distance"] for r in table["longer"] if (r["met"], r["sort"]) == ("new", "CNN")]
print(f"Fréchet distances after 4,000 steps: {min(better):.0f} to {max(better):.0f}\n")
lines = []
for sort in ("CNN", "spectrum"):
    base = later("old", sort, "auc", 0)
    for name, which, at in (("800, 800", "old", 0), ("800, 4,000", "old", 1), ("4,000, 4,000", "new", 1)):
        value, recall = (cut(metrics.confidence_interval(later(which, sort, key, at))) for key in ("auc", "found"))
        change = metrics.confidence_interval(later(which, sort, "auc", at) - base) if which + str(at) != "old0" else ""
        lines.append([f"{sort}: {name} steps", value, change, recall])
tables.table(["detector met, meets", "AUC", "change of AUC, paired", "recall"], lines)

# %% tags=["nbval-check-output"]
first, aged, renewed = (later(*which).mean().item() for which in (("old", "CNN", "found", 0), ("old", "CNN", "found", 1), ("new", "CNN", "found", 1)))
print("the old CNN finds less than half of what it found:", aged < first / 2)
print("a new CNN finds more than the old one, and less than was found at 800 steps:", aged < renewed < first)

# %% [markdown]
# **What we saw.** To the detector, its own generator has become a stranger. A new detector helps, but a better generator leaves fewer traces, and the same effort finds fewer of them. That is what training a GAN means: what a D finds, G removes. So ask of every recall: of a generator of which quality?
#
# ## Would more generators help?
#
# The obvious remedy: train on many. In the next table each detector has met four kinds, 1,000 samples of each, and is tested on the fifth. The last row has met four *seeds* of the DCGAN and is tested on the fifth. The gain is over the detector that met one DCGAN, on the same images. **Predict.** For which held-out kind does it help?

# %%
def gain(sort, kind):
    """AUC of the detectors that met four, and how much that is above those that met one, paired."""
    found = deepfakes.matrix(table, sort, kind, part="held_out")
    if kind != deepfakes.OTHER_SEEDS:
        return cut(protocol.crossed(found)), protocol.crossed(found - square(sort, kind))
    one = square(sort, "DCGAN").nanmean(dim=0)  # by generator, which is what these pairs share
    return cut(metrics.confidence_interval(found[:, 0])), metrics.confidence_interval(found[:, 0] - one)


lines = []
for kind in (*protocol.KINDS, deepfakes.OTHER_SEEDS):
    name = {"DCGAN": "DCGAN", deepfakes.OTHER_SEEDS: "fifth seed"}.get(kind) or NAMES[kind]
    lines.append([name, *gain("CNN", kind), *gain("spectrum", kind)])
tables.table(["held out", "CNN: AUC", "gain", "spectrum: AUC", "gain"], lines)

# %% tags=["nbval-check-output"]
print("four seeds help the CNN against a fifth (paired interval above 0):", gain("CNN", deepfakes.OTHER_SEEDS)[1].low > 0)

# %% [markdown]
# **What we saw.** Look for intervals that lie on one side of 0. Clear gains stand only in the last row: four seeds help against a fifth, the CNN much, the baseline by less than 0.01. Clear *losses* of the baseline stand in three rows. Against a new *kind*, the CNN's gains are small and unsure. The baseline has one weight for each frequency and no room for many kinds: where it was good, it gets worse.
#
# ## What a platform does to images
#
# Nobody posts raw pixels. Images are scaled, filtered, compressed. Here are four changes, the same for photographs and fakes: a slight blur, noise of 8 levels, 16 grey levels in place of 256, and JPEG at quality 75.

# %%
for name, change in {"as they are": lambda images: images, **CHANGES}.items():
    changed = [scores(cnn, change(images)) for images in (test[:1000], fakes["has met"][:1000])]
    share = [(s > one_per_cent(cnn)).double().mean().item() for s in changed]
    print(f"{name:16s} AUC {auc(*changed):.3f}   false alarms {share[0]:6.1%}   recall {share[1]:6.1%}")

# %% [markdown]
# **Predict.** Would it help to blur and roughen the images in training, too? The stored table has a third detector. It met half of its batches unchanged and the others blurred, noisy or coarse, but never as JPEG, and had twice as many epochs. All differences are paired: the same detector on the same images, before and after.

# %%
def after(sort, change, key):
    """A number after a change, for each of the five detectors, on the generator that it has met."""
    runs = [r for r in table["changed"] if r["sort"] == sort and r["change"] == change]
    return torch.tensor([r[key] if key == "false_alarms" else r[key][0] for r in runs])


lines = []
for change in CHANGES:
    for sort in deepfakes.SORTS:
        before = {key: deepfakes.matrix(table, sort, "DCGAN", key).diagonal() for key in ("auc", "found")}
        lost = metrics.confidence_interval(after(sort, change, "auc") - before["auc"])
        alarms, found = (after(sort, change, key).mean() for key in ("false_alarms", "found"))
        lines.append([f"{change}: {sort}", lost, f"{alarms:.1%}", f"{found:.0%} ({before['found'].mean():.0%})"])
tables.table(["", "change of AUC, paired", "false alarms", "recall (before)"], lines)

# %% [markdown]
# **What we saw.** A blur takes fine detail away, and that is what fakes lack, too: photographs look fake, and the false alarms are no 1 % any more. Noise, coarse levels and JPEG cost recall. So a threshold means something only for images that went the same way as those that set it. Blurred images in the
# training help against blur. Against JPEG, which was not among them, they change little: what helps has to be known.
#
# ## For how long? A generator that answers
#
# A GAN is what you get when the other side may train, too. So give the forger your detector, with its weights, as if it were an open download. 100 steps of G against it, while each image must stay nearly what it was:


# %% tags=["shown"]
def evade(detect, G, steps=100):
    """A copy of G, trained until its images pass a detector while they stay nearly the same."""
    changed = copy.deepcopy(G).requires_grad_(True).eval()
    opt = torch.optim.Adam(changed.parameters(), 2e-4)
    for _ in range(steps):
        z = torch.randn(BATCH, networks.Z_DIM)
        with torch.no_grad():
            before = G(z)
        after = changed(z)
        loss = F.softplus(detect(after)).mean() + 10 * (after - before).square().mean()
        opt.zero_grad()
        loss.backward(inputs=list(changed.parameters()))
        opt.step()
    return changed.requires_grad_(False)


# %%
torch.manual_seed(3)
forger = evade(cnn, home)
fakes["after 100 steps"] = samples(forger, 2000, seed=2)
pair = [fakes[name] for name in ("has met", "after 100 steps")]
on_real = scores(cnn, test[:2000])
values = [auc(on_real, scores(cnn, images)) for images in pair]
new = train_detector(for_detectors[:4000], samples(forger, 4000, seed=1), seed=5, epochs=3)
again = auc(scores(new, test[:2000]), scores(new, pair[1]))
levels = (pair[0].float() - pair[1].float()).abs().mean()
alt = (
    f"Eight samples before and after 100 steps against the detector. A pixel changes by {levels:.1f} of 255 levels on average; "
    f"AUC of the detector goes from {values[0]:.2f} to {values[1]:.2f}. A new detector, trained on the new samples, has {again:.2f}."
)
show.images(torch.cat([part[:8] for part in pair]), columns=8, row_labels=["before", "after"], alt=alt)

# %% tags=["nbval-check-output"]
print("the forger takes 0.2 of AUC or more from the detector:", values[1] < values[0] - 0.2)
print("a new detector finds the forger again, AUC above 0.9:", again > 0.9)

# %%
race = table["arms_race"]
for key, name in (("before", "AUC before"), ("after", "AUC after 100 steps"), ("new_detector", "AUC of a new detector"), ("levels", "grey levels changed")):
    print(f"{name:24s} {metrics.confidence_interval([r[key] for r in race])}   (5 pairs)")
farther = metrics.confidence_interval([r["distance"][1] - r["distance"][0] for r in race])
print(f"{'change of Fréchet distance':24s} {farther}")

# %% [markdown]
# **What we saw.** A few seconds are enough. Carlini and Farid (2020) did it to a published detector: AUC from 0.95 to 0.0005 by changing the lowest bit of each pixel, and to 0.22 without access to it. A new detector wins again, until the next 100 steps. Who moves last wins; a public detector never moves last.
#
# ## "94 % fake": can the number be trusted?
#
# A detector's sigmoid looks like a probability. It is **calibrated** when 70 % of all images that get 0.7 are fakes. Sort the images into bins by the stated chance $p$. In bin $b$, compare the mean $\bar p_b$ with the share of fakes $\bar y_b$ (Guo et al. 2017):
#
# $$\mathrm{ECE} \;=\; \sum_b \frac{n_b}{n}\, \big|\, \bar p_b - \bar y_b \,\big|$$


# %% tags=["shown"]
def calibration_error(p, labels, bins=10):
    """Expected calibration error of chances p of "fake", over bins of equal width."""
    which, error = (p * bins).long().clamp(max=bins - 1), 0.0
    for b in which.unique():
        inside = which == b
        gap = (p[inside].mean() - labels[inside].double().mean()).abs()
        error += inside.double().mean() * gap
    return float(error)


# %% tags=["nbval-check-output"]
p = torch.tensor([0.12, 0.18, 0.91, 0.97, 0.99], dtype=torch.float64)
by_hand = 2 / 5 * abs(0.15 - 1 / 2) + 3 / 5 * abs(2.87 / 3 - 2 / 3)
print("two bins by hand:", abs(calibration_error(p, torch.tensor([0, 1, 1, 0, 1])) - by_hand) < 1e-9)
p = torch.rand(100_000).double()
print("chances that come true have an error near 0:", calibration_error(p, torch.rand(100_000) < p) < 0.01)
print("twice as sure as right:", calibration_error(torch.full((1000,), 0.9).double(), torch.rand(1000) < 0.45) > 0.3)

# %%
kinds = {"DCGAN, the same seed": "DCGAN", **{k: k for k in protocol.KINDS if k != "DCGAN"}}
wrong, lines = {}, []
for name, kind in kinds.items():
    for sort in ("CNN", "spectrum"):
        values = [row[kind]["calibration_error"] for row in table["detectors"] if row["sort"] == sort]
        wrong[sort, kind] = metrics.confidence_interval(values)
    lines.append([name, wrong["CNN", kind], wrong["spectrum", kind]])
tables.table(["calibration error, as many fakes as photographs", "CNN", "spectrum"], lines)

# %% tags=["nbval-check-output"]
print("with strangers the error of the CNN is 5 times as large:", wrong["CNN", "DCGAN, upsampling"].value > 5 * wrong["CNN", "DCGAN"].value)

# %% [markdown]
# **What we saw.** "94 %" is a statement about the training set: these generators, these changes, and one fake for each photograph. For another mix it is a number without a meaning. The mix alone can do that, as the next section shows.
#
# ## What 1 % false alarms means for a platform
#
# An alarm rings. What is the chance that the image is fake? That depends on the **base rate** $\pi$, the share of fakes among the uploads, which is no property of the detector. With recall $r$ and false-alarm rate $a$, Bayes' formula gives the **precision**:
#
# $$P(\text{fake} \mid \text{alarm}) \;=\; \frac{\pi\, r}{\pi\, r + (1 - \pi)\, a}$$
#
# **Predict.** Recall 97 %, false alarms 1 %, one upload in 1,000 is a fake. Of 100 alarms, how many are right?


# %% tags=["shown"]
def alarm_precision(base_rate, recall, false_alarm_rate):
    """Chance that an alarm is right, by Bayes' formula; 0 where there are no alarms."""
    right, wrong = base_rate * recall, (1 - base_rate) * false_alarm_rate
    return right / (right + wrong) if right + wrong > 0 else 0.0


# %% tags=["nbval-check-output"]
uploads = torch.Generator().manual_seed(0)
fake = torch.rand(4_000_000, generator=uploads) < 0.01
alarm = torch.rand(4_000_000, generator=uploads) < torch.where(fake, 0.9, 0.02)
counted = fake[alarm].double().mean().item()
print("four million uploads, counted, agree with the formula:", abs(counted - alarm_precision(0.01, 0.9, 0.02)) < 0.01)
print(f"recall 97 %, false alarms 1 %, 1 fake in 1,000: {100 * alarm_precision(0.001, 0.97, 0.01):.0f} of 100 alarms are right")
print(f"1 fake in 100,000: {10_000 * alarm_precision(0.00001, 0.97, 0.01):.0f} of 10,000")

# %%
tens = torch.linspace(0.3, 5, 48)
alarms = {s: sum(r["VAE"]["false_alarms"] for r in table["detectors"] if r["sort"] == s) / 5 for s in ("CNN", "spectrum")}
cases = {"CNN, the same seed": (met("CNN", "found").value, alarms["CNN"])}
cases["CNN, another seed"] = (float(square("CNN", "DCGAN", "found").nanmean()), alarms["CNN"])
cases["spectrum, another seed"] = (float(square("spectrum", "DCGAN", "found").nanmean()), alarms["spectrum"])
curves = {n: [alarm_precision(10 ** -t.item(), *rates) for t in tens] for n, rates in cases.items()}
said = "; ".join(f"{n} {alarm_precision(0.001, *rates):.1%}" for n, rates in cases.items())
alt = f"Share of alarms that are right over the share of fakes among the uploads, with the measured rates of three cases. At 1 fake in 1,000: {said}."
show.curves(tens, curves, "x, where 1 upload in 10ˣ is a fake", "right alarms", alt)

# %% [markdown]
# Change the assumptions below to your own. A platform with ten million uploads a day, one fake in 1,000, and people who look at 60 alarms an hour:

# %%
uploads, base_rate, per_hour, hours = 10_000_000, 0.001, 60, 8
lines = []
for name, (recall, false_alarms) in cases.items():
    wrong_ones, right_ones = uploads * (1 - base_rate) * false_alarms, uploads * base_rate * recall
    people = (wrong_ones + right_ones) / per_hour / hours
    lines.append([name, f"{wrong_ones:,.0f}", f"{right_ones:,.0f} of {uploads * base_rate:,.0f}", f"{people:.0f}"])
tables.table(["", "false alarms a day", "fakes found", "people to look"], lines)

# %% [markdown]
# **What we saw.** At 1 % false alarms, their number depends on how many people upload photographs, and not on how many fakes there are or how many of them are found. Each one is somebody whose true picture is called a fake. And a "confirmed fake" would be a better excuse than any liar had before (Chesney and Citron 2019 call it the **liar's dividend**).
#
# ## The other road: mark what is made, sign what is real
#
# Do not guess; ask for a proof. Two kinds exist.
#
# A **watermark**: the *generator's owner* adds a faint secret pattern $k$ to every output. Who has the key correlates it with the image's fine detail $d$ (the image minus its blur), all of $n$ pixels:
#
# $$s \;=\; \sqrt{n}\; \frac{\langle d, k \rangle}{\lVert d \rVert\, \lVert k \rVert}$$
#
# For an image that knows nothing of the key, $s$ has mean 0 and standard deviation 1 over random keys, whatever the image is. With *one* key and many images that resemble each other this holds only roughly, so the threshold is set on photographs here, too. No training, and no fakes are needed.

# %% tags=["nbval-check-output"]
key = torch.randint(0, 2, (28, 28), generator=torch.Generator().manual_seed(2026)).float() * 2 - 1


def watermarked(images, strength=8):
    """Images plus or minus some grey levels, by the secret key."""
    return (images + strength * key).round().clamp(0, 255).to(torch.uint8)


def key_score(images, key=key):
    """How strongly the fine detail of each image follows the key: (N,), about N(0, 1) if it does not."""
    detail = (images.float() - protocol.blurred(images).float()).flatten(1)
    k = (key - key.mean()).flatten()
    return 28 * detail @ k / (detail.norm(dim=1) * k.norm())


keys = torch.randint(0, 2, (2000, 28, 28)).float() * 2 - 1
s = torch.cat([key_score(test[i : i + 1], k) for i, k in enumerate(keys)])
print("photographs and random keys: mean 0 within 0.1, standard deviation 1 within 10 %:", bool(s.mean().abs() < 0.1 and abs(s.std() - 1) < 0.1))

# %% [markdown]
# A **signature**: the *camera or editor* computes a code from the exact bytes and a secret key (here a keyed hash; C2PA's Content Credentials use certificates and sign a history of edits). It proves who signed and that nothing changed. It says nothing about what is *in* the picture, and nothing about pictures without one.

# %%
import hashlib
import hmac


def sign(image):
    """A code that fits these bytes and no others."""
    return hmac.digest(b"camera's secret", image.numpy().tobytes(), hashlib.sha256)


threshold = key_score(for_detectors[4000:6000]).quantile(0.99)
marked, photos = watermarked(fakes["has met"]), test[:1000]
codes = [sign(image) for image in photos]
print(f"false alarms of the mark on photographs: {(key_score(test) > threshold).float().mean():.1%}")
print(f"mark found in fakes of a generator that does not mark: {(key_score(fakes['VAE']) > threshold).float().mean():.1%}")
print(f"pixels change by {(marked.float() - fakes['has met'].float()).abs().mean():.1f} levels on average\n\n{'':18s} mark found   signature holds")
for name, change in {"as they are": lambda x: x, **CHANGES, "moved by 1 pixel": lambda x: x.roll(1, 3)}.items():
    kept = [hmac.compare_digest(sign(image), code) for image, code in zip(change(photos), codes, strict=True)]
    print(f"{name:18s} {(key_score(change(marked)) > threshold).float().mean():10.1%} {sum(kept) / len(kept):14.1%}")

# %%
pair = torch.cat([fakes["has met"][:8], marked[:8]])
found = key_score(marked) > threshold
alt = f"Eight samples without and with the watermark of 8 levels, which is found in {found.float().mean():.1%} of all."
show.images(pair, columns=8, row_labels=["without", "with"], alt=alt)

# %% tags=["nbval-check-output"]
share = {n: (key_score(c(marked)) > threshold).float().mean().item() for n, c in CHANGES.items()}
print("the mark survives noise in more than 80 % of the images:", share["noise"] > 0.8)
print("moved by one pixel it is found in less than 10 %:", (key_score(marked.roll(1, 3)) > threshold).float().mean().item() < 0.1)

# %% [markdown]
# **What we saw.** Nothing here had to meet a forger's samples: a key and some photographs are enough, and that is what the detectors could not do. But the mark can be seen on these small images, a shift by one pixel hides it, and a signature ends with any change. Both roads need somebody who takes part. A forger who runs an own generator does not mark, and a removed signature leaves an ordinary picture. Real watermarks are fainter, survive shifts and more; Zhao et al. (2024) prove that
# those in pixels can be removed by adding noise and generating the image again. A missing mark proves nothing, in either direction.
#
# ## A discussion for a class: consent, harm, law
#
# 45 minutes, groups of four. **Ground rules**: nobody fakes a classmate, a teacher or any real person, also not as a joke, also not "only for the lesson". No real cases with names. Nobody has to tell of own experience, and everybody may leave. Say where help is before you begin: a person to talk to at the school or company;
# for intimate images, StopNCII.org (adults) and Take It Down by NCMEC (made when under 18) help to have them removed.
#
# Give each group one case (5 minutes to read, 15 to discuss, 5 to report, then the whole class).
#
# 1. *The picture.* An intimate image of a pupil goes round. It is fake. Classmates know that it is fake. What is the harm? Would a detector have changed it?
# 2. *The call.* An accountant gets a call with the voice of her director: transfer the money today. Which control would have helped that has nothing to do with detection?
# 3. *The joke.* A comedian lets a minister sing, and labels it as satire. Copies without the label spread. Who is responsible for what?
# 4. *The true photograph.* A detector flags a photograph from a war as "91 % fake". It is real. Who was harmed, and which number on this page would you have asked for?
#
# Questions for each: Who consented: to being photographed, to training, to this use, to its spread? Who is harmed if it is believed, and who although nobody believes it? Who could prevent it at which cost? Does a label mend the harm? Of the deepfake videos that Ajder et al. (2019) found online, 96 % were pornography without consent. What follows for where to begin?
#
# **Words to look up**, not legal advice; law differs by country and changes, so ask a lawyer (state: November 2026).
#
# - European Union, AI Act (Regulation 2024/1689): Article 3(60) defines a deep fake, Article 50 asks for machine-readable marks by those who provide generators and for disclosure by those who use them, since 2 August 2026, with a longer term for marks of systems that were on the market before. Lighter duties for art and satire.
# - European Union, GDPR: an image of an identifiable person is personal data, also a generated one that is recognisable. Many countries protect the right to one's own image, honour and voice besides.
# - United States, TAKE IT DOWN Act (signed 19 May 2025): publishing intimate images without consent is a crime, "digital forgeries" included; platforms must remove them within 48 hours of a valid request, since 19 May 2026.
#
# ## Verdict
#
# The numbers that it rests on:

# %%
c, s = (protocol.crossed(square(sort, "DCGAN")) for sort in ("CNN", "spectrum"))
print(f"AUC at home: CNN {met('CNN')}, spectrum {met('spectrum')}")
print(f"AUC, another seed: CNN {c}, spectrum {s}")
print(f"AUC, another last layer: CNN {protocol.crossed(square('CNN', 'DCGAN, upsampling'))}, spectrum {blind}")
print(f"recall at home and with another seed: CNN {cases['CNN, the same seed'][0]:.0%}, {cases['CNN, another seed'][0]:.0%}")
print(f"after a slight blur, CNN at home: recall {after('CNN', 'blur', 'found').mean():.0%}, false alarms {after('CNN', 'blur', 'false_alarms').mean():.0%}")
print(f"recall when the same generator was trained on: CNN {aged:.0%}, a new CNN {renewed:.0%}")
print(f"AUC after 100 steps of a forger: {metrics.confidence_interval([r['after'] for r in race])}")
print(f"right alarms at 1 fake in 1,000, at home: {alarm_precision(0.001, *cases['CNN, the same seed']):.0%}")

# %% [markdown]
# > **Verdict: "AI finds AI fakes"**
# >
# > | | |
# > |---|---|
# > | **What held** | A detector finds the generator that it was trained on, nearly always, as long as nothing changes. A simple one on the spectrum keeps much of its AUC for some other generators. The false-alarm rate on untouched photographs is the one asked for. |
# > | **What did not** | "Finds fakes." Another seed of the same recipe, or the same generator after more training, costs the CNN most of its recall. Another last layer makes the simple one nearly a coin. A slight blur makes photographs ring the alarm. 100 steps of a forger bring the CNN to a coin. Stated probabilities mean nothing for strangers. |
# > | **Use it** | to sort known material: one generator, one source, one way of processing, with fresh samples of both kinds in reach. As one hint among several, for a person who decides. |
# > | **Do not use it** | as a proof against a person; where fakes are rare and nobody checks the alarms; against somebody who can try it out. |
# > | **What it costs to rely on it** | People who look at false alarms, in proportion to all uploads (the sum above, with your numbers). Appeals of those who were flagged wrongly. A new training set for each new generator, and a new threshold for each change of the processing. And the fakes that pass, now with a certificate. |
# > | **Ask the vendor** | Recall at a fixed false-alarm rate *on generators it has not met*? After our own processing? False alarms on our own photographs? Precision at our base rate? When was it last retrained, and what if somebody trains against it? |
# > | **Instead** | Sign what is yours at the source, mark what you generate, confirm by a second channel, and make removal fast. Those need no guess, but partners who take part. |
#
# It is a verdict on small detectors, small grey images and short trainings. Large detectors start higher; the questions stay.
#
# ## Recap
#
# - "Deepfake" names a use. Some are made by GANs, many are not.
# - A detector is a discriminator whose generator does not answer. It learns **this** generator, and every leak that you leave.
# - **AUC** needs no threshold, **recall** at a fixed false-alarm rate is what you get. Test on other seeds, other architectures, and processed images.
# - **Calibration** holds for the mix of the training set. **Precision** needs the base rate.
# - **Marks and signatures** need not know the forger; they need somebody who takes part.
#
# ## Test yourself
#
# <details><summary>1. A paper reports an accuracy of 99.9 % for a detector. The photographs are JPEG files, the fakes PNG files. What would you try first?</summary>
# Save both in the same way and test again; and test it on photographs saved as PNG. If those are called fakes, the detector has learned the format.
# </details>
#
# <details><summary>2. A detector has recall 90 % and 0.1 % false alarms. A newspaper gets 2,000 pictures a day, about two of them fake. How many alarms a day, and how many are right?</summary>
# About 2 · 0.9 = 1.8 right ones and 1,998 · 0.001 = 2.0 wrong ones: four alarms, and a little less than half are right. One person can check four. With ten million uploads there are ten thousand false alarms a day: at 60 an hour, work for about 20 people.
# </details>
#
# <details><summary>3. Your detector has an AUC of 0.5 on a new generator. Is that generator perfect?</summary>
# No. The detector does not see its traces. Train a fresh detector on its samples, as lesson 05 would ask of any judge: if that one finds them, the traces are there.
# </details>
#
# Now do [exercise 16](../exercises/16_deepfakes.ipynb): write precision, AUC, a spectrum, a calibration error, and a report that a manager can use.
#
# ## References
#
# - H. Ajder, G. Patrini, F. Cavalli, L. Cullen: The state of deepfakes: landscape, threats, and impact. Deeptrace, 2019.
# - N. Carlini, H. Farid: Evading deepfake-image detectors with white- and black-box attacks. CVPR workshops 2020.
# - K. Chandrasegaran, N.-T. Tran, N.-M. Cheung: A closer look at Fourier spectrum discrepancies for CNN-generated images detection. CVPR 2021.
# - B. Chesney, D. Citron: Deep fakes: a looming challenge for privacy, democracy, and national security. California Law Review 107, 2019.
# - C2PA: Content Credentials, technical specification. Coalition for Content Provenance and Authenticity, c2pa.org.
# - B. Dolhansky et al.: The DeepFake Detection Challenge (DFDC) dataset. arXiv:2006.07397, 2020.
# - R. Durall, M. Keuper, J. Keuper: Watch your up-convolution: CNN based generative deep neural networks are failing to reproduce spectral distributions. CVPR 2020.
# - C. Guo, G. Pleiss, Y. Sun, K. Weinberger: On calibration of modern neural networks. ICML 2017.
# - T. Karras, S. Laine, T. Aila: A style-based generator architecture for generative adversarial networks. CVPR 2019.
# - D. Kingma, M. Welling: Auto-encoding variational Bayes. ICLR 2014.
# - J. Kong, J. Kim, J. Bae: HiFi-GAN: generative adversarial networks for efficient and high fidelity speech synthesis. NeurIPS 2020.
# - S. Nightingale, H. Farid: AI-synthesized faces are indistinguishable from real faces and more trustworthy. PNAS 119, 2022.
# - U. Ojha, Y. Li, Y. J. Lee: Towards universal fake image detectors that generalize across generative models. CVPR 2023.
# - I. Perov et al.: DeepFaceLab: integrated, flexible and extensible face-swapping framework. arXiv:2005.05535, 2020.
# - K. R. Prajwal, R. Mukhopadhyay, V. Namboodiri, C. V. Jawahar: A lip sync expert is all you need for speech to lip generation in the wild. ACM Multimedia 2020.
# - R. Rombach et al.: High-resolution image synthesis with latent diffusion models. CVPR 2022.
# - S.-Y. Wang, O. Wang, R. Zhang, A. Owens, A. Efros: CNN-generated images are surprisingly easy to spot … for now. CVPR 2020.
# - X. Zhao et al.: Invisible image watermarks are provably removable using generative AI. NeurIPS 2024.
# - Regulation (EU) 2024/1689 (AI Act), Articles 3 and 50. TAKE IT DOWN Act, Public Law 119-12, 2025.
