# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/07_better_games.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Is there a better game?
#
# In lesson 02 you played one game: D estimates a probability, and cross-entropy keeps the score. Papers offer many others, and
# each says it is more stable. Which problem does each one solve? And how much of it can you see?
#
# **You will** play four other games on the unchanged loop: Wasserstein with a gradient penalty, hinge with spectral normalisation, R1, and
# R3GAN. You check each formula, save a run that fails, and read a table of every game at three learning rates and five seeds.
#
# **You need** lessons 02, 03 and 05. **Minutes** on two CPU cores: 35 to read, 1 to run.
#
# Here is the end result: the same networks on the same data, in five games, and in a sixth row that decides what the other five are worth. A dot is one run.

# %% tags=["preview"]
from gan_lessons import show

show.preview("07_better_games")

# %%
import dataclasses
from functools import partial

import torch
import torch.nn.functional as F
from scipy.stats import wasserstein_distance
from torch import nn

from gan_lessons import data, losses, metrics, networks, runtime, storage, training
from gan_lessons.show import games, race, tables
from gan_lessons.studies.better_games import standings
from gan_lessons.studies.better_games.games import CONTROL, GAMES, RATES, normalise

device = runtime.start(seed=0)

# %% [markdown]
# ## A run that fails
#
# Take the ring of lesson 02 and its networks, but leave Adam at its own defaults, $\beta = (0.9, 0.999)$, and give D and G a small learning rate,
# 0.00025. Slow and careful, one would think. The run has 1000 steps. Every 10 steps we note the mean of G's samples, and how steep D is at them.
#
# Adam's momentum was patient 3 in the clinic of lesson 06, and less of it was the cure. This time Adam stays as it is, and the game has to change.

# %%
ring = data.ring()


def play(recipe, D=None, steps=1000, seed=0):
    """Train on the ring: the GAN, its modes, and rows of (mean sample, D's slope) on the way."""
    torch.manual_seed(seed)
    D, z = D or networks.MLPDiscriminator(), torch.randn(500, 2)
    gan = training.GAN(networks.MLPGenerator(z_dim=2), D, recipe, z_dim=2, device=device)
    trace = []

    def note(step, gan, history):
        if step % 10 == 9:
            with torch.no_grad():
                x = gan.G(z.to(device))
            trace.append([*x.mean(0).tolist(), losses.slopes(gan.D, x).mean().item()])

    training.fit(gan, data.batches(ring, 128, device=device, seed=seed), steps, note)
    modes = metrics.modes_covered(gan.sample(5000), ring)
    print(f"{modes.covered} of 8 modes covered; {modes.share:.0%} of the samples near one")
    return gan, modes, torch.tensor(trace)


# %%
sick = losses.Recipe(lr_d=2.5e-4, lr_g=2.5e-4, betas=(0.9, 0.999))
gan, sick_modes, sick_trace = play(sick)
games.clouds({"samples after 1000 steps": gan.sample(500)}, ring)
games.wander({"mean of the samples on the way": sick_trace[:, :2]}, ring)

# %% [markdown]
# **What we saw.** The samples are one cloud that runs about. Where it stands, D learns to say "fake", and D's slope drives it on to the next place. Nothing in the
# game bounds that slope, or brings the chase to rest.
#
# All the games of this lesson bound D's slope. They differ in where, and to what.
#
# ## Wasserstein: a distance with a slope everywhere
#
# The Jensen-Shannon divergence of lesson 01 is log 2 for all pairs of distributions that do not overlap, near or far. The **Wasserstein
# distance** is not: it is the work of carrying one heap of sand onto the other, mass times way. On a line the best plan is
# simple. Sort both samples, and carry the smallest to the smallest:
#
# $$W_1 = \frac{1}{n} \sum_{i=1}^{n} \big| x_{(i)} - y_{(i)} \big|$$

# %% tags=["nbval-check-output"]
x, y = 0.5 * torch.randn(2000, 1), 0.7 * torch.randn(2000, 1) + 2
exact = (x.sort(dim=0).values - y.sort(dim=0).values).abs().mean().item()
oracle = wasserstein_distance(x[:, 0].numpy(), y[:, 0].numpy())
print("sorted samples agree with scipy:", abs(exact - oracle) < 1e-4)
moved = (x.sort(dim=0).values - (y + 3).sort(dim=0).values).abs().mean().item()
print("3 further away, 3 more work:", abs(moved - exact - 3) < 0.01)

# %% [markdown]
# In more dimensions nobody can sort. But there is a second way to the same number (Kantorovich and Rubinstein). Ask for a function that
# is high on real samples and low on fakes, and that nowhere climbs faster than 1:
#
# $$W_1 = \max_{\lVert f \rVert_L \le 1} \; \overline{f(x)} - \overline{f(G(z))}$$
#
# So let a network look for this $f$. It is called a **critic**, since its answers are scores and no logits of a probability. As a loss
# to make small:

# %% tags=["shown"]
def critic_loss(real_scores, fake_scores):
    """Wasserstein loss of the critic: score real samples high and fakes low."""
    return fake_scores.mean() - real_scores.mean()


def critic_generator_loss(fake_scores):
    """G's part: its samples should be scored high."""
    return -fake_scores.mean()


# %% [markdown]
# The critic's loss is usually *negative*. That is no bug: its opposite is the estimate of the distance.
#
# The hard part is "nowhere faster than 1". Gulrajani et al. (2017) ask for it in the loss. The best critic has slope 1 on the lines between a real
# sample and the fake to which the best plan carries it. Nobody knows that plan, so pair them at random, take one random place on each line, and punish slopes that are not 1:
#
# $$P = \overline{\big(\lVert \nabla_{\hat x} f(\hat x) \rVert_2 - 1\big)^2}, \qquad \hat x = \varepsilon\, x + (1 - \varepsilon)\, G(z), \quad \varepsilon \sim U(0, 1)$$

# %% tags=["shown"]
def slopes(D, samples, *labels):
    """Length of D's gradient at each sample, (B,), through which one can differentiate again."""
    samples = samples.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(D(samples, *labels).sum(), samples, create_graph=True)
    # the small number keeps the derivative of the root finite where the gradient is 0
    return (gradient.flatten(1).square().sum(dim=1) + 1e-12).sqrt()


def gradient_penalty(critic, real, fake, *labels):
    """How far the critic's slope is from 1, on the lines between real samples and fakes."""
    place = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device, dtype=real.dtype)
    between = place * real + (1 - place) * fake
    return (slopes(critic, between, *labels) - 1).square().mean()


# %% [markdown]
# Three details are worth a look. There is one $\varepsilon$ for each sample. The norm runs over all numbers of a
# sample. And `create_graph=True` lets the loss differentiate *through* the gradient; without it the penalty is a number from which the
# critic learns nothing. A critic has no BatchNorm, which would mix the slopes of different samples.
#
# A linear critic $f(x) = w \cdot x + b$ has the slope $w$ everywhere, so the penalty must be $(\lVert w \rVert - 1)^2$:

# %% tags=["nbval-check-output"]
for shape in ((2,), (1, 28, 28)):
    linear = nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(shape).numel(), 1))
    penalty = gradient_penalty(linear, torch.randn(8, *shape), torch.randn(8, *shape))
    expected = (linear[1].weight.norm() - 1) ** 2
    penalty.backward()
    print(f"samples {shape}: (|w| - 1)²:", torch.isclose(penalty, expected, atol=1e-5).item(), end="; ")
    print("the critic gets a gradient:", linear[1].weight.grad.abs().sum().item() > 0)

# %% [markdown]
# **Predict.** Train a critic with this penalty on the two clouds from above, and beside it D of lesson 02. How will their curves differ
# between the clouds, and far to the right?

# %%
def train_d(loss, penalty, steps=500):
    """An MLP D for the two fixed clouds x (real) and y (fake)."""
    torch.manual_seed(0)
    D = networks.MLPDiscriminator(in_dim=1, width=64)
    optimiser = torch.optim.Adam(D.parameters(), 1e-3, (0.0, 0.9))
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 1e-3 if step < 0.8 * steps else 1e-4  # to a calm end
        real, fake = x[torch.randint(2000, (256,))], y[torch.randint(2000, (256,))]
        value = loss(D(real), D(fake)) + penalty(D, real, fake)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    return D


critic = train_d(losses.critic_loss, losses.ten_gradient_penalties)
D = train_d(losses.discriminator_loss, losses.no_penalty)
with torch.no_grad():
    estimate = -losses.critic_loss(critic(x), critic(y)).item()
    line = torch.linspace(-2, 4.5, 200)[:, None]
    scores = critic(line) - critic(torch.ones(1, 1))  # a constant makes no difference to a critic
    curves = {"critic, scores": scores[:, 0], "D, probability": D(line).sigmoid()[:, 0]}
print(f"distance by the critic {estimate:.2f}, by sorting {exact:.2f}")

# %%
steep = {n: losses.slopes(net, line).detach() for n, net in {"critic": critic, "D": D}.items()}
at_fakes = torch.sigmoid(D(line)) * (1 - torch.sigmoid(D(line)))
flat = (steep["D"] * at_fakes[:, 0])[line[:, 0] > 2].mean().item()
said = f"Real numbers around 0, fakes around 2. The critic falls in a line with mean slope {steep['critic'].mean():.2f}; D's probability falls from 1 to 0 between them and has mean slope {flat:.3f} right of 2."
games.critics(line[:, 0], x, y, curves, said)

# %% tags=["nbval-check-output"]
print("the critic's estimate is within a fifth of the exact distance:", abs(estimate / exact - 1) < 0.2)
print("divided by its steepest slope, it is no larger than the distance:", estimate / steep["critic"].max().item() < 1.02 * exact)
print("right of 2 the critic is 5 times as steep as D's probability:", steep["critic"][line[:, 0] > 2].mean().item() > 5 * flat)

# %% [markdown]
# **What we saw.** The critic's estimate is close to the distance. The critic has a usable slope wherever the fakes are. D's
# probability is flat there, which is why the non-saturating loss (lesson 01) takes a logarithm first.
#
# The estimate needs a critic that has caught up. So the paper makes five steps of D for each step of G. That is `d_steps=5`, and costs time.
#
# ## Hinge, and a bound that is built in
#
# The **hinge loss** asks for a margin. Real logits should be above 1, fake ones below -1; beyond that, D has nothing to gain:
#
# $$L_D = \overline{\max(0,\, 1 - D(x))} + \overline{\max(0,\, 1 + D(G(z)))}, \qquad L_G = -\overline{D(G(z))}$$

# %% tags=["shown"]
def hinge_discriminator_loss(real_logits, fake_logits):
    """Hinge loss: real logits below 1 and fake logits above -1 cost as much as they are off."""
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


# %% tags=["nbval-check-output"]
for r, f in ((0.0, 0.0), (1.0, -1.0), (5.0, -3.0), (-1.0, 1.0)):
    value = hinge_discriminator_loss(torch.full((4, 1), r), torch.full((4, 1), f)).item()
    print(f"D(x) = {r:2.0f}, D(G(z)) = {f:2.0f}: L_D = {value:.0f}")

# %% [markdown]
# A margin is no bound on the slope. **Spectral normalisation** (Miyato et al. 2018) puts one into the layers. A matrix $W$ stretches no
# vector more than by its largest singular value $\sigma(W)$, so $W / \sigma(W)$ stretches by 1 at most. LeakyReLU does not stretch. A chain
# of such layers climbs nowhere faster than 1:
#
# $$\lVert D \rVert_L \;\le\; \prod_\ell \sigma\!\left(\frac{W_\ell}{\sigma(W_\ell)}\right) = 1$$
#
# $\sigma$ comes from **power iteration**: send a vector through $W$ and back through $W^\top$, again and again. It turns towards the direction
# that $W$ stretches most. Compare with an SVD:

# %% tags=["nbval-check-output"]
def largest_stretch(weight, steps=200):
    """Largest singular value of a layer's weight, by power iteration."""
    W = weight.detach().flatten(1)
    v = torch.randn(W.shape[1], device=W.device)
    for _ in range(steps):
        u = F.normalize(W @ v, dim=0)
        v = F.normalize(W.T @ u, dim=0)
    return (W @ v).norm().item()


plain = networks.MLPDiscriminator()
bound = normalise(networks.MLPDiscriminator()).eval()
for name, net in {"plain": plain, "normalised": bound}.items():
    layers = [layer for layer in net.net if isinstance(layer, nn.Linear)]
    by_svd = [torch.linalg.svdvals(layer.weight)[0].item() for layer in layers]
    ours = [largest_stretch(layer.weight) for layer in layers]
    same = all(abs(a / b - 1) < 0.02 for a, b in zip(ours, by_svd, strict=True))
    print(f"{name:10s} power iteration agrees with SVD: {same}; ", end="")
    print("every layer stretches by 1:", all(abs(s - 1) < 0.05 for s in by_svd))

# %% [markdown]
# PyTorch's `torch.nn.utils.parametrizations.spectral_norm` makes one such iteration in each training step and keeps the vectors in between.
# `normalise(D)` puts it on every layer. A kernel of a convolution is flattened to a matrix, as in
# Miyato et al.; that is not exactly the stretch of the convolution. Now train it, and measure D's slope at 20,000 places:

# %%
hinge = dataclasses.replace(losses.HINGE, lr_d=1e-3, lr_g=1e-3)
gan, _, _ = play(hinge, normalise(networks.MLPDiscriminator()))
places = 3 * torch.randn(20000, 2, device=device)
slope = losses.slopes(gan.D.eval(), places).max().item()

# %% tags=["nbval-check-output"]
print("after training, D's slope is nowhere above 1.05:", slope < 1.05)

# %% [markdown]
# ## R1: be flat where the data are
#
# WGAN-GP wants slope 1. But at the end of the game, when fakes and real samples agree, G should come to rest, and a slope of 1 never
# lets it. Mescheder et al. (2018) show this with the smallest GAN there is. All real data lie at 0. G has one parameter, the place
# $\theta$ of its only sample. D has one as well: $D(x) = \psi x$. The solution is $\theta = \psi = 0$. Their cure is a penalty with the goal 0,
# at real samples (**R1**) or at fakes (**R2**):
#
# $$R_1 = \frac{\gamma}{2}\; \overline{\lVert \nabla_x D(x) \rVert^2}$$

# %% tags=["shown"]
def zero_centred_penalty(D, samples, *labels):
    """Mean squared length of D's gradient at the samples: R1 on real samples, R2 on fakes."""
    return slopes(D, samples, *labels).square().mean()


def r1_penalty(D, real, fake, *labels, gamma=0.3):
    """R1: D's slope at real samples should be 0, with weight gamma / 2."""
    return gamma / 2 * zero_centred_penalty(D, real, *labels)


# %% [markdown]
# Check it with $D(x) = \tfrac12 \lVert x \rVert^2$. Its gradient is $x$, so the penalty is $\tfrac{\gamma}{2}\,\overline{\lVert x \rVert^2}$:

# %% tags=["nbval-check-output"]
real = torch.randn(64, 1, 28, 28)
found = r1_penalty(lambda x: x.square().flatten(1).sum(1, keepdim=True) / 2, real, None, gamma=0.3)
expected = 0.15 * real.square().flatten(1).sum(1).mean()
print("R1 of a quadratic D is gamma/2 times the mean of |x|²:", torch.isclose(found, expected).item())

# %% [markdown]
# ## R3GAN: compare in pairs
#
# The newest of the four (Huang et al. 2024) changes the question. D is no longer asked "is it real?" but "which of these two is realer?"
# (Jolicoeur-Martineau 2019). With $f(t) = \log(1 + e^{-t})$:
#
# $$L_D = \overline{f\big(D(x) - D(G(z))\big)}, \qquad L_G = \overline{f\big(D(G(z)) - D(x)\big)}, \qquad \text{plus } R_1 + R_2 \text{ for D}$$
#
# G's loss needs logits of real samples, and our loop gives it fakes only. The pair of losses below remembers the logits of D's last step, so the loop
# stays as it is. That is a small liberty: the paper draws and scores a new real batch for G. Each GAN needs a pair of its own, so this recipe
# is a function, `losses.r3gan()`.

# %% tags=["shown"]
def relativistic_losses():
    """A pair of losses that compare each real sample with a fake: which of the two looks realer?"""
    seen = {}

    def relativistic_discriminator_loss(real_logits, fake_logits):
        seen["real"] = real_logits.detach()
        return F.softplus(fake_logits - real_logits).mean()

    def relativistic_generator_loss(fake_logits):
        if "real" not in seen:
            raise RuntimeError("The generator's relativistic loss needs a step of D before it.")
        n = min(len(fake_logits), len(seen["real"]))
        return F.softplus(seen["real"][:n] - fake_logits[:n]).mean()

    return relativistic_discriminator_loss, relativistic_generator_loss


# %% tags=["nbval-check-output"]
d_loss, g_loss = relativistic_losses()
same, high = torch.full((8, 1), 3.0), torch.full((8, 1), 30.0)
log_2 = torch.tensor(2.0).log()
print("all samples look alike, both losses log 2:", torch.isclose(d_loss(same, same), log_2).item(), end=" ")
print(torch.isclose(g_loss(same), log_2).item())
print("both logits 27 higher, same losses:", torch.isclose(d_loss(high, high), log_2).item())

# %% [markdown]
# ## The smallest GAN, in six games
#
# The games: Wasserstein without a penalty, WGAN-GP, the standard game, the same with R1, R3GAN, and hinge without a bound.
#
# **Predict.** Which of these come to rest at the solution? Sketch the paths of $(\theta, \psi)$ before you run the cell.

# %%
class Point(nn.Module):
    """A generator that makes one sample, always the same."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(1.0))

    def forward(self, z):
        return self.theta.expand(len(z), 1)


def orbit(recipe, steps=400, rate=0.1):
    """The path (steps, 2) of theta and psi under plain gradient steps; D starts at psi = 1."""
    G, D = Point(), nn.Linear(1, 1, bias=False)
    nn.init.ones_(D.weight)
    gan, path = training.GAN(G, D, recipe, z_dim=1), []
    gan.opt_G, gan.opt_D = (torch.optim.SGD(net.parameters(), rate) for net in (G, D))
    for _ in range(steps):
        path.append((G.theta.item(), D.weight.item()))
        training.train_discriminator(gan, torch.zeros(8, 1))
        training.train_generator(gan, 8)
    return torch.tensor(path)


# %%
wasserstein = losses.Recipe(losses.critic_loss, losses.critic_generator_loss)
paths = {
    "Wasserstein, no penalty": orbit(wasserstein),
    "WGAN-GP": orbit(dataclasses.replace(wasserstein, penalty=losses.gradient_penalty)),
    "standard": orbit(losses.Recipe()),
    "standard + R1": orbit(losses.Recipe(penalty=partial(losses.r1_penalty, gamma=1.0))),
    "R3GAN": orbit(losses.Recipe(*losses.relativistic_losses(), partial(losses.r1_r2_penalty, gamma=1.0))),
    "hinge, no bound": orbit(dataclasses.replace(wasserstein, discriminator_loss=losses.hinge_discriminator_loss)),
}
ends = {name: path[-50:].norm(dim=1).max().item() for name, path in paths.items()}
said = "; ".join(f"{name} {end:.2f}" for name, end in ends.items())
games.orbits(paths, f"Paths of the smallest GAN from (1, 1) over 400 steps. Largest distance from the solution in the last 50 steps: {said}.")

# %% tags=["nbval-check-output"]
for name, end in ends.items():
    print(f"{name:24s} at rest in the solution: {'yes' if end < 0.05 else 'no'}")

# %% [markdown]
# **What we saw.** Without a penalty the two parameters chase each other around the solution. WGAN-GP holds the slope at 1 or -1, so G is
# always on the move. The standard game creeps inwards, and has not arrived. The two games with a goal of 0 come to rest. (The hinge here has no
# bound; a normalised D of this size has no parameter left.)
#
# This is the strongest argument for R1. It is about the end of a run, close to the solution. What about a run that never gets near?

# %%
r1 = dataclasses.replace(sick, penalty=losses.r1_penalty)
gan, r1_modes, r1_trace = play(r1)
traces = {"sick": sick_trace, "with R1": r1_trace}
games.clouds({"with R1, samples after 1000 steps": gan.sample(500)}, ring)
games.wander({name: trace[:, :2] for name, trace in traces.items()}, ring)
for name, trace in traces.items():
    away, slope = trace[-30:, :2].norm(dim=1).mean(), trace[-30:, 2].mean()
    print(f"{name:8s} last 300 steps: mean sample {away:.2f} from the centre, D's slope {slope:.2f}")

# %% tags=["nbval-check-output"]
print("R1 covers at least 6 modes:", r1_modes.covered >= 6)
print("and more than the sick run:", r1_modes.covered > sick_modes.covered)
print("D is less steep with R1:", r1_trace[-30:, 2].mean().item() < sick_trace[-30:, 2].mean().item())

# %% [markdown]
# One line of the recipe, and the run from the top of the lesson is saved. Is that luck? Does it depend on the learning rate? And would something
# simpler have done as well?
#
# ## Five games, three learning rates, five seeds
#
# One run proves nothing. The next table was made by the command it prints. Networks and loop are the same for all, and D and G have equal learning rates, so
# that no game has a ratio that was tuned for it. On the ring WGAN-GP has 0.1 as the weight of its penalty: with the 10 of the paper it covered
# no mode in a trial, since narrow modes need steep slopes.
#
# There is a sixth row, a control. The papers of WGAN-GP and hinge + SN changed Adam's settings as well as the game, and the recipes of these two have
# $\beta = (0, 0.9)$ here; the other three have (0.5, 0.999). The control has (0, 0.9) and the *standard* game.
#
# **Predict.** Which game is the best at all three rates? Will the control be nearer to the standard game or to the new ones?

# %%
study = storage.load_table("better_games")


def table(runs, names, measure):
    """Values of every seed by game and rate: dict of game -> list (rates) of lists (seeds)."""
    return {
        name: [[measure(r) for r in runs if (r["game"], r["rate"]) == (name, rate)] for rate in RATES]
        for name in names
    }


def print_table(found, digits):
    """Mean and range of the seeds."""
    print(f"{'':17s}" + "".join(f"{f'rate {rate:g}':>15s}" for rate in RATES))
    for name, cells in found.items():
        texts = [f"{sum(c) / len(c):.{digits}f} {min(c):.{digits}f}–{max(c):.{digits}f}" for c in cells]
        print(f"{name:17s}" + "".join(f"{text:>15s}" for text in texts))


# %%
part = study["ring"]
names = [*GAMES, CONTROL]
covered = table(part["runs"], names, lambda r: r["covered"])
share = table(part["runs"], names, lambda r: r["share"])
seconds = table(part["runs"], names, lambda r: r["cpu_seconds"])
made = part["made_by"]
print(f"{made['command']}\ncommit {made['commit']}, {made['date']}, {made['machine']}")
print(f"{part['steps']} steps of batch {part['batch']}. \nModes covered, of 8: mean, lowest–highest")
print_table(covered, 1)
print("\nShare of samples near a mode: mean, lowest–highest")
print_table(share, 2)
print("\nCPU seconds of a run:", ", ".join(f"{n} {sum(map(sum, c)) / sum(map(len, c)):.1f}" for n, c in seconds.items()))
alt = "; ".join(f"{n} {', '.join(f'{sum(c) / len(c):.1f}' for c in cells)}" for n, cells in covered.items())
games.by_rate({"modes covered, of 8": covered, "share of samples near a mode": share}, RATES, f"The ring: modes covered, mean of the seeds at learning rates {', '.join(f'{r:g}' for r in RATES)}: {alt}.")

# %% [markdown]
# **What we saw.** At the smaller rates the standard game is a lottery: it covers all 8 modes with one seed and none with another. WGAN-GP, R1 and R3GAN
# cover 8 in all 15 runs. That is what "stable" means in these papers, and it is real.
#
# It is not the whole story. At the largest rate the standard game covers 8 modes in every run too. As many of its samples lie near a mode as with WGAN-GP,
# and more than with R1, R3GAN or hinge + SN; a likely reason is that a bounded slope blurs narrow modes. And a bound is no insurance: hinge + SN misses modes in 2 of its 15 runs.
#
# The control has the old game and misses modes in one run of 15. At the two larger rates no game is ahead of it in the share of samples near a mode. Most of what looked
# like a merit of the game can be had by changing one line of Adam. WGAN-GP, as reliable as any, takes five times the computing.
#
# ## The same on images
#
# The networks of lesson 03, on Fashion-MNIST. Every run is measured twice: after the same number of steps of G, and after the same CPU
# time. A step of WGAN-GP holds five steps of D with a second derivative each, so the two measurements differ most for it.

# %% tags=["result"]
part = study["images"]
by_steps = table(part["runs"], names, lambda r: r["steps"]["distance"])
by_time = table(part["runs"], names, lambda r: r["cpu"]["distance"])
panels = {
    f"Fréchet distance after {part['steps']} steps of G": by_steps,
    f"Fréchet distance after {part['cpu_seconds']} CPU seconds": by_time,
}
best = {n: min(sum(c) / len(c) for c in cells) for n, cells in by_time.items()}
said = ", ".join(f"{n} {value:.0f}" for n, value in best.items())
alt = f"Images: Fréchet distance of five games and the control at three learning rates, a dot for each seed. At the best rate of each, after {part['cpu_seconds']} CPU seconds, mean: {said}. Real images: {part['floor']}."
games.by_rate(panels, RATES, alt, floor=part["floor"])

# %%
made = part["made_by"]
print(f"{made['command']}\ncommit {made['commit']}, {made['date']}, {made['machine']}")
print(f"batch {part['batch']}; {part['samples']:,} samples against the 5,000 test images; as many real images: {part['floor']}")
for title, found in panels.items():
    print(f"\n{title}: mean, lowest–highest")
    print_table(found, 0)
steps = table(part["runs"], names, lambda r: r["cpu"]["step"])
counts = {n: sorted(sum(c, [])) for n, c in steps.items()}
print("\nsteps of G in that time:", ", ".join(f"{n} {c[0]}–{c[-1]}" for n, c in counts.items()))

# %% [markdown]
# **What we saw.** After equal CPU time hinge + SN is far ahead of the standard game at the two larger rates. A paper could end here. But look at the control,
# the *standard* game with Adam's settings of hinge: at the largest rate it is as near, and at the middle one it has about half of the lead. So much of the lead,
# and at the largest rate all of it, is Adam's, not the hinge's or spectral normalisation's.
#
# WGAN-GP is among the best at equal steps and the last at equal time: after five steps of D, each step of G is worth more, and costs more.
# R1 and R3GAN have the same settings of Adam as the standard game. At equal steps they are about as near as it is, and their steps take longer. What they promise is
# rest at the end of a long run, and 10 seconds are not a long run. This table does not refute them; it shows no gain in a short run of a small GAN.
#
# All of these are far from real images. And it is one data set, with small networks: a table for *your* data may look
# different. The command is there to be changed.
#
# ## A longer run
#
# The recipe of lesson 03 has learnt from the control: Adam without momentum, at high rates. Now give it time: the standard game, and R3GAN's. Networks,
# rates and Adam are the same for both.
#
# **Predict.** Who is ahead after 1,000 steps? After 12,000? Does anybody get *worse*?

# %%
study = storage.load_table("long_run")
made = study["made_by"]
print(f"{made['command']}\ncommit {made['commit']}, {made['date']}, {made['machine']}")
kinds = list(dict.fromkeys(run["kind"] for run in study["runs"]))
steps = [row["step"] for row in study["runs"][0]["at"]]
found = {kind: [run["at"] for run in study["runs"] if run["kind"] == kind] for kind in kinds}
paths = {kind: [[row["distance"] for row in run] for run in runs] for kind, runs in found.items()}
print(f"\n{'steps':>6s}" + "".join(f"{kind:>24s}" for kind in kinds))
for i, step in enumerate(steps):
    cells = [sorted(path[i] for path in paths[kind]) for kind in kinds]
    print(f"{step:6d}" + "".join(f"{c[0]:15.1f} … {c[-1]:6.1f}" for c in cells))
cost = {kind: sum(run[-1]["cpu_seconds"] for run in runs) / len(runs) for kind, runs in found.items()}
print("\nCPU seconds for the whole run:", ", ".join(f"{kind} {t:.0f}" for kind, t in cost.items()))

# %%
means = {kind: torch.tensor(values).mean(dim=0) for kind, values in paths.items()}
said = "; ".join(f"{k} from {m[0]:.0f} to {m[-1]:.1f}, at best {m.min():.1f}" for k, m in means.items())
alt = f"Fréchet distance over {steps[-1]:,} steps, mean of {len(found[kinds[0]])} seeds: {said}."
show.curves(steps, means, "steps of G", "Fréchet distance", alt, log=True, markers=True)

# %% tags=["nbval-check-output"]
gone_worse = {kind: all(p[-1] > min(p) + 1 for p in paths[kind]) for kind in kinds}
for kind, worse in gone_worse.items():
    print(f"{kind}: after its best moment worse by more than 1 in every run: {'yes' if worse else 'no'}")
last = {kind: [p[-1] for p in paths[kind]] for kind in kinds}
print("R3GAN ends ahead of the DCGAN in every run:", max(last["R3GAN"]) < min(last["DCGAN"]))

# %% [markdown]
# **What we saw.** For the first 2,000 steps the two are about level, though a step of R3GAN's game costs two thirds more. Then the standard game turns: in every run its samples at the end are worse than
# they were thousands of steps before. R3GAN's goes on getting better, in every run, to the end. That is the rest at the solution that the smallest GAN promised, on images. So the two tables agree after all:
# the choice of the game hardly matters in a short run, and decides a long one.
#
# ## The race
#
# Is our standard of comparison any good? `make bench` lets the recipe of lesson 03, and R3GAN's losses with the same Adam, run against three published recipes: PyTorch's
# DCGAN tutorial, TensorFlow's, and the DCGAN of PyTorch-GAN, each rebuilt from its description. All have the same images, the same feature network and the same number of threads, and
# each gets the same CPU time.
#
# **Predict.** The published recipes have 60 to 370 times as much computing in each step, on larger batches. (*Floor* is the distance of real images that went through the recipe's own scaling; where images are 32 or 64 pixels wide it is larger.) Who is ahead after a minute, and who after ten?

# %%
result = storage.load_table("make_bench")
made = result["made_by"]
print(f"{made['command']}\ncommit {made['commit']}, {made['date']}, {made['machine']}\n")
tables.table(standings.HEADER, standings.cells(result))
print(standings.over_time(result) + "\n")
print(standings.last_line(result["verdict"]))

# %%
race.race(result)

# %% [markdown]
# **What we saw.** Ours is after eight seconds where the best published recipe is after ten minutes. That says less than it seems to. The published ones were made for larger images, for GPUs and for more patience;
# on a CPU ten minutes are 200 to 1,000 of their steps. Their wide networks use 72 % or more of the arithmetic that the machine has (its peak is an estimate, so one has 104 %), ours a sixth of it: small steps waste the machine, and win, because there are so many of
# them. Read the lines about the classifier, too: for a while it is sure of half of a tutorial's images, whose distance says that they look like nothing. Certainty is not quality.
#
# And look at the right end. The recipe that starts so fast turns after three minutes; by ten, its distance has doubled. R3GAN's game pays for its penalties, is level after a minute and a half, and is still falling
# at the end. Choose for the time that you have. This is one run of each; the table above it has three.
#
# ## What else could be faster?
#
# Here is what we tried on top of the recipe, one idea at a time, three seeds each, with the CPU time that each takes counted in. "Better" means: every run is better than
# every run of the recipe alone.

# %%
study = storage.load_table("tricks")
made = study["made_by"]
print(f"{made['command']}\ncommit {made['commit']}, {made['date']}, {made['machine']}")
marks = [row["cpu_seconds"] for row in study["runs"][0]["at"]]
tried = {}
for run in study["runs"]:
    tried.setdefault(run["trick"], []).append(run["at"])
ends = {name: [run[-1]["distance"] for run in runs] for name, runs in tried.items()}
print(f"Fréchet distance after {', '.join(map(str, marks))} CPU seconds, mean (lowest … highest), and steps in {marks[-1]} s")
for name, runs in tried.items():
    at = [[run[i]["distance"] for run in runs] for i in range(len(marks))]
    cells = [f"{sum(a) / len(a):.1f} ({min(a):.0f} … {max(a):.0f})" for a in at]
    verdict = "better" if max(ends[name]) < min(ends["DCGAN"]) else "no clear difference"
    verdict = "worse" if min(ends[name]) > max(ends["DCGAN"]) else verdict
    made_steps = sum(run[-1]["step"] for run in runs) / len(runs)
    numbers = "".join(f"{cell:>18s}" for cell in cells)
    print(f"{name:26s}{numbers} {made_steps:7.0f}  {'' if name == 'DCGAN' else verdict}")

# %% [markdown]
# **What we saw.** Of eighteen ideas, none is better than the recipe in every run after 40 seconds. Three are worse: a wider D, shifted images, and compiling, because the compiler takes more time than
# so short a run can win back. Two of these are close calls (17.56 and 17.84 against 17.52). Of eighteen ideas that do nothing, about one would come out as "worse" by chance. The others lie within the luck of three seeds: the recipe alone ends between 14 and 18.
#
# The first column says something else. One of the recipe's three runs starts very slowly, at 82 after ten seconds. With BatchNorm in D, the spread of the batch, noisy images, spectral norm
# or twice the rates all three runs are below 40 there. But one bad start in three is a single event, so that is a suspicion and no finding. The command stands above the table: ask it for ten.
#
# ## What does each game fix, and what not?
#
# | game | bounds D's slope | where | what it costs | what it does not do |
# |---|---|---|---|---|
# | WGAN-GP | to 1, softly | between real and fake | five steps of D, each with a second derivative | come to rest at the solution |
# | hinge + spectral norm | to 1, built in | everywhere | little | let D be steep where the data ask for it |
# | R1 | to 0, softly | at real samples | a second derivative for real samples | spare you the choice of $\gamma$ |
# | R3GAN | to 0, softly | at real samples and fakes | second derivatives for both | the same |
#
# None of them tells you when to stop, or how good the samples are. For that you still measure, as in lesson 05.
#
# ## Recap
#
# - The game is four things: two losses, a bound on D's slope, a ratio of steps, and the optimiser's settings. The loop does not change.
# - A critic's loss may be negative; its opposite estimates a distance.
# - A gradient penalty has one $\varepsilon$ and one norm for each sample, and `create_graph=True`.
# - Spectral normalisation bounds every layer; power iteration finds the bound.
# - Zero-centred penalties let the game come to rest.
# - Compare games at several rates, over several seeds, by CPU time as well as by steps, and with a control.
#
# ## Test yourself
#
# <details><summary>1. Your critic's loss is -3.2 and falling. Is something wrong?</summary>
#
# No. It says that the critic scores real samples 3.2 higher than fakes. Early on, a growing gap means that the critic is catching up. If it grows
# without end, look at the penalty: a slope far above 1 makes the gap meaningless.
# </details>
#
# <details><summary>2. Why must a critic with a gradient penalty have no BatchNorm?</summary>
#
# BatchNorm lets the score of one sample depend on all the others of the batch. The gradient of the summed scores by one sample then holds its
# effect on the others' scores too. The penalty would bound something that is not the slope at that sample.
# </details>
#
# <details><summary>3. A paper reports that its game beats the standard GAN at equal steps, with its own settings of Adam. What do you ask for?</summary>
#
# The standard game with the same settings of Adam; the distances at equal time; more than one learning rate; and the spread over seeds.
# </details>

# %% [markdown]
# ## Now you
#
# [Exercise 07](../exercises/07_better_games.ipynb): write the critic's loss, the penalty, the hinge pair and power iteration, and rescue a run. Then [lesson 08](08_latent_space.ipynb) looks inside a
# generator that is trained.
#
# ## References
#
# - M. Arjovsky, S. Chintala, L. Bottou, *Wasserstein GAN*, ICML 2017.
# - I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, *Improved Training of Wasserstein GANs*, NeurIPS 2017: the gradient penalty.
# - J. H. Lim, J. C. Ye, *Geometric GAN*, 2017: the hinge loss.
# - T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida, *Spectral Normalization for Generative Adversarial Networks*, ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin, *Which Training Methods for GANs do actually Converge?*, ICML 2018: the smallest GAN, R1 and R2.
# - A. Jolicoeur-Martineau, *The relativistic discriminator: a key element missing from standard GAN*, ICLR 2019.
# - Y. Huang, A. Gokaslan, V. Kuleshov, J. Tompkin, *The GAN is dead; long live the GAN! A Modern GAN Baseline*, NeurIPS 2024: R3GAN.
# - M. Lucic, K. Kurach, M. Michalski, S. Gelly, O. Bousquet, *Are GANs Created Equal? A Large-Scale Study*, NeurIPS 2018: many games, much the same
#   results with enough tuning.
