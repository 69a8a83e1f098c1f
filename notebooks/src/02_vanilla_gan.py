# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/02_vanilla_gan.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # How do two networks teach each other?
#
# In lesson 01 you met the game on paper: a generator G makes samples from noise, a discriminator D says how real they look. Now you
# write it as a program. The whole of it is two functions of about eight lines and a loop around them, and it is the same program
# that makes clothes in lesson 03 and clothes on order in lesson 04.
#
# **You will** take one training step apart, tensor by tensor, and see which network gets which gradient; write the loop; watch G cover
# eight islands while D's opinion changes under it; learn what the two losses tell you and what they don't; and run the same loop on
# real images, where you measure how far it gets.
#
# **You need** lesson 01. **Minutes** on two CPU cores: 30 to read, 2 to run.
#
# Here is the end result: one run at three moments. Blue circles are real points, orange crosses are made by G, and the colour of the plane
# is D's opinion, from orange ("fake") to blue ("real").

# %% tags=["preview"]
from gan_lessons import show

show.preview("02_vanilla_gan")

# %%
import copy
import dataclasses
import tempfile

import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import data, losses, metrics, networks, runtime, storage, training

device = runtime.start(seed=0)

# %% [markdown]
# ## The data and the two players
#
# Our data are points in the plane from eight round clouds on a circle, the **ring**. Each cloud is a **mode**: a place where data are
# common, with nothing in between. It is a hard test in a small space, because a lazy generator can serve one mode and forget the rest.
#
# Both players are plain multilayer perceptrons (MLPs). G maps noise `z` to a point. D maps a point to one number, the **logit**: the
# sigmoid of it is the probability that D gives to "real". D has no sigmoid of its own; the loss has it inside.

# %% tags=["shown"]
class MLPGenerator(nn.Module):
    """Noise (B, z_dim) to points (B, out_dim), any real numbers."""

    def __init__(self, z_dim=2, out_dim=2, width=128):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, out_dim),
        )

    def forward(self, z):
        return self.net(z)


# %% tags=["shown"]
class MLPDiscriminator(nn.Module):
    """Points (B, in_dim) to logits (B, 1)."""

    def __init__(self, in_dim=2, width=128):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(in_dim, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, x):
        return self.net(x)


# %% tags=["nbval-check-output"]
ring = data.ring()
real = ring.sample(256)[0].to(device)  # (256, 2)
G, D = MLPGenerator().to(device), MLPDiscriminator().to(device)
z = torch.randn(256, 2, device=device)
fake = G(z)
for name, x in {"z": z, "G(z)": fake, "D(real)": D(real), "D(G(z))": D(fake)}.items():
    print(f"{name:8s}{tuple(x.shape)}")

# %% [markdown]
# ## Two losses
#
# The label **1 means real**, 0 means fake, for both players and everywhere in this course. D is an ordinary classifier with these two
# labels; its loss is binary cross-entropy on both halves. G wants its samples to be called 1. With $D$ as a probability and a bar for
# the mean over a batch:
#
# $$L_D = -\overline{\log D(x)} \;-\; \overline{\log\big(1 - D(G(z))\big)} \qquad\qquad L_G = -\overline{\log D(G(z))}$$
#
# In code, with logits. `softplus(t)` is $\log(1 + e^t)$, so `softplus(-logit)` is $-\log$ of the probability, and it never overflows.

# %% tags=["shown"]
def discriminator_loss(real_logits, fake_logits):
    """Binary cross-entropy of D: the real batch should be called 1, the fake batch 0."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits):
    """Non-saturating loss of G: its samples should be called 1."""
    return F.softplus(-fake_logits).mean()


# %% tags=["nbval-check-output"]
real_logits, fake_logits = D(real), D(fake)
p_real, p_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
by_formula = -p_real.log().mean() - (1 - p_fake).log().mean()
same_d = torch.isclose(discriminator_loss(real_logits, fake_logits), by_formula, atol=1e-5)
same_g = torch.isclose(generator_loss(fake_logits), -p_fake.log().mean(), atol=1e-5)
print("softplus on logits = formula with probabilities, L_D:", same_d.item(), " L_G:", same_g.item())

# %% [markdown]
# One pair of values is worth knowing by heart. Where D answers one half everywhere, because it has no idea (yet, or any more):
#
# $$L_D = 2\log 2 \approx 1.386 \qquad\qquad L_G = \log 2 \approx 0.693$$

# %% tags=["nbval-check-output"]
no_idea = torch.zeros(256, 1)  # a logit of 0 is a probability of one half
print(f"L_D = {discriminator_loss(no_idea, no_idea):.3f}, L_G = {generator_loss(no_idea):.3f}")

# %% [markdown]
# ## One step by hand: D's turn
#
# D's loss depends on D's weights, and through `fake` on G's weights too. If you call `backward()`, PyTorch follows *every* path.
# But this is D's turn. `fake.detach()` gives the same numbers without the path back to G.
#
# **Predict.** We compute D's loss three times: with `fake`, with `fake.detach()`, and with fakes made under `torch.no_grad()`.
# Will D's gradient be the same in all three? And which of them leave a gradient in G?

# %%
def gradient(net):
    """All gradients of a network as one vector; None where there are none."""
    parts = [p.grad.flatten() for p in net.parameters() if p.grad is not None]
    return torch.cat(parts) if parts else None


with torch.no_grad():
    without_graph = G(z)
found = {}
fakes = {"fake": fake, "fake.detach()": fake.detach(), "no_grad": without_graph}
for name, x in fakes.items():
    G.zero_grad()
    D.zero_grad()
    discriminator_loss(D(real), D(x)).backward()
    found[name] = gradient(D)
    in_G = "none" if gradient(G) is None else f"{len(gradient(G)):,} numbers"
    print(f"{name:14s} gradient left in G: {in_G}")

# %% tags=["nbval-check-output"]
same = all(torch.allclose(found["fake"], g, atol=1e-5) for g in found.values())
print("D's gradient is the same in all three cases:", same)

# %% [markdown]
# **What we saw.** For D it makes no difference. So is a missing `detach` harmless? It leaves a gradient in G that nobody asked for,
# and that gradient points the wrong way: towards samples that D recognises more easily. If G's step begins with
# `opt_G.zero_grad()`, it is thrown away and you only paid for computing it. If not, G's step adds its own gradient to it.
# Cut the path, and there is nothing to forget. The course uses `no_grad`, which does not even build the path.

# %% [markdown]
# ## One step by hand: G's turn
#
# Now the gradient has to travel: loss → D's answer → through D → the samples → G's weights. D is the *road* here. A `detach` on
# `fake` would block it.
#
# **Predict.** After `generator_loss(D(G(z))).backward()`, does D hold gradients, although it is G's turn?

# %% tags=["nbval-check-output"]
for cut in (False, True):
    G.zero_grad()
    D.zero_grad()
    fake = G(z)
    generator_loss(D(fake.detach() if cut else fake)).backward()
    holds = {name: gradient(net) is not None for name, net in (("G", G), ("D", D))}
    print("fake.detach():" if cut else "fake:         ", "gradient in", holds)

# %% [markdown]
# **What we saw.** With `detach`, G gets nothing and would never move. Without it, G gets its gradient, and D is left with one too.
# That leftover matters. Look at its direction: compare it with the gradient that D itself wants for these fakes.

# %% tags=["nbval-check-output"]
G.zero_grad()
D.zero_grad()
generator_loss(D(G(z))).backward()
leftover = gradient(D).clone()
D.zero_grad()
F.softplus(D(G(z).detach())).mean().backward()  # D's own loss on the fakes
cosine = F.cosine_similarity(leftover, gradient(D), dim=0).item()
print("the leftover points against D's own gradient:", "yes" if cosine < -0.9 else "no")

# %% [markdown]
# G's loss wants D to call the fakes real. If the next step of D started from this leftover, it would partly train D to be fooled. PyTorch
# **adds** each gradient to what is there, so every step begins with `zero_grad()` on the network that is about to move:

# %% tags=["nbval-check-output"]
for clear in (True, False):
    D.zero_grad()
    discriminator_loss(D(real), D(fake.detach())).backward()
    once = gradient(D).clone()
    if clear:
        D.zero_grad()
    discriminator_loss(D(real), D(fake.detach())).backward()
    factor = (gradient(D).norm() / once.norm()).item()
    print(f"second backward {'after' if clear else 'without'} zero_grad: gradient x {factor:.1f}")

# %% [markdown]
# ## The two steps
#
# Four things belong together, and the package keeps them in one object, `training.GAN(G, D, recipe, z_dim, device)`: the two networks,
# and one Adam optimiser for each, `opt_G` and `opt_D`. The optimiser decides who moves. The **recipe** says what one GAN does
# differently from another. Here is all of it:

# %%
for field in dataclasses.fields(losses.VANILLA):
    value = getattr(losses.VANILLA, field.name)
    print(f"{field.name:20s}{getattr(value, '__name__', value)}")

# %% [markdown]
# And here are the two steps, exactly as the package has them. You know every line. `*labels` is empty until [lesson 04](04_conditional_gan.ipynb), and the
# penalty is 0 in every recipe until [lesson 07](07_better_games.ipynb).

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


# %% [markdown]
# `backward(inputs=…)` in G's step is the tidy version: it keeps the gradient for G's weights only, so D is left with none. Plain
# `backward()` is right too, as long as D's own step clears its gradients first.

# %% tags=["shown"]
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
# The line before `return`, `update_average`, has nothing to do with the game. It keeps a running average of G's weights, and
# `gan.sample(n)` draws from that average. We come to it at the end.
#
# ## The loop
#
# `data.batches` gives batches without end, each drawn at random. There is no epoch, and no last batch that is smaller than the others
# and breaks a shape.

# %%
gan = training.GAN(MLPGenerator(), MLPDiscriminator(), losses.VANILLA, z_dim=2, device=device)
batches = data.batches(ring, 256, device=device)
for step in range(1, 301):
    (real,) = next(batches)
    d_loss = train_discriminator(gan, real)
    g_loss = train_generator(gan, len(real))
    if step % 100 == 0:
        modes = metrics.modes_covered(gan.sample(2000), ring)
        print(f"step {step}: L_D {d_loss:.2f}, L_G {g_loss:.2f}, {modes.covered} of 8 modes")

# %% [markdown]
# That is a GAN. A mode counts as covered when it gets at least a tenth of its fair share of the samples, and a sample belongs to a mode
# when it lies within four standard deviations of the centre.
#
# `training.fit` is the same loop with what a longer run needs: a progress bar, a stop when a loss is no longer a number, and one hook,
# `on_step(step, gan, history)`, called after each step. We use the hook to keep pictures and to count.

# %%
frames, notes = [], {}


def watch(step, gan, history):
    """Keep what the figures below need."""
    if gan.steps in (100, 600, 3000):
        frames.append((gan.steps, gan.sample(2000), copy.deepcopy(gan.D)))
    if gan.steps % 200 == 0:
        share = metrics.modes_covered(gan.sample(2000), ring).share
        d_loss, g_loss = sum(history.d_loss[-100:]) / 100, sum(history.g_loss[-100:]) / 100
        notes[gan.steps] = share, d_loss, g_loss


# %% [markdown]
# **Predict.** G starts with a small blob in the middle. In which order will things happen: modes found one by one, or all at once? And
# what will D's field look like at the end, when G is good?

# %%
runtime.set_seed(0)
gan = training.GAN(
    networks.MLPGenerator(), networks.MLPDiscriminator(), losses.VANILLA, z_dim=2, device=device
)
history = training.fit(gan, data.batches(ring, 256, device=device), 3000, watch)

# %% tags=["result"]
real = ring.sample(400)[0]
show.stages(frames, real, ring)

# %% tags=["nbval-check-output"]
modes = metrics.modes_covered(gan.sample(5000), ring)
print("all 8 modes covered:", "yes" if modes.covered == 8 else "no")
print("at least 75 % of 5,000 samples near a mode:", "yes" if modes.share >= 0.75 else "no")

# %% [markdown]
# **What we saw.** G first spreads its samples over the region of the whole ring, then D's field pulls them into the modes. D's field is what
# G climbs: from orange to blue. At the end the field is nearly white where the points are: D has nothing left to say there.
#
# One run proves little. Here are five seeds, with the command that makes the table:

# %%
study = storage.load_table("ring")
print(study["made_by"]["command"], f"   ({study['steps']} steps, batch {study['batch']})")
for run in study["runs"]:
    print(f"seed {run['seed']}: {run['covered']} of 8 modes, {run['share']:.0%} near a mode")

# %% [markdown]
# ## With your hands on it
#
# The playground plays your loop live. **Predict.** Press Start. Which modes does G find first? Then set *Preset* to "mode collapse", a disease that
# [lesson 06](06_failure_clinic.ipynb) treats: G learns 25 times as fast as D. What will the chart of covered modes do?

# %%
from gan_lessons import widgets

play = widgets.playground("healthy")

# %% [markdown]
# Try *Step D* a few times, then *Step G*: only one player moves, and the field or the crosses with it. The black arrows point to where a fake would
# lower G's loss. *Show me the code* prints the lines that train the same GAN with `fit`. Where nothing runs you see a stored picture.

# %% [markdown]
# ## The bent noise
#
# Where do the samples between the modes come from? Our noise has two values, so you can look at all of it. G is a continuous function:
# it can stretch and bend the plane of noise, but it can't tear it.
#
# **Predict.** Can G make eight islands with nothing at all in between?

# %%
show.bent_noise(gan.G_ema, ring)

# %% [markdown]
# **What we saw.** On the left each noise vector wears the number of the mode that it is sent to. G cuts the noise into sectors, like a
# cake. On the right are the straight lines of the noise plane after G: bunched up in the modes, pulled into thin threads between
# them. Two sectors that touch are sent to two modes, so the border between them must cross the gap. G can make the border thin, and
# then few samples fall into it, but a continuous G never makes it vanish.

# %% [markdown]
# ## How to read the losses
#
# **Predict.** You saw the samples get better from step 600 to step 3000. What do the two losses do in that time?

# %%
show.losses(history)

# %%
print("step   near a mode   L_D (100 steps)   L_G (100 steps)")
for step in (200, 600, 1000, 2000, 3000):
    share, d_loss, g_loss = notes[step]
    print(f"{step:4d}{share:11.0%}{d_loss:15.3f}{g_loss:18.3f}")

# %% tags=["nbval-check-output"]
nearly = all(abs(notes[step][1] / 1.386 - 1) < 0.15 for step in (600, 3000))
rose = notes[3000][0] - notes[600][0] > 0.1
print("L_D within 15 % of 2 log 2 at step 600 and at step 3000:", "yes" if nearly else "no")
print("samples near a mode in the same time: up by more than 10 points:", "yes" if rose else "no")

# %% [markdown]
# **What we saw.** The losses hardly move while the samples improve. A classifier's loss measures progress, because its task stands
# still. Here each player is the other's task. When G gets better, D's task gets harder, and both losses say only *who is ahead
# now*.
#
# | you see | it means |
# |---|---|
# | $L_D$ near 1.386, $L_G$ near 0.693 | D can't tell. Either G is good, or D has learnt nothing: look at samples |
# | $L_D$ somewhat below 1.386, $L_G$ somewhat above 0.693 | D is a bit ahead, as in the run above |
# | $L_D$ near 0, $L_G$ 5 or more | D is sure of everything: see below |
# | $L_D$ above 1.386, $L_G$ below 0.693 | D does worse than a coin: G is ahead of *this* D. Look at samples |
# | a loss is `nan` | too large a learning rate, or a `log(0)` in a loss of your own; `fit` goes back to the last good state |
#
# ### D cannot tell. So are we done?
#
# "Training ends when the discriminator can no longer tell real from fake." On this run $L_D$ ended within a few per cent of 2 log 2.
# If D could not be improved, lesson 01 says that the distributions would be equal. Let us check a number that nobody optimised: how wide
# the cloud inside a mode is.

# %%
def spread_in_modes(samples, mixture):
    """Mean over the modes of the samples' standard deviation near the mode, over the real one."""
    distance, nearest = torch.cdist(samples, mixture.means).min(dim=1)
    near = distance < 4 * mixture.std
    parts = [samples[near & (nearest == k)] for k in range(len(mixture.means))]
    spread = [part.std(dim=0).mean() for part in parts if len(part) > 2]
    return (torch.stack(spread).mean() / mixture.std).item()


for name, samples in {"real": ring.sample(5000)[0], "fake": gan.sample(5000)}.items():
    share = spread_in_modes(samples, ring)
    print(f"{name}: standard deviation within the modes is {share:.2f} of the true one")

# %% tags=["nbval-check-output"]
narrow = spread_in_modes(gan.sample(5000), ring) < 0.85
print("the fakes' modes are narrower than the real ones by 15 % or more:", "yes" if narrow else "no")

# %% [markdown]
# **What we saw.** G makes clouds that are too narrow, and D, as it stands, does not see it: its loss says "undecided". That D can't tell
# is a statement about *this D after this many steps*, not about the samples. To know how good samples are, measure the samples.
#
# ### D's loss goes to 0. Is it over?
#
# Let D train alone for 500 steps before the game begins. Its loss goes to 0: it tells everything apart. **Predict.** Can G still
# learn, 3,000 steps later?

# %%
study = storage.load_table("head_start")
print(study["made_by"]["command"], f"   ({study['steps']} steps, batch {study['batch']})")
for run in study["runs"]:
    if run["alone"]:
        before = f"L_D {run['d_loss_before']:.3f}, L_G {run['g_loss_first']:4.1f}"
        after = f"{run['covered']} of 8 modes, {run['share']:.0%} near, L_D {run['d_loss']:.2f}"
        print(f"seed {run['seed']}: before the game {before}   after it {after}")

# %% [markdown]
# **What we saw.** In none of the five runs did the head start kill the game. The non-saturating loss still has a gradient where D is sure of the
# fakes (lesson 01), so G comes back. A loss of D near 0 is a warning to look, not a verdict. It is a failure when it stays there and
# the samples don't improve.
#
# ### When to stop
#
# The losses can't tell you. There is no minimum to wait for. Two rules work: stop after a fixed number of steps, or stop
# when a measurement of the *samples* says so. The hook ends a run when it returns `True`:

# %%
def good_enough(step, gan, history):
    """Stop when all modes are covered and 80 % of the samples lie near one."""
    if gan.steps % 100 == 0:
        modes = metrics.modes_covered(gan.sample(2000), ring)
        return modes.covered == modes.total and modes.share > 0.8


short = training.GAN(
    networks.MLPGenerator(), networks.MLPDiscriminator(), losses.VANILLA, z_dim=2, device=device
)
training.fit(short, data.batches(ring, 256, device=device), 3000, good_enough, progress=False).stopped

# %% [markdown]
# The stop button of the notebook also ends `fit` cleanly, and you keep all that it has learnt. A checkpoint lets you go on
# later, on the same machine with the same numbers as if you had never stopped:

# %% tags=["nbval-check-output"]
def five_steps(batches, history=None):
    return training.fit(short, batches, 5, history=history, progress=False)


with tempfile.TemporaryDirectory() as folder:
    batches = data.batches(ring, 256, device=device)
    storage.save_checkpoint(f"{folder}/run.safetensors", short, batches, training.History())
    first = five_steps(batches).g_loss
    back = storage.load_checkpoint(f"{folder}/run.safetensors", short, batches)
    again = five_steps(batches, back).g_loss
close = torch.allclose(torch.tensor(first), torch.tensor(again), rtol=1e-4)
print("the same five losses after going back to the checkpoint:", close)

# %% [markdown]
# ## The same loop on images
#
# Nothing in the loop knows about points. Fashion-MNIST has grey images of 28 x 28 pixels; we scale them to $[-1, 1]$. G needs an output of
# that shape and range, and D an input. `tanh` at the end of G keeps it in the range.

# %% tags=["shown"]
class ImageMLPGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim=32, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 28 * 28),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


# %% tags=["shown"]
class ImageMLPDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) to logits (B, 1)."""

    def __init__(self, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(28 * 28, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, images):
        return self.net(images)


# %% [markdown]
# **Predict.** `Flatten` gives D 784 numbers in a row. It does not know which pixels are neighbours, and G does not either. How will
# you see that in the pictures?
#
# `fit` gets a dashboard as its hook: samples and losses while it trains, and buttons to pause and to stop.

# %%
clothes = data.fashion_mnist()
runtime.set_seed(0)
gan = training.GAN(
    networks.ImageMLPGenerator(), networks.ImageMLPDiscriminator(), losses.VANILLA, 32, device
)
board = widgets.Dashboard(5000)
history = training.fit(gan, data.batches(clothes, 64, device=device), 5000, board)

# %%
real = data.to_float(clothes.images[torch.randint(len(clothes), (20,))])
said = "Two rows of real clothes above three rows made by the MLP generator."
names = ["real", "", "fake", "", ""]
show.images(torch.cat([real, gan.sample(30)]), columns=10, row_labels=names, alt=said)

# %% [markdown]
# Be honest with what you see. From a distance these are shirts, trousers, shoes. Close up they are grainy and blotched, outlines
# fray, and some are two things at once.
#
# How far is that from real? We use the **Fréchet distance** between two clouds of features: 0 for clouds with equal mean and covariance.
# The features come from a small classifier, bundled with the course. Three things belong to every such number: the reference set,
# the sample count, and the **floor**, the distance of other real images to the same reference. ([Lesson 05](05_measuring.ipynb) takes this measure apart.)

# %%
z = gan.sample_z(5000)
with torch.no_grad():
    plain, averaged = gan.G(z), gan.G_ema(z)
other_real = clothes.images[torch.randperm(len(clothes))[:5000]]
distance = {
    "real training images (floor)": metrics.fashion_distance(other_real),
    "samples of G": metrics.fashion_distance(plain),
    "samples of the averaged G": metrics.fashion_distance(averaged),
}
print("Fréchet distance to the 5,000 bundled test images, from 5,000 images each:")
for name, value in distance.items():
    print(f"{value:7.1f}  {name}")

# %% tags=["nbval-check-output"]
floor, plain, averaged = distance.values()
print("the MLP's samples are more than 5 times as far as real ones:", averaged > 5 * floor)
print("nearer than 60:", averaged < 60)

# %% [markdown]
# ## The averaged generator
#
# The last line of the table is the nearer one, and no extra training made it so. G's weights never come to rest: each step chases what D
# has just learnt. **EMA**, the exponential moving average, keeps a second set of weights $\bar\theta$ that follows G's weights
# $\theta$ slowly and so averages the chase out (Yazıcı et al. 2019). After step $t$:
#
# $$\bar\theta \leftarrow \beta\,\bar\theta + (1-\beta)\,\theta, \qquad \beta = \min\Big(0.999,\ \tfrac{1+t}{10+t}\Big)$$
#
# The fraction makes $\beta$ small at first, when the past is worth little. Check one step of it:

# %% tags=["nbval-check-output"]
t = gan.steps
before = [p.clone() for p in gan.G_ema.parameters()]
train_generator(gan, 64)
beta = min(0.999, (1 + t) / (10 + t))
expected = [beta * a + (1 - beta) * p for a, p in zip(before, gan.G.parameters(), strict=True)]
pairs = zip(gan.G_ema.parameters(), expected, strict=True)
print("G_ema is what the formula says:", all(torch.allclose(a, e, atol=1e-6) for a, e in pairs))

# %% [markdown]
# Is the average nearer by luck? Five seeds, measured at four moments of the run; each entry is the mean, with the lowest and the highest of
# the five in brackets:

# %%
study = storage.load_table("mlp")
print(study["made_by"]["command"], f"   (batch {study['batch']}, {study['samples']:,} samples)")
print("step    L_D    L_G    distance of G           distance of the average")
for column in zip(*(run["at"] for run in study["runs"]), strict=True):
    line = f"{column[0]['step']:4d}"
    for key in ("d_loss", "g_loss"):
        line += f"{sum(row[key] for row in column) / len(column):7.2f}"
    for key in ("plain", "averaged"):
        values = [row[key] for row in column]
        spread = f"({min(values):.1f} … {max(values):.1f})"
        line += f"{sum(values) / len(values):8.1f} {spread:16s}"
    print(line)

# %% [markdown]
# **What we saw.** Early on the average lags behind in most runs, because it still remembers the blank start. Later it is nearer in all five runs. Read the
# columns of losses once more beside the distances: between the last two lines the losses hardly move, and the samples still improve.
#
# Here is what the averaged generator does to a few samples; each column is one noise vector.

# %%
z = gan.sample_z(12)
with torch.no_grad():
    both = torch.cat([gan.G(z), gan.G_ema(z)]).cpu()
said = "Twelve samples of G above the samples of the averaged G for the same noise."
show.images(both, columns=12, row_labels=["G", "average"], alt=said)

# %% [markdown]
# ## Recap
#
# - D's step: fakes **without** a graph, both halves, `opt_D`. G's step: fakes **with** a graph, through D, `opt_G`. Clear the gradients of
#   whoever moves next.
# - 1 means real. D gives logits; the sigmoid is inside the loss.
# - $2\log 2$ and $\log 2$ mean "D can't tell". Losses say who is ahead, not how good the samples are.
# - D's loss near 0 is a warning, not an end. D's loss at $2\log 2$ is no proof: the modes on the ring were too narrow all the same.
# - Stop by a budget or by a measurement of samples, and sample from the average.
#
# ## Test yourself
#
# <details><summary>1. A friend's GAN trains with <code>fake = G(z).detach()</code> once at the top of the loop, used in both steps. What happens?</summary>
#
# D learns as it should. G never moves: in its step the path from D's answer back to G is cut, so G's gradients stay empty and
# <code>opt_G.step()</code> changes nothing. D's loss falls towards 0.
# </details>
#
# <details><summary>2. Your L_G rises from 0.7 to 2.5 in the first minute. Should you stop?</summary>
#
# No. It says that D gives the typical fake a probability of about 8 %, since exp(-2.5) = 0.08: D is ahead. That is usual early in a run on
# images, where the table above starts with an L_G above 2. Look at samples, and worry when neither the losses nor the samples change.
# </details>
#
# <details><summary>3. Why is there no last, smaller batch, and why does <code>train_generator</code> take <code>n</code> and not a batch?</summary>
#
# Batches are drawn at random with replacement, so each has the full size and there are no epochs. G's step needs no real data at all, only a
# number of noise vectors.
# </details>
#
# ## Now you
#
# [Exercise 02](../exercises/02_vanilla_gan.ipynb): write both steps yourself, and train a generator with them. Then
# [lesson 03](03_dcgan.ipynb) gives both players eyes for images.
#
# ## References
#
# - I. Goodfellow et al., *Generative Adversarial Nets*, NeurIPS 2014: the game, and the non-saturating loss at the end of section 3.
# - L. Metz, B. Poole, D. Pfau, J. Sohl-Dickstein, *Unrolled Generative Adversarial Networks*, ICLR 2017: a ring of eight Gaussians as a test.
# - D. P. Kingma, J. Ba, *Adam: A Method for Stochastic Optimization*, ICLR 2015.
# - Y. Yazıcı et al., *The Unusual Effectiveness of Averaging in GAN Training*, ICLR 2019.
# - M. Heusel et al., *GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium*, NeurIPS 2017: the Fréchet distance,
#   on features of another network.
# - H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms*, 2017.
