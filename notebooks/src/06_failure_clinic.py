# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/06_failure_clinic.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # What does a sick run look like, and what cures it?
#
# Your GAN runs. No error, no warning, and the samples are bad. Nothing tells you why. At the end of this page you have seen twelve such runs, you know
# which numbers give a disease away, and which diseases no curve shows at all.
#
# **You will** examine twelve patients: each is the GAN of lesson 02 with one fault, and one change cures it. Then you measure a doctor, `clinic.diagnose`,
# and train your own eye.
#
# **You need** lessons 02 and 05, and lesson 04 for one patient. **Minutes** on two CPU cores: 40 to read, 1 to run.
#
# Here is the end result: every patient before and after its treatment. A mark is one run.

# %% tags=["preview"]
from gan_lessons import show

show.preview("06_failure_clinic")

# %%
from gan_lessons import clinic, data, look, losses, runtime, storage, widgets
from gan_lessons.clinic import ward
from gan_lessons.show import clinic as charts

device = runtime.start(seed=0)
study = storage.load_table("clinic")
NAMES = list(ward.PATIENTS)

# %% [markdown]
# ## Six numbers beside the losses
#
# Lesson 02 showed that losses say who is ahead, and little more. So `training.fit` takes a closer look at every 20th step and notes six more numbers in its history:
#
# - `d_real` and `d_fake`: D's mean answer on the real batch and on the fakes, as a probability;
# - `d_grad` and `g_grad`: how long the gradients of D and of G are, over all weights;
# - `spread`: the standard deviation of the fakes over that of the real batch;
# - `coverage`: the share of real samples that have a fake nearby, as in lesson 05, but in one batch.
#
# "Nearby" needs a yardstick. It is the distance $r_5(x_i)$ from the real sample $x_i$ to its fifth nearest real neighbour in the batch (Naeem et al. 2020):
#
# $$\text{coverage} = \frac1N \sum_{i=1}^{N} \big[\, \min_j \lVert x_i - y_j \rVert \le r_5(x_i) \,\big]$$
#
# $y_j$ are the fakes, and the bracket is 1 where it holds and 0 elsewhere. Check it against the loop that the formula is, and against samples that need no computing:

# %% tags=["nbval-check-output"]
ring = data.ring()
x, y = ring.sample(60)[0], ring.sample(60)[0]
covered = 0
for point in x:
    radius = (x - point).norm(dim=1).sort().values[5]  # the nearest one is the point itself
    covered += (y - point).norm(dim=1).min() <= radius
print("the package counts as the formula does:", look.diversity(x, y)[1] == covered.item() / 60)
print("real samples cover themselves:", look.diversity(x, x) == (1, 1))
print("60 copies of one sample have no spread:", look.diversity(x, x[:1].repeat(60, 1))[0] == 0)

# %% [markdown]
# All of that is taken from what the step computes anyway. It costs `fit` about one per cent of its time.
#
# ## A healthy run
#
# A doctor first learns what health looks like. `ward.run` trains a case: by default the players, the recipe and the ring of lesson 02, with 800 steps. `ward.measure` says what the samples are worth.


# %%
def chart(case, title, seed=0):
    """Train a case, measure its samples, and draw its chart."""
    gan, history = ward.run(case, seed)
    found = ward.measure(case, gan)
    charts.chart(history, found, ward.samples(case, gan, 500)[0], case.mixture, title)
    return history, found


healthy, _ = chart(ward.Case(), "A healthy run")

# %% [markdown]
# **What we saw.** D is a bit ahead: its answer on real samples stays above that on fakes, both near one half. The gradients neither vanish nor explode. Spread goes to 1 and coverage rises
# to where real samples would be. Keep this chart in mind.
#
# ## How the ward works
#
# For each patient you get a chart. **First write down what you see, and what you would change.** Then open the finding. Then run the treatment: one change, measured over the seeds of a stored study and once more live.

# %%
print(study["made_by"]["command"], f"({study['made_by']['date']}, {study['made_by']['machine']})")
verdicts = {}


def admit(number):
    """The chart of a sick patient."""
    history, found = chart(ward.PATIENTS[NAMES[number - 1]].sick, f"Patient {number}")
    verdicts[number] = [ward.is_ill(found)]
    return history


def treat(number):
    """One change: what it did in the study, and what it does here."""
    name = NAMES[number - 1]
    patient = ward.PATIENTS[name]
    print("The change:", patient.cure)
    for state in ("sick", "cured"):
        rows = [r for r in study["runs"] if r["name"] == name and r["state"] == state]
        print(f"{state + ',':8s}{len(rows):2d} seeds:", ward.summary(rows))
    found = ward.measure(patient.cured, ward.run(patient.cured, 0)[0])
    print("cured,  here:    ", ward.summary([found]))
    verdicts[number].append(ward.is_ill(found))


# %% [markdown]
# `diagnose` reads a history and says what looks ill. For the healthy run:

# %%
print(clinic.diagnose(healthy))

# %% [markdown]
# ## Ward A: G goes astray
#
# ### Patient 1
#
# *"It converged at once! The samples are sharp, too."*
#
# **Predict.** Look at the spread and at the samples. Which word does this disease have, and what could cause it?

# %%
history = admit(1)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Mode collapse**, in full: all noise vectors give nearly the same sample. G's learning rate is 1e-2, ten times what D can follow. G runs to the one place that D likes best at this
# moment. D learns to say "fake" there, G jumps elsewhere, as one. Sharp samples are no comfort: look at many samples at once, or at their spread.
#
# One of the ten seeds below gets away with it. So one run that went well proves little.
# </details>

# %%
print(clinic.diagnose(history))
treat(1)

# %% [markdown]
# ### Patient 2
#
# *"Some of it is perfect. The rest never comes, however long I wait."*
#
# **Predict.** D is surer than in the healthy run, on both sides. Which player is too weak?

# %%
history = admit(2)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Partial mode collapse.** G has layers of width 8. It can send the noise to a few modes, and not bend it to all eight. D sees real samples where no fake ever comes, so it is sure of those. More steps
# don't help: G lacks room, not time. Partial collapse is easy to overlook when you look at single samples. Count what is missing.
# </details>

# %%
print(clinic.diagnose(history))
treat(2)

# %% [markdown]
# ### Patient 3
#
# *"I took Adam as it comes."*
#
# **Predict.** Do the curves come to rest? Compare the spread with that of patient 2.

# %%
history = admit(3)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Oscillation.** Adam's own betas are (0.9, 0.999): each step is an average over about ten gradients. In a game the opponent has moved meanwhile, so the average points to where D was. G overshoots, turns, and overshoots
# again; modes are found and lost. Lesson 02's recipe has betas (0.5, 0.99), lesson 03's has no momentum at all.
# </details>

# %%
print(clinic.diagnose(history))
treat(3)

# %% tags=["nbval-check-output"]
ill = sum(verdicts[k][0] for k in (1, 2, 3))  # 1 and 3 get away with one seed in ten
print("at least two of patients 1 to 3 are ill by the metric:", ill >= 2)
print("and well after their treatment:", not any(verdicts[k][1] for k in (1, 2, 3)))

# %% [markdown]
# ## Ward B: the players do not match
#
# ### Patient 4
#
# *"D's loss is low, so D must be good. Why is G so bad?"*
#
# **Predict.** How long is G's gradient? Is it too short to learn from?

# %%
history = admit(4)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **D wins**, because G hardly moves. G's learning rate is 1e-5, a hundredth of lesson 02's. Its gradient is long: D shows the way clearly, and G takes steps that are too small. So a low loss of D is not
# always the fault of D. Compare the two speeds before you weaken D.
# </details>

# %%
print(clinic.diagnose(history))
treat(4)

# %% [markdown]
# ### Patient 5
#
# *"Both losses are exactly where the theory wants them: 1.386 and 0.693. And yet …"*
#
# **Predict.** In the theory of lesson 01, an undecided D means a perfect G. Which assumption fails here?

# %%
history = admit(5)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **D is too weak.** Its layers have width 2. "If the best D can't tell" is the theory; this D is not the best one. The losses look ideal, the coverage says that nothing is right. This is the run to remember
# when somebody stops a training because D's loss has reached 2 log 2.
# </details>

# %%
print(clinic.diagnose(history))
treat(5)

# %% [markdown]
# ### Patient 6
#
# *"I changed nothing in the networks. G only has a tanh at its end, as for images."*
#
# **Predict.** D is perfectly sure. Look at the axes of the samples: where are the real points?

# %%
history = admit(6)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Data in the wrong range.** tanh gives numbers from -1 to 1, and the ring has a radius of 3. G can't reach the data, so D needs one look at the size of the numbers. With images the same happens with 0 … 255, or with
# a sigmoid at G's end and data in [-1, 1]. Nothing in G or D needs a change: scale the data.
# </details>

# %%
print(clinic.diagnose(history))
treat(6)

# %% tags=["nbval-check-output"]
print("patients 4 to 6 are ill by the metric:", all(verdicts[k][0] for k in (4, 5, 6)))
print("and well after their treatment:", not any(verdicts[k][1] for k in (4, 5, 6)))

# %% [markdown]
# ### A patient who is not ill
#
# Lesson 01 warned of the saturating loss: where D is sure of the fakes, its gradient fades. So make it as bad as we can: D learns alone for 500 steps, then G starts with the saturating loss.
#
# **Predict.** G's first gradient, compared with the non-saturating loss: half, a tenth, a thousandth? And is the run lost?

# %%
first = {}
for loss in (losses.generator_loss, losses.saturating_generator_loss):
    case = ward.Case(recipe=ward.vanilla(generator_loss=loss), head_start=500)
    gan, history = ward.run(case, seed=0)
    first[loss.__name__] = history.g_grad[0]
    print(f"{loss.__name__:27s} first gradient {history.g_grad[0]:8.2g}, in the end", end=" ")
    print(ward.summary([ward.measure(case, gan)]))

# %% tags=["nbval-check-output"]
ratio = first["generator_loss"] / first["saturating_generator_loss"]
print("the saturating loss starts with a gradient 100 times as small:", ratio > 100)

# %% [markdown]
# **What we saw.** The gradient is tiny, and the run recovers. Adam divides each gradient by its own recent size, so a tiny gradient makes a step as long as any other, as long as it points somewhere. The warning of lesson 01 is
# about the loss, and it holds for plain gradient descent; here the optimiser hides it. A disease that you know from a formula may not be the one that you have. Measure.
#
# ## Nurse one back to health
#
# In the playground you change the treatment while the patient runs. This one begins with a D that is far ahead. **Predict.** Which slider cures it: *Learning rate of D*,
# *Learning rate of G*, or *Steps of D per step of G*? Press Start, and try one at a time. Patient 4 has told you which. Then
# take the preset "mode collapse".

# %%
play = widgets.playground("D too strong")

# %% [markdown]
# ## Ward C: wrong wires
#
# These three have bugs. No number in the recipe is wrong.
#
# ### Patient 7
#
# *"I saved a pass: one forward, one backward, for both."*
#
# **Predict.** D's answers are 1 on real samples and one half on fakes. Who wants the one half?

# %%
history = admit(7)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **A missing detach.** Both losses are added, and one `backward()` sends their sum to both players. In that sum, D's loss on the fakes and G's loss pull the same logit: one down, one up. They balance at one half, for D's weights as for G's. D learns only
# to know real samples, and G gets nothing.
#
#     loss = d_loss + g_loss            # fake was not detached
#     loss.backward()
#
# The cure is a backward for each player: D's on detached fakes, then G's with gradients for G alone.
# </details>

# %%
print(clinic.diagnose(history))
treat(7)

# %% [markdown]
# ### Patient 8
#
# *"I read that one must detach."*
#
# **Predict.** One of the six numbers is exactly 0.

# %%
history = admit(8)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **The wrong detach.** `fake = G(z).detach()` is used in both halves. In G's half the path from D back to G is cut, and G stays as it began. PyTorch does not complain: G's gradients are just empty.
# </details>

# %%
print(clinic.diagnose(history))
treat(8)

# %% [markdown]
# ### Patient 9
#
# *"D has BatchNorm, as in the paper. I show it both halves in one batch, which is faster."*
#
# **Predict.** D sees real samples and fakes together when *it* learns, and only fakes when *G* learns. What does BatchNorm do with that?

# %%
history = admit(9)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **BatchNorm leaks across a mixed batch.** BatchNorm subtracts the mean of the batch. In a mixed batch each answer depends on the others: D compares the halves with each other. In G's step the batch has one half only; its mean is another, and D
# gives answers to a question that it was never trained for. G follows a gradient that leads nowhere. Without BatchNorm in D the mixed batch is harmless. Separate batches would remove the leak, too.
# </details>

# %%
print(clinic.diagnose(history))
treat(9)

# %% tags=["nbval-check-output"]
print("patients 7 to 9 are ill by the metric:", all(verdicts[k][0] for k in (7, 8, 9)))
print("and well after their treatment:", not any(verdicts[k][1] for k in (7, 8, 9)))

# %% [markdown]
# ## Ward D: nothing to see
#
# The last three have curves like the healthy run. `diagnose` finds nothing, and that is its limit. Only the metric finds them, and only when it asks the right question.
#
# ### Patient 10
#
# *"Training looked fine. Then I drew samples, and they were blurred."*
#
# **Predict.** G has BatchNorm. What differs between a training step and drawing samples?

# %%
history = admit(10)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Train mode at the wrong time.** The samples were drawn four at a time with G in train mode. BatchNorm then normalises with the mean of these four, so that each sample depends on its three neighbours. In eval mode it uses the running
# mean from training. G itself is fine: nothing has to be trained again.
#
# `GAN.sample` draws from an average of G that is always in eval mode.
# </details>

# %%
print(clinic.diagnose(history))
treat(10)

# %% [markdown]
# ### Patient 11
#
# *"It is a conditional GAN. All modes are there!"* (The bar "right" is the share of samples near the mode that was asked for.)
#
# **Predict.** What is the share by pure chance, with eight modes?

# %%
history = admit(11)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **A label-blind D.** G gets the labels, D does not. So D can't punish a good sample with the wrong label, and G learns to ignore its own. Every curve is that of a good unconditional GAN. You met this patient in lesson 04, where *D* was blind on purpose.
# </details>

# %%
print(clinic.diagnose(history))
treat(11)

# %% [markdown]
# ### Patient 12
#
# *"All eight modes, and many samples near one. What is wrong with that?"*
#
# **Predict.** Look at the recall, and closely at the samples: what shape do they have inside a mode?

# %%
history = admit(12)

# %% [markdown]
# <details><summary>The finding</summary>
#
# **Too few numbers of noise.** The noise has one dimension, so all samples lie on one curve. It visits every mode, but it can't fill an area. Recall sees it; counting modes does not. Give the noise at least as many numbers as the data has directions to vary in.
# </details>

# %%
print(clinic.diagnose(history))
treat(12)

# %% tags=["nbval-check-output"]
print("patients 10 to 12 are ill by the metric:", all(verdicts[k][0] for k in (10, 11, 12)))
print("and well after their treatment:", not any(verdicts[k][1] for k in (10, 11, 12)))

# %% [markdown]
# ## All twelve, before and after
#
# The picture from the top: the stored runs of all patients. For patient 11 the cure shows in the share of right labels, which stands in the list above.

# %% tags=["result"]
pairs = {
    f"{k}  {name}": [
        [r for r in study["runs"] if r["name"] == name and r["state"] == state]
        for state in ("sick", "cured")
    ]
    for k, name in enumerate(NAMES, start=1)
}
ill = [sum(ward.is_ill(r) for pair in pairs.values() for r in pair[side]) for side in (0, 1)]
total = [sum(len(pair[side]) for pair in pairs.values()) for side in (0, 1)]
alt = (
    f"Modes covered, share of samples near a mode, and recall of 12 patients, sick and cured. By the metric {ill[0]} of "
    f"{total[0]} sick runs are ill, and {ill[1]} of {total[1]} cured ones."
)
charts.before_and_after(pairs, alt)

# %% [markdown]
# ## How good is the doctor?
#
# `diagnose` has seven findings, and rules that were set after looking at runs. So it must be measured, on all stored runs: every patient with ten seeds, the cured ones, and healthy runs with the settings of lessons 02, 03 and 04 and of [lesson 07](07_better_games.ipynb), whose recipe has a penalty on D's slope.
#
# **Predict.** Which mistake is worse: to call a healthy run ill, or to miss an ill one? Which of the two should the rules avoid at any price?

# %%
table = study["confusion"]
columns = [*clinic.diagnosis.ADVICE, "nothing"]
rows = ["healthy", "cured", *NAMES]
shares = [[table[r].get(c, 0) / sum(table[r].values()) for c in columns] for r in rows]
counts = {r: sum(table[r].values()) for r in rows}
alarms = sum(counts[r] - table[r].get("nothing", 0) for r in ("healthy", "cured"))
missed = sum(table[r].get("nothing", 0) for r in rows if r not in ("healthy", "cured"))
sick = sum(n for r, n in counts.items() if r not in ("healthy", "cured"))
alt = (
    f"What diagnose says of each kind of run, in per cent. {alarms} of {counts['healthy'] + counts['cured']} healthy and cured runs are called ill; "
    f"{missed} of {sick} sick runs are missed."
)
names = [f"{r} ({counts[r]} runs)" for r in rows]
show.matrix(shares, alt, names, columns, ylabel="", xlabel="diagnose says")

# %% tags=["nbval-check-output"]
print(
    "healthy runs of the lessons called ill:",
    counts["healthy"] - table["healthy"].get("nothing", 0),
)
seen = [r for r in rows if r not in (*clinic.drills.SILENT, "healthy", "cured")]
caught = sum(counts[r] - table[r].get("nothing", 0) for r in seen)
print(
    "of patients 1 to 9, at least 95 % are found ill:",
    caught >= 0.95 * sum(counts[r] for r in seen),
)

# %% [markdown]
# **What we saw.** A healthy run is never called ill; patients 10 to 12 are never found. Between these, the *name* of the finding is less sure than the verdict "ill": "D wins" has three causes in this ward alone, which ask for three different cures. A chart tells where to look. It does not tell what you did.
#
# The rules were set on runs of these very kinds, so expect `diagnose` to do somewhat worse on yours.
#
# ## Train your eye
#
# Now with the losses alone, as most people read their runs. `clinic.loss_drill()` draws a stored run. Is it healthy, ill, or can't you tell? What is true comes from the study: among the runs whose losses end nearest to these, are nearly all
# ill, nearly none, or some? (Patients 10 to 12 and the recipe with the penalty are left out.)

# %%
drill = clinic.loss_drill(seed=1)

# %%
drill.answer("healthy")

# %% [markdown]
# Without a seed you get another run in each call, for as long as you like. `drill.buttons()` shows the three answers as buttons.

# %%
drill = clinic.loss_drill()
drill.buttons()

# %%
pool = [clinic.loss_drill(seed, picture=False) for seed in range(200)]
for truth in clinic.drills.ANSWERS:
    print(f"{truth:10s} is right for {sum(d.truth == truth for d in pool):3d} of 200 drills")

# %% [markdown]
# ## Recap
#
# - A chart has more than two losses: D's answers, gradients, spread, coverage, and samples.
# - **Collapse** shows in spread and coverage. **D wins** has many causes: a slow G, data that G can't reach, a leak. A loss of D at 2 log 2 may be a D that is **too weak**.
# - A gradient of exactly 0 is a cut wire.
# - Labels, modes of layers at sampling, and dimensions of noise show in no curve. Ask the metric, and ask it the right question.
# - Change one thing at a time, and try more than one seed.
#
# ## Test yourself
#
# <details><summary>1. D says 0.99 on real samples and 0.01 on fakes, for 1,000 steps. Name three things to check, in order.</summary>
#
# First the data: range and shape, and that D sees both kinds in the same way (patients 6 and 9). Then the wires: is G's gradient 0 (patient 8)? Only then the speeds of the two players (patient 4).
# </details>
#
# <details><summary>2. Both losses are ideal, 1.386 and 0.693. What do you need to see before you stop?</summary>
#
# Samples, or a metric of samples. Patient 5 has the same losses with hardly a sample near the data.
# </details>
#
# <details><summary>3. <code>diagnose</code> says "Nothing in these numbers looks ill." What may still be wrong?</summary>
#
# All that its limits name: labels that are ignored, samples drawn in train mode, too few numbers of noise, copies of the training set, poor samples. It looks at a run, and at no sample.
# </details>
#
# Now do [exercise 06](../exercises/06_failure_clinic.ipynb): repair five broken training scripts. Then [lesson 07](07_better_games.ipynb) asks whether other games stay healthier.
#
# ## References
#
# - I. Goodfellow et al., *Generative Adversarial Nets*, NeurIPS 2014: the saturating loss, and "the Helvetica scenario", which is mode collapse.
# - I. Goodfellow, *NIPS 2016 Tutorial: Generative Adversarial Networks*, arXiv:1701.00160: sections on non-convergence and mode collapse.
# - S. Ioffe, C. Szegedy, *Batch Normalization*, ICML 2015: train mode and eval mode.
# - A. Radford, L. Metz, S. Chintala, *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks*, ICLR 2016: a smaller momentum for Adam.
# - S. Chintala et al., *How to Train a GAN? Tips and tricks to make GANs work*, 2016: real samples and fakes in batches of their own.
# - M. F. Naeem et al., *Reliable Fidelity and Diversity Metrics for Generative Models*, ICML 2020: coverage.
