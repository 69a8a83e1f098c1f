"""Exercise 14: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.privacy_attacks import (
    examine_calibrated_score,
    examine_closeness_ratio,
    examine_found_at,
)
from gan_lessons.checks.privacy_noise import examine_clip_and_noise, examine_noisy_histogram

EXERCISES = {
    "calibrated_score": Exercise(
        examine_calibrated_score,
        (
            "Two distances for each image: to its nearest sample, and to its nearest reference.",
            "torch.cdist(images.flatten(1), samples.flatten(1)) has shape (N, M); .amin(dim=1) is "
            "the distance to the nearest.",
            "near = lambda y: torch.cdist(images.flatten(1), y.flatten(1)).amin(dim=1); "
            "near(reference).log() - near(samples).log()",
        ),
        "An ordinary image is close to everything. The reference takes that out.",
    ),
    "found_at": Exercise(
        examine_found_at,
        (
            "First the threshold, from the non-members alone; then count members above it.",
            "k = int(rate * len(others) + 1e-9) non-members may lie above it: it is the (k + 1)-th "
            "largest of their scores.",
            "threshold = others.sort().values[-k - 1]; (members > threshold).float().mean()",
        ),
        "An attack that is sure about a few people does harm, whatever its AUC.",
    ),
    "closeness_ratio": Exercise(
        examine_closeness_ratio,
        (
            "For each sample: how far is the nearest member? The same for each other real image.",
            "torch.cdist(samples.flatten(1), members.flatten(1)).amin(dim=1), then quantile(0.05).",
            "near = lambda x: torch.cdist(x.flatten(1), members.flatten(1)).amin(dim=1)."
            "quantile(0.05); near(samples) / near(others)",
        ),
        "That is what many reports call privacy. It asks about samples, not about people.",
    ),
    "clip_and_noise": Exercise(
        examine_clip_and_noise,
        (
            "Four steps: shorten each row, sum over rows, add noise, divide by batch.",
            "The factor of a row is min(1, clip / length): (clip / length).clamp(max=1).",
            "length = grads.norm(dim=1, keepdim=True).clamp(min=1e-12); total = (grads * (clip / "
            "length).clamp(max=1)).sum(0); (total + sigma * clip * randn_like(total)) / batch",
        ),
        "No row moves the sum by more than clip, and the noise is sigma times that.",
    ),
    "noisy_histogram": Exercise(
        examine_noisy_histogram,
        (
            "One person is in one bin, so one count changes by 1. Each bin gets noise of its own.",
            "torch.bincount(values, minlength=bins) counts, empty bins included.",
            "torch.bincount(values, minlength=bins) + torch.distributions.Laplace(0.0, 1 / "
            "epsilon).sample((bins,))",
        ),
        "Three lines, and a guarantee. A private GAN has to beat this.",
    ),
}
