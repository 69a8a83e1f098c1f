"""Checker of exercise 16: a detector's report, with a threshold that no test image has seen."""

import torch

from gan_lessons.checks.core import Mistake, NotAttempted, attempted
from gan_lessons.checks.deepfakes_calls import call
from gan_lessons.checks.deepfakes_numbers import pairs

NAMES = ("detect", "calibration", "real", "fakes", "rate")
KEYS = ("threshold", "false_alarms", "auc", "found")


def detect(images):
    """A detector for the checks: scores (N,), which stand in the first two pixels."""
    if not isinstance(images, torch.Tensor) or images.dtype != torch.uint8 or images.ndim != 4:
        raise Mistake(
            "images_changed",
            "Give the images to `detect` as they are: uint8, (N, 1, 28, 28). It does the scaling.",
        )
    return images[:, 0, 0, 0].float() - 128 + images[:, 0, 0, 1].float() / 256


def stamped(n, mean, draw):
    """Images (n, 1, 28, 28) whose scores lie around `mean`."""
    score = (mean + 30 * torch.randn(n, generator=draw)).clamp(-127, 126)
    images = torch.randint(256, (n, 1, 28, 28), generator=draw, dtype=torch.uint8)
    images[:, 0, 0, 0] = (score.floor() + 128).to(torch.uint8)
    images[:, 0, 0, 1] = ((score - score.floor()) * 256).floor().to(torch.uint8)
    return images


def case(seed, rate):
    """Arguments of the answer: the test images score a little higher than those for calibration."""
    draw = torch.Generator().manual_seed(seed)
    fakes = {"a stranger": stamped(90, 15, draw), "its own": stamped(110, 60, draw)}
    if seed == 2:
        fakes = {"one": stamped(70, -40, draw), "two": stamped(80, 50, draw)} | fakes
    return detect, stamped(310, -30, draw), stamped(150, -18, draw), fakes, rate


def above(scores, threshold):
    return (scores > threshold).double().mean().item()


def number(value, what):
    """A finite float out of a report."""
    if isinstance(value, torch.Tensor) and value.numel() != 1:
        shape = tuple(value.shape)
        raise Mistake("not_a_scalar", f"{what} must be one number, but has shape {shape}.")
    try:
        value = float(value)
    except (TypeError, ValueError):
        kind = type(value).__name__
        raise Mistake("wrong_type", f"{what} must be a number, not a {kind}.") from None
    if value != value:
        raise Mistake("not_finite", f"{what} is nan: the mean of nothing?")
    return value


def read(report, fakes):
    """The report's numbers as floats; names keys that are missing."""
    report = attempted(report)
    if not isinstance(report, dict):
        kind = type(report).__name__
        raise Mistake(
            "not_a_dict", f"Return a dict with the keys {', '.join(KEYS)}; yours is a {kind}."
        )
    missing = [key for key in KEYS if key not in report]
    if missing:
        raise Mistake(
            "keys_missing",
            f"The report lacks {', '.join(missing)}; yours has "
            f"{', '.join(map(str, report)) or 'no keys'}.",
        )
    found = {key: number(report[key], key) for key in KEYS[:2]}
    for key in KEYS[2:]:
        if not isinstance(report[key], dict) or set(report[key]) != set(fakes):
            raise Mistake(
                "not_by_name",
                f"{key} must be a dict with a number for each entry of fakes, here "
                f"{', '.join(fakes)}: one number over all of them hides what the report is for.",
            )
        found[key] = {name: number(report[key][name], f"{key} of {name}") for name in fakes}
    return found


def examine_detector_report(answer):
    """Threshold first, then what is measured with it."""
    for seed, rate in ((0, 0.05), (2, 0.02), (3, 0.15)):
        arguments = case(seed, rate)
        before = {name: images.clone() for name, images in arguments[3].items()}
        try:
            report = read(call(answer, arguments, NAMES), arguments[3])
        except NotAttempted:
            raise
        if any(not torch.equal(before[n], arguments[3].get(n, before[n][:0])) for n in before):
            raise Mistake("changes_inputs", "Your function changed the dict fakes or its images.")
        judge_threshold(report["threshold"], arguments)
        judge_false_alarms(report, arguments)
        judge_fakes(report, arguments)


def judge_threshold(threshold, arguments):
    """At most `rate` of the calibration images may score above it, and nearly as many must."""
    _, calibration, real, fakes, rate = arguments
    own, n = detect(calibration), len(calibration)
    share = above(own, threshold)
    if rate - 1.5 / n <= share <= rate + 1 / n:
        return
    said = (
        f"At a rate of {rate:g} your threshold is {threshold:.2f}: {share:.1%} of the calibration "
        f"images score above it. "
    )
    if any(abs(share - other) <= 1 / n for other in (0.01, 0.05)):
        raise Mistake("rate_ignored", f"{said}The argument rate does not enter.")
    test, parts = detect(real), [detect(images) for images in fakes.values()]
    pooled = torch.cat(parts)
    for id, scores, text in (
        (
            "threshold_from_test",
            test,
            "the test images `real`. Then their false-alarm rate is what you asked for by "
            "construction, and measures nothing. Use `calibration`",
        ),
        *(
            (
                "threshold_from_fakes",
                x,
                "fakes, but a false alarm is a real image. Use `calibration`",
            )
            for x in (pooled, *parts)
        ),
        (
            "threshold_from_all_real",
            torch.cat([own, test]),
            "calibration and test images together. No test image may have a say",
        ),
        (
            "threshold_from_all",
            torch.cat([test, pooled]),
            "all test images, real and fake. Use `calibration`",
        ),
    ):
        if abs(above(scores, threshold) - rate) <= 0.75 / len(scores):
            raise Mistake(id, f"{said}It comes from {text}.")
    if abs(share - (1 - rate)) <= 2 / n:
        raise Mistake(
            "wrong_tail",
            f"{said}That is the other end: the quantile 1 - rate leaves the share rate above it.",
        )
    if threshold in (0.0, 0.5):
        raise Mistake(
            "fixed_threshold",
            f"{said}A fixed threshold ignores what the scores of real images are. Take a quantile "
            "of the calibration scores.",
        )
    mean, std = own.mean(), own.std()
    if any(abs(threshold - float(mean + k * std)) < 0.05 for k in (0, 1, 1.645, 2, 2.326, 3)):
        raise Mistake(
            "mean_and_spread",
            f"{said}Mean plus a number of standard deviations would fit a normal distribution; "
            "take the quantile itself.",
        )
    if abs(threshold - float(own.max())) < 1e-3:
        raise Mistake("largest_score", f"{said}It is their largest score; take a quantile.")
    raise Mistake("other_threshold", f"{said}It should be {rate:.1%}, the quantile 1 - rate.")


def judge_false_alarms(report, arguments):
    """The share of test images above the report's own threshold."""
    _, calibration, real, fakes, _ = arguments
    threshold, value = report["threshold"], report["false_alarms"]
    right, n = above(detect(real), threshold), len(real)
    if abs(value - right) < 1e-4:
        return
    said = f"false_alarms is {value:.4f}; with your threshold it should be {right:.4f}. "
    options = {
        "rate_returned": (
            arguments[4],
            "That is the rate that was asked for. Measure what the test images really give.",
        ),
        "false_alarms_on_calibration": (
            above(detect(calibration), threshold),
            "You counted among the calibration images, which made the threshold. Count among the "
            "test images `real`.",
        ),
        "share_below": (1 - right, "That is the share below the threshold."),
        "counts": (right * n, "That is a count; divide by the number of images."),
        "per_cent": (100 * right, "That is in per cent; a share from 0 to 1 is asked for."),
        "alarms_of_all": (
            above(torch.cat([detect(x) for x in (real, *fakes.values())]), threshold),
            "The fakes are counted, too. A false alarm is a real image above the threshold.",
        ),
    }
    for id, (other, text) in options.items():
        if abs(value - other) < 1e-3:
            raise Mistake(id, said + text)
    raise Mistake("false_alarms_wrong", said + "It is the share of `real` above the threshold.")


def judge_fakes(report, arguments):
    """AUC and the share found, for each generator by itself."""
    _, calibration, real, fakes, _ = arguments
    threshold, on_real = report["threshold"], detect(real)
    scores = {name: detect(images) for name, images in fakes.items()}
    for name, fake in scores.items():
        value, right = report["found"][name], above(fake, threshold)
        if abs(value - right) > 1e-4:
            said = f"found[{name!r}] is {value:.4f}; with your threshold it should be {right:.4f}. "
            pooled = above(torch.cat(list(scores.values())), threshold)
            options = {
                "share_below": (1 - right, "That is the share below the threshold."),
                "counts": (right * len(fake), "That is a count; divide by the number of images."),
                "per_cent": (100 * right, "That is in per cent."),
                "pooled": (pooled, "That is over all fakes together; each name has its own."),
                "fixed_threshold": (above(fake, 0), "You count scores above 0, not above it."),
                "fixed_threshold_half": (above(fake, 0.5), "You count scores above 0.5."),
            }
            raise_named(value, options, [above(x, threshold) for x in scores.values()], said)
            raise Mistake("found_wrong", said + "It is the share of these fakes above it.")
    for name, fake in scores.items():
        value, right = report["auc"][name], pairs(on_real, fake).mean().item()
        if abs(value - right) > 2e-3:
            said = f"auc[{name!r}] is {value:.4f}; it should be {right:.4f}. "
            alarms = pairs((on_real > threshold).double(), (fake > threshold).double())
            own, everything = detect(calibration), torch.cat(list(scores.values()))
            options = {
                "auc_folded": (max(right, 1 - right), "Do not take the larger of AUC and 1 - AUC."),
                "auc_swapped": (1 - right, "Real and fake are exchanged."),
                "auc_of_alarms": (
                    alarms.mean().item(),
                    "It comes from alarms, yes or no. AUC needs the scores, without a threshold.",
                ),
                "auc_with_calibration": (
                    pairs(own, fake).mean().item(),
                    "It compares with the calibration images. Use the test images `real`.",
                ),
                "auc_with_all_real": (
                    pairs(torch.cat([own, on_real]), fake).mean().item(),
                    "It compares with calibration and test images together. Use `real` alone.",
                ),
                "auc_pooled": (
                    pairs(on_real, everything).mean().item(),
                    "That is over all fakes together; each name has its own.",
                ),
                "auc_is_found": (above(fake, threshold), "That is the share found, not AUC."),
                "per_cent": (100 * right, "That is in per cent."),
            }
            raise_named(
                value, options, [pairs(on_real, x).mean().item() for x in scores.values()], said
            )
            raise Mistake("auc_wrong", said + "It is your AUC of task 2, on scores.")


def raise_named(value, options, others, said):
    """Raise the first option that gives the value; `others` are those of the other names."""
    for id, (other, text) in options.items():
        if abs(value - other) < 1e-3:
            raise Mistake(id, said + text)
    if any(abs(value - other) < 1e-4 for other in others):
        raise Mistake("names_mixed_up", said + "That is the number of another entry of fakes.")
