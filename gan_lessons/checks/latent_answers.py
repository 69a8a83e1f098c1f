"""Checkers of truncated noise, of a direction and of an inversion: by what they give, not how."""

import copy
import math

import numpy as np
import torch
from torch.nn.functional import cosine_similarity

from gan_lessons.checks.core import Mistake, attempted, close, same, untouched, weights
from gan_lessons.checks.game_calls import check_arguments
from gan_lessons.storage import pretrained

LIMIT = 0.03  # mean squared error of an inversion, over all images
MORE_LIKE_IT = 0.95  # cosine with the true direction; right answers give 0.99 and more


def tensor(output, shape, what):
    """The answer's output as a float64 tensor; names another type, another shape, and nan."""
    output = attempted(output)
    if isinstance(output, (np.ndarray, list)):
        output = torch.as_tensor(np.asarray(output))
    if not isinstance(output, torch.Tensor):
        raise Mistake("wrong_type", f"{what} must be a tensor, not a {type(output).__name__}.")
    if output.shape != shape:
        raise Mistake(
            "shape", f"{what} must have shape {tuple(shape)}, but yours has {tuple(output.shape)}."
        )
    if not output.isfinite().all():
        raise Mistake("not_finite", f"{what} contains nan or infinity: look for a division by 0.")
    return output.detach().double().cpu()


def function(answer, arguments, names):
    """The answer, if it is a function of these arguments."""
    if not callable(answer):
        kind = type(answer).__name__
        raise Mistake("not_a_function", f"Pass the function, without brackets; this is a {kind}.")
    check_arguments(answer, arguments, names)
    return answer


def normal_share(threshold):
    """Share of N(0, 1) within the threshold."""
    return math.erf(threshold / math.sqrt(2))


def truncated_std(threshold):
    """Standard deviation of N(0, 1) given that it lies within the threshold."""
    density = math.exp(-(threshold**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * threshold * density / normal_share(threshold))


def examine_truncated_noise(answer):
    """Shape, threshold, distribution, chance."""
    answer = function(answer, (3, 2, 0.5), ("n", "z_dim", "threshold"))
    torch.manual_seed(0)  # the same verdict each time
    for n, z_dim, threshold in ((3000, 4, 0.7), (2000, 3, 1.5), (7, 2, 0.5)):
        z = tensor(answer(n, z_dim, threshold), (n, z_dim), "The noise")
        beyond, share = (z.abs() > threshold * (1 + 1e-5)).double().mean().item(), 0.0
        if beyond and ((z <= threshold).all() or (z >= -threshold).all()):
            raise Mistake(
                "one_side_only",
                f"{beyond:.1%} of your numbers are beyond the threshold {threshold}, all of one "
                "sign. Cut on both sides: z.abs() > threshold.",
            )
        if beyond:
            once = (1 - normal_share(threshold)) ** 2
            text = f"{beyond:.1%} of your numbers are beyond the threshold {threshold}. "
            if close(beyond, 1 - normal_share(threshold), atol=0.03, rtol=0):
                raise Mistake("not_truncated", text + "That is plain torch.randn: nothing is cut.")
            if close(beyond, once, atol=0.03, rtol=0):
                raise Mistake(
                    "drawn_again_once",
                    text + "A number that is drawn again may be beyond it again: repeat until none "
                    "is.",
                )
            if n > 100 and abs(z.std().item() / threshold - 1) < 0.05:
                raise Mistake(
                    "scaled", text + "Yours are N(0, 1) times the threshold. Do not scale: cut."
                )
            raise Mistake(
                "beyond_the_threshold",
                text + "None may be: ask each number, z.abs() > threshold, and draw again until "
                "none is.",
            )
        if n < 100:
            continue  # too few to judge their distribution
        share = (z.abs() > 0.999 * threshold).double().mean().item()
        if share > 0.02:
            raise Mistake(
                "clamped",
                f"{share:.0%} of your numbers are exactly at the threshold {threshold}. clamp "
                "moves them there; they should be drawn again.",
            )
        judge_distribution(z, threshold)
    judge_quantiles(tensor(answer(5000, 16, 1.2), (5000, 16), "The noise"), 1.2)
    check_chance(answer)
    tensor(answer(4, 32, 0.2), (4, 32), "The noise")  # no end for whole rows drawn again


def judge_quantiles(z, threshold):
    """How many numbers lie below each place, against the truncated normal distribution."""
    z = z.flatten().sort().values
    edge = torch.special.ndtr(torch.tensor(-threshold, dtype=torch.float64))
    wanted = (torch.special.ndtr(z) - edge) / (1 - 2 * edge)
    gap = (wanted - (torch.arange(len(z)) + 0.5) / len(z)).abs()
    i = int(gap.argmax())
    if gap[i] > 2.6 / len(z) ** 0.5:
        raise Mistake(
            "other_distribution",
            f"At threshold {threshold}, {i / len(z):.1%} of your numbers are below {z[i]:.2f}; of "
            f"the normal numbers within it, {wanted[i]:.1%} are. How are the ones beyond replaced? "
            "Draw them again from N(0, 1).",
        )


def judge_distribution(z, threshold):
    """Compare the spread around 0 and the mean with the truncated normal distribution's."""
    expected, found = truncated_std(threshold), z.square().mean().sqrt().item()
    if (z >= 0).all() or (z <= 0).all():
        raise Mistake("one_sign", "All your numbers have one sign; keep the negative ones, too.")
    said = f"At threshold {threshold} the root mean square is {found:.3f}, not {expected:.3f}. "
    if abs(found / expected - 1) > 0.05:
        if abs(found / (threshold / math.sqrt(3)) - 1) < 0.03:
            raise Mistake(
                "uniform", said + "It is that of uniform numbers; draw normal ones and cut them."
            )
        if found < expected:
            raise Mistake(
                "squeezed",
                said + "Are the numbers scaled, or the length of whole vectors cut? Numbers within "
                "the threshold should stay what they are; draw the others again.",
            )
        raise Mistake("other_distribution", said + "Draw from N(0, 1) until all are within.")
    if abs(z.mean().item()) > 0.1 * expected:
        raise Mistake("not_centred", f"The mean is {z.mean():.3f}; it should be about 0.")
    if close(z[0], z[1]) or z.std(dim=1).max() < 1e-6:
        raise Mistake("rows_alike", "Rows or numbers repeat: draw n · z_dim numbers of their own.")


def check_chance(answer):
    """Two calls in a row must differ."""
    first, second = answer(50, 3, 1.0), answer(50, 3, 1.0)
    if close(first, second):
        raise Mistake(
            "always_the_same", "Two calls give the same noise: is a seed set in your function?"
        )


def labelled(n, d, seed, share):
    """Noise around a point that is not 0, labels by a noisy plane, and the plane's direction."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(n, d, generator=generator)
    true = torch.nn.functional.normalize(torch.randn(d, generator=generator), dim=0)
    score = z @ true + 0.3 * torch.randn(n, generator=generator)
    labels = (score > score.quantile(1 - share)).long()
    return z + torch.randn(d, generator=generator), labels, true.double()


def examine_direction(answer):
    """Shape, length, sign, and how near the true direction it is."""
    for n, d, seed, share in ((2000, 6, 0, 0.3), (1500, 11, 1, 0.6)):
        z, labels, true = labelled(n, d, seed, share)
        answer = function(answer, (z, labels), ("z", "labels"))
        given = z.clone(), labels.clone()
        output = attempted(answer(*given))
        if getattr(output, "shape", None) in ((d + 1,), (1, d + 1)):
            raise Mistake(
                "with_intercept",
                f"Your vector has {d + 1} numbers, z has {d}: the plane's constant (intercept) is "
                "no part of the direction.",
            )
        vector = tensor(output, (d,), "The direction")
        untouched(z, given[0], "z")
        untouched(labels, given[1], "labels")
        length = vector.norm().item()
        if length < 1e-8:
            raise Mistake("zero", "Your direction is all zeros: was the classifier trained?")
        cosine = cosine_similarity(vector, true, dim=0).item()
        said = f"The cosine of yours and the true direction is {cosine:+.2f}"
        if cosine < -0.8:
            raise Mistake(
                "points_backwards",
                f"{said}: it points to label 0. Moving along it must make label 1 more likely.",
            )
        if abs(cosine) < MORE_LIKE_IT:
            torch.manual_seed(12345)
            other = torch.as_tensor(answer(z.clone(), 1 - labels)).detach().double().reshape(-1)
            if other.shape == (d,) and close(other, vector):
                raise Mistake(
                    "labels_ignored",
                    f"{said}. With 0 and 1 exchanged in the labels, yours is the same: the labels "
                    "do not enter.",
                )
            name_direction(vector, z.double(), labels, said)
        if abs(length - 1) > 1e-3:
            raise Mistake(
                "not_of_length_1", f"The direction must have length 1; yours has {length:.3f}."
            )


def name_direction(vector, z, labels, said):
    """Raise the Mistake of a direction that is far from the true one."""
    one, zero = z[labels == 1].mean(dim=0), z[labels == 0].mean(dim=0)
    for id, other, text in (
        ("mean_of_label_1", one, "the mean of the z with label 1. It lacks the other side"),
        ("mean_of_label_0", zero, "the mean of the z with label 0. It lacks the other side"),
        ("mean_of_all", z.mean(dim=0), "the mean of all z. The labels do not enter"),
        ("sum_of_means", one + zero, "the sum of the two means. Take their difference"),
    ):
        if cosine_similarity(vector, other, dim=0).abs() > 0.999:
            raise Mistake(id, f"{said}. Yours is {text}: the z need not be centred around 0.")
    y = labels[:, None].double()
    through_0 = [torch.linalg.lstsq(z, target).solution[:, 0] for target in (2 * y - 1, y)]
    if any(cosine_similarity(vector, one, dim=0) > 0.95 for one in through_0):
        raise Mistake(
            "no_constant",
            f"{said}. Your plane goes through 0, but the z need not be centred around 0: give the "
            "classifier a constant, w · z + b, and leave b out of the direction.",
        )
    raise Mistake(
        "other_direction",
        f"{said}; it should be above {MORE_LIKE_IT}. The weights of a linear classifier that is "
        "trained until it separates the labels are such a direction.",
    )


def examine_invert(answer):
    """Shape, the measured error, and what must stay as it was."""
    G = copy.deepcopy(pretrained("dcgan")).requires_grad_(True)  # so that a change of it shows
    z_dim = G.net[0].in_features
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        images = G(torch.randn(6, z_dim, generator=generator))
        guesses = G(torch.randn(600, z_dim, generator=generator))
    anywhere = torch.cdist(images.flatten(1), guesses.flatten(1)).square().mean().item() / 784
    guess = torch.cdist(images.flatten(1), guesses.flatten(1)).min(dim=1).values.square().mean()
    guess = guess.item() / 784
    answer = function(answer, (G, images, z_dim), ("G", "images", "z_dim"))
    before, given = weights(G), images.clone()
    torch.manual_seed(0)  # the same starts each time, and so the same verdict
    try:
        output = answer(G, given, z_dim)
    except (RuntimeError, ValueError) as error:
        explain_invert(error)
        raise
    z = tensor(output, (6, z_dim), "z")
    if not same(before, weights(G)):
        raise Mistake(
            "changes_generator",
            "G has changed: its weights, or BatchNorm's statistics in train mode. Give Adam the "
            "list [z] only, and leave G in eval mode.",
        )
    untouched(images, given, "images")
    with torch.no_grad():
        made = copy.deepcopy(G).eval()(z.float())
    error = (made - images).square().mean(dim=(1, 2, 3))
    mean = error.mean().item()
    said = f"The mean squared error over 6 images is {mean:.4f}; it should be below {LIMIT}. "
    if mean < LIMIT:
        if getattr(output, "requires_grad", False):
            raise Mistake(
                "carries_gradient",
                f"The mean squared error is {mean:.4f}, below {LIMIT}, but the result still hangs "
                "on its gradient: return z.detach().",
            )
        return f"Mean squared error {mean:.4f}; the best of 600 random z has {guess:.3f}."
    name_search(z, made, images, said, mean, guess, anywhere)


def explain_invert(error):
    """Raise a Mistake for the exceptions that a search for z meets most."""
    if "does not require grad" in str(error):
        raise Mistake(
            "z_without_gradient",
            f"There is nothing to differentiate by ({error}). z needs requires_grad=True, and on "
            "the way to the loss there is no detach() and no torch.no_grad().",
        ) from None
    if "non-leaf" in str(error):
        raise Mistake(
            "z_is_no_leaf",
            f"The optimiser refuses z ({error}): it is the result of a computation. Compute first, "
            "then z = z.detach().requires_grad_(True).",
        ) from None


def name_search(z, made, images, said, mean, guess, anywhere):
    """Raise the Mistake of a search that did not arrive."""
    if len(z) > 1 and close(z[0], z[1]):
        raise Mistake("one_z_for_all", said + "All your z are equal: each image needs its own.")
    between = torch.cdist(made.flatten(1), images.flatten(1)).square() / 784
    if between.min(dim=0).values.mean() < LIMIT:
        raise Mistake(
            "other_order",
            said + "Every image is among yours, but not in its place: row i of z belongs to image "
            "i. How do you pick the best start of each image?",
        )
    if mean > 1.3 * anywhere:
        raise Mistake(
            "farther_than_chance",
            f"{said}A random z has {anywhere:.2f}: yours is farther away. Does the loss have the "
            "wrong sign, or no square?",
        )
    said += f"A random z has {anywhere:.2f}, the best of 600 has {guess:.3f}. "
    if mean > 0.75 * anywhere:
        raise Mistake(
            "no_search",
            f"{said}Do you return the z where you began, or does opt.step() never come? Is the "
            "learning rate tiny, is the square missing, or is z changed after the search?",
        )
    raise Mistake(
        "search_too_short",
        f"{said}Take more steps, or a learning rate around 0.1 (neither tiny nor above 1); start "
        "from several z for each image, and keep the best for each, not their mean.",
    )
