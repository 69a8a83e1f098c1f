"""Exercise 07: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import SECONDS_TO_MEASURE, Exercise
from gan_lessons.checks.critics_penalty import examine_gradient_penalty
from gan_lessons.checks.critics_power import examine_power_iteration
from gan_lessons.checks.critics_rescue import examine_rescue
from gan_lessons.checks.critics_scores import (
    examine_critic_loss,
    examine_hinge_discriminator,
    examine_hinge_generator,
)

EXERCISES = {
    "critic_loss": Exercise(
        examine_critic_loss,
        (
            "The critic wants high scores for real samples and low ones for fakes. A loss is made "
            "small. Which of the two means gets the minus?",
            "No sigmoid, no logarithm, no absolute value: two means and a minus. It may be below "
            "0.",
            "fake_scores.mean() - real_scores.mean()",
        ),
        "A negative value is no bug: its opposite is the critic's estimate of the distance.",
    ),
    "gradient_penalty": Exercise(
        examine_gradient_penalty,
        (
            "Four steps: points between real and fake; the critic's scores there; the gradient of "
            "the scores by the points; its length for each sample.",
            "epsilon has shape (B, 1, …, 1), with as many ones as a sample has dimensions. The "
            "points need requires_grad_(True), and autograd.grad needs create_graph=True.",
            "torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0].flatten(1).norm(dim=1)",
        ),
        "One epsilon a sample, one length a sample, and the critic can learn from it.",
    ),
    "hinge_discriminator_loss": Exercise(
        examine_hinge_discriminator,
        (
            "A real logit of 1 or more costs 0. Below, it costs as much as it is short of 1. Now "
            "the same for fakes and -1.",
            "F.relu(t) is t above 0, and 0 below. Which t is the shortfall of a real logit?",
            "F.relu(1 - real_logits).mean() + …",
        ),
        "2 for a D that answers 0 everywhere, 0 where both margins are kept.",
    ),
    "hinge_generator_loss": Exercise(
        examine_hinge_generator,
        (
            "G wants high logits for its samples, and there is no margin where it could rest.",
            "It is the same loss as in the Wasserstein game.",
            "-fake_logits.mean()",
        ),
        "No hinge here, so that G's gradient never ends.",
    ),
    "power_iteration": Exercise(
        examine_power_iteration,
        (
            "A vector that goes through W and back through its transposed, again and again, turns "
            "towards the direction that W stretches most.",
            "First W = weight.flatten(1). Start with a random v. In each step u = W v, then "
            "v = Wᵀ u, each divided by its length.",
            "u = F.normalize(W @ v, dim=0); v = F.normalize(W.T @ u, dim=0); … (W @ v).norm()",
        ),
        "The largest stretch, without an SVD. Divide a weight by it, and its layer stretches by 1.",
    ),
    "rescue": Exercise(
        examine_rescue,
        (
            "D runs ahead of G, and its slope at the data grows without a bound. Which of the "
            "lesson's games bound a slope?",
            "Keep the two losses of the sick run and give D a penalty at the real points. (Or take "
            "another game as a whole; WGAN-GP then needs a smaller weight than 10 here.)",
            "dataclasses.replace(SICK, penalty=losses.r1_penalty)",
        ),
        "The same networks, the same rates, the same number of steps: only the game is another.",
        SECONDS_TO_MEASURE,
    ),
}
