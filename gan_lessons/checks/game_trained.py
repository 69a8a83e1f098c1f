"""Checker of exercise 01, task 6: a discriminator trained on samples of two densities."""

import inspect

import torch
from torch import nn

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.data import mixture_1d

REAL, FAKE = mixture_1d((-1.0, 2.0), 0.5), mixture_1d((0.5,), 1.2)
TOLERANCE = 0.05


def examine_trained_discriminator(answer):
    x = torch.linspace(-4, 5, 400)[:, None]
    p, q = REAL.density(x)[:, None], FAKE.density(x)[:, None]  # (400, 1), as the logits
    best, weight = p / (p + q), (p + q) / (p + q).sum()
    logits = logits_of(answer, x)

    def error_of(probability):
        return (weight * (probability - best).abs()).sum().item()

    error = error_of(torch.sigmoid(logits))
    if error <= TOLERANCE:
        return (
            f"On average your D is less than {TOLERANCE} away from p / (p + q). It never saw the "
            "densities: samples were enough."
        )
    said = f"On average it is {error:.3f} away from p / (p + q); {TOLERANCE} is the limit. "
    if any(isinstance(m, nn.BatchNorm1d | nn.Dropout) and m.training for m in parts(answer)):
        said += "(It is in training mode, where BatchNorm and Dropout disturb it: try D.eval().) "
    raise name_training_mistake(x, logits, error_of, said)


def name_training_mistake(x, logits, error_of, said):
    """The Mistake of a D whose sigmoid is too far from the best one."""
    if 0 <= logits.min() and logits.max() <= 1 and error_of(logits) <= 2 * TOLERANCE:
        return Mistake(
            "gives_probabilities",
            said + "Its outputs themselves are near: they are probabilities already. D must give "
            "logits, without a sigmoid.",
        )
    if error_of(1 - torch.sigmoid(logits)) <= 2 * TOLERANCE:
        return Mistake(
            "labels_swapped",
            said + "Turned upside down it would be near: it was trained with the labels swapped.",
        )
    if id := learnt_from(x, logits, list(TRAINING_TWINS)[:2]):
        return Mistake(id, said + TRAINING_TWINS[id][1])
    if logits.std() < 0.05:
        return Mistake(
            "undecided",
            said + f"It says {torch.sigmoid(logits).mean():.2f} everywhere, whatever the place: it "
            "has not learned. Does the optimiser get D's parameters, does each step call "
            "zero_grad, backward and step, and has D a hidden layer? (Both densities are "
            "symmetric around 0.5, so a straight line cannot tell them apart.)",
        )
    if 0 <= logits.min() and logits.max() <= 1:
        return Mistake(
            "gives_probabilities",
            said + "All its outputs lie between 0 and 1, as probabilities do. Is there a sigmoid "
            "at the end of D? The loss has one inside; D must give logits.",
        )
    line = torch.cat([x, torch.ones_like(x)], dim=1)
    rest = logits - line @ torch.linalg.lstsq(line, logits).solution
    if rest.std() < 0.01 * logits.std():
        return Mistake(
            "only_a_line",
            said + "Its logits are a straight line in x, so it can only say left or right. It "
            "needs a hidden layer with a nonlinearity.",
        )
    if id := learnt_from(x, logits, list(TRAINING_TWINS)[2:]):
        return Mistake(id, said + TRAINING_TWINS[id][1])
    p, q = REAL.density(x)[:, None], FAKE.density(x)[:, None]
    size, right = ((abs(t) * (p + q)).sum() / (p + q).sum() for t in (logits, (p / q).log()))
    if size > 3 * right:
        return Mistake(
            "too_sure",
            said + f"Its logits are too large: {size:.1f} in the mean, those of p / (p + q) have "
            f"{right:.1f}. Is the loss without a logarithm (Wasserstein), is there a second "
            "sigmoid in it, no zero_grad, or the same few samples in each step?",
        )
    far = ((p + q) * (torch.sigmoid(logits) - p / (p + q)).abs()).argmax()
    return Mistake(
        "not_close_enough",
        said + f"It is worst at x = {x[far].item():.1f}: there p / (p + q) is "
        f"{(p / (p + q))[far].item():.2f}, yours says {torch.sigmoid(logits)[far].item():.2f}. "
        "Train longer, with larger batches, or with a smaller learning rate at the end.",
    )


def learnt_from(x, logits, ids):
    """Which of the training mistakes gives such a D, or None."""
    p, q = REAL.density(x)[:, None], FAKE.density(x)[:, None]
    for id in ids:
        off = (torch.sigmoid(logits) - TRAINING_TWINS[id][0](p, q)).abs()
        if ((p + q) / (p + q).sum() * off).sum() < TOLERANCE:
            return id
    return None


# What D learns from a wrong loss: (densities) -> its probability.
TRAINING_TWINS = {
    "real_only": (
        lambda p, q: torch.ones_like(p),
        "It calls every place real. Does the loss have the fakes' half, with the label 0? And does "
        "each step call zero_grad?",
    ),
    "fake_only": (
        lambda p, q: torch.zeros_like(p),
        "It calls every place fake. Does the loss have the real half, with the label 1? And does "
        "each step call zero_grad?",
    ),
    "squared_loss": (
        lambda p, q: torch.sigmoid(p / (p + q)),
        "Its logits themselves are near p / (p + q): it was trained with a squared error, or as if "
        "its outputs were probabilities. Binary cross-entropy with logits is meant.",
    ),
    "labels_half_smoothed": (
        lambda p, q: 0.7 * p / (p + q),
        "It never says more than 0.7: is the label for real 0.7? For this task it is 1.",
    ),
    "too_cautious": (
        lambda p, q: 0.25 + 0.5 * p / (p + q),
        "It is right in its direction, but too near one half: was it trained too briefly, or is "
        "there noise in the labels, or are both smoothed? They are 1 and 0.",
    ),
    "real_counts_more": (
        lambda p, q: 3 * p / (3 * p + q),
        "It says real too readily: does the real half count more than the fake one, or are its "
        "batches larger?",
    ),
    "fake_counts_more": (
        lambda p, q: p / (p + 3 * q),
        "It says fake too readily: does the fake half count more than the real one, or are its "
        "batches larger?",
    ),
}


def parts(answer):
    """The modules of a network; none for a plain function."""
    return answer.modules() if isinstance(answer, nn.Module) else ()


def logits_of(answer, x):
    """The network's logits at the places x (N, 1), float32 on the CPU."""
    if isinstance(answer, type) or not callable(answer):
        name = answer.__name__ if isinstance(answer, type) else type(answer).__name__
        raise Mistake(
            "not_a_network",
            f"Pass the trained network, D; this is {name}. A network is something you can call: "
            "D(x).",
        )
    if isinstance(answer, nn.Module):
        where = next(answer.parameters(), x)
        x = x.to(device=where.device, dtype=where.dtype)
    else:
        check_is_no_trainer(answer)
    try:
        with torch.no_grad():
            logits = attempted(answer(x), "Your discriminator")
    except RuntimeError as error:
        if "shapes cannot be multiplied" not in str(error):
            raise
        raise Mistake(
            "wrong_input_size",
            f"It cannot take samples of shape {tuple(x.shape)}: a sample is one number here, so "
            "networks.MLPDiscriminator needs in_dim=1.",
        ) from None
    if not isinstance(logits, torch.Tensor):
        raise Mistake(
            "wrong_type", f"It returns a {type(logits).__name__}, not a tensor of logits."
        )
    if logits.shape != x.shape:
        raise Mistake(
            "wrong_shape",
            f"For places of shape {tuple(x.shape)} it gives {tuple(logits.shape)}; logits have "
            "the shape (B, 1).",
        )
    if not logits.isfinite().all():
        raise Mistake("not_finite", "It gives values that are not finite; was the step too large?")
    return logits.float().cpu()


def check_is_no_trainer(answer):
    """Name the function that trains, given in place of what it returns."""
    try:
        parameters = inspect.signature(answer).parameters.values()
        if all(parameter.default is not parameter.empty for parameter in parameters):
            raise Mistake(
                "the_function_that_trains",
                "That is the function that trains. Call it and pass what it returns: D = train().",
            )
    except (TypeError, ValueError):
        pass
