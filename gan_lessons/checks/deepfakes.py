"""Exercise 16: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.deepfakes_calibration import examine_calibration_error
from gan_lessons.checks.deepfakes_numbers import examine_alarm_precision, examine_detector_auc
from gan_lessons.checks.deepfakes_report import examine_detector_report
from gan_lessons.checks.deepfakes_spectrum import examine_radial_spectrum

EXERCISES = {
    "alarm_precision": Exercise(
        examine_alarm_precision,
        (
            "Think of 100,000 uploads. How many are fakes, and how many of those raise an alarm? "
            "How many are real, and how many of those raise one?",
            "Right alarms: base_rate · recall. Wrong alarms: (1 - base_rate) · false_alarm_rate. "
            "The precision is the share of right ones among both.",
            "right, wrong = base_rate * recall, (1 - base_rate) * false_alarm_rate; "
            "return right / (right + wrong), and 0 where both are 0",
        ),
        "That is Bayes' formula. The base rate is not a property of the detector, and decides all.",
    ),
    "detector_auc": Exercise(
        examine_detector_auc,
        (
            "Take every fake against every real image: N · M pairs. In which share does the fake "
            "score higher?",
            "Broadcasting makes all pairs at once: fake_scores[:, None] > real_scores has shape "
            "(M, N). Equal scores count one half.",
            "won = (fake_scores[:, None] > real_scores).float(), "
            "tied = (fake_scores[:, None] == real_scores).float(); (won + tied / 2).mean()",
        ),
        "A half for ties: a detector that says the same to everything has exactly 0.5.",
    ),
    "radial_spectrum": Exercise(
        examine_radial_spectrum,
        (
            "Three steps: the power |F|² of each image, the mean over all images, and the mean "
            "over rings of equal distance from frequency 0. One logarithm at the very end.",
            "torch.fft.fft2 puts frequency 0 into the corner. torch.fft.fftfreq(S) * S gives the "
            "frequency of each row and column, with its sign.",
            "f = torch.fft.fftfreq(S) * S; ring = (f[:, None] ** 2 + f ** 2).sqrt().round(); "
            "power[ring == k].mean() for k in range(S // 2 + 1)",
        ),
        "The mean over directions hides a grid of traces, but shows how fast the power falls.",
    ),
    "calibration_error": Exercise(
        examine_calibration_error,
        (
            "For each bin, compare two numbers: the mean chance that was stated, and the share of "
            "fakes that came true.",
            "(p * bins).long() is the number of the bin; clamp it, since p = 1 belongs to the last "
            "one. Skip empty bins: their mean is nan.",
            "Add up inside.float().mean() * (p[inside].mean() - labels[inside].float().mean())"
            ".abs() over the bins that are not empty.",
        ),
        "0 means: of all images that it gives 70 %, 70 % are fakes. On these images, that is.",
    ),
    "detector_report": Exercise(
        examine_detector_report,
        (
            "First the threshold, from the calibration images alone. Everything else is measured "
            "with it on images that had no say in it.",
            "The quantile 1 - rate of the calibration scores leaves the share rate above it: "
            "torch.quantile(scores, 1 - rate).",
            "found = {name: (detect(x) > threshold).float().mean().item() for name, x in "
            "fakes.items()}; auc likewise, with your detector_auc(detect(real), detect(x))",
        ),
        "A threshold, what it costs on new real images, and each generator by its name.",
    ),
}
