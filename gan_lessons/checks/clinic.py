"""Exercise 06: its five scripts, with their checkers, hints and praise."""

from functools import partial

from gan_lessons.checks.clinic_repairs import examine
from gan_lessons.checks.clinic_results import check_previews
from gan_lessons.checks.core import Exercise

EXERCISES = {
    "cut_wire": Exercise(
        partial(examine, kind="points"),
        (
            "Print G's gradients after g_loss.backward(). What are they, and how could D's answer "
            "reach G's weights at all?",
            "One of the two halves needs fakes that are cut off from G. Which one? The other half "
            "needs fakes that are not.",
            "In G's half: fake = gan.G(gan.sample_z(len(real))), without detach().",
        ),
        "G learns: D's half has detached fakes, G's half has not.",
    ),
    "one_backward": Exercise(
        partial(examine, kind="points"),
        (
            "Whose weights does (d_loss + g_loss).backward() give gradients to, and of which loss?",
            "Each player must step with the gradient of its own loss alone: two backward passes, "
            "each after the zero_grad() of the player that moves.",
            "D: fakes detached, opt_D.zero_grad(), d_loss.backward(), opt_D.step(). Then G: D's "
            "answer on fakes with a graph, opt_G.zero_grad(), g_loss.backward(), opt_G.step().",
        ),
        "Each player follows its own loss, and nothing of the other's.",
    ),
    "mixed_batch": Exercise(
        partial(examine, kind="bn_d"),
        (
            "D has BatchNorm. What goes into the mean that BatchNorm subtracts, in D's half and in "
            "G's half?",
            "Real samples and fakes each need a batch of their own. The loss stays as it is.",
            "real_logits = gan.D(real); fake_logits = gan.D(fake)",
        ),
        "Real samples and fakes are judged in batches of their own, in both halves.",
    ),
    "previews": Exercise(
        partial(examine, kind="bn_g", extra=check_previews),
        (
            "BatchNorm does two things in train mode: it mixes the batch, and it updates its "
            "running statistics. Does torch.no_grad() switch any of that off?",
            "A preview wants eval mode, a training step wants train mode. Who switches back?",
            "gan.G.eval(), then the preview under no_grad(), then gan.G.train().",
        ),
        "The previews leave no trace in G.",
    ),
    "lost_labels": Exercise(
        partial(examine, kind="labels"),
        (
            "Follow the labels from the batch to G and to D, in both halves. Who judges which "
            "sample with which label?",
            "A fake was asked for as a class. D must judge it as that class.",
            "fake = gan.G(z, labels) and gan.D(fake, labels), with the labels of the batch.",
        ),
        "Every sample meets D with its own label.",
    ),
}
