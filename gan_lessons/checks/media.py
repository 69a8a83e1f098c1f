"""Exercise 15: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.media_decay import examine_decay_times
from gan_lessons.checks.media_draws import examine_draw_words
from gan_lessons.checks.media_motion import examine_motion
from gan_lessons.checks.media_novelty import examine_novelty
from gan_lessons.checks.media_through import examine_straight_through

EXERCISES = {
    "decay_times": Exercise(
        examine_decay_times,
        (
            "An exponential becomes a line when you take its logarithm. Draw log E over time for "
            "one clip: the decay time is in its slope.",
            "Cut: clips[:, :80 * k].unflatten(1, (k, 80)), with k = T // 80. Energies: squares, "
            "sum over the last axis. Times in seconds: torch.arange(k) * 80 / rate.",
            "t = t - t.mean(); slope = (log_energy * t).sum(dim=1) / (t ** 2).sum(); "
            "return -2 / slope",
        ),
        "One number for each stroke, and none of it needs an ear.",
    ),
    "motion": Exercise(
        examine_motion,
        (
            "First the steps: the difference of neighbouring places, (N, T - 1, 2). Everything "
            "else comes from them.",
            "Speed is the mean of the steps' lengths. For wobble, subtract from each step the mean "
            "step of its clip.",
            "d = centres.diff(dim=1); off = d - d.mean(dim=1, keepdim=True); "
            "off.square().sum(dim=2).mean(dim=1).sqrt()",
        ),
        "Steps compared as vectors: a change of direction at one speed counts, too.",
    ),
    "novelty": Exercise(
        examine_novelty,
        (
            "Two medians: one over the samples, one over fresh clips. Both of the distance to the "
            "nearest training clip.",
            "torch.cdist(a.flatten(1), b.flatten(1)) holds all distances, (len(a), len(b)). Which "
            "axis has the training clips?",
            "near = lambda x: torch.cdist(x.flatten(1), train.flatten(1)).amin(dim=1).median(); "
            "near(samples) / near(fresh)",
        ),
        "Fresh real clips set the scale: a distance alone says nothing.",
    ),
    "draw_words": Exercise(
        examine_draw_words,
        (
            "The temperature divides the logits; the softmax makes chances of them; then draw.",
            "torch.multinomial(chances, 1) draws one entry for each row, as (N, 1). Or add Gumbel "
            "noise to logits / temperature and take the argmax. Treat temperature 0 first.",
            "if temperature == 0: return logits.argmax(dim=1); "
            "return torch.multinomial((logits / temperature).softmax(dim=1), 1)[:, 0]",
        ),
        "Below 1 it repeats what it is sure of, above 1 it tries more. 0 never tries.",
    ),
    "straight_through": Exercise(
        examine_straight_through,
        (
            "Two tensors from one noise: a soft draw, the softmax of noisy logits; and a hard one, "
            "which is 1 where soft is largest.",
            "g = -log(-log(u)) with u = torch.rand_like(logits). "
            "soft = ((logits + g) / softness).softmax(dim=1). The softness divides the sum.",
            "hard = F.one_hot(soft.argmax(dim=1), K).float(); return hard + soft - soft.detach(): "
            "the value of hard, the gradient of soft",
        ),
        "D sees whole words, G gets a gradient: a biased one, which is the price.",
    ),
}
