# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/01_the_game.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Who plays, what is the score, and what is the best move?
#
# A GAN is a game between two networks. Before you let networks play it, play it where everything can be computed: on a line,
# with densities that you can draw. At the end of this page you know the best answer of one player, what the other player pays then,
# and why a game may go round in circles instead of ending.
#
# **You will** write down the score, find the best discriminator by training *and* by a formula, see what the generator minimises,
# watch one loss stop teaching and another go on, and see two players circle.
#
# **You need** lesson 00, and logarithms. **Minutes** on two CPU cores: 30 to read, less than 1 to run.
#
# The picture below is the heart of it: a trained discriminator finds a formula that nobody told it.

# %% tags=["preview"]
from gan_lessons import show

show.preview("01_the_game")

# %%
import math

import torch
import torch.nn.functional as F

from gan_lessons import data, networks, runtime

device = runtime.start(seed=0)

# %% [markdown]
# ## Who plays
#
# One player forges, the other looks for forgeries; both get better by it. More exactly:
#
# - The **generator** G turns noise $z$ into a sample $G(z)$. The samples that it makes have some density, $q$. The data have a density $p$.
# - The **discriminator** D looks at one sample $x$, not knowing where it came from, and gives $D(x)$, the probability that it is *real*.
#
# Real is 1 and fake is 0, in this course everywhere. Here are a real density with two bumps and a fake one with a single bump.

# %%
real_density = data.mixture_1d(means=(-2.0, 2.0), std=0.5)
fake_density = data.mixture_1d(means=(0.5,), std=1.5)

x = torch.linspace(-8, 8, 1601)  # places on the line, 0.01 apart
dx = 0.01
p, q = real_density.density(x[:, None]), fake_density.density(x[:, None])
alt = (
    "The real density p has bumps at -2 and 2, the fake density q one at 0.5; they peak at "
    f"{p.max():.2f} and {q.max():.2f}."
)
show.curves(x, {"p, real": p, "q, fake": q}, "x", "density", alt)

# %% [markdown]
# ## The score
#
# D should say 1 on real samples and 0 on fakes. The **value** of the game measures how well it does:
#
# $$V(D, G) = \mathbb{E}_{x\sim p}\big[\log D(x)\big] + \mathbb{E}_{x\sim q}\big[\log(1 - D(x))\big]$$
#
# A perfect D has $V = 0$. D wants $V$ large, G wants it small: what one wins, the other loses. That is what **zero-sum** means. An
# expectation is an integral over the line, or a mean over samples. Both ways, for a D that says "one half" everywhere:


# %% tags=["nbval-check-output"]
def value_by_integral(D, p, q):
    """V for a D given as probabilities on the line x."""
    return ((p * D.log()).sum() + (q * (1 - D).log()).sum()).item() * dx


half = torch.full_like(x, 0.5)
V_half = value_by_integral(half, p, q)
print("V of an undecided D is -log 4 = -1.386:", math.isclose(V_half, -math.log(4), abs_tol=1e-3))

# a D that prefers places far from 0, by integral and by samples
D_far = torch.sigmoid(x.abs() - 1.5)
real, fake = real_density.sample(200_000)[0], fake_density.sample(200_000)[0]
by_samples = (
    torch.sigmoid(real.abs() - 1.5).log().mean()
    + (1 - torch.sigmoid(fake.abs() - 1.5)).log().mean()
)
close = math.isclose(by_samples.item(), value_by_integral(D_far, p, q), abs_tol=0.02)
print("samples and integral agree:", close)

# %% [markdown]
# ## The best discriminator, by formula
#
# **Predict.** At some place $p$ is 0.4 and $q$ is 0.1. What should D say there?
#
# D may answer as it likes at each place, so look at one place $x$ alone. It adds $p \log D + q \log(1 - D)$ to the value. The derivative
# $p/D - q/(1-D)$ is zero at
#
# $$D^*(x) = \frac{p(x)}{p(x) + q(x)}$$
#
# So 0.4 and 0.1 give 0.8: of the samples that fall there, 80 % are real. No D can do better; try a thousand answers.

# %% tags=["nbval-check-output"]
answers = torch.linspace(0.001, 0.999, 999)
gain = 0.4 * answers.log() + 0.1 * (1 - answers).log()
print("the best of 999 answers:", round(answers[gain.argmax()].item(), 3))

D_star = p / (p + q)  # both densities are positive on this line
V_star = value_by_integral(D_star, p, q)
worse = [value_by_integral((D_star * (1 - t) + 0.5 * t), p, q) for t in (0.1, 0.5, 1.0)]
print("every step towards one half costs value:", V_star > worse[0] > worse[1] > worse[2])

# %% [markdown]
# ## The best discriminator, by training
#
# A network knows no densities. It sees samples. It also gives no probability but a **logit**, any number, and
# $D(x) = \sigma(\mathrm{logit})$ with the sigmoid $\sigma$. For training, take *minus* the value as the loss, since optimisers make things small:
#
# $$L_D = -\frac1n\sum_i \log \sigma(r_i) - \frac1n\sum_i \log\big(1 - \sigma(f_i)\big)$$
#
# with the logits $r_i$ of a real batch and $f_i$ of a fake one. That is binary cross-entropy with the labels 1 and 0. Here it is in full, together with
# the generator's losses, which we need soon.


# %% tags=["shown"]
def discriminator_loss(real_logits, fake_logits):
    """Binary cross-entropy of D: the real batch should be called 1, the fake batch 0."""
    # softplus(-x) = -log(sigmoid(x)) and softplus(x) = -log(1 - sigmoid(x)), without overflow.
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits):
    """Non-saturating loss of G: its samples should be called 1."""
    return F.softplus(-fake_logits).mean()


def saturating_generator_loss(fake_logits):
    """The zero-sum loss of G, mean log(1 - D(G(z)))."""
    return -F.softplus(fake_logits).mean()


# %% [markdown]
# Why *softplus*? $-\log\sigma(r) = \log(1 + e^{-r})$, which is softplus of $-r$. Written with a sigmoid and a logarithm, it breaks when D is very sure.
#
# A common bug makes no noise: D ends in a sigmoid, and the loss expects logits. Then the sigmoid is applied twice. You can recognise it. However good D
# gets, its loss stays above $\log(1 + e^{-1}) + \log 2 = 1.006$.

# %% tags=["nbval-check-output"]
r, f = torch.randn(2, 8, 1)
bce = F.binary_cross_entropy_with_logits
by_torch = bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f))
by_hand = -(torch.sigmoid(r).log().mean() + (1 - torch.sigmoid(f)).log().mean())
print("softplus = torch's cross-entropy:", torch.allclose(discriminator_loss(r, f), by_torch))
print("softplus = the formula above:", torch.allclose(discriminator_loss(r, f), by_hand, atol=1e-6))
sure = torch.tensor([[-200.0]])
print(
    "a very sure D, by softplus:",
    F.softplus(-sure).item(),
    " by sigmoid and log:",
    -torch.sigmoid(sure).log().item(),
)
sure_r, sure_f = torch.full((8, 1), 50.0), torch.full((8, 1), -50.0)  # a perfect D
once = discriminator_loss(sure_r, sure_f)
twice = discriminator_loss(torch.sigmoid(sure_r), torch.sigmoid(sure_f))
print(f"loss of a perfect D: {once:.3f}; with the sigmoid applied twice: {twice:.3f}")

# %% [markdown]
# D is now a small network, `networks.MLPDiscriminator`, which turns a number into a logit; [lesson 02](02_vanilla_gan.ipynb) shows what is inside.
#
# **Predict.** We train it on fresh samples for 800 steps. How close will it come to $p/(p+q)$: closest at the bumps or between them?

# %%
D = networks.MLPDiscriminator(in_dim=1)
optimiser = torch.optim.Adam(D.parameters(), lr=0.01)
for step in range(800):
    if step == 500:
        optimiser.param_groups[0]["lr"] = 0.001  # small steps at the end settle the noise
    real, fake = real_density.sample(256)[0], fake_density.sample(256)[0]
    loss = discriminator_loss(D(real), D(fake))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
with torch.no_grad():
    trained = torch.sigmoid(D(x[:, None]))[:, 0]

# %% tags=["result"]
near = (x > -5) & (x < 6)
error = (dx * (p + q) / 2 * (trained - D_star).abs()).sum().item()
series = {"p, real": p, "q, fake": q, "p / (p + q)": D_star, "trained D": trained}
alt = (
    f"A trained discriminator lies {error:.3f} from the formula p / (p + q) on average, over "
    "two densities."
)
show.curves(
    x[near], {name: y[near] for name, y in series.items()}, "x", "density, probability", alt
)

# %% tags=["nbval-check-output"]
print("on average closer than 0.05 to the formula:", "yes" if error < 0.05 else "no")
V_trained = value_by_integral(trained.clamp(1e-6, 1 - 1e-6), p, q)
print("its value is below that of the formula:", "yes" if V_trained < V_star + 1e-4 else "no")
print("by less than 0.05:", "yes" if V_trained > V_star - 0.05 else "no")

# %% [markdown]
# **What we saw.** The network found the formula from samples alone. It is worst where samples are rare, far out: nothing there tells it what to say.
#
# ## What the generator pays
#
# Suppose D always plays its best. Then the value depends on G alone, and it has a name:
#
# $$V(D^*, G) = 2\,\mathrm{JS}(p, q) - \log 4$$
#
# JS is the **Jensen-Shannon divergence**: with the mixture $m = (p+q)/2$ it is the mean of $\int p \log (p/m)$ and $\int q \log (q/m)$. It is 0 when
# $p = q$, and at most $\log 2$, when $p$ and $q$ never meet. To see where the formula comes from, write $D^* = p/(2m)$: each logarithm splits into
# $\log(p/m)$ and $-\log 2$.


# %% tags=["nbval-check-output"]
def js_divergence(p, q):
    """Jensen-Shannon divergence of two densities on the line x."""
    m = (p + q) / 2
    return (dx * (torch.xlogy(p, p / m) + torch.xlogy(q, q / m)).sum() / 2).item()


left, right = V_star, 2 * js_divergence(p, q) - math.log(4)
print("V(D*, G) = 2 JS - log 4:", math.isclose(left, right, abs_tol=1e-4))
print("JS of a density with itself is 0:", math.isclose(js_divergence(p, p), 0, abs_tol=1e-6))

# %% [markdown]
# **Predict.** Let the fake density be a copy of the real one, pushed to the right. How does JS change with the distance? Where is its slope, the thing that G
# could follow, large, and where is it nothing?

# %%
shifts = torch.linspace(0, 8, 33)
bump = data.mixture_1d(means=(-4.0,), std=0.5).density(x[:, None])
divergence = []
for shift in shifts:
    pushed = data.mixture_1d(means=(-4.0 + shift.item(),), std=0.5).density(x[:, None])
    divergence.append(js_divergence(bump.clamp(min=1e-30), pushed.clamp(min=1e-30)))
alt = (
    f"JS rises from {divergence[0]:.2f} to {divergence[12]:.2f} at a distance of 3 and "
    f"{divergence[-1]:.3f} at 8; log 2 is {math.log(2):.3f}."
)
series = {"JS(p, q)": divergence, "log 2": [math.log(2)] * len(shifts)}
show.curves(shifts, series, "distance between two bumps of width 0.5", "divergence", alt)

# %% tags=["nbval-check-output"]
slope = (divergence[-1] - divergence[-9]) / 2
print("slope beyond a distance of 6 is under 0.001:", "yes" if abs(slope) < 1e-3 else "no")

# %% [markdown]
# **What we saw.** Beyond a few widths the curve is flat: "far" and "very far" cost the same, so a generator whose samples lie far from the data is not told where to
# go. A perfect D is a poor teacher. Lesson 07 has games without this plateau.
#
# ## Two losses for G, side by side
#
# In the zero-sum game G minimises its part of $V$, the mean of $\log(1 - D)$: whatever G gains on the fakes, D loses. Goodfellow and others already advised
# against it: *minimise $-\log D$ instead*. Both say "be called real". With $D = \sigma(f)$, the gradients with respect to the logit are
#
# $$\frac{d}{df}\log(1-\sigma(f)) = -\sigma(f), \qquad \frac{d}{df}\big(-\log\sigma(f)\big) = -(1 - \sigma(f))$$
#
# **Predict.** Early in training D spots every fake: $f = -6$. Which of the two still pushes G?

# %% tags=["nbval-check-output"]
logits = torch.linspace(-8, 8, 161, requires_grad=True)
(weak,) = torch.autograd.grad(saturating_generator_loss(logits) * len(logits), logits)
(strong,) = torch.autograd.grad(generator_loss(logits) * len(logits), logits)
(of_D,) = torch.autograd.grad(discriminator_loss(logits * 0, logits) * len(logits), logits)
sigmoid = torch.sigmoid(logits.detach())
print("saturating: -sigmoid(f):", torch.allclose(weak, -sigmoid, atol=1e-5))
print("non-saturating: -(1 - sigmoid(f)):", torch.allclose(strong, sigmoid - 1, atol=1e-5))
print("zero-sum: the saturating push is D's, turned round:", torch.allclose(weak, -of_D, atol=1e-5))
print("the non-saturating one is not:", not torch.allclose(strong, -of_D, atol=0.1))

# %%
at = (logits.detach() + 6).abs().argmin()
alt = (
    f"Size of the push on G. At a logit of -6 the saturating loss pushes with {-weak[at]:.4f}, "
    f"the non-saturating one with {-strong[at]:.4f}."
)
series = {"saturating": -weak, "non-saturating": -strong}
show.curves(logits, series, "logit of a fake: left, D is sure that it is fake", "push on G", alt)

# %% [markdown]
# **What we saw.** Where D is sure, at the left, the saturating loss gives almost nothing: the worse G is, the less it learns. The non-saturating loss pushes hardest just there.
# Both agree in the middle, where D is undecided.
#
# Now with networks. The real samples lie around 4, those of a fresh G around 0. G waits while D learns to tell them apart, and after each step of D we measure how long the
# gradient on G's weights would be, by either loss.

# %%
real_density = data.mixture_1d(means=(4.0,), std=0.5)
G = networks.MLPGenerator(z_dim=1, out_dim=1)
D = networks.MLPDiscriminator(in_dim=1)
optimiser = torch.optim.Adam(D.parameters(), lr=0.002)
pushes = {"saturating": [], "non-saturating": []}
for _ in range(300):
    fake = G(torch.randn(256, 1))
    for name, loss_of in zip(pushes, (saturating_generator_loss, generator_loss), strict=True):
        gradients = torch.autograd.grad(loss_of(D(fake)), list(G.parameters()), retain_graph=True)
        pushes[name].append(math.sqrt(sum(g.square().sum().item() for g in gradients)))
    loss = discriminator_loss(D(real_density.sample(256)[0]), D(fake.detach()))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
weak, strong = pushes["saturating"][-1], pushes["non-saturating"][-1]
alt = (
    f"After 300 steps of D alone the gradient on G is {weak:.4f} long by the saturating loss "
    f"and {strong:.1f} by the non-saturating one."
)
show.curves(range(300), pushes, "steps of D alone", "length of G's gradient", alt, log=True)

# %% tags=["nbval-check-output"]
print("the saturating gradient is over 100 times shorter:", "yes" if 100 * weak < strong else "no")

# %% [markdown]
# That D is a good detective and a useless teacher, if G listens by the saturating loss.
#
# **Predict.** From here both play, in turn, 300 rounds. Will the fakes get to 4? Does the answer change when Adam makes the steps, which divides each gradient by its
# usual size?

# %%
import copy


def go_on(loss_of, optimiser, lr):
    """Copies of G and D play 300 rounds; returns the mean of G's samples in each."""
    g, d = copy.deepcopy(G), copy.deepcopy(D)
    opt_g, opt_d = optimiser(g.parameters(), lr), optimiser(d.parameters(), lr)
    means = []
    for _ in range(300):
        real, fake = real_density.sample(256)[0], g(torch.randn(256, 1)).detach()
        means.append(fake.mean().item())
        opt_d.zero_grad()
        discriminator_loss(d(real), d(fake)).backward()
        opt_d.step()
        opt_g.zero_grad()
        loss_of(d(g(torch.randn(256, 1)))).backward()
        opt_g.step()
    return means


# %%
SGD, Adam = torch.optim.SGD, torch.optim.Adam
runs = {
    "saturating, plain steps": go_on(saturating_generator_loss, SGD, 0.05),
    "non-saturating, plain steps": go_on(generator_loss, SGD, 0.05),
    "saturating, Adam": go_on(saturating_generator_loss, Adam, 0.001),
    "non-saturating, Adam": go_on(generator_loss, Adam, 0.001),
}
ends = [f"{means[-1]:.1f} ({name})" for name, means in runs.items()]
alt = (
    "Mean of the fakes over 300 rounds; the real mean is 4. The four runs end at "
    f"{', '.join(ends)}."
)
show.curves(range(300), runs, "round", "mean of the fakes", alt, width=8, beside=True)

# %% tags=["nbval-check-output"]
flat, steep, by_adam, _ = runs.values()
print("plain steps, saturating: the fakes stay under 1:", "yes" if max(flat) < 1 else "no")
print("plain steps, non-saturating: they end near 4:", "yes" if 3 < steep[-1] < 5 else "no")
print("Adam, saturating: they leave at least:", "yes" if max(by_adam) > 2 else "no")

# %% [markdown]
# **What we saw.** With plain gradient steps the saturating loss leaves G where it was, and the non-saturating one brings it to the data. Adam hides the difference: it makes a
# tiny gradient as large as any other, and then both losses overshoot and swing around 4. More about such swings at the end. From now on "generator loss" means the non-saturating one. With it the
# game is no longer zero-sum: the two losses do not add up to zero.
#
# ## "The discriminator can no longer tell"
#
# Explainers say that training ends when D can no longer tell real from fake. In numbers: if $q = p$, the best D says one half everywhere, its loss is
# $2\log 2 = 1.386$, and G's is $\log 2 = 0.693$. Here are the losses that you will meet, for a D that gives the same probability to all real samples and another one to
# all fakes:

# %% tags=["nbval-check-output"]
print("D says of real, of fake     loss of D   loss of G")
for on_real, on_fake, who in (
    (0.5, 0.5, "cannot tell"),
    (0.9, 0.1, "mostly right"),
    (0.999, 0.001, "sure and right"),
    (0.1, 0.9, "sure and wrong"),
):
    r, f = torch.logit(torch.tensor([on_real, on_fake])).split(1)
    values = f"{discriminator_loss(r, f):9.3f}   {generator_loss(f):9.3f}"
    print(f"{on_real:12.3f}    {on_fake:7.3f}   {values}   {who}")
V_equal = value_by_integral(p / (p + p), p, p)
print("q = p: V of the best D is -log 4:", math.isclose(V_equal, -math.log(4), abs_tol=1e-3))

# %% [markdown]
# So a loss of D near 0 is not a success of the *training*: it says that every fake is found out.
#
# **Predict.** Turn it around. D's loss is 1.386. Is the generator perfect?


# %%
def train_on(features, steps=800):
    """The loss of a linear D that sees the given functions of a sample."""
    D = torch.nn.Linear(features(torch.zeros(1, 1)).shape[1], 1)
    optimiser = torch.optim.Adam(D.parameters(), lr=0.01)
    for _ in range(steps):
        real, fake = two_bumps.sample(256)[0], one_bump.sample(256)[0]
        loss = discriminator_loss(D(features(real)), D(features(fake)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    real, fake = two_bumps.sample(50_000)[0], one_bump.sample(50_000)[0]
    return discriminator_loss(D(features(real)), D(features(fake))).item()


two_bumps = data.mixture_1d(means=(-2.0, 2.0), std=0.5)  # the real samples
one_bump = data.mixture_1d(means=(0.0,), std=1.5)  # the fakes
weak_D = train_on(lambda x: x)
able_D = train_on(lambda x: torch.cat([x, x**2, x**4], dim=1) / 10)
print(f"loss of a D that sees x: {weak_D:.3f}; of one that sees x, x², x⁴: {able_D:.3f}")

# %% tags=["nbval-check-output"]
print("the weak D cannot tell (loss above 1.37):", "yes" if weak_D > 1.37 else "no")
print("the able D can (loss below 1.30):", "yes" if able_D < 1.30 else "no")

# %% [markdown]
# **What we saw.** The same fakes, one bump instead of two. A D that can only draw one line through the axis is at 1.386 and cannot tell. A slightly better one
# can. "D cannot tell" is a statement about the samples *and* about D. A loss of 1.386 alone proves nothing; lesson 05 measures in other ways.
#
# ## Why the players may circle
#
# Even a tiny game can refuse to end. Let one player own a number $a$ and the other a number $b$; the first wants $ab$ small, the second wants it large. The only point
# where neither gains by moving alone is $(0, 0)$. Both follow their gradient with step $\eta$, **at the same time**:
#
# $$a' = a - \eta b, \qquad b' = b + \eta a \qquad\Rightarrow\qquad a'^2 + b'^2 = (1 + \eta^2)(a^2 + b^2)$$
#
# Every step leads *away* from the solution. If they move **in turn**, the second sees the first one's new number, and $a^2 + b^2 - \eta\, ab$ stays the same for ever.
#
# **Predict.** Does taking turns lead to the middle?


# %%
def play(step, rounds, in_turn):
    """The path of both players from (1, 0): (rounds + 1, 2)."""
    a, b, path = 1.0, 0.0, [(1.0, 0.0)]
    for _ in range(rounds):
        new_a = a - step * b
        b = b + step * (new_a if in_turn else a)
        a = new_a
        path.append((a, b))
    return torch.tensor(path, dtype=torch.float64)


def tiny_gan(step, rounds):
    """Real samples are 0, fakes are a, D(x) = sigmoid(b x); zero-sum, in turn. The path of (a, b)."""
    a, b = (torch.tensor(value, requires_grad=True) for value in (1.0, 0.0))
    path = [(1.0, 0.0)]
    for _ in range(rounds):
        (slope,) = torch.autograd.grad(discriminator_loss(b * 0, b * a), b)
        b.data -= step * slope
        (slope,) = torch.autograd.grad(saturating_generator_loss(b * a), a)
        a.data -= step * slope
        path.append((a.item(), b.item()))
    return torch.tensor(path)


# %%
paths = {
    "at the same time": play(0.2, 60, False),
    "in turn": play(0.2, 60, True),
    "a GAN of two numbers": tiny_gan(0.2, 150),
}
ends = [f"{path[-1].norm():.2f} ({name})" for name, path in paths.items()]
alt = (
    "Paths of two players from (1, 0). At their ends the distance from the solution is "
    f"{', '.join(ends)}."
)
show.paths(paths, alt)

# %% tags=["nbval-check-output"]
a, b = play(0.2, 1, False)[1]
print("one step multiplies a² + b² by 1 + η²:", math.isclose(a**2 + b**2, 1.04, abs_tol=1e-9))
a, b = play(0.2, 5000, True).T
kept = a**2 + b**2 - 0.2 * a * b
print("in turn, 5000 rounds keep a² + b² - η a b:", torch.allclose(kept, kept[:1], atol=1e-6))
radius = tiny_gan(0.2, 600).norm(dim=1)
print("the tiny GAN stays in a ring:", bool((radius > 0.8).all() and (radius < 1.2).all()))
middle = math.hypot(a.mean(), b.mean())
print("the average of the path is near the solution:", "yes" if middle < 0.05 else "no")

# %% [markdown]
# **What we saw.** Moving together they spiral outwards. Moving in turn they go round for ever, neither closer nor farther, and so does a GAN of two numbers with its real losses.
# A player's loss rises and falls on such a path although nothing goes wrong, so a loss that does not fall is no sign of failure, and one that is low for a moment no sign of
# success. The last line holds a cure: the *average* of the path lies in the middle. From lesson 02 on, samples come from an average of G's weights. More about what makes GANs settle:
# Mescheder and others 2018, and lesson 07.

# %% [markdown]
# Two networks can circle as well. In the playground the real points sit in two places, and G learns 25 times as fast as D.
#
# **Predict.** Press Start. Where will the fakes (crosses) be after 500 steps, and after 1,000?

# %%
from gan_lessons import widgets

play = widgets.playground("circling")

# %% [markdown]
# The fakes run to where D's field is blue, D turns it orange there, and they run on. Lower *Learning rate of G* while it runs, and raise
# D's. Does it come to rest? The keyboard works too: Tab, arrow keys, Space.
#
# ## Recap
#
# - D gives a probability of *real*: real 1, fake 0. In code it gives a **logit**, and the loss contains the sigmoid.
# - The best D says $p/(p+q)$. With it, G pays $2\,\mathrm{JS} - \log 4$, which is flat where the densities do not meet.
# - The **non-saturating** loss pushes G where D is sure of the fakes; the saturating one fades there.
# - An undecided D has the losses 1.386 and 0.693. A weak D is undecided, too. A loss of D that never falls below 1.006 smells of a sigmoid too many.
# - Players who follow their gradients may circle; the average of their path may still be right.
#
# ## Test yourself
#
# <details><summary>1. D's loss is 0.02. Is that good?</summary>
# Good for D: it tells nearly everything apart. Early in training that is normal. Later it means that the fakes are easy to spot. With the saturating loss
# G hardly gets a gradient any more; with the non-saturating one it still does. Look at the samples.
# </details>
#
# <details><summary>2. At a place where p = 0.02 and q = 0.02, what does the best D say? And where p = 0.02 and q = 0?</summary>
# One half, and 1. How dense the place is does not matter, only the share.
# </details>
#
# <details><summary>3. Someone's code labels fakes 1 and real images 0. Is it wrong?</summary>
# Not by itself: the names of the sides are free. It is wrong when the generator's loss does not follow: G must ask for the label of <em>real</em>, whatever that is.
# </details>
#
# ## Now you
#
# Do [exercise 01](../exercises/01_the_game.ipynb). Then [lesson 02](02_vanilla_gan.ipynb) lets two networks play.
#
# ## References
#
# - I. Goodfellow and others: Generative adversarial nets. NeurIPS 2014. Value: equation 1; best D and JS: section 4.1; non-saturating loss: end of section 3.
# - M. Arjovsky, L. Bottou: Towards principled methods for training generative adversarial networks. ICLR 2017. Why a perfect D is a poor teacher.
# - L. Mescheder, A. Geiger, S. Nowozin: Which training methods for GANs do actually converge? ICML 2018. Circling, and what stops it.
