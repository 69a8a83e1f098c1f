"""Checkers of exercise 06: is the right thing repaired in a script, and what is still wrong?

All five scripts must pass the same rules; each runs on a GAN on which its own fault shows.
"""

import torch

from gan_lessons.checks.clinic_results import check_end, check_losses
from gan_lessons.checks.clinic_tape import (
    Tape,
    d_losses,
    equal,
    g_losses,
    gradient_of,
    same_direction,
)
from gan_lessons.checks.core import Mistake, NotAttempted, close, untouched
from gan_lessons.checks.game_calls import check_arguments
from gan_lessons.checks.watch import matches

TWICE = "There are two sigmoids: yours, and the one inside the loss, which wants logits."
MEAN_OF_LOGITS = (
    "It is that of a mean of the logits, as in a Wasserstein GAN. Asked is the loss of "
)
MEAN_OF_LOGITS += "gan.recipe."
D_WRONG = {
    "no_fake_half": "D learns from the real batch alone. Its loss has two halves: real and fake.",
    "no_real_half": "D learns from the fakes alone. Its loss has two halves: real and fake.",
    "labels_swapped": "D is taught to call real samples 0 and fakes 1; in this course 1 is real.",
    "fake_called_real": "D is taught to call fakes 1. That is G's aim.",
    "g_gradient_in_d": "It is that of both losses together: G's loss flows into D and teaches it "
    "to call fakes real. Clear D's gradients after G's backward, or give each player a backward of "
    "its own: d_loss.backward(), D's step, then G's loss.",
    "g_loss_taken_away": "It is that of D's loss minus G's: one backward for both. Give each "
    "player a backward of its own.",
    "sigmoid_twice": TWICE,
    "mean_of_logits": MEAN_OF_LOGITS,
    "mixed_batch": "It is that of real samples and fakes in one batch, where BatchNorm lets each "
    "answer depend on the others. Call gan.D twice: on the real batch, and on the fakes.",
}
G_WRONG = {
    "d_gradient_in_g": "It is that of both losses together: D's loss on the fakes flows back into "
    "G and teaches it to help D. Detach the fakes in D's half.",
    "saturating": "It is that of the saturating loss. Asked is gan.recipe.generator_loss.",
    "wrong_sign": "It makes D call the fakes 0. G's aim is the opposite.",
    "sigmoid_twice": TWICE,
    "mean_of_logits": MEAN_OF_LOGITS,
    "mixed_batch": "It is that of real samples and fakes in one batch, where BatchNorm lets each "
    "answer depend on the others. Call gan.D on the fakes alone.",
}


def examine(script, kind, extra=None):
    """Run a script twice, on two sizes of batch and noise, and hold every step to the rules."""
    if not callable(script):
        raise Mistake(
            "not_a_function",
            f"Pass the function itself, without calling it; this is a {type(script).__name__!r}.",
        )
    check_arguments(script, (None, None, None), ("gan", "batches", "steps"))
    noise = []
    for steps, n, z_dim, seed in ((2, 8, 3, 1), (3, 5, 4, 2)):
        tape = record(script, kind, steps, n, z_dim, seed)
        check_pages(tape)
        for k, page in enumerate(tape.pages):
            check_inputs(page)
            check_step_counts(page, k)
            check_labels(page)
            check_modes(tape, page, k)
            check_d(tape, k)
            check_g(tape, k)
        noise += [z.flatten() for z in check_noise(tape)]
        check_end(tape)
        (extra or check_losses)(tape)
    noise = torch.cat(noise)
    if abs(noise.mean()) > 0.4 or abs(noise.std() - 1) > 0.28:
        raise Mistake(
            "noise_not_standard",
            f"{len(noise)} noise values have mean {noise.mean():.2f} and standard deviation "
            f"{noise.std():.2f}; standard normal noise has 0 and 1: gan.sample_z(len(real)).",
        )


def record(*run):
    """A `Tape` of the script, with the usual exceptions of backward in plain words."""
    try:
        return Tape(*run)
    except RuntimeError as error:
        text = str(error)
        if "a second time" in text:
            raise Mistake(
                "backward_twice",
                "backward() runs a second time through a graph that is gone: D's half and G's half "
                "share it. Detach the fakes in D's half, and call gan.D again in G's half.",
            ) from None
        if "does not require grad" in text:
            raise Mistake(
                "no_graph",
                "backward() has nothing to differentiate: a network was called under no_grad(), or "
                "its answer was detached. Only the fakes for D belong under no_grad().",
            ) from None
        raise


def check_pages(tape):
    """One batch for each step."""
    if not tape.pages:
        if tape.output is None or tape.output is ...:
            raise NotAttempted("The script does nothing yet: repair the one above it.")
        raise Mistake("no_batch", "Your script takes no batch: `real, = next(batches)` gives one.")
    # a loop over the batches may take one more before it stops
    if len(tape.pages) != tape.steps or tape.taken > tape.steps + 1:
        raise Mistake(
            "wrong_number_of_steps",
            f"Asked for {tape.steps} steps, your script took {tape.taken} batches and used "
            f"{len(tape.pages)}. Each step takes one batch, and both players learn once on it.",
        )


def check_inputs(page):
    """The batch is as it was."""
    untouched(page.real, page.given[0], "`real`")
    if page.labels is not None:
        untouched(page.labels, page.given[1], "`labels`")


def check_step_counts(page, k):
    """One step of each optimiser."""
    for name, other in (("D", "G"), ("G", "D")):
        count = len(page.used[name])
        if count == 0:
            raise Mistake(
                f"{name.lower()}_makes_no_step",
                f"In step {k + 1}, gan.opt_{name} makes no step, and gan.opt_{other} makes "
                f"{len(page.used[other])}. Each makes one: {name} never learns like this.",
            )
        if count > 1:
            raise Mistake(
                "several_steps",
                f"In step {k + 1}, gan.opt_{name} makes {count} steps on one batch; asked is one.",
            )


def check_labels(page):
    """D judges every sample with the label that belongs to it."""
    if page.labels is None:
        return
    made = page.calls["G"]
    for call in made:
        if not torch.equal(call.labels, page.labels):
            raise Mistake(
                "g_other_labels",
                f"G got the labels {call.labels.tolist()}, but the batch has "
                f"{page.labels.tolist()}. Fakes are made with the labels of the batch.",
            )
    for call in page.calls["D"]:
        if torch.equal(call.labels, page.labels):
            continue
        real = call.x.shape == page.real.shape and torch.equal(call.x, page.real)
        raise Mistake(
            "real_with_other_labels" if real else "fakes_with_other_labels",
            f"D judges the {'real batch' if real else 'fakes'} with the labels "
            f"{call.labels.tolist()}, but they belong to {page.labels.tolist()}. A D that sees "
            "labels which say nothing about the sample learns to ignore them, and so does G.",
        )


def check_modes(tape, page, k):
    """Both players train in train mode; calls of G with another number of samples are previews."""
    for name in "GD":
        for call in page.calls[name]:
            preview = name == "G" and call.out.shape != page.real.shape
            if call.grad and not call.training and not preview:
                raise Mistake(
                    f"{name.lower()}_trains_in_eval",
                    f"In step {k + 1}, {name} learns in eval mode: BatchNorm then uses its running "
                    f"statistics, which stand still. Call gan.{name}.train() after each preview.",
                )


def check_d(tape, k):
    """The gradient that D's optimiser used is that of D's loss on one set of fakes of this step."""
    page, used = tape.pages[k], tape.pages[k].used["D"][0]
    made = [c for c in page.calls["G"] if c.out.shape == page.real.shape]
    if not made:
        raise Mistake(
            "no_fakes",
            f"In step {k + 1}, G makes no {len(page.real)} fakes for a batch of {len(page.real)}. "
            "Make as many fakes as there are real samples: gan.sample_z(len(real)).",
        )
    known = torch.cat([page.real, *(c.out for c in page.calls["G"])])
    for call in page.calls["D"]:
        strange = ~matches(call.x, known).any(1)
        if strange.any():
            raise Mistake(
                "d_sees_other_data",
                f"In step {k + 1}, D judges {int(strange.sum())} samples that are neither of the "
                "batch nor made by gan.G in this step. Old fakes? gan.sample, which draws from the "
                "average? Or did you change them on the way?",
            )
    if not used.any():
        check_not_emptied(page, "D", k)
    judge("D", tape, k, used, [d_losses(page, fake) for fake in made], D_WRONG)


def check_g(tape, k):
    """The gradient that G's optimiser used is that of G's loss, through D as it was or is now."""
    page, used = tape.pages[k], tape.pages[k].used["G"][0]
    if not used.any():
        check_not_emptied(page, "G", k)
        attached = any(c.grad for c in page.calls["G"])
        look = (
            "G makes fakes with a graph, but D gets them detached: in G's half, give D the fakes "
            "as gan.G made them."
            if attached
            else "All fakes of this step were made without a graph: G's half needs fakes of its "
            "own, gan.G(gan.sample_z(n)), outside of no_grad() and without detach()."
        )
        raise Mistake(
            "g_gets_no_gradient",
            f"In step {k + 1}, all of G's gradients are 0 when gan.opt_G makes its step, so G "
            f"never moves. {look}",
        )
    made = [c for c in page.calls["G"] if c.out.shape == page.real.shape]
    players = [page.before["D"], page.after.get("D", page.before["D"])]
    judge("G", tape, k, used, [g_losses(page, c, D) for c in made for D in players], G_WRONG)


def check_not_emptied(page, name, k):
    """No zero_grad() between the last backward and the step."""
    stepped = page.log.index(f"step {name}")
    before = page.log[:stepped]
    last = max((i for i, entry in enumerate(before) if entry == "backward"), default=stepped)
    if f"zero {name}" in before[last:]:
        raise Mistake(
            "zero_after_backward",
            f"In step {k + 1}, all of {name}'s gradients are 0 when gan.opt_{name} makes its step: "
            "zero_grad() came between backward() and step(). Clear first, then backward, then "
            "step.",
        )


def judge(name, tape, k, used, candidates, texts):
    """Compare a used gradient with the right one and its twins; raise the Mistake that fits."""
    found = [
        {twin: gradient_of(loss, net) for twin, (loss, net) in losses.items()}
        for losses in candidates
    ]
    page, length = tape.pages[k], found[0]["right"].norm()
    said = (
        f"In step {k + 1}, the gradient that gan.opt_{name} uses is not that of {name}'s loss "
        f"(its length is {used.norm():.2g}, asked is about {length:.2g}). "
    )

    def alike(gradient):
        return torch.cosine_similarity(used, gradient, dim=0).item()

    nearest = max(range(len(found)), key=lambda i: alike(found[i]["right"]))
    if not equal(used, found[nearest]["right"]):
        for twins in found:
            for twin, text in texts.items():
                if twin in twins and equal(used, twins[twin]):
                    raise Mistake(twin, said + text)
    if any(same_direction(used, twins["right"]) for twins in found):
        page.losses[name] = candidates[nearest]["right"][0].item()
        return
    if k > 0:
        earlier = sum(page.used[name][0] for page in tape.pages[:k])
        last = tape.pages[k - 1].used[name][0]
        for before in (earlier, last):
            if any(same_direction(used - before, twins["right"]) for twins in found):
                raise Mistake(
                    f"{name.lower()}_not_cleared",
                    f"{said}It is the sum of the new one and those of earlier steps: call "
                    f"gan.opt_{name}.zero_grad() before {name}'s backward().",
                )
    zeroed = page.log[: page.log.index(f"step {name}")]
    if k > 0 and f"zero {name}" not in zeroed:
        raise Mistake(
            f"{name.lower()}_not_cleared",
            f"{said}Nothing clears {name}'s gradients in this step before gan.opt_{name} moves, so "
            f"older ones are in it: call gan.opt_{name}.zero_grad() before {name}'s backward().",
        )
    for twins in found:
        for twin, text in texts.items():
            if twin in twins and same_direction(used, twins[twin]):
                raise Mistake(twin, said + text)
    cosine = alike(found[nearest]["right"])
    left = " and what G's half left there" if name == "D" else " and what D's half left there"
    raise Mistake(
        f"wrong_{name.lower()}_gradient",
        f"{said}The cosine of the angle between the two is {cosine:.2f}, asked is 1. Look at what "
        f"flows into {name} before its step: its own loss{left}.",
    )


def check_noise(tape):
    """New noise in every step, a vector of its own for each sample."""
    noise = [
        next(call.x for call in page.calls["G"] if call.out.shape == page.real.shape)
        for page in tape.pages
    ]
    for a, b in zip(noise, noise[1:], strict=False):
        if close(a, b):
            raise Mistake(
                "same_noise",
                "Two steps used the same noise, so G learns only these few points. Draw it inside "
                "the loop: gan.sample_z(len(real)).",
            )
    different = len(noise[0].unique(dim=0))
    if different < len(noise[0]):
        raise Mistake(
            "one_noise_vector",
            f"G gets {len(noise[0])} noise vectors, but only {different} different ones. Each "
            "sample has one of its own: gan.sample_z(len(real)).",
        )
    return noise
