"""Exercise 08: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import SECONDS_TO_MEASURE, Exercise
from gan_lessons.checks.latent_answers import (
    examine_direction,
    examine_invert,
    examine_truncated_noise,
)
from gan_lessons.checks.latent_slerp import examine_slerp

EXERCISES = {
    "slerp": Exercise(
        examine_slerp,
        (
            "First the angle of each row: divide both vectors by their lengths, multiply, sum over "
            "the last dimension with keepdim=True, take the arc cosine.",
            "Rounding can push a cosine above 1: clamp it. And where sin(w) is nearly 0, the "
            "formula is 0 / 0: take the straight line there.",
            "torch.where(sin < 1e-3, (1 - t) * z0 + t * z1, arc), where arc may be nan in the rows "
            "that are not taken",
        ),
        "Ends, angle and pace are right, and equal vectors do no harm.",
    ),
    "truncated_noise": Exercise(
        examine_truncated_noise,
        (
            "Draw all numbers once. Which of them are too far out?",
            "z[far] = torch.randn(…) draws only those again. Some of the new ones may be too far "
            "out as well.",
            "while (far := z.abs() > threshold).any(): z[far] = torch.randn(int(far.sum()))",
        ),
        "Within the threshold, and still normal there.",
        10,
    ),
    "direction": Exercise(
        examine_direction,
        (
            "A linear classifier says label 1 where w · z + b is large. Which direction in z makes "
            "that grow fastest?",
            "It is w, divided by its length. Train w and b by binary cross-entropy with logits, "
            "as you would train any D.",
            "w = torch.zeros(z.shape[1], requires_grad=True), b likewise; 300 steps of Adam with "
            "rate 0.05; return (w / w.norm()).detach()",
        ),
        "It separates the labels, has length 1, and points to label 1.",
    ),
    "invert": Exercise(
        examine_invert,
        (
            "z is what you train: make it a tensor with requires_grad=True, and give Adam the list "
            "[z]. The loss is the squared difference of G(z) and the images.",
            "Sum the loss over the images, so that one image does not slow down another. A rate of "
            "0.1 and 150 steps go a long way. Some images get stuck.",
            "Repeat the images 4 times, start from 4 z for each, and keep the z with the smallest "
            "error for each image: error.view(4, B).argmin(dim=0)",
        ),
        "Found.",
        SECONDS_TO_MEASURE,
    ),
}
