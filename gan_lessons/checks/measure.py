"""Exercise 05: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.measure_frechet import examine_frechet_distance
from gan_lessons.checks.measure_kernel import examine_kernel_distance
from gan_lessons.checks.measure_mystery import examine_mystery
from gan_lessons.checks.measure_shares import examine_precision_recall

EXERCISES = {
    "frechet_distance": Exercise(
        examine_frechet_distance,
        (
            "Four things are needed: two means and two covariance matrices. Then two terms: one of "
            "the means, one of the covariances.",
            "torch.cov wants the features in rows, torch.cov(x.T), and divides by N - 1. You need "
            "only the trace of the root: it is the sum of the roots of the eigenvalues of C1 C2.",
            "values = torch.linalg.eigvals(c1 @ c2); cross = values.real.clamp(min=0).sqrt().sum()",
        ),
        "That is the distance that papers call FID, when the features are Inception's.",
    ),
    "kernel_distance": Exercise(
        examine_kernel_distance,
        (
            "Three means of kernel values: real with real, fake with fake, real with fake. First "
            "write the kernel for all pairs at once: x @ y.T has shape (N, M).",
            "In real with real, the diagonal holds each sample with itself. Take it out of the "
            "sum, and divide by the number of pairs that are left.",
            "(k.sum() - k.trace()) / (n * (n - 1)) for the first two, k.mean() for the third",
        ),
        "That is the unbiased MMD², called KID on Inception features. Values below 0 are right.",
    ),
    "precision_recall": Exercise(
        examine_precision_recall,
        (
            "Write one function for both: the share of points that lie in any ball around a set of "
            "centres. Then call it twice.",
            "The radius of a ball: sort the distances from a centre to its own set. The first is "
            "0, the centre itself; the k-th neighbour comes at index k.",
            "radius = torch.cdist(c, c).sort(dim=1).values[:, k]; "
            "(torch.cdist(p, c) <= radius).any(dim=1).float().mean()",
        ),
        "Two numbers that a single distance mixes up: are they good, and are they all there?",
    ),
    "mystery": Exercise(
        examine_mystery,
        (
            "Put a row of real images beside each number: the floor. A number without it says "
            "little. And look at the images.",
            "One of them has a smaller distance than any GAN. What would you have to do to get "
            "that without learning anything?",
            "metrics.memorisation(images, train, test) finds copies, "
            "metrics.predict(images).bincount(minlength=10) counts classes, precision finds poor "
            "images.",
        ),
        "Three faults, and no single number that finds all of them.",
    ),
}
