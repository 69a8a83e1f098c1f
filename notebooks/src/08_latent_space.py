# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/08_latent_space.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # What is inside the latent space?
#
# A generator turns 32 random numbers into an image. Training named none of them. Is there a "brighter" in there, a "more like a shoe"? Can you walk from one garment to another, do sums with garments, or find
# the numbers of a photograph? At the end of this page you can try each of these, and say how often it works.
#
# **You will** see why noise lies on a shell, measure two ways to walk on it, find directions with and without labels, trade diversity away, do arithmetic that often fails, and look for real images inside a generator.
#
# **You need** lessons 03, 04 and 05. **Minutes** on two CPU cores: 35 to read, about 1 to run.
#
# Here is the end result: real images above, and below each the nearest image that we could find in the generator. Some are not in there.

# %% tags=["preview"]
from gan_lessons import show

show.preview("08_latent_space")

# %%
import torch
from torch.nn import functional as F

from gan_lessons import data, metrics, runtime, storage
from gan_lessons.metrics import confidence_interval
from gan_lessons.show import measures

device = runtime.start(seed=0)
G, classifier = storage.pretrained("dcgan"), metrics.classifier()
Z = G.net[0].in_features  # 32
train, test = data.fashion_mnist("train"), data.fashion_mnist("test")


@torch.no_grad()
def images_of(z):
    """Images of a batch of noise vectors, in pieces."""
    return torch.cat([G(piece) for piece in z.split(500)])


@torch.no_grad()
def chances(features):
    """The classifier's probabilities (N, 10), from its features."""
    return classifier.head(features).softmax(dim=1)


# %% [markdown]
# ## Noise lies on a shell
#
# $z$ has $d$ numbers from a normal distribution, and the most likely value of each is 0. **Predict.** How long is a typical $z$ with $d = 32$? Which share of them is shorter than 2?
#
# The squared length is a sum of $d$ squares, each 1 on average and with variance 2:
#
# $$\mathbb{E}\,\lVert z \rVert^2 = d, \qquad \operatorname{Var}\,\lVert z \rVert^2 = 2d$$

# %% tags=["nbval-check-output"]
for d in (2, 32, 512):
    squared = torch.randn(20_000, d).square().sum(dim=1)
    right = abs(squared.mean() / d - 1) < 0.05 and abs(squared.var() / (2 * d) - 1) < 0.1
    print(f"{d} numbers: mean d within 5 %, variance 2 d within 10 %:", bool(right))

# %% [markdown]
# So the length itself is about $\sqrt d$, and its spread does not grow with $d$. Seen from far away, the noise is a thin shell:

# %%
edges, shells = torch.linspace(0, 2.4, 61), {}
for d in (2, 32, 512):
    length = torch.randn(20_000, d).norm(dim=1)
    shells[f"{d} numbers"] = torch.histogram(length / d**0.5, edges, density=True).hist
z = torch.randn(5000, Z)
length = z.norm(dim=1)
low, high = length.quantile(torch.tensor([0.01, 0.99])).tolist()
alt = (
    "Distribution of |z| / √d for 2, 32 and 512 numbers: it narrows around 1. With 32 numbers, 98 % of "
    f"all lengths lie between {low:.1f} and {high:.1f}; the shortest of 5,000 is {length.min():.1f}."
)
show.curves((edges[1:] + edges[:-1]) / 2, shells, "length / √d", "density", alt)

# %% [markdown]
# **What we saw.** No $z$ comes from near the centre, although the density is highest there: there is too little room. A generator has never been trained in the middle of the space. Keep that in mind for everything below.
#
# One set of noise vectors serves the whole page. We describe their images once: features, the classifier's class, and the mean brightness. The reference is 2,500 test images.

# %%
images = images_of(z)
features = metrics.features(images)
classes, brightness = chances(features).argmax(dim=1), images.mean(dim=(1, 2, 3))
some = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))[:2500]
real = metrics.features(test.images[some])
print("images of each class among 5,000 samples:", classes.bincount(minlength=10).tolist())

# %% [markdown]
# ## A line, or an arc?
#
# To walk from $z_0$ to $z_1$ you can take the straight line, $(1-t)\,z_0 + t\,z_1$. **Predict.** How long is $z$ in the middle of the way, when both ends are independent?
#
# $$\mathbb{E}\,\big\lVert \tfrac12 (z_0 + z_1) \big\rVert^2 = \tfrac{d}{2}$$
#
# The line leaves the shell. **Spherical interpolation** (Shoemake 1985; for GANs: White 2016) takes the arc instead. With $\omega$ the angle between $z_0$ and $z_1$:
#
# $$\operatorname{slerp}(z_0, z_1, t) = \frac{\sin((1-t)\,\omega)}{\sin \omega}\, z_0 + \frac{\sin(t\,\omega)}{\sin \omega}\, z_1$$


# %% tags=["shown"]
def slerp(z0, z1, t):
    """From z0 (t = 0) to z1 (t = 1) along an arc, for vectors or batches (B, z_dim)."""
    cosine = (F.normalize(z0, dim=-1) * F.normalize(z1, dim=-1)).sum(dim=-1, keepdim=True)
    angle = torch.acos(cosine.clamp(-1, 1))
    flat = torch.sin(angle) < 1e-3
    safe = torch.where(flat, torch.ones_like(angle), angle)
    arc = (torch.sin((1 - t) * safe) * z0 + torch.sin(t * safe) * z1) / torch.sin(safe)
    return torch.where(flat, (1 - t) * z0 + t * z1, arc)


# %% tags=["nbval-check-output"]
def lerp(z0, z1, t):
    """The straight line."""
    return (1 - t) * z0 + t * z1


a, b = torch.randn(2, 4000, Z)
halved = lerp(a, b, 0.5).square().sum(dim=1).mean().item() / (Z / 2)
print("middle of the line: |z|² = d / 2 within 5 %:", abs(halved - 1) < 0.05)
unit_a, unit_b = F.normalize(a, dim=1).double(), F.normalize(b, dim=1).double()
quarter, angle = slerp(unit_a, unit_b, 0.25), torch.acos((unit_a * unit_b).sum(dim=1))
print("an arc of unit vectors stays at length 1:", torch.allclose(quarter.norm(dim=1), torch.ones(4000).double()))
turned = torch.acos((unit_a * quarter).sum(dim=1))
print("a quarter of the way is a quarter of the angle:", torch.allclose(turned, angle / 4))
print("the ends are z0 and z1:", torch.allclose(slerp(a, b, 0.0), a) and torch.allclose(slerp(a, b, 1.0), b, atol=1e-5))
print("equal ends give no nan:", torch.allclose(slerp(a, a, 0.3), a, atol=1e-5))

# %% [markdown]
# Theory says that the arc stays where the generator was trained. Does it matter for the images? Look, then measure.

# %%
t = torch.linspace(0, 1, 9)
first, second = z[:3], z[3:6]
rows = [walk(first[i : i + 1], second[i : i + 1], x) for i in range(3) for walk in (lerp, slerp) for x in t]
middle = [walk(a, b, 0.5).norm(dim=1).mean() for walk in (lerp, slerp)]
alt = (
    "Three walks between two noise vectors each: along the line, and below it along the arc. The mean length of z "
    f"at the middle is {middle[0]:.1f} on the line and {middle[1]:.1f} on the arc, for 4,000 pairs."
)
titles = [f"t={x:.2f}" for x in t]
show.images(images_of(torch.cat(rows)), columns=9, titles=titles, row_labels=["line", "arc"] * 3, alt=alt)

# %% [markdown]
# Now with many pairs. Four draws of 500 pairs each: the Fréchet distance of the middles to real images, and how sure the classifier is of its answer. Real images and the ends of the walks are the yardsticks, in equal counts.
#
# **Predict.** Is the middle of a line farther from real images than the middle of an arc? Is the classifier less sure of it?

# %%
fresh = torch.randperm(len(train), generator=torch.Generator().manual_seed(1))[:2000]
kinds = {
    "real images": metrics.features(train.images[fresh]),
    "the ends": features[:2000],
    "middle of lines": metrics.features(images_of(lerp(a[:2000], b[:2000], 0.5))),
    "middle of arcs": metrics.features(images_of(slerp(a[:2000], b[:2000], 0.5))),
}
distance, sure = {}, {}
for name, part in kinds.items():
    distance[name] = confidence_interval([metrics.frechet_distance(real, x).item() for x in part.split(500)])
    sure[name] = confidence_interval([chances(x).amax(dim=1).mean().item() for x in part.split(500)])
    print(f"{name:16s} Fréchet distance {str(distance[name]):20s} certainty {sure[name]}")

# %%
spread = [[d.value - d.low for d in distance.values()], [d.high - d.value for d in distance.values()]]
alt = "Fréchet distance to 2,500 test images, mean of 4 draws of 500 with 95 % interval: "
alt += "; ".join(f"{name} {d.value:.1f}" for name, d in distance.items()) + "."
show.bars(list(distance), [d.value for d in distance.values()], "Fréchet distance", alt, errors=spread)

# %% tags=["nbval-check-output"]
line, arc = distance["middle of lines"], distance["middle of arcs"]
print("middles of lines are farther from real images than those of arcs, by 20 % or more:", line.value > 1.2 * arc.value)

# %% [markdown]
# **What we saw.** As a *set*, the middles of lines are worse. Image by image the difference is small: compare the certainties, which are a few points apart, and the pictures of the walks. So a single line looks fine, and you would not see the loss in a demo.
#
# The other promise of the arc is an even pace. Measure the steps in feature space: ten steps for each of 100 pairs, and the longest step divided by the mean step of its own walk.

# %%
steps, pace = torch.linspace(0, 1, 11), {}
for name, walk in (("lines", lerp), ("arcs", slerp)):
    path = torch.cat([walk(a[:100], b[:100], x) for x in steps])
    seen = metrics.features(images_of(path)).view(11, 100, -1)
    step = (seen[1:] - seen[:-1]).norm(dim=2)  # (10, 100)
    pace[name] = step
    uneven = confidence_interval((step.max(dim=0).values / step.mean(dim=0)).tolist())
    print(f"{name}: whole way {confidence_interval(step.sum(dim=0).tolist())}, longest step / mean step {uneven}")
said = ", ".join(f"{n} from {s.mean(1).min():.2f} to {s.mean(1).max():.2f}" for n, s in pace.items())
alt = f"Mean step in feature space along the way, 100 pairs: {said}."
show.curves(steps[1:] - 0.05, {n: s.mean(dim=1) for n, s in pace.items()}, "t", "step", alt, markers=True)

# %% [markdown]
# **What we saw.** An even pace in $z$ is not an even pace in the image. A line turns fastest in its middle, which is geometry. And on both ways there are quiet stretches and jumps, where one garment turns into another. Compare the two intervals for the longest step before you call one way smoother.
#
# ## Directions without labels
#
# The first layer of this generator is linear: its activations are $h = A z + c$ (in eval mode, BatchNorm only scales and shifts). GANSpace (Härkönen et al. 2020) moves along the **principal directions** of such activations, found from many samples. Here you need no samples:
#
# $$\operatorname{Cov}(h) = A A^\top, \qquad A = U S V^\top$$
#
# So the variances are $S^2$, and the directions in $z$ are the columns of $V$ (Shen and Zhou 2021 take directions from the weights, too).

# %% tags=["nbval-check-output"]
with torch.no_grad():
    layer = torch.nn.Sequential(*G.net[:3], torch.nn.Flatten())  # up to the first BatchNorm
    c = layer(torch.zeros(1, Z))
    A = (layer(torch.eye(Z)) - c).T  # a column for each number of z
    h = layer(torch.randn(5000, Z))
print("the layer is linear:", torch.allclose(layer(z[:5]), z[:5] @ A.T + c, atol=1e-3))
U, S, Vh = torch.linalg.svd(A, full_matrices=False)
principal = Vh  # (32, 32), a direction in each row, of length 1
measured = ((h - h.mean(dim=0)) @ U).var(dim=0)
print("variances of 5,000 samples = S² within 10 %:", bool(((measured / S**2 - 1).abs() < 0.1).all()))

# %% [markdown]
# **Predict.** A large variance in the first layer: does it mean a large change of the image?

# %%
start = z[:200]
push = torch.cat([start + side * v for v in principal for side in (-1.5, 1.5)])
pushed = images_of(push).view(Z, 2, 200, 28, 28)
change = (pushed[:, 1] - pushed[:, 0]).abs().mean(dim=(1, 2, 3))
by_variance = S / S[0]
order = torch.corrcoef(torch.stack([S, change]))[0, 1]
alt = (
    "For each principal direction: its standard deviation in the first layer, and the mean change of a pixel between "
    f"-1.5 and +1.5, both relative to the first. Last direction: {by_variance[-1]:.2f} and "
    f"{change[-1] / change[0]:.2f}. Correlation {order:+.2f}."
)
series = {"first layer": by_variance, "pixels": change / change[0]}
show.curves(torch.arange(1, Z + 1), series, "principal direction", "relative size", alt, markers=True)

# %%
row = torch.linspace(-3, 3, 7)[:, None]
chosen = [0, 1, 2, Z - 1]
moved = torch.cat([z[16] + row * principal[i] for i in chosen])
alt = f"One z moved from -3 to 3 along principal directions 1, 2, 3 and {Z}."
show.images(images_of(moved), columns=7, titles=[f"{x:+.0f}" for x in row[:, 0]], row_labels=[str(i + 1) for i in chosen], alt=alt)

# %% [markdown]
# **What we saw.** Yes: the two curves fall together, and a push along the last direction hardly changes the image. The directions come sorted, for free, and without names. What one of them means is for you to say; and it may mean another thing for another $z$.
#
# ## Directions with a name
#
# If you can *tell* whether an image has a property, you can look for it in $z$: draw many, label their images, and separate the labels by a plane. The direction is what the plane is perpendicular to.


# %% tags=["shown"]
def direction(z, labels):
    """Where a linear classifier (logistic regression) sees more of label 1: (z_dim,), of length 1."""
    x, y = z.double(), labels.double()
    weights = torch.zeros(z.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        opt.zero_grad()
        logits = x @ weights[:-1] + weights[-1]
        value = F.binary_cross_entropy_with_logits(logits, y)
        value = value + weights[:-1].square().sum() / (2 * len(x))  # keeps them finite
        value.backward()
        return value

    opt.step(loss)
    return F.normalize(weights[:-1].detach(), dim=0).to(z.dtype)


# %% [markdown]
# Four properties: *bright* is measured in pixels, the others are the classifier's verdicts. *Long sleeves* stands for pullover, coat or shirt. The last 1,000 of our $z$ are held out, to see whether a plane can tell the property at all.

# %%
def has(classes, brightness):
    """Which images have each property: a dict of bool (N,)."""
    return {
        "bright": brightness > middle_brightness,
        "shoe": torch.isin(classes, torch.tensor([5, 7, 9])),
        "long sleeves": torch.isin(classes, torch.tensor([2, 4, 6])),
        "trouser": classes == 1,
    }


middle_brightness = brightness.median()
labels, named = has(classes, brightness), {}
for name, label in labels.items():
    named[name] = direction(z[:4000], label[:4000].long())
    side, held_out = z @ named[name], label[4000:]
    score = side[4000:][held_out][:, None] > side[4000:][~held_out]  # all pairs, one with, one without
    print(f"{name:12s} {label.float().mean():4.0%} of the images; a pair is ranked rightly: {score.float().mean():.0%}")
cosines = torch.stack(list(named.values())) @ torch.stack(list(named.values())).T
print("\ncosine of each two directions:")
for name, line in zip(named, cosines, strict=True):
    print(f"{name:12s}", "  ".join(f"{x:+.2f}" for x in line))

# %% [markdown]
# **Predict.** Move 250 noise vectors that were *not* used for the fit by 3 along "bright". Does anything but the brightness change? And if each moves in a random direction of its own?

# %%
start = z[4000:4250]
chance = F.normalize(torch.randn(250, Z), dim=1)
table, effect = [], {}
for name, vector in {"not at all": 0 * chance, "random": chance, **named}.items():
    pictures = images_of(start + 3 * vector)
    now = has(metrics.predict(pictures), pictures.mean(dim=(1, 2, 3)))
    table.append([share.float().mean().item() for share in now.values()])
    effect[name] = dict(zip(now, table[-1], strict=True))
alt = "Share of 250 images with each property. Not moved: " + ", ".join(f"{n} {s:.0%}" for n, s in effect["not at all"].items())
for name in named:
    alt += f". Moved by 3 along {name}: " + ", ".join(f"{n} {s:.0%}" for n, s in effect[name].items())
show.matrix(torch.tensor(table), alt + ".", rows=list(effect), columns=list(named), ylabel="moved along", xlabel="has the property, %")

# %% tags=["nbval-check-output"]
gain = {name: effect[name][name] - effect["not at all"][name] for name in named}
others = {name: max(abs(effect[name][o] - effect["not at all"][o]) for o in named if o != name) for name in named}
print("each direction brings more of its property, by 10 points or more:", all(g > 0.1 for g in gain.values()))
print("some direction changes another property by 10 points or more:", max(others.values()) > 0.1)

# %% [markdown]
# **What we saw.** Each direction does what its name says, and more: the properties are **entangled**. Some of that is in the data: the next cell prints how bright the real garments are. A pullover fills more pixels than a sandal, so a plane that separates bright from dark also separates the two.
# Shen et al. (2020) take the unwanted direction out of the wanted one. Does it help here?

# %%
real_brightness = data.to_float(test.images).mean(dim=(1, 2, 3))
for name, label in has(test.labels, real_brightness).items():
    print(f"real images, {name:12s}: mean brightness {real_brightness[label].mean():+.2f}")
pure = named["bright"] - (named["bright"] @ named["shoe"]) * named["shoe"]
pure = F.normalize(pure, dim=0)
for name, vector in (("bright", named["bright"]), ("bright without shoe", pure)):
    pictures = images_of(start + 3 * vector)
    now = has(metrics.predict(pictures), pictures.mean(dim=(1, 2, 3)))
    print(f"3 along {name:20s}", ", ".join(f"{n} {s.float().mean():.0%}" for n, s in now.items()))
print(f"{'not moved':28s}", ", ".join(f"{n} {s:.0%}" for n, s in effect["not at all"].items()))

# %% [markdown]
# **What we saw.** It helps in part: the images become as bright as before, more shoes survive, and fewer long sleeves appear than along plain *bright*. Trousers vanish all the same: only one direction was taken out.
#
# Now your hands. Six images; click a slider and use the arrow keys, or the mouse. Find a push at which a garment falls apart.

# %%
from gan_lessons import widgets

widgets.latent_explorer(G, z[10:16], z[20:26], {"Bright": named["bright"], "Shoe": named["shoe"], "Principal 1": principal[0]})

# %% [markdown]
# ## Truncation: fewer surprises
#
# Rare noise may give poor images. So cut it off: draw each number again until it lies within $\pm\tau$ (Brock et al. 2019). You need not draw again. With $\Phi$ the distribution function of the normal distribution, this squeezes a given $z$ into the same distribution:
#
# $$z' = \Phi^{-1}\big(\Phi(-\tau) + \Phi(z)\,(1 - 2\,\Phi(-\tau))\big)$$


# %% tags=["shown"]
def truncate(z, threshold):
    """Squeeze noise from N(0, 1) between -threshold and threshold."""
    share = torch.special.ndtr(z.double())  # of the normal distribution, below z
    edge = torch.special.ndtr(torch.tensor(-threshold, dtype=torch.float64))
    return torch.special.ndtri(edge + share * (1 - 2 * edge)).to(z.dtype)


# %% tags=["nbval-check-output"]
many = torch.randn(200_000)
again = many[many.abs() < 0.8]  # what is left after throwing away
squeezed = truncate(many, 0.8)
print("nothing beyond the threshold:", bool(squeezed.abs().max() <= 0.8))
levels = torch.linspace(0.05, 0.95, 19)
gap = (squeezed[:100_000].quantile(levels) - again[:100_000].quantile(levels)).abs().max()
print("the same distribution as drawing again, quantiles within 0.03:", bool(gap < 0.03))

# %% [markdown]
# **Predict.** From $\tau = 4$ (nothing is cut) down to 0.25: what happens to precision (are they good?) and recall (are they all there?) of lesson 05? Both?

# %%
thresholds, precision, recall = [0.25, 0.5, 1, 2, 4], [], []
for tau in thresholds:
    cut = metrics.features(images_of(truncate(z[:2000], tau)))
    pairs = [metrics.precision_recall(real, part) for part in cut.split(500)]
    p, r = zip(*pairs, strict=True)
    precision.append(confidence_interval(p))
    recall.append(confidence_interval(r))
    reach = truncate(z[:2000], tau).norm(dim=1).mean()
    print(f"threshold {tau:<4}  mean length {reach:.1f}  precision {precision[-1]}  recall {recall[-1]}")
said = "; ".join(f"{tau}: {p.value:.2f} and {r.value:.2f}" for tau, p, r in zip(thresholds, precision, recall, strict=True))
alt = f"Precision and recall by threshold, 4 draws of 500 against 2,500 test images, with 95 % intervals. {said}."
measures.with_intervals(thresholds, [{"precision": precision}, {"recall": recall}], "threshold", ["precision", "recall"], alt)

# %%
strip = torch.cat([truncate(z[10:20], tau) for tau in thresholds])
alt = "The same ten noise vectors, truncated at " + ", ".join(map(str, thresholds)) + ", a row for each."
show.images(images_of(strip), columns=10, row_labels=[str(tau) for tau in thresholds], alt=alt)

# %% tags=["nbval-check-output"]
print("truncation at 0.25 loses half of the recall or more:", recall[0].value < recall[-1].value / 2)

# %%
best = max(range(5), key=lambda i: precision[i].value)
print(f"best precision: {precision[best]} at threshold {thresholds[best]}; without truncation: {precision[-1]}")
gained = precision[best].low > precision[-1].high
print("so truncation buys quality here:", "yes" if gained else "no, not more than chance explains")

# %% [markdown]
# **What we saw.** Diversity falls, that much is sure. Quality does not rise here: with smaller thresholds precision falls as well, at first little, then by more than half. It can only rise if the generator is better nearer to the centre, and it was trained on the shell: look at the first row. Brock et al. (2019) saw
# both: models that gain from truncation, and models that break. They add a penalty to the weights, and more models gain. StyleGAN (Karras et al. 2019) truncates in a second space, $w$, towards the mean of all $w$. In $z$ there is no such promise.
#
# ## Sums with garments
#
# Radford et al. (2016) showed "smiling woman − neutral woman + neutral man = smiling man", with each term a mean of three vectors. Here: *bright A − dark A + dark B* should be a *bright B*, with A and B two classes. An answer counts when the classifier sees B and the image is brighter than the middle image of B.
#
# **Predict.** In how many of 400 sums does that work? And what if you do the same sum with the *pixels* of the images?

# %%
dice = torch.Generator().manual_seed(3)
groups, middles = {}, {}
for k in [k for k in range(10) if (classes == k).sum() >= 150]:
    mine = torch.where(classes == k)[0]
    mine = mine[brightness[mine].argsort()]
    third = len(mine) // 3
    groups[k], middles[k] = (mine[:third], mine[-third:]), brightness[mine].median()  # dark, bright
usable = torch.tensor(list(groups))
pairs = [usable[torch.randperm(len(usable), generator=dice)[:2]].tolist() for _ in range(400)]
goal = torch.tensor([b for _, b in pairs])


def term(k, side, space, n):
    """The mean of n random members of a group, in a space (z or images)."""
    group = groups[k][side]
    return space[group[torch.randint(len(group), (n,), generator=dice)]].mean(dim=0)


def sums(space, n):
    """bright A - dark A + dark B, for all pairs of classes."""
    return torch.stack([term(a, 1, space, n) - term(a, 0, space, n) + term(b, 0, space, n) for a, b in pairs])


# %%
def success(pictures):
    """Interval for the share of sums that are bright images of class B, and the share of class B."""
    of_class = metrics.predict(pictures) == goal
    bright = pictures.mean(dim=(1, 2, 3)) > torch.stack([middles[b] for b in goal.tolist()])
    share = metrics.bootstrap(lambda x: x.float().mean(), of_class & bright)
    return share, of_class.float().mean().item()


answers = {
    "chance: a random z": images_of(torch.randn(400, Z)),
    "dark B, left alone": images_of(torch.stack([term(b, 0, z, 1) for _, b in pairs])),
    "noise, one each": images_of(sums(z, 1)),
    "noise, means of 3": images_of(sums(z, 3)),
    "pixels, one each": sums(images, 1).clamp(-1, 1),
    "pixels, means of 3": sums(images, 3).clamp(-1, 1),
}
rate = {name: success(pictures) for name, pictures in answers.items()}
for name, (share, of_class) in rate.items():
    print(f"{name:20s} bright B: {str(share):22s} class B: {of_class:.0%}")

# %%
eight = torch.cat([answers[name][:8] for name in list(answers)[2:]])
alt = "Eight sums in four ways; shares of 400 that come out as bright images of class B: "
alt += "; ".join(f"{name} {share.value:.0%}" for name, (share, _) in rate.items()) + ". Asked for: "
alt += ", ".join(f"bright {data.CLASS_NAMES[b]}" for _, b in pairs[:8]) + "."
show.images(eight, columns=8, row_labels=list(answers)[2:], alt=alt)

# %% tags=["nbval-check-output"]
print("sums of means of 3 beat chance, intervals apart:", rate["noise, means of 3"][0].low > rate["chance: a random z"][0].high)
print("they fail in a fifth of all cases or more:", rate["noise, means of 3"][0].value < 0.8)

# %% [markdown]
# **What we saw.** The famous figure shows the sums that work. Counted over all, they beat chance and fail often. Why are means of three better? A sum of three single $z$ is about $\sqrt 3$ times too long, far outside the shell; with means of three, each term is $\sqrt 3$ times shorter, and the sum has about the right length. Look at the rows of pixels, too: the classifier accepts some of them, and yet you see three garments in one picture. A classifier's yes is not an eye's yes.
#
# ## Is this image in there?
#
# Now backwards: given an image $x$, find its $z$. The generator is differentiable, so walk downhill in $z$, as Zhu et al. (2016) did. Here Adam does it, on $z$ instead of the weights:
#
# $$\min_z \; \operatorname{mean}\big((G(z) - x)^2\big) + \lambda\, \lVert z \rVert^2 / d$$
#
# The second term, the **prior**, pulls $z$ towards the centre, where the density of the noise is highest, so $z$ cannot run away. It does not hold $z$ on the shell, at length $\sqrt{32} \approx 5.7$: compare the lengths below. The landscape has many valleys: start from several $z$ and keep the best.


# %% tags=["shown"]
def invert(G, images, z_dim, steps=150, starts=4, lr=0.1, prior=0.0):
    """Noise vectors (B, z_dim) whose images are close to the given ones, by Adam on z."""
    batch = len(images)
    target = images.repeat(starts, 1, 1, 1)
    z = torch.randn(starts * batch, z_dim, device=images.device, requires_grad=True)
    opt = torch.optim.Adam([z], lr=lr)
    for _ in range(steps):
        error = (G(z) - target).square().mean(dim=(1, 2, 3))
        loss = (error + prior * z.square().mean(dim=1)).sum()
        (z.grad,) = torch.autograd.grad(loss, z)  # for z alone, whatever else could learn in G
        opt.step()
    with torch.no_grad():
        error = (G(z) - target).square().mean(dim=(1, 2, 3)).view(starts, batch)
    return z.detach().view(starts, batch, z_dim)[error.argmin(dim=0), torch.arange(batch)]


# %% [markdown]
# Check the gradient of the whole against finite differences first. Then invert 20 images that the generator made, whose $z$ exists, and 20 test images, two of each class.
#
# **Predict.** Does the search find the $z$ of the generated images? Are the real ones as near?

# %% tags=["nbval-check-output"]
x, point = images[:1].double(), torch.randn(1, Z).double().requires_grad_()
exact = storage.pretrained("dcgan").double()


def objective(z):
    """The equation above, with λ = 0.01."""
    return (exact(z) - x).square().mean() + 0.01 * z.square().sum() / Z


(slope,) = torch.autograd.grad(objective(point), point)
shift = 1e-5 * F.normalize(torch.randn(1, Z).double(), dim=1)
numeric = (objective(point + shift) - objective(point - shift)).item() / 2
print("slope by finite differences = gradient:", abs(numeric / (slope * shift).sum().item() - 1) < 1e-3)

# %%
two_each = torch.cat([torch.where(test.labels == k)[0][:2] for k in range(10)])
targets = {"generated": images[-20:], "real": data.to_float(test.images[two_each])}
found = {}
for name, x in targets.items():
    for prior in (0.0, 0.01):
        torch.manual_seed(5)
        inverse = invert(G, x, Z, steps=100, starts=3, prior=prior)
        rebuilt = images_of(inverse)
        error = (rebuilt - x).square().mean(dim=(1, 2, 3))
        found[name, prior] = inverse, rebuilt, error
        print(f"{name:10s} prior {prior:<5} error {confidence_interval(error.tolist())}", end="")
        print(f"  worst {error.max():.3f}  mean length of z {inverse.norm(dim=1).mean():.1f}")
near = (found["generated", 0.01][0] - z[-20:]).norm(dim=1)
print(f"\ngenerated: found z to true z, distance {near.min():.1f} to {near.max():.1f}; two random z: about {(2 * Z) ** 0.5:.0f}")
pool = [metrics.nearest_neighbours(x, images)[0].square().mean().item() / 784 for x in targets.values()]
print(f"nearest of our 5,000 samples instead: error {pool[0]:.3f} for generated (themselves), {pool[1]:.3f} for real")

# %% tags=["result"]
inverse, rebuilt, error = found["real", 0.01]
worst = error.argsort(descending=True)
show_these = torch.cat([worst.flip(0)[:5], worst[:5].flip(0)])
pictures = torch.cat([targets["real"][show_these], rebuilt[show_these]])
names = [data.CLASS_NAMES[test.labels[two_each[i]]] for i in show_these]
alt = (
    "Ten real test images, the five that were found best on the left and the five worst on the right, and below each the nearest image that Adam found in "
    f"the generator. Mean squared errors from {error.min():.3f} to {error.max():.3f}. From left to right: {', '.join(names)}."
)
show.images(pictures, columns=10, titles=[f"{error[i]:.3f}" for i in show_these], row_labels=["real", "found"], alt=alt)

# %% tags=["nbval-check-output"]
made, there = found["generated", 0.0][2], found["real", 0.0][2]
print("generated images come back better than real ones (medians, half the error):", bool(made.median() < there.median() / 2))
print("the prior shortens z:", bool(found["real", 0.01][0].norm(dim=1).mean() < found["real", 0.0][0].norm(dim=1).mean()))

# %% [markdown]
# **What we saw.** Generated images come back with a small error, although their $z$ is not found exactly: other $z$ give nearly the same image. Real ones come back as relatives: the right kind of garment, but without the print or the pattern. No $z$ that we found gives those. That is **recall** image by image: what cannot be reached has been
# dropped. (A search that fails proves nothing by itself. The generated images are its control.)
#
# ## Half a sneaker, half a boot
#
# The conditional generator of lesson 04 gets a one-hot label. In lesson 04 you fed it mixed labels, from sneaker to ankle boot and from trouser to bag. The first strip repeats the shoes, the second is new, and then come all 45 pairs. **Predict.** In the middle of a pair, how often does the classifier see a third class?

# %%
C = storage.pretrained("conditional")
noise = torch.randn(60, C.net[0].in_features - C.n_classes)


@torch.no_grad()
def mixed(a, b, share):
    """Images of the same 60 noise vectors with the label (1 - share) of class a, share of class b."""
    label = torch.zeros(C.n_classes)
    label[a], label[b] = 1 - share, share
    return C.net(torch.cat([noise, label.expand(len(noise), -1)], dim=1))


shares = torch.linspace(0, 1, 9)
rows, curves = [], {}
for a, b in ((7, 9), (0, 1)):
    pictures = [mixed(a, b, share) for share in shares]
    p = torch.stack([chances(metrics.features(x)).mean(dim=0) for x in pictures])  # (9, 10)
    curves[a, b] = {data.CLASS_NAMES[a]: p[:, a], data.CLASS_NAMES[b]: p[:, b], "any other": 1 - p[:, a] - p[:, b]}
    rows += [x[0] for x in pictures]
alt = "One noise vector while its label goes from one class to another: " + "; ".join(f"{' to '.join(list(c)[:2])}" for c in curves.values()) + "."
titles = [f"{share:.2f}" for share in shares]
show.images(torch.stack(rows), columns=9, titles=titles, row_labels=[data.CLASS_NAMES[a] for a, _ in curves], alt=alt)

# %%
for parts in curves.values():
    first, second, other = parts
    said = ", ".join(f"{name} {p[4]:.2f}" for name, p in parts.items())
    alt = f"Mean probability by the classifier while the label goes from {first} to {second}, 60 noise vectors. In the middle: {said}."
    show.curves(shares, parts, f"share of {second} in the label", "probability", alt, markers=True, width=5.5)

# %%
verdict, every = [], [(a, b) for a in range(10) for b in range(a + 1, 10)]
for a, b in every:
    p = chances(metrics.features(mixed(a, b, 0.5)))
    seen = p.argmax(dim=1)
    verdict.append([((seen == a) | (seen == b)).float().mean().item(), p.amax(dim=1).mean().item()])
either, sure_of_it = torch.tensor(verdict).T
print(f"middle of all 45 pairs: one of the two classes {either.mean():.0%}, a third class {1 - either.mean():.0%};")
print(f"mean certainty {sure_of_it.mean():.2f}")
for i in either.argsort()[:3].tolist():
    a, b = every[i]
    print(f"  most often something else: {data.CLASS_NAMES[a]} and {data.CLASS_NAMES[b]}, {1 - either[i]:.0%}")

# %% [markdown]
# **What we saw.** Half a sneaker, half a boot is a shoe. For other pairs the classifier often sees a third class, and is less sure than of real images. Training used ten points of the label space; between them the generator makes do.
#
# ## Recap
#
# - Noise lies on a **shell** of radius $\sqrt d$. A straight line leaves it, **slerp** does not. It shows in a distance over many pairs, hardly in a single picture.
# - **Principal directions** cost one SVD and have no names. **Semantic directions** cost labels, do what they are named for, and take entangled properties along.
# - **Truncation** certainly costs diversity. Whether it buys quality has to be measured, for each generator.
# - **Arithmetic** works more often than chance, and fails often. Count, and do not pick.
# - **Inversion** shows what the generator cannot make.
#
# ## Test yourself
#
# <details><summary>1. You walk from a z to the same z, to test your slerp, and get nan. Why?</summary>
# The angle is 0, and 0 / 0 is nan. Rounding can also push the cosine above 1, where the arc cosine is nan. Clamp the cosine, and take the straight line where the sine is nearly 0.
# </details>
#
# <details><summary>2. A paper shows ten walks without a flaw and concludes that the generator has not memorised its images. What is missing?</summary>
# How many walks were made, and how the ten were chosen. And a smooth walk says that G is continuous, which every such network is. Compare the samples with the nearest training images, as in lesson 05.
# </details>
#
# <details><summary>3. Your inversion of a photograph has a large error. Name two explanations, and a test that tells them apart.</summary>
# The image is not in the range of G, or the search got stuck. Invert images that G made, with the same settings: there a good z exists. If those come back, the search works. More starts help to tell, too.
# </details>
#
# Now do [exercise 08](../exercises/08_latent_space.ipynb): write slerp, truncated noise, a direction and an inversion. Then [lesson 12](12_augmentation.ipynb) sends GANs to work.
#
# ## References
#
# - K. Shoemake: Animating rotation with quaternion curves. SIGGRAPH 1985. Slerp.
# - T. White: Sampling generative networks. arXiv:1609.04468, 2016. Slerp for latent spaces.
# - A. Radford, L. Metz, S. Chintala: Unsupervised representation learning with deep convolutional generative adversarial networks. ICLR 2016. Vector arithmetic.
# - E. Härkönen, A. Hertzmann, J. Lehtinen, S. Paris: GANSpace: discovering interpretable GAN controls. NeurIPS 2020.
# - Y. Shen, B. Zhou: Closed-form factorization of latent semantics in GANs. CVPR 2021.
# - Y. Shen, J. Gu, X. Tang, B. Zhou: Interpreting the latent space of GANs for semantic face editing. CVPR 2020. Directions from linear classifiers, and taking one out of another.
# - A. Brock, J. Donahue, K. Simonyan: Large scale GAN training for high fidelity natural image synthesis. ICLR 2019. The truncation trick.
# - T. Karras, S. Laine, T. Aila: A style-based generator architecture for generative adversarial networks. CVPR 2019. Truncation in a second space.
# - J.-Y. Zhu, P. Krähenbühl, E. Shechtman, A. Efros: Generative visual manipulation on the natural image manifold. ECCV 2016. Inversion.
