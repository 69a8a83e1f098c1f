"""Wrong penalties of exercise 07, as functions of the gradients, and what to say about each."""


def lengths(g):
    return g.flatten(1).norm(dim=1)


def right(g):
    """The penalty for gradients g (B, ...)."""
    return (lengths(g) - 1).square().mean()


def along(dim):
    """The penalty with the norm over one dimension only."""
    return lambda g: (g.norm(dim=dim) - 1).square().mean()


AXIS = (
    "Your norm does not run over the whole gradient of a sample, and only over that. Flatten each "
    "sample's gradient first: gradient.flatten(1).norm(dim=1) has one length for each sample. "
)
TWINS = {
    "sum_over_batch": (
        lambda g: (lengths(g) - 1).square().sum(),
        "You sum over the batch; take the mean.",
    ),
    "weight_inside": (
        lambda g: 10 * right(g),
        "That is 10 times the penalty: the weight (λ) belongs into the recipe, not in here.",
    ),
    "summed_with_weight": (
        lambda g: 10 * (lengths(g) - 1).square().sum(),
        "You sum over the batch, and the weight 10 (λ) is inside. Take the mean, without a weight.",
    ),
    "norm_over_batch": (
        lambda g: (g.norm() - 1).square(),
        "You take one norm over the whole batch. Each sample's gradient has its own length: "
        "gradient.flatten(1).norm(dim=1).",
    ),
    "mean_gradient": (
        lambda g: (g.mean(0).norm() - 1).square(),
        "You average the gradients before the norm. Each sample has its own penalty; the mean "
        "comes last.",
    ),
    "norm_over_wrong_axis": (along(0), "Your norm runs over the batch (dim=0). " + AXIS),
    "norm_over_dim_1": (along(1), "Your norm runs over dim=1 only. " + AXIS),
    "norm_over_last_axis": (along(-1), "Your norm runs over the last dimension only. " + AXIS),
    "norm_over_pixels": (
        lambda g: (g.flatten(2 if g.ndim > 2 else 1).norm(dim=-1) - 1).square().mean(),
        "Your norm leaves the channels apart. " + AXIS,
    ),
    "no_norm": (
        lambda g: (g - 1).square().mean(),
        "There is no norm: every single derivative is compared with 1. " + AXIS,
    ),
    "no_norm_absolute": (
        lambda g: (g.abs() - 1).square().mean(),
        "There is no norm: every single derivative is compared with 1. " + AXIS,
    ),
    "squared_norm": (
        lambda g: (lengths(g).square() - 1).square().mean(),
        "You compare the *squared* norm with 1: the root is missing.",
    ),
    "squared_norm_alone": (
        lambda g: (lengths(g).square() - 1).mean(),
        "You take the squared norm minus 1. Asked for: the norm minus 1, then squared.",
    ),
    "not_minus_one": (
        lambda g: lengths(g).square().mean(),
        "The -1 is missing: you push the slope to 0, as R1 does. Here it should be 1.",
    ),
    "mean_norm": (
        lambda g: lengths(g).mean(),
        "That is the mean norm itself. Subtract 1 and square, sample by sample.",
    ),
    "mean_before_square": (
        lambda g: (lengths(g).mean() - 1).square(),
        "You average the norms first. Subtract 1 and square for every sample; the mean comes last.",
    ),
    "not_squared": (
        lambda g: (lengths(g) - 1).mean(),
        "The square is missing: slopes below 1 would be rewarded.",
    ),
    "absolute": (
        lambda g: (lengths(g) - 1).abs().mean(),
        "You take the absolute difference from 1, or a root at the end; the square is asked for.",
    ),
    "one_sided": (
        lambda g: (lengths(g) - 1).clamp(min=0).square().mean(),
        "You punish slopes above 1 only (a one-sided penalty). Slopes below 1 cost as well here.",
    ),
    "one_norm": (
        lambda g: (g.flatten(1).abs().sum(1) - 1).square().mean(),
        "You sum absolute values (the 1-norm). The Euclidean norm is asked for.",
    ),
    "largest_entry": (
        lambda g: (g.flatten(1).abs().amax(1) - 1).square().mean(),
        "You take the largest entry of the gradient. The Euclidean norm is asked for.",
    ),
    "summed_entries": (
        lambda g: (g.flatten(1).sum(1) - 1).square().mean(),
        "You sum the gradient's entries. The Euclidean norm is the root of the sum of squares.",
    ),
    "mean_square": (
        lambda g: (g.flatten(1).square().mean(1).sqrt() - 1).square().mean(),
        "Inside the root you take the mean of the squares; the norm has their sum.",
    ),
    "mean_of_scores": (
        lambda g: (lengths(g) / len(g) - 1).square().mean(),
        "Your gradients are too small by the batch size: you differentiate the mean of the scores. "
        "Take the sum (or grad_outputs of ones), so that each sample has its own gradient.",
    ),
    "fourth_power": (
        lambda g: lengths(g).pow(4).mean(),
        "The -1 is missing, and the square is taken twice. Asked for: the norm minus 1, squared.",
    ),
    "mean_entry": (
        lambda g: (g.flatten(1).mean(1) - 1).square().mean(),
        "You average the gradient's entries. The Euclidean norm is the root of their squares' sum.",
    ),
    "first_sample": (
        lambda g: ((lengths(g[:1]) - 1).square().sum() + len(g) - 1) / len(g),
        "Only the first sample has a gradient: its score alone is differentiated. Take the sum of "
        "all scores.",
    ),
    "plus_one": (lambda g: (lengths(g) + 1).square().mean(), "You add 1; subtract it."),
    "sign": (lambda g: -right(g), "The sign is turned: a penalty is positive."),
    "halved": (lambda g: right(g) / 2, "That is half of it: nothing is to be halved here."),
    "constant": (
        lambda g: 0 * right(g) + 1,
        "Your penalty is always 1: the gradient is 0. Is the critic's score really what you "
        "differentiate?",
    ),
    "always_0": (lambda g: 0 * right(g), "Your penalty is always 0."),
}
