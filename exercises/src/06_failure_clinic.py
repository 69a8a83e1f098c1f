# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/06_failure_clinic.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 06: repair five training scripts
#
# Five people send you their training scripts. None raises an error. Four train badly, the fifth is lucky so far. In each, one thing is wrong. It belongs to lesson 06. **Minutes** on two CPU cores: 45 to work, 1 to run.
#
# In each task you see the broken script, then a cell for the repaired one. Copy, repair, run, and run the check below it. The check says what is still wrong, and
# `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: what the samples of each script are worth, broken and repaired.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_06_failure_clinic")

# %%
import torch

from gan_lessons import checks, data, runtime, training
from gan_lessons.clinic import ward
from gan_lessons.show import clinic as charts

device = runtime.start(seed=0)

# %% [markdown]
# ## What all scripts share
#
# A script is a function `(gan, batches, steps)`.
#
# - **Given**: `gan`, a `training.GAN`; `batches`, endless batches, of which `next(batches)` gives `(real,)`, or `(real, labels)` in task 5; `steps`, how many steps to make.
# - **Asked, in each step**: take *one* batch. Then D makes one step with `gan.opt_D` on the loss `gan.recipe.discriminator_loss(real_logits, fake_logits)`, and G one with `gan.opt_G` on `gan.recipe.generator_loss(fake_logits)`. Make as
#   many fakes as the batch has samples, with new standard normal noise in each step. After G's step call `gan.update_average()` once.
# - **Each player steps with the gradient of its own loss**, and nothing else. D may move first or G; both halves may share their noise, or have noise of their own.
# - **Returned**: `(d_losses, g_losses)`, two lists of plain numbers, one for each step: the values of these two losses when their player made its step. (Task 4 returns previews.)
# - Both players are in train mode when they learn, and at the end. The networks' layers, the optimisers' settings and the batches stay as they are.
#
# You may use the package's functions. The next cell trains with a script and says what the samples are worth.

# %%
SETTINGS = {}
worth = {}


def judge(name, script, state):
    """Train on the ring with a script, 800 steps, and measure the samples."""
    case = SETTINGS.get(name, ward.Case())
    runtime.set_seed(0)
    gan = training.GAN(case.G(case.z_dim), case.D(), case.recipe, case.z_dim)
    script(gan, data.batches(case.mixture, case.batch, labels=case.labels), case.steps)
    found = ward.measure(case, gan)
    worth.setdefault(name, {"broken": [], "repaired": []})[state] = [found]
    print(f"{name}, {state}: {ward.summary([found])}")


# %% [markdown]
# ## Task 1: `cut_wire`
#
# *"I detach, as one must. But the samples never change."*


# %%
def broken_cut_wire(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        fake = gan.G(gan.sample_z(len(real))).detach()
        d_loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
        gan.opt_D.zero_grad()
        d_loss.backward()
        gan.opt_D.step()
        g_loss = gan.recipe.generator_loss(gan.D(fake))
        gan.opt_G.zero_grad()
        g_loss.backward()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return d_losses, g_losses


judge("cut_wire", broken_cut_wire, "broken")


# %%
def cut_wire(gan, batches, steps):
    """The repaired script; returns (d_losses, g_losses)."""
    ### BEGIN SOLUTION
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        fake = gan.G(gan.sample_z(len(real)))
        d_loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake.detach()))
        gan.opt_D.zero_grad()
        d_loss.backward()
        gan.opt_D.step()
        g_loss = gan.recipe.generator_loss(gan.D(fake))
        gan.opt_G.zero_grad()
        g_loss.backward()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return d_losses, g_losses
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.cut_wire(cut_wire)

# %% [markdown]
# ## Task 2: `one_backward`
#
# *"Forward once, backward once, step both. It is much faster."*


# %%
def broken_one_backward(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        fake_logits = gan.D(gan.G(gan.sample_z(len(real))))
        d_loss = gan.recipe.discriminator_loss(gan.D(real), fake_logits)
        g_loss = gan.recipe.generator_loss(fake_logits)
        gan.opt_D.zero_grad()
        gan.opt_G.zero_grad()
        (d_loss + g_loss).backward()
        gan.opt_D.step()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return d_losses, g_losses


judge("one_backward", broken_one_backward, "broken")


# %%
def one_backward(gan, batches, steps):
    """The repaired script; returns (d_losses, g_losses)."""
    ### BEGIN SOLUTION
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        d_losses.append(training.train_discriminator(gan, real))
        g_losses.append(training.train_generator(gan, len(real)))
    return d_losses, g_losses
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.one_backward(one_backward)

# %% [markdown]
# ## Task 3: `mixed_batch`
#
# *"D has BatchNorm. Real samples and fakes go through it together: one call instead of two."*
#
# In this task `gan.D` has BatchNorm, and keeps it. Asked: D judges real samples and fakes in batches of their own. (Points are not a good place for BatchNorm in D: don't expect too much of the repaired one.)


# %%
def broken_mixed_batch(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        with torch.no_grad():
            fake = gan.G(gan.sample_z(len(real)))
        real_logits, fake_logits = gan.D(torch.cat([real, fake])).chunk(2)
        d_loss = gan.recipe.discriminator_loss(real_logits, fake_logits)
        gan.opt_D.zero_grad()
        d_loss.backward()
        gan.opt_D.step()
        d_losses.append(d_loss.item())
        g_losses.append(training.train_generator(gan, len(real)))
    return d_losses, g_losses


SETTINGS["mixed_batch"] = ward.PATIENTS["mixed batch"].sick
judge("mixed_batch", broken_mixed_batch, "broken")


# %%
def mixed_batch(gan, batches, steps):
    """The repaired script; returns (d_losses, g_losses)."""
    ### BEGIN SOLUTION
    d_losses, g_losses = [], []
    for _ in range(steps):
        (real,) = next(batches)
        with torch.no_grad():
            fake = gan.G(gan.sample_z(len(real)))
        d_loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
        gan.opt_D.zero_grad()
        d_loss.backward()
        gan.opt_D.step()
        d_losses.append(d_loss.item())
        g_losses.append(training.train_generator(gan, len(real)))
    return d_losses, g_losses
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.mixed_batch(mixed_batch)

# %% [markdown]
# ## Task 4: `previews`
#
# *"I look at 16 samples after each step. Under `no_grad()`, so it can do no harm."*
#
# In this task `gan.G` has BatchNorm. The script returns a list of `steps` previews: `gan.G(z)` with `z` of shape (16, z_dim), drawn after each step of both players, without a graph. Asked: the previews are drawn in eval mode (of BatchNorm at least), and leave no trace in G. (The samples below are good: the average over
# many steps hides the trace. The fault waits for a G that is looked at more often.)


# %%
def broken_previews(gan, batches, steps):
    previews, z = [], gan.sample_z(1).repeat(16, 1)
    for _ in range(steps):
        (real,) = next(batches)
        training.train_discriminator(gan, real)
        training.train_generator(gan, len(real))
        with torch.no_grad():
            previews.append(gan.G(z + 0.1 * gan.sample_z(16)))  # around one favourite
    return previews


SETTINGS["previews"] = ward.PATIENTS["train mode"].cured
judge("previews", broken_previews, "broken")


# %%
def previews(gan, batches, steps):
    """The repaired script; returns the list of previews."""
    ### BEGIN SOLUTION
    previews, z = [], gan.sample_z(1).repeat(16, 1)
    for _ in range(steps):
        (real,) = next(batches)
        training.train_discriminator(gan, real)
        training.train_generator(gan, len(real))
        gan.G.eval()
        with torch.no_grad():
            previews.append(gan.G(z + 0.1 * gan.sample_z(16)))
        gan.G.train()
    return previews
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.previews(previews)

# %% [markdown]
# ## Task 5: `lost_labels`
#
# *"It is conditional. I ask for mode 3 and get anything."*
#
# In this task `next(batches)` gives `(real, labels)`; the networks are called as `gan.G(z, labels)` and `gan.D(samples, labels)`. Asked: fakes are made with the labels of the batch, and D judges every sample with its own label.


# %%
def broken_lost_labels(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        real, labels = next(batches)
        fake = gan.G(gan.sample_z(len(real)), labels)
        others = labels[torch.randperm(len(labels))]
        real_logits, fake_logits = gan.D(real, labels), gan.D(fake.detach(), others)
        d_loss = gan.recipe.discriminator_loss(real_logits, fake_logits)
        gan.opt_D.zero_grad()
        d_loss.backward()
        gan.opt_D.step()
        g_loss = gan.recipe.generator_loss(gan.D(fake, others))
        gan.opt_G.zero_grad()
        g_loss.backward()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return d_losses, g_losses


SETTINGS["lost_labels"] = ward.PATIENTS["blind D"].cured
judge("lost_labels", broken_lost_labels, "broken")


# %%
def lost_labels(gan, batches, steps):
    """The repaired script; returns (d_losses, g_losses)."""
    ### BEGIN SOLUTION
    d_losses, g_losses = [], []
    for _ in range(steps):
        real, labels = next(batches)
        d_losses.append(training.train_discriminator(gan, real, labels))
        g_losses.append(training.train_generator(gan, len(real), labels))
    return d_losses, g_losses
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.lost_labels(lost_labels)

# %% [markdown]
# The picture from the top, with your scripts: those that passed their check are trained.

# %% tags=["result"]
scripts = [cut_wire, one_backward, mixed_batch, previews, lost_labels]
for script in scripts:
    if checks.check(script.__name__, script).status == "passed":
        judge(script.__name__, script, "repaired")
said = [
    f"{name}, {state}: {ward.summary(rows)}"
    for name, states in worth.items()
    for state, rows in states.items()
    if rows
]
pairs = {name: list(states.values()) for name, states in worth.items()}
charts.before_and_after(pairs, "; ".join(said) + ".", ("broken", "repaired"))

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **A chart of each.** Put a broken step into `ward.Case(step=…)` and draw its chart, as in the lesson. Does `clinic.diagnose` find it? Which of the five can't it find?
# - **A sixth fault.** Invent one that raises no error, and give it to a friend. Ideas: `update_average()` before G's step; noise drawn once before the loop; `zero_grad()` only every tenth step.
# - **Cure without a repair.** Can another recipe save a broken script? Try R1 (`losses.r1_penalty`, a penalty that lesson 07 explains) with task 3.
# - **How much leak?** In task 3, mix only a part of the fakes into the real batch. Where does the run break?

# %%
# Your experiment
