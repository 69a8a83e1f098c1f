"""Exercise 01: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.game_js import examine_js_divergence
from gan_lessons.checks.game_losses import examine_discriminator_loss, examine_generator_loss
from gan_lessons.checks.game_optimal import examine_optimal_discriminator
from gan_lessons.checks.game_trained import examine_trained_discriminator
from gan_lessons.checks.game_value import examine_value_function

EXERCISES = {
    "value_function": Exercise(
        examine_value_function,
        (
            "V has two terms: one for the real batch, one for the fakes.",
            "D wants log D(real) large, and log(1 - D(fake)) as well. Take the mean of each.",
            "torch.log(d_real).mean() + …",
        ),
        "That is V(D, G): what D makes large and G makes small.",
    ),
    "optimal_discriminator": Exercise(
        examine_optimal_discriminator,
        (
            "Stand at one place. Of all samples that fall there, which share is real?",
            "The share is the real density over the sum of both. Then care for places with none.",
            "torch.where(total > 0, p_real / total, 0.5) with total = p_real + p_fake",
        ),
        "That is the best answer that any discriminator can give.",
    ),
    "js_divergence": Exercise(
        examine_js_divergence,
        (
            "JS compares both densities with their mixture, m = (p + q) / 2.",
            "KL(p, m) is the integral of p · log(p / m): a sum over the places, times dx.",
            "torch.xlogy(p, p / m) is 0 where p is 0. Where m is 0, divide by something else.",
        ),
        "0 for equal densities, log 2 for densities that never meet.",
    ),
    "discriminator_loss": Exercise(
        examine_discriminator_loss,
        (
            "Two errors are possible: calling a real image fake, and calling a fake real. Add "
            "them.",
            "Binary cross-entropy with logits, once with labels 1 and once with labels 0.",
            "F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits)) + …",
        ),
        "Binary cross-entropy of both batches: 2 log 2 = 1.386 for an undecided D.",
    ),
    "generator_loss": Exercise(
        examine_generator_loss,
        (
            "G wins when D calls its samples real. Which label does G wish for?",
            "Binary cross-entropy of the fake logits with the label 1.",
            "F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))",
        ),
        "The non-saturating loss: log 2 = 0.693 for an undecided D.",
    ),
    "trained_discriminator": Exercise(
        examine_trained_discriminator,
        (
            "The loop: draw a real and a fake batch, loss, zero_grad, backward, step.",
            "Adam gets there in 800 steps of batch 512: rate 0.01, then 0.001 for the last 300.",
            "The loss is discriminator_loss(D(real), D(fake)); nothing here needs a generator.",
        ),
        "Your D is close to p / (p + q).",
    ),
}
