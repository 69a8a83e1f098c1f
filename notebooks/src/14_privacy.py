# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/14_privacy.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "gan-lessons[work] @ git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Does synthetic data leak its training set?
#
# "Our data set is synthetic: no row belongs to a real person. So it is anonymous, and you may share it." Here you attack such data, see a popular report pass while an attack succeeds, and measure what a real guarantee costs.
#
# **You will** ask of an image whether a GAN was trained on it, in three ways; judge attacks by AUC and by what they find at 1 % false alarms; plant one odd image and look for it; train a discriminator with differential privacy; put it beside a private baseline of ten lines; and sign a verdict.
#
# **You need** lessons 04 and 05; the GAN is that of lesson 12. **Minutes** on two CPU cores: 40 to read, about 1 to run. Five minutes only? Read the [verdict](#Verdict).
#
# Here is the end result: what a logistic regression learns from private synthetic data.

# %% tags=["preview"]
from gan_lessons import show

show.preview("14_privacy")

# %%
import copy
import importlib.util

import torch
import torch.nn.functional as F
from scipy.stats import mannwhitneyu
from torch import nn
from torch.func import functional_call, grad, vmap
from tqdm.auto import trange

if not all(map(importlib.util.find_spec, ("opacus", "sklearn", "statsmodels"))):
    raise ImportError("This lesson needs opacus, scikit-learn and statsmodels: pip install 'gan-lessons[work]'")

from gan_lessons import runtime, storage
from gan_lessons.metrics import confidence_interval

# %%
from gan_lessons.protocols.differential_privacy import (
    BATCH,
    CLIP,
    DELTA,
    STEPS,
    Z_DIM,
    binned,
    fuzzy,
    gan_rows,
    judged,
    mlp,
    noise_for,
    spent,
    train_test,
    unbinned,
)
from gan_lessons.protocols.examples import PATIENT_BINS, patients, small_images
from gan_lessons.protocols.privacy import groups, trained
from gan_lessons.show import detection, measures, tables
from gan_lessons.studies.privacy import SEEDS, SIZES, TRAIN

device = runtime.start(seed=0)

# %% [markdown]
# ## The question, as a game
#
# You hold one record. Was it in the training set? That is **membership inference**. It sounds harmless, until the training set is "patients of this clinic". Whoever can't win this game can do little else about that record; whoever wins it has found a leak.
#
# The model is lesson 12's small conditional GAN for Fashion-MNIST, averaged to 14 x 14 pixels, and trained by the course's `fit`. Images stand in for patients: you can look at them, and nobody is harmed. **Members** train the GAN. **Non-members** come from the same shuffled set, so nothing else tells them apart. The attacker owns **reference** images, from there too.

# %%
members, others, reference, odd = groups(*small_images("fashion"), seed=99, n=50)
gan, samples = trained(members, seed=99)
first = torch.cat([members[0][1:9], others[0][:8], samples[::625]])
show.images(F.interpolate(first, scale_factor=2), columns=8, row_labels=["members", "others", "synthetic"], alt="Eight members, eight non-members and eight synthetic images.")

# %% [markdown]
# Three attackers, who know more or less:
#
# - **Discriminator.** Has $D$. It was trained to call members real (Hayes et al. 2019).
# - **Nearest.** Has the synthetic images only. Is one of them close to my record?
# - **Calibrated.** Has them, and reference images. Is a synthetic image closer *than a real one would be anyway*? A plain T-shirt is close to everything. This is the idea of DOMIAS (van Breugel et al. 2023), with distances in place of densities.
#
# **Predict.** Order the three.


# %% tags=["shown"]
def to_nearest(x, y):
    """Distance of each image of x to the nearest of y."""
    return torch.cdist(x.flatten(1), y.flatten(1)).amin(dim=1)


# %% tags=["shown"]
@torch.no_grad()
def attack_scores(D, samples, reference, images, labels):
    """Scores of three attacks, high for "was in the training set"."""
    to_samples = to_nearest(images, samples)
    return {
        "discriminator": D(images, labels)[:, 0],
        "nearest": -to_samples,
        "calibrated": to_nearest(images, reference).log() - to_samples.log(),
    }


# %% [markdown]
# **AUC**: the chance that a random member $m$ scores above a random non-member $o$. One half is a coin.
#
# $$\mathrm{AUC} \;=\; P(s_m > s_o) + \tfrac12 P(s_m = s_o)$$


# %% tags=["shown"]
def attack_auc(others, members):
    """Chance that a member scores above a non-member; ties count half."""
    order = others.sort().values
    below = torch.searchsorted(order, members) + torch.searchsorted(order, members, right=True)
    return (below.double().mean() / (2 * len(others))).item()


# %% tags=["nbval-check-output"]
a, b = torch.randint(5, (40,)).double(), torch.randint(2, 7, (30,)).double()  # many ties
oracle = mannwhitneyu(b.numpy(), a.numpy()).statistic / (40 * 30)
print("scipy agrees:", abs(attack_auc(a, b) - oracle) < 1e-9)

# %% [markdown]
# An average can hide a leak. An attacker who is sure about 5 % of the members, and wrong about nobody, has an AUC hardly above one half, and 5 % of your customers. So also ask: which share of the members is **found**, when only 1 % of non-members may be accused (Carlini et al. 2022)? For that there are 1,000 non-members, more than members: 1 % of 50 would be half an image. AUC does not depend on the mix.


# %% tags=["shown"]
def found_at(others, members, rate=0.01):
    """Share of the members above the score that `rate` of the non-members exceed."""
    allowed = int(rate * len(others))
    return (members > others.sort().values[-allowed - 1]).double().mean().item()


# %%
def attack(gan, samples, members, others):
    """AUC and share found of each attack; the planted first member is left out."""
    known = gan.D, samples, reference[0]
    inside, outside = attack_scores(*known, *members), attack_scores(*known, *others)
    return {name: (attack_auc(outside[name], s[1:]), found_at(outside[name], s[1:])) for name, s in inside.items()}


live = attack(gan, samples, members, others)
tables.table(["50 images, one GAN", "AUC", "found at 1 %"], [[k, f"{v[0]:.2f}", f"{v[1]:.0%}"] for k, v in live.items()])

# %% tags=["nbval-check-output"]
print("a GAN of 50 images leaks to who has D, AUC above 0.8:", live["discriminator"][0] > 0.8)
print("and to who has its samples and a reference, above 0.7:", live["calibrated"][0] > 0.7)

# %% [markdown]
# ## Five GANs of each size
#
# One GAN proves little. The table was made once by the command below: five seeds, each with its own members, non-members, GAN and noise. Intervals are 95 % t-intervals over the five. Five sets drawn from 20,000 images may share a few, so they are for another draw from *these* images. GAN and attacks are as first written down; one run with seed 99, the live one here, came before and changed nothing.

# %%
table = storage.load_table("privacy")
made = table["made_by"]
print(made["command"])
print(f"{made['date']}, {made['machine']}")
print(f"{table['cpu_seconds'] / 60:.0f} CPU minutes, seeds {list(SEEDS)}")
ATTACKS = ("discriminator", "nearest", "calibrated")


def over_seeds(n, name, what):
    """Interval over the seeds for GANs of n images."""
    return confidence_interval([r["attacks"][name][what] for r in table["attacks"] if r["n"] == n])


def short(x, form=".2f"):
    """An interval for a narrow table."""
    return f"{x.value:{form}} [{x.low:{form}}, {x.high:{form}}]"


rows = [[f"{n}, {a}", short(over_seeds(n, a, "auc")), short(over_seeds(n, a, "found"), ".0%")] for n in SIZES for a in ATTACKS]
tables.table(["images, attack", "AUC", "found at 1 %"], rows)

# %%
rows = {f"{n} images": {a: over_seeds(n, a, "auc") for a in ATTACKS} for n in SIZES}
alt = "AUC of three attacks with 95 % intervals over five GANs. " + "; ".join(f"{k}: " + ", ".join(f"{a} {x.value:.2f}" for a, x in v.items()) for k, v in rows.items()) + "."
detection.forest(rows, "AUC: chance that a member scores above a non-member", alt, reference=(0.5, "a coin"), limits=(0.4, 1.02))

# %% [markdown]
# **What we saw.** Who has $D$ knows nearly everything about 50 images, and still a good deal about 800. Who has only samples gets less, and on average calibration helps at each size. More training images help the members most: at 800 the samples give away about 3 % where 1 % would be chance. But the AUC of the calibrated attack stays above a coin. (With five runs near 1, a t-interval may reach beyond 1; read it as "up to 1".) "Small data" and "private data" are enemies.
#
# ## A report that passes
#
# Sellers of synthetic data often show the **distance to the closest record** (DCR). Synthetic images must not be nearer to the training images than *other real images* are, at the 5 % quantile: a ratio of 1 or more passes. A stricter form asks whether more than half of the samples are nearer to the training set than to a holdout set of the same size.

# %%
def closeness(n, what):
    """Interval over the seeds of one line of the report."""
    return confidence_interval([r["closeness"][what] for r in table["attacks"] if r["n"] == n])


passed = {n: sum(r["closeness"]["ratio"] >= 1 for r in table["attacks"] if r["n"] == n) for n in SIZES}
rows = [[str(n), short(closeness(n, "ratio")), f"{passed[n]} of {len(SEEDS)}", short(closeness(n, "closer")), f"{over_seeds(n, 'calibrated', 'auc').value:.2f}"] for n in SIZES]
tables.table(["images", "DCR ratio", "passes", "nearer to members", "AUC, calibrated"], rows)

# %% [markdown]
# **What we saw.** With 50 or 200 images the report fails, as it should. With 800 the ratio is near 1 and most runs pass; the attack works in those as in the others. The stricter column is a better alarm here.
#
# A publisher who fails has an easy way out. Add noise to the synthetic images, just until the ratio is 1. **Predict.** What happens to the attack?
#
# %%
def after_noise(n, what):
    """Interval over the seeds, for samples with just enough noise to pass."""
    return confidence_interval([r["noisy"][what] for r in table["attacks"] if r["n"] == n])


rows = [[str(n), short(after_noise(n, "ratio")), short(after_noise(n, "closer")), short(over_seeds(n, "calibrated", "auc")), short(after_noise(n, "auc"))] for n in SIZES]
tables.table(["images", "DCR ratio", "nearer to members", "AUC before", "AUC with noise"], rows)

# %% tags=["nbval-check-output"]
print("50 images: the report passes in every run:", all(r["noisy"]["ratio"] >= 1 for r in table["attacks"]))
print("and the attack is still better than a coin:", after_noise(50, "auc").low > 0.5)

# %% [markdown]
# **What we saw.** The report passes in every run, by construction. The attack loses something where members were copied, and still works. Noise moves *all* distances up; which record is nearer than expected stays. The column "nearer to members" is not fooled. DCR asks how far samples are from the set. An attacker asks about one record. Yao et al. (2025) show the same for many generators of tables.
#
# ## The one who is different
#
# An average member is one of many. Who is at risk is the person unlike all others: the rare disease, the highest income. So in each run, *one* member is not a garment but its **negative**. Other negatives, which the GAN has never seen, stand in for "people just as odd". What share of them does the planted one outscore? 0.5 is chance; an attacker with 1 % false alarms needs 0.99.

# %%
rows = [[f"{n}, {a}", short(confidence_interval(p)), f"{sum(x >= 0.99 for x in p)} of {len(p)}"] for n in SIZES for a in ATTACKS if (p := [r["planted"][a] for r in table["attacks"] if r["n"] == n])]
tables.table(["images, attack", "share outscored", "found at 1 %"], rows)

# %% [markdown]
# **What we saw.** $D$ remembers the odd one, also where it has 800 images and tells the others apart far less well. The samples hardly show it, and the calibrated attack is no better than chance on it: this small $G$ does not draw the one negative. So here the outlier is at risk from a leaked *model*, and not seen in the *samples*. Five planted images are few, and the intervals wide. With a larger $G$, trained for longer, do not count on it: van Breugel et al. (2023) found uncommon samples *easier* to attack from synthetic data.
#
# ## A guarantee: differential privacy
#
# Attacks give a lower bound: a better attacker may come tomorrow. **Differential privacy** (Dwork et al. 2006) is a promise about *all* of them. Take two data sets that differ in one row. Whatever is published may become at most $e^\varepsilon$ times as likely by that row, apart from a probability $\delta$. Small $\varepsilon$: nobody can tell whether you were in it.
#
# A GAN gets it cheaply in one respect: $G$ sees data only through $D$. If $D$'s training is private, so is all that follows from it, $G$ and its samples too (**post-processing**). So change one line of $D$'s step (Abadi et al. 2016; Xie et al. 2018). Each row's gradient $g_i$ is cut to length $C$, and noise $\xi \sim \mathcal{N}(0, I)$ hides any single one:
#
# $$\tilde g \;=\; \frac1B \Big( \sum_i g_i \min\big(1, C / \lVert g_i \rVert\big) + \sigma\, C\, \xi \Big)$$
#
# $B$ is the *expected* batch size: each row takes part in a step with probability $B/N$, on its own. An accountant turns $\sigma$, $B/N$ and the number of steps into $\varepsilon$.


# %% tags=["shown"]
def per_example(D, rows, real):
    """The gradient of each row's loss: a dict of weights' names to (B, *shape)."""
    weights = {name: w.detach() for name, w in D.named_parameters()}

    def loss(weights, row):
        logit = functional_call(D, weights, (row[None],))
        return F.softplus(-logit if real else logit).sum()

    return vmap(grad(loss), in_dims=(None, 0))(weights, rows)


# %% tags=["shown"]
def clip_and_noise(grads, clip, sigma, batch):
    """Each row's gradient (over all weights) cut to length `clip`; their sum, plus noise of
    standard deviation sigma * clip, over the batch size that is expected.
    """
    length = sum(g.flatten(1).square().sum(dim=1) for g in grads.values()).sqrt()
    factor = (clip / length.clamp(min=1e-12)).clamp(max=1.0)
    total = {name: torch.einsum("b,b...->...", factor, g) for name, g in grads.items()}
    return {n: (g + sigma * clip * torch.randn_like(g)) / batch for n, g in total.items()}


# %% [markdown]
# Check it against opacus (Yousefpour et al. 2021), which does the same with hooks in the layers: first the clipped sum, then the size of the noise.

# %% tags=["nbval-check-output"]
from opacus import GradSampleModule
from opacus.optimizers import DPOptimizer

torch.manual_seed(0)
D, rows = mlp(10, 1, 32), torch.randn(40, 10)
twin = GradSampleModule(copy.deepcopy(D))
opt = DPOptimizer(torch.optim.SGD(twin.parameters(), 0.1), noise_multiplier=0.0, max_grad_norm=0.2, expected_batch_size=50)
F.softplus(-twin(rows.clone().requires_grad_())).mean().backward()
opt.pre_step()
ours = clip_and_noise(per_example(D, rows, real=True), clip=0.2, sigma=0.0, batch=50)
print("opacus has the same gradient:", all(torch.allclose(w.grad, ours[n], atol=1e-6) for n, w in twin._module.named_parameters()))
zero = {"w": torch.zeros(3, 20_000)}
noise = clip_and_noise(zero, clip=0.2, sigma=4.0, batch=50)["w"]
print("noise has size sigma C / B within 3 %:", bool(abs(noise.std() / (4.0 * 0.2 / 50) - 1) < 0.03))

# %% [markdown]
# ## A table of patients
#
# Fifty images are hopeless under such noise; privacy needs a crowd. So: 20,190 rows of the RAND Health Insurance Experiment (statsmodels, public domain), nine columns on plan and health, and one to predict: did the person see a doctor that year? 15,000 rows train, the rest are held out. In the loop below only the first marked line touches real rows. Fakes are clipped too, so that both halves weigh the same; they need no noise.


# %% tags=["shown"]
def train_private(real, sigma, seed, steps=STEPS):
    torch.manual_seed(seed)
    columns = real.shape[1]
    G, D = mlp(Z_DIM, columns, 64, nn.Tanh()), mlp(columns, 1, 32)
    average = copy.deepcopy(G)
    opt_G = torch.optim.Adam(G.parameters(), 5e-4, (0.5, 0.9))
    opt_D = torch.optim.Adam(D.parameters(), 5e-3, (0.5, 0.9))
    for step in trange(steps, leave=False):
        drawn = fuzzy(real[torch.rand(len(real)) < BATCH / len(real)])  # Poisson sampling
        fake = fuzzy(G(torch.randn(BATCH, Z_DIM)).detach())
        noisy = clip_and_noise(per_example(D, drawn, True), CLIP, sigma, BATCH)
        ours = clip_and_noise(per_example(D, fake, False), CLIP, 0.0, BATCH)  # no secret in fakes
        for name, w in D.named_parameters():
            w.grad = noisy[name] + ours[name]
        opt_D.step()
        loss = F.softplus(-D(fuzzy(G(torch.randn(BATCH, Z_DIM))))).mean()  # no real row here
        opt_G.zero_grad()
        loss.backward(inputs=list(G.parameters()))
        opt_G.step()
        for slow, fast in zip(average.parameters(), G.parameters(), strict=True):
            slow.data.lerp_(fast.data, 1 - min(0.99, (1 + step) / (10 + step)))
    return average


# %%
real, test = train_test(patients(), seed=99, n=TRAIN)
sigma = noise_for(3.0, TRAIN)
print(f"epsilon 3, delta {DELTA:g}: sigma {sigma:.2f}; it spends {spent(sigma, TRAIN):.2f}")
private = gan_rows(train_private(real, sigma, seed=99), PATIENT_BINS, TRAIN)

# %% tags=["nbval-check-output"]
print("the budget is kept:", spent(sigma, TRAIN) <= 3.0)
print("half the noise spends more than twice as much:", spent(sigma / 2, TRAIN) > 6.0)

# %% [markdown]
# ## The baseline that a sensible person tries first
#
# Count. For each class, a histogram of each column, with Laplace noise on every count; then draw columns independently within the class. One row stands in nine histograms, so all counts together change by 9, and noise of scale $9 / \varepsilon$ is enough. Its $\delta$ is 0: the stronger promise.


# %% tags=["shown"]
def histograms(real, bins, epsilon, seed):
    """Rows from a noisy histogram of each column within each class, columns independent there.

    One row is in one cell of each of the nine histograms: the counts change by 9 in all, so that
    Laplace noise of scale 9 / epsilon spends epsilon, with delta 0.
    """
    torch.manual_seed(seed)
    places, columns = binned(real, bins), len(bins) - 1
    noise = torch.distributions.Laplace(0.0, columns / epsilon if epsilon < float("inf") else 1e-9)
    tables = []
    for j in range(columns):
        cells = places[:, -1] * bins[j] + places[:, j]
        counts = cells.bincount(minlength=int(bins[-1] * bins[j])).float()
        noisy = (counts + noise.sample(counts.shape)).clamp(min=0.01)
        tables.append(noisy.view(int(bins[-1]), -1))  # a row for each class
    share = torch.stack([t.sum(dim=1) / t.sum() for t in tables]).mean(dim=0)
    label = torch.multinomial(share, len(real), replacement=True)
    made = [torch.multinomial(t[label], 1)[:, 0] for t in tables]
    return unbinned(torch.stack([*made, label], dim=1), bins)


# %% [markdown]
# **Predict.** Which of the two will have the better one-way tables? Which the better pairs of columns? Which the better classifier?
#
# **AUC** here: a logistic regression trained on the synthetic rows, tested on held-out *real* ones. **Error**: the total variation distance between synthetic and held-out tables, mean over all single columns and over all pairs.

# %%
counted = histograms(real, PATIENT_BINS, 3.0, seed=99)
found = {"real rows": judged(real, test, PATIENT_BINS), "GAN, epsilon 3": judged(private, test, PATIENT_BINS), "histograms, epsilon 3": judged(counted, test, PATIENT_BINS)}
tables.table(["one split", "AUC", "error, single", "error, pairs"], [[k, *(f"{x:.3f}" for x in v.values())] for k, v in found.items()])

# %% tags=["nbval-check-output"]
print("histograms have the smaller error in single columns:", found["histograms, epsilon 3"]["one_way"] < found["GAN, epsilon 3"]["one_way"])

# %% [markdown]
# The stored table: five splits, the same for all arms. "None" is without noise; the GAN's gradients are clipped all the same. Intervals are t-intervals over the five splits, which share rows: read them as for another draw from this table.

# %%
def private_runs(kind, epsilon, what):
    """Values over the seeds; epsilon None is without noise."""
    return [r[what] for r in table["private"] if (r["kind"], r["epsilon"]) == (kind, epsilon)]


EPSILONS = {"1": 1.0, "3": 3.0, "10": 10.0, "none": None}
arms = [("real", "none")] + [(kind, e) for kind in ("GAN", "histograms") for e in EPSILONS]
cells = [[f"{k}, {e}", *(short(confidence_interval(private_runs(k, EPSILONS[e], w)), ".3f") for w in ("auc", "one_way", "two_way"))] for k, e in arms]
tables.table(["kind, epsilon", "AUC", "error, single", "error, pairs"], cells)

# %% tags=["result"]
panels = [{k: [confidence_interval(private_runs(k, e, what)) for e in EPSILONS.values()] for k in ("GAN", "histograms")} for what in ("auc", "two_way")]
levels = [sum(private_runs("real", None, what)) / len(SEEDS) for what in ("auc", "two_way")]
names = ["AUC on real rows", "error of pairs"]
alt = "AUC on held-out real rows of a classifier trained on synthetic ones, and error of pairs, over epsilon, 95 % intervals over five splits. "
for name, panel, level in zip(names, panels, levels, strict=True):
    told = "; ".join(f"{k} " + ", ".join(f"{x.value:.2f}" for x in found) for k, found in panel.items())
    alt += f"{name} at epsilon {', '.join(EPSILONS)}: {told}; real rows (dotted) {level:.2f}. "
measures.with_intervals([1, 3, 10, 30], panels, "epsilon (log scale)", names, alt.strip(), levels, ticks=["1", "3", "10", "no noise"])

# %%
def gap(e, what):
    """Histograms minus GAN, paired by split."""
    pairs = zip(private_runs("histograms", EPSILONS[e], what), private_runs("GAN", EPSILONS[e], what), strict=True)
    return short(confidence_interval([h - g for h, g in pairs]), "+.3f")


tables.table(["histograms minus GAN, epsilon", "AUC", "error, pairs"], [[e, gap(e, "auc"), gap(e, "two_way")] for e in EPSILONS])
noisy, free = (private_runs("GAN", e, "two_way") for e in (1.0, None))
price = confidence_interval([a - b for a, b in zip(noisy, free, strict=True)])
print("GAN, error of pairs, epsilon 1 minus no noise:", short(price, "+.3f"))

# %% [markdown]
# **What we saw.** Counting comes nearer to the real table at every ε, with the smaller $\delta$: its single columns are as near to held-out rows as real rows are, and its error of pairs is a third of the GAN's or less. ε costs it nothing that you could see, because the counts of 15,000 rows drown the noise. The GAN pays: at ε = 1 its pairs are worse than without noise, and its classifier is little better than a coin. From ε = 3 on, five splits can't tell the two classifiers apart; the GAN's differ more from one training to the next than by ε.
#
# Noise is not all that holds the GAN back: without any, its pairs are still three times as far off. And mind what a poor model can hide: in a first version of this table the GAN had 1,500 steps, and ε seemed to cost nothing. Histograms lose something as well: pairs within a class are gone, and so is the rest of the way to real rows. Tao et al. (2021) compared many private methods, and those that measure small tables did best there, GANs not.
#
# ## What ε counts, and what it does not
#
# - It counts **one row**. Here a row is one year of a person, and people took part for several years. A person with five rows has about 5 ε (group privacy). Ask which unit a seller means.
# - It counts **this training**. A second one on the same data adds up. So does every choice made by looking at the data: learning rates and the noise on $D$'s input were chosen among five settings on one split of these very rows, the number of steps on three more (seeds 99 and 20 to 22, none of the five above). An honest budget would pay for that, or tune on public data. The same rows also serve in other splits, which flatters the GAN a little. The histograms were not tuned.
# - It does **not** count what was taken as public: ranges and bins of columns, the number of rows. A data sheet would name them; here they were set by looking at the table's extremes.
# - It does **not** hide what is true of everybody. If smokers fall ill, private data says so, and tells about you if you smoke.
# - It holds for exact arithmetic and good random numbers; ours are neither. Ready-made tools care for that.
#
# ## What "anonymised" may mean
#
# The GDPR's recital 26 asks whether a person is identifiable by means *reasonably likely to be used*, singling out among them, and looks at cost, time and technology. It names no ε and no DCR. "Synthetic" is no word of it. Whether your data is anonymous in law is a question for lawyers; the attacks and ε on this page are evidence that you can bring to them, and no answer.
#
# The research is not settled either. Stadler et al. (2022) found that synthetic data gives no better trade between privacy and utility than older ways, with a gain that is hard to predict, and even breaches in two private methods. Sarmin et al. (arXiv 2407.07926) dispute that: the game was a special case, a precondition on the distributions did not hold, which explains the seeming breach, and in their own tests synthetic data did better than $k$-anonymity. Both agree on this much: measure it for your data.
#
# ## Verdict
#
# The numbers that it rests on:

# %%
for n in (50, 800):
    print(f"AUC with {n} images: D {short(over_seeds(n, 'discriminator', 'auc'))},")
    print(f"  calibrated {short(over_seeds(n, 'calibrated', 'auc'))}; DCR passes {passed[n]} of {len(SEEDS)}")
for e in ("1", "10"):
    g, h = (confidence_interval(private_runs(k, EPSILONS[e], "auc")) for k in ("GAN", "histograms"))
    print(f"utility at epsilon {e}: GAN {short(g, '.3f')},")
    print(f"  histograms {short(h, '.3f')}; real rows {levels[0]:.3f}")

# %% [markdown]
# > **Verdict: "It is synthetic, so it is private"**
# >
# > | | |
# > |---|---|
# > | **What held** | Samples leak less than the model. More training data leaks less. A private training keeps its budget, whoever attacks. |
# > | **What did not** | "Synthetic" as such. With 50 images members are found from samples alone, and with 800 an attacker with $D$ still does much better than a coin. A DCR report passes after a little noise, and the attack goes on. The odd member stays in $D$. And the private GAN: histograms with the same ε came nearer to the real table, at each ε, and at ε = 1 they were more useful, too. |
# > | **Use it** | samples of a GAN as test data, for teaching, as a first look, under the *same* access rules as the real data. Private histograms, or methods built on them, for what leaves the house. |
# > | **Do not use it** | as a reason to drop access rules; for small or rare groups; with the discriminator or checkpoints published; on the word of a distance report. |
# > | **What it costs to rely on it** | An attack test by somebody who wants to succeed, for each release. With ε: utility, thousands of rows, somebody who keeps the account over years. If it goes wrong, it can't be called back. |
# > | **Ask the seller** | Share of members found at 1 % false alarms, by a calibrated attack? For the oddest records? Which ε and δ, per row or per person, for the whole training with all its trials? Against which private baseline? |
# > | **Instead** | Publish few tables with noise. Let analysts send code to the data. Share under contract. |
#
# It is a verdict on small GANs, small images and one table. Larger models and better attacks move the numbers; the questions stay.
#
# ## Recap
#
# - **Membership inference** is the game: was this record in the training set? Judge it by AUC *and* by what is found at few false alarms.
# - **Calibrate**: "close" says little; "closer than real data would be" says more.
# - A **DCR** report measures samples, not people. Passing it proves nothing about an attack.
# - **Differential privacy** binds every attacker. Clip, add noise, account; $G$ comes free by post-processing.
# - Say the **unit**, the **budget**, and what was **chosen by looking**. And try histograms first.
#
# ## Test yourself
#
# <details><summary>1. An attack has AUC 0.52. May you say that the data is safe?</summary>
# No. It may be sure about a few: look at the share found at 1 % or 0.1 % false alarms. And it is one attack; a better one may follow.
# </details>
#
# <details><summary>2. You keep the discriminator secret and publish only samples. Which of the three attacks remain?</summary>
# Nearest and calibrated. They were the weaker ones here, but not harmless. And whoever steals the model file of a checkpoint has D as well.
# </details>
#
# <details><summary>3. A seller trains with ε = 1 per epoch, for 20 epochs. What do you ask?</summary>
# For ε of the whole training (simply added, 20; a good accountant says less), δ, the unit (row or person), and whether settings were tuned on the same data.
# </details>
#
# Now do [exercise 14](../exercises/14_privacy.ipynb): attack a GAN, see a report comfort you, clip and add noise, and count privately. Then [lesson 15](15_sound_motion_text.ipynb) leaves images and tables behind.
#
# ## References
#
# - M. Abadi et al.: Deep learning with differential privacy. CCS 2016.
# - B. van Breugel, H. Sun, Z. Qian, M. van der Schaar: Membership inference attacks against synthetic data through overfitting detection. AISTATS 2023.
# - N. Carlini et al.: Membership inference attacks from first principles. IEEE Symposium on Security and Privacy 2022.
# - C. Dwork, F. McSherry, K. Nissim, A. Smith: Calibrating noise to sensitivity in private data analysis. TCC 2006.
# - J. Hayes, L. Melis, G. Danezis, E. De Cristofaro: LOGAN: membership inference attacks against generative models. PoPETs 2019.
# - F. J. Sarmin, A. R. Sarkar, Y. Wang, N. Mohammed: Synthetic data: revisiting the privacy-utility trade-off. arXiv:2407.07926, 2024.
# - T. Stadler, B. Oprisanu, C. Troncoso: Synthetic data – anonymisation groundhog day. USENIX Security 2022.
# - Y. Tao, R. McKenna, M. Hay, A. Machanavajjhala, G. Miklau: Benchmarking differentially private synthetic data generation algorithms. arXiv:2112.09238, 2021.
# - L. Xie, K. Lin, S. Wang, F. Wang, J. Zhou: Differentially private generative adversarial network. arXiv:1802.06739, 2018.
# - Z. Yao, N. Krčo, G. Ganev, Y.-A. de Montjoye: The DCR delusion: measuring the privacy risk of synthetic data. arXiv:2505.01524, 2025.
# - A. Yousefpour et al.: Opacus: user-friendly differential privacy library in PyTorch. arXiv:2109.12298, 2021.
# - Regulation (EU) 2016/679 (GDPR), recital 26.
