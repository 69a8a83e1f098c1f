# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/16_deepfakes.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 16: a detector's report
#
# You write four measures and a report that says, before anyone buys it, what a detector is worth. Then you train a detector and report on it. It belongs to lesson 16. **Minutes** on two CPU cores: 50 to work, about 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: what share of the fakes your report finds at 1 % false alarms, for generators and images that the detector has met, and has not.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_16_deepfakes")

# %%
import torch

from gan_lessons import checks, data, networks, runtime, storage
from gan_lessons.protocols import detection
from gan_lessons.protocols.detection import samples, scores

device = runtime.start(seed=0)
train, test = (data.fashion_mnist(part).images for part in ("train", "test"))
order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
home = detection.generator("DCGAN", 0, train[order[:10_000]], steps=400)  # 10 seconds or so


def or_own(name, mine, package):
    """The learner's answer once it passes its check, the package's before."""
    return mine if checks.check(name, mine).status == "passed" else package


# %% [markdown]
# ## Task 1: is the alarm right?
#
# $$P(\text{fake} \mid \text{alarm}) \;=\; \frac{\pi\, r}{\pi\, r + (1 - \pi)\, a}$$
#
# Write `alarm_precision(base_rate, recall, false_alarm_rate)`. All three are plain numbers from 0 to 1, and so is the result.
#
# - `base_rate` ($\pi$) is the share of fakes among all images; `recall` ($r$) the share of fakes that raise an alarm; `false_alarm_rate` ($a$) the share of *real* images that raise one.
# - Where no image raises an alarm, return 0.


# %%
def alarm_precision(base_rate, recall, false_alarm_rate):
    """Chance that an image with an alarm is a fake."""
    ### BEGIN SOLUTION
    right, wrong = base_rate * recall, (1 - base_rate) * false_alarm_rate
    return right / (right + wrong) if right + wrong > 0 else 0.0
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.alarm_precision(alarm_precision)

# %% [markdown]
# Predict, then run: two detectors for a platform with 1 fake in 1,000. One finds more fakes, the other has fewer false alarms. Whose alarms would you rather look at?

# %%
precision = or_own("alarm_precision", alarm_precision, detection.alarm_precision)
for recall, alarms in ((0.99, 0.02), (0.6, 0.001)):
    print(f"recall {recall:.0%}, false alarms {alarms:.1%}: {precision(0.001, recall, alarms):.0%} of the alarms are right")

# %% [markdown]
# ## Task 2: AUC, with ties
#
# $$\mathrm{AUC} \;=\; P(s_f > s_r) + \tfrac12 P(s_f = s_r)$$
#
# Write `detector_auc(real_scores, fake_scores)`. It returns one number from 0 to 1: a float, or a tensor with one entry.
#
# - `real_scores` has shape (N,), `fake_scores` (M,), float32. A higher score means "fake". N and M may differ.
# - Count over all N · M pairs of a real and a fake score. A pair of equal scores counts one half.
# - Leave the inputs as they are. Any library that you have is fine.


# %%
def detector_auc(real_scores, fake_scores):
    """Chance that a fake scores above a real image."""
    ### BEGIN SOLUTION
    difference = fake_scores[:, None] - real_scores
    return ((difference > 0).double() + (difference == 0).double() / 2).mean().item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.detector_auc(detector_auc)

# %% [markdown]
# Put it to work on a detector with one number and no training: the share of pixels that are quite black, with a minus, because generators rarely get there.

# %%
auc = or_own("detector_auc", detector_auc, detection.auc)


def black(images):
    """Minus the share of black pixels: (N,)."""
    return -(images == 0).float().mean(dim=(1, 2, 3))


print(f"one number: AUC {auc(black(test[:1000]), black(samples(home, 1000, seed=1))):.2f}")

# %% [markdown]
# ## Task 3: the radial spectrum
#
# Write `radial_spectrum(images)`. It returns the decimal logarithm of the mean power on rings around frequency 0: a tensor of shape (S // 2 + 1,).
#
# - `images` has shape (N, 1, S, S), float32, S even. Use the pixels as they are.
# - The power of an image is $|F(u, v)|^2$, with $F$ its two-dimensional Fourier transform, `torch.fft.fft2`, without any scaling.
# - $u$ and $v$ run from $-S/2$ to $S/2 - 1$, in waves per image. Ring $k$ holds all places whose distance $\sqrt{u^2 + v^2}$, rounded to the nearest whole number, is $k$. The rings are 0, 1, … S / 2; what lies farther out (the corners) is left out.
# - For each ring: first the mean of the power over all images *and* all places of the ring, then one `log10`.


# %%
def radial_spectrum(images):
    """log10 of the mean power on each ring: (S // 2 + 1,)."""
    ### BEGIN SOLUTION
    size = images.shape[-1]
    power = torch.fft.fft2(images[:, 0].double()).abs().square().mean(dim=0)
    f = torch.fft.fftfreq(size) * size
    ring = (f[:, None].square() + f.square()).sqrt().round()
    return torch.stack([power[ring == k].mean() for k in range(size // 2 + 1)]).log10()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.radial_spectrum(radial_spectrum)

# %% [markdown]
# Your spectrum of photographs, of the DCGAN, and of photographs after a slight blur. Predict first: which curve is lowest on the outer rings?

# %%
rings = or_own("radial_spectrum", radial_spectrum, lambda images: detection.radial_spectrum(data.to_uint8(images)))
sets = {"photographs": test[:1000], "DCGAN": samples(home, 1000, seed=1), "blurred photographs": detection.blurred(test[:1000])}
found = {name: rings(data.to_float(images)) for name, images in sets.items()}
said = ", ".join(f"{name} {curve[-1]:.1f}" for name, curve in found.items())
alt = f"log10 of the mean power on rings, from 0 to 14 waves per image. On the last ring: {said}."
show.curves(torch.arange(15), found, "waves per image", "log10 power", alt)

# %% [markdown]
# ## Task 4: can "94 % fake" be trusted?
#
# $$\mathrm{ECE} \;=\; \sum_b \frac{n_b}{n}\, \big|\, \bar p_b - \bar y_b \,\big|$$
#
# Write `calibration_error(probabilities, labels, bins=10)`. It returns one number from 0 to 1.
#
# - `probabilities` (N,), float32, are the stated chances of "fake". `labels` (N,), int64: 1 is a fake.
# - There are `bins` bins of equal width between 0 and 1. In each, $\bar p_b$ is the mean chance of its $n_b$ images, and $\bar y_b$ the share of fakes among them.
# - Empty bins count nothing. Chances of exactly 0 belong to the first bin, those of exactly 1 to the last. Which side an inner edge belongs to is up to you.


# %%
def calibration_error(probabilities, labels, bins=10):
    """Mean gap of stated chance and true share, weighted by the images in each bin."""
    ### BEGIN SOLUTION
    which = (probabilities * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in which.unique():
        inside = which == b
        gap = probabilities[inside].double().mean() - labels[inside].double().mean()
        error += inside.double().mean() * gap.abs()
    return error
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.calibration_error(calibration_error)

# %% [markdown]
# Now a real detector: the CNN of the lesson, trained on samples of the short-trained DCGAN from the top. Its error with as many fakes as photographs, on the generator that it has met, and on two that it has not: the bundled DCGAN, which was trained for longer, and the bundled conditional GAN.

# %%
detector = detection.train_detector(train[order[10_000:14_000]], samples(home, 4000, seed=2), seed=0)


@torch.no_grad()
def conditional(n):
    """Samples of the bundled conditional GAN, as whole grey levels."""
    torch.manual_seed(5)
    G, labels = storage.pretrained("conditional"), torch.arange(n) % 10
    return data.to_uint8(torch.cat([G(z, y) for z, y in zip(torch.randn(n, networks.Z_DIM).split(500), labels.split(500), strict=True)]))


fakes = {"has met": samples(home, 1000, seed=3), "trained longer": samples(storage.pretrained("dcgan"), 1000, seed=3)}
fakes["conditional"] = conditional(1000)
error = or_own("calibration_error", calibration_error, detection.calibration_error)
labels = torch.arange(2000) // 1000
for name, images in fakes.items():
    chance = torch.cat([scores(detector, part) for part in (test[:1000], images)]).sigmoid()
    print(f"{name}: calibration error {float(error(chance, labels)):.2f}")

# %% [markdown]
# ## Task 5: the report
#
# Write `detector_report(detect, calibration, real, fakes, rate)`. It returns a dict with these four entries:
#
# - `"threshold"`: the score that the share `rate` of the images in `calibration` exceed, the quantile 1 - `rate` (one image more or less does not matter);
# - `"false_alarms"`: the share of the images in `real` with a score above the threshold;
# - `"auc"`: a dict with the AUC of each generator, by the names in `fakes`, against `real`;
# - `"found"`: a dict with the share of each generator's images that score above the threshold.
#
# `detect(images)` gives scores (N,) for uint8 images (N, 1, 28, 28); a higher score means "fake". `calibration` and `real` are real images, and share none. `fakes` is a dict: name → images. All shares are from 0 to 1. You may use your `detector_auc`.


# %%
def detector_report(detect, calibration, real, fakes, rate):
    """Threshold, false alarms on new real images, and AUC and share found for each generator."""
    ### BEGIN SOLUTION
    threshold = torch.quantile(detect(calibration), 1 - rate).item()
    on_real = detect(real)
    report = {"threshold": threshold, "auc": {}, "found": {}}
    report["false_alarms"] = (on_real > threshold).double().mean().item()
    for name, images in fakes.items():
        on_fake = detect(images)
        report["auc"][name] = detector_auc(on_real, on_fake)
        report["found"][name] = (on_fake > threshold).double().mean().item()
    return report
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.detector_report(detector_report)

# %% [markdown]
# The report on your detector, twice: on images as they are, and after a slight blur of everything, photographs and fakes. The threshold comes from photographs as they are, both times.

# %%
reports = {}
if checks.check("detector_report", detector_report).status == "passed":
    calibration, new = train[order[14_000:16_000]], test[1000:3000]
    for title, change in (("as they are", lambda x: x), ("blurred", detection.blurred)):
        changed = {name: change(images) for name, images in fakes.items()}
        reports[title] = detector_report(lambda x: scores(detector, x), calibration, change(new), changed, 0.01)
    for title, report in reports.items():
        alarms = float(report["false_alarms"])
        print(f"{title}: false alarms on new photographs {alarms:.1%}")
        for name in fakes:
            found, area = float(report["found"][name]), float(report["auc"][name])
            right = precision(0.001, found, alarms)
            print(f"   {name:16s} AUC {area:.3f}   found {found:6.1%}   right alarms at 1 fake in 1,000: {right:.1%}")

# %% tags=["result"]
if reports:
    shares = {}
    for title, report in reports.items():
        flagged = {"photographs": report["false_alarms"], **report["found"]}
        shares |= {name if title == "as they are" else f"{name}, {title}": float(x) for name, x in flagged.items()}
    said = ", ".join(f"{name} {x:.0%}" for name, x in shares.items())
    alt = f"Share of images that a detector flags, at a threshold for 1 % false alarms on photographs as they are: {said}."
    show.bars(list(shares), list(shares.values()), "share flagged", alt)

# %% tags=["nbval-check-output"]
if reports:
    found = {name: float(share) for name, share in reports["as they are"]["found"].items()}
    print("most samples of the generator that it has met are found:", found["has met"] > 0.5)
    print("of a generator that was trained longer, less than half as many:", found["trained longer"] < 0.5 * found["has met"])

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **One number.** Put `black` into your report. For which generators does it beat the network? What would a forger do about it?
# - **An interval.** Repeat training and report with five seeds. How wide is the 95 % interval of the share found (`metrics.confidence_interval`)? Was one run enough to say anything?
# - **The missing class.** Report on photographs of bags only, and of shirts only. Whose true pictures are called fake most often?
# - **A vendor's trick.** Set the threshold on the test images, and choose the best of ten seeds by its test AUC. How much better does the brochure get, and what do fresh images say?
# - **A fair watermark.** Take the lesson's mark. How strong must it be to survive a blur in 9 of 10 images? Look at the images then.
# - **Your platform.** Estimate the base rate, the uploads and the cost of a checked alarm for a place that you know. At which false-alarm rate would a detector pay?

# %%
# Your experiment
