"""Checkers of the two training steps: `train_discriminator(gan, real)` and `train_generator(gan,
n)`.

What a step did is read from the gradient at each logit. For binary cross-entropy towards a label t
it is c (sigmoid(logit) - t) / n with c = 1; a fit of c and t tells swapped labels, sums, signs and
detached halves apart, whatever way the loss was written.
"""

import torch
import torch.nn.functional as F

from gan_lessons.checks.core import Mistake, close
from gan_lessons.checks.loop_rules import (
    check_backward,
    check_gradient,
    check_left_as_it_was,
    check_noise_changes,
    check_noise_is_normal,
    check_not_both,
    check_one_noise,
    check_optimisers,
    check_replay,
    check_scale,
    check_train_mode,
    check_value,
    explain_error,
    fit,
    number,
)
from gan_lessons.checks.watch import Step, flat, gradients, matches, parameters, tiny_gan

LATE_ZERO = (
    " One remark: you clear the gradients after the step. That holds as long as nobody else leaves "
    "gradients there. Clear them right before your own backward()."
)


def examine_discriminator_step(answer):
    """Several steps on small GANs of different sizes; returns the praise."""
    remarks, noise = {}, []
    gan = tiny_gan(seed=1)
    for k in range(3):
        noise.append(discriminator_step(gan, answer, real_batch(k, 8, (2,)), k, remarks))
    check_noise_changes(noise)
    other = tiny_gan(seed=2, z_dim=6, shape=(1, 4, 4), batch_norm=True)
    discriminator_step(other, answer, real_batch(5, 5, (1, 4, 4)), 5, remarks)
    z = discriminator_step(tiny_gan(seed=3), answer, real_batch(6, 400, (2,)), 6, remarks)
    check_noise_is_normal(z)
    leave_gradients(gan)
    step = Step(gan, answer, real_batch(7, 8, (2,)))
    if step.error is None and "D" in step.at_step:
        left, now = gradients(step.before.G), gradients(gan.G)
        if not close(now, left) and now.abs().max() > 0:
            raise gradients_in_g(now - left)
        if close(flat(step.at_step["D"]), expected_d_gradient(step) + gradients(step.before.D)):
            raise Mistake(
                "zero_too_late",
                "You clear D's gradients after the step. But G's step may leave gradients in D, as "
                "here, and gan.opt_D then uses the sum of both, which calls fakes real. Call "
                "gan.opt_D.zero_grad() before backward().",
            )
    return "D learnt from both halves, G was not touched, and no gradient was left over." + "".join(
        remarks.values()
    )


def examine_generator_step(answer):
    """Several steps on small GANs of different sizes; returns the praise."""
    remarks, noise = {}, []
    gan = tiny_gan(seed=1)
    for k in range(3):
        noise.append(generator_step(gan, answer, 8, k, remarks))
    check_noise_changes(noise)
    other = tiny_gan(seed=2, z_dim=6, shape=(1, 4, 4), batch_norm=True)
    generator_step(other, answer, 5, 5, remarks)
    check_noise_is_normal(generator_step(tiny_gan(seed=3), answer, 400, 6, remarks))
    leave_gradients(gan)
    step = Step(gan, answer, 8)
    if step.error is None and "G" in step.at_step:
        if close(flat(step.at_step["G"]), expected_g_gradient(step) + gradients(step.before.G)):
            remarks["late"] = LATE_ZERO
    return "G moved towards what D calls real, and D kept its weights." + "".join(remarks.values())


def real_batch(seed, n, shape):
    generator = torch.Generator().manual_seed(100 + seed)
    return torch.rand(n, *shape, generator=generator) * 1.8 - 0.9


def leave_gradients(gan):
    """Gradients as the other player's step may leave them."""
    for module in (gan.G, gan.D):
        for p in module.parameters():
            p.grad = torch.full_like(p, 0.3)


# One step of D


def discriminator_step(gan, answer, real, seed, remarks):
    """Run one step of D and raise the first mistake; returns the noise (n, z_dim) that G got."""
    given = real.clone()
    torch.manual_seed(1000 + seed)
    step = Step(gan, answer, given)
    explain_error(step, "D")
    value = number(step, "train_discriminator")
    check_not_both(step, "D", "G")
    if not torch.equal(given, real):
        raise Mistake("changes_inputs", "Your step changed the real batch in place; leave it be.")
    real_logits, real_grad, fake_logits, fake_grad = two_halves(step, real)
    check_backward(step, "D")
    check_discriminator_labels(real_logits, real_grad, fake_logits, fake_grad, value, remarks)
    check_optimisers(step, "D", "G")
    if not torch.equal(parameters(gan.G), parameters(step.before.G)):
        raise Mistake(
            "g_changed",
            "G's weights are not what they were before D's step. This step belongs to D: nothing "
            "in it may change gan.G.",
        )
    left, now = gradients(step.before.G), gradients(gan.G)
    if not close(now, left) and now.abs().max() > 0:
        raise gradients_in_g(now - left)
    check_train_mode(step, "D")
    check_gradient(step, "D", expected_d_gradient(step))
    check_replay(step, "D")
    check_left_as_it_was(step)
    label = remarks.pop("label", 1.0)  # of the real half, where it is smoothed
    real = label * F.softplus(-real_logits) + (1 - label) * F.softplus(real_logits)
    expected = real.mean().item() + F.softplus(fake_logits).mean().item()
    check_value(value, expected, discriminator_values(real_logits, fake_logits))
    return step.rows("G")[0]


def two_halves(step, real):
    """Logits and their gradients for the real rows and for the fakes, each (n, 1)."""
    rows = step.rows("D")
    if rows is None:
        raise Mistake(
            "d_not_used",
            "Your step never calls gan.D. D must judge the real batch and as many fakes.",
        )
    x, out, grad, _ = rows
    n, is_real = len(real), matches(x, real.flatten(1))
    is_fake = fakes_among(step, x, ~is_real.any(1))
    if not is_real.any():
        raise Mistake(
            "no_real_half",
            f"D never sees the real batch: {len(x)} rows went into gan.D, and none of them is a "
            "row of `real`. D learns the difference only from both kinds.",
        )
    if not is_real.any(0).all():
        seen = int(is_real.any(0).sum())
        raise Mistake("part_of_real", f"D sees {seen} of the {n} real samples; show it all.")
    if not is_fake.any():
        if step.calls["G"]:
            look = "You make fakes with gan.G, but they do not go into gan.D."
        elif step.calls["G_ema"]:
            look = "gan.sample draws from the averaged generator; use gan.G."
        else:
            look = "fake = gan.G(noise), with as many rows as the real batch has."
        if (is_real.sum(0) > 1).all():
            raise Mistake(
                "real_as_fake",
                "D sees the real batch twice and no fake: the second time you give it `real` where "
                "G's samples belong. " + look,
            )
        raise Mistake("no_fake_half", "D sees the real batch but no fake. " + look)
    check_one_noise(step)
    fakes = x[is_fake].unique(dim=0)
    if len(fakes) != n:
        raise Mistake(
            "wrong_number_of_fakes",
            f"The real batch has {n} samples, but D sees {len(fakes)} different fakes. Make as "
            "many fakes as there are real samples: len(real), not a number written out.",
        )
    halves = []
    for match in (is_real, matches(x, fakes)):
        halves += [out[match.int().argmax(0)], match.T.to(grad.dtype) @ grad]
    return halves


def fakes_among(step, x, others):
    """Which rows of D's input came from G; raises where a row came from somewhere else."""
    made = step.rows("G")
    is_fake = torch.zeros_like(others) if made is None else matches(x, made[1]).any(1) & others
    strange = others & ~is_fake
    if not strange.any():
        return is_fake
    averaged = step.rows("G_ema")
    if averaged is not None and matches(x[strange], averaged[1]).any():
        raise Mistake(
            "fakes_from_average",
            "Your fakes come from the averaged generator (gan.sample or gan.G_ema). That one is "
            "for looking at results; the game is played with gan.G.",
        )
    if made is None:
        raise Mistake(
            "fakes_not_from_g",
            f"gan.D gets {int(strange.sum())} rows that did not come from gan.G, which is never "
            "called. Fakes are gan.G(noise).",
        )
    raise Mistake(
        "d_sees_other_data",
        f"gan.D gets {int(strange.sum())} rows that are neither real nor what gan.G made. Do you "
        "change the samples on the way to D?",
    )


def check_discriminator_labels(real_logits, real_grad, fake_logits, fake_grad, value, remarks):
    """Compare the fitted scale and label of both halves with what the loss asks for."""
    n = len(real_logits)
    no_real, no_fake = (g.abs().max() == 0 for g in (real_grad, fake_grad))
    if no_real or no_fake:
        full = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        name, call = ("real", "D(real)") if no_real else ("fake", "D(fake)")
        if close(value, full, rtol=1e-3) or close(value, full / 2, rtol=1e-3):
            raise Mistake(
                f"{name}_half_detached",
                f"Your loss holds both halves, but no gradient comes from {call}: only the other "
                f"half trains D. Is there a detach(), a .item() or a no_grad() around {call}? Only "
                "the fakes themselves are detached, before they go into D.",
            )
        raise Mistake(
            f"no_{name}_half",
            f"D is called on the {name} batch, but its answer is not part of what you "
            f"differentiate (your loss is {value:.3f}, both halves together are {full:.3f}). Add "
            "the two losses.",
        )
    halves = [(real_logits, real_grad, 1), (fake_logits, fake_grad, 0)]
    (c_real, t_real), (c_fake, t_fake) = fit(halves)
    said = (
        f"By the gradients, your loss pulls D's answer to {abs(t_real):.1f} on real samples and "
        f"to {abs(t_fake):.1f} on fakes; asked are 1 and 0. "
    )
    if c_real < 0 and c_fake < 0:
        raise Mistake(
            "wrong_sign",
            "Your loss has the wrong sign: a step of the optimiser makes a loss smaller, and "
            f"making yours smaller ({value:.3f}) makes D worse. Use gan.recipe.discriminator_loss "
            "or cross-entropy as it is, without a minus.",
        )
    if c_real < 0 or c_fake < 0:
        half = "real" if c_real < 0 else "fake"
        raise Mistake(
            "wrong_sign",
            f"The {half} half of your loss has the wrong sign: the two halves are added, and each "
            "is a cross-entropy, a positive number.",
        )
    if t_real < 0.4 and t_fake > 0.6:
        raise Mistake("labels_swapped", said + "They are swapped: in this course 1 means real.")
    if t_fake > 0.6:
        raise Mistake("fake_called_real", said + "That is G's aim; D must call the fakes 0.")
    if t_real < 0.4:
        raise Mistake("real_called_fake", said + "Real samples have the label 1.")
    if 0.69 < t_real and 0.02 < t_fake < 0.31:
        raise Mistake(
            "wrong_labels",
            said + "Smooth the real label only: the fakes keep 0 (Salimans et al. 2016).",
        )
    if t_real < 0.69 or t_real > 1.02 or abs(t_fake) > 0.02:
        raise Mistake("wrong_labels", said + "Look at the label of each half.")
    if abs(c_real / c_fake - 1) > 0.02:
        raise Mistake(
            "halves_unequal",
            f"The real half counts {c_real:.3g} times, the fake half {c_fake:.3g} times; both "
            "count once. Take the mean over each half.",
        )
    check_scale(c_real, n, "the mean over the real batch plus the mean over the fakes")
    if t_real < 0.98:
        remarks["label"] = t_real
        remarks["smooth"] = (
            f" You smooth the real label ({t_real:.2f}), a known variant (Salimans et al. 2016): "
            "D's best loss is no longer 0."
        )


def discriminator_values(real_logits, fake_logits):
    """What a wrong `return` might give, by its description."""
    real, fake = F.softplus(-real_logits), F.softplus(fake_logits)
    return {
        "the real half alone": real.mean(),
        "the fake half alone": fake.mean(),
        "the sum over the batch": real.sum() + fake.sum(),
        "the loss with swapped labels": F.softplus(real_logits).mean()
        + F.softplus(-fake_logits).mean(),
        "the loss with its sign turned": -real.mean() - fake.mean(),
    }


def gradients_in_g(change):
    return Mistake(
        "gradients_in_g",
        f"D's step leaves gradients in G (up to {change.abs().max():.2g}). They would be added to "
        "G's next step, where they point to worse samples. Cut the graph between G and D: make the "
        "fakes under torch.no_grad(), or use fake.detach().",
    )


def expected_d_gradient(step):
    """What the gradients at the logits become at D's weights before the step."""
    before, (x, _, grad, _) = step.before, step.rows("D")
    logits = before.D(x.reshape(-1, *before.D.takes))
    return flat(torch.autograd.grad(logits, list(before.D.parameters()), grad))


# One step of G


def generator_step(gan, answer, n, seed, remarks):
    """Run one step of G and raise the first mistake; returns the noise (n, z_dim) that G got."""
    torch.manual_seed(1000 + seed)
    step = Step(gan, answer, n)
    explain_error(step, "G")
    value = number(step, "train_generator")
    check_not_both(step, "G", "D")
    logits, grad = judged_fakes(step, n)
    check_backward(step, "G")
    check_generator_label(logits, grad, value)
    check_optimisers(step, "G", "D")
    if not torch.equal(parameters(gan.D), parameters(step.before.D)):
        raise Mistake(
            "d_changed",
            "D's weights are not what they were before G's step. The gradient passes through D, "
            "but only gan.opt_G makes a step.",
        )
    check_train_mode(step, "G")
    check_gradient(step, "G", expected_g_gradient(step))
    check_replay(step, "G")
    check_left_as_it_was(step)
    check_average(step)
    check_value(value, F.softplus(-logits).mean().item(), generator_values(logits))
    return step.rows("G")[0]


def check_average(step):
    """The average moved not at all, or once and after G."""
    calls = step.gan.steps - step.before.steps
    if calls > 1:
        raise Mistake(
            "average_twice",
            f"gan.update_average() runs {calls} times in one step of G; once is right.",
        )
    old, new = parameters(step.before.G_ema), parameters(step.gan.G_ema)
    if calls == 1 and not torch.equal(old, new):
        step.before.G.load_state_dict(step.gan.G.state_dict())
        step.before.update_average()
        if not close(new, parameters(step.before.G_ema), atol=1e-6):
            raise Mistake(
                "average_before_step",
                "gan.update_average() runs before gan.opt_G.step(): the average then follows the "
                "weights of the step before. Call it at the end.",
            )


def judged_fakes(step, n):
    """D's logits on the fakes and their gradients, (n, 1) each."""
    if not step.calls["G"] and not step.calls["G_ema"]:
        raise Mistake(
            "g_not_used", "Your step never calls gan.G. Draw noise and make fakes from it first."
        )
    rows = step.rows("D")
    if rows is None:
        raise Mistake(
            "d_not_used",
            "Your step never calls gan.D. What G learns from is D's judgement of its samples.",
        )
    x, out, grad, attached = rows
    is_fake = fakes_among(step, x, torch.ones(len(x), dtype=torch.bool))
    check_one_noise(step)
    fakes = x[is_fake].unique(dim=0)
    if len(fakes) != n:
        raise Mistake(
            "wrong_number_of_fakes",
            f"Asked for n = {n}, but D judges {len(fakes)} different fakes. Draw n noise vectors, "
            "not a number written out.",
        )
    if not attached.any():
        raise Mistake(
            "detached_fakes",
            "No gradient can reach G: the fakes that go into D are cut off from G by detach() or "
            "no_grad(). In D's step that is right. In G's step the gradient must travel from the "
            "loss through D into G.",
        )
    match = matches(x, fakes)
    return out[match.int().argmax(0)], match.T.to(grad.dtype) @ grad


def check_generator_label(logits, grad, value):
    """Compare the fitted scale and label with 1 and 1."""
    if grad.abs().max() == 0:
        raise Mistake(
            "no_gradient",
            "Your loss does not depend on D's answers: no gradient reaches the logits. Is there a "
            ".item() or a detach() around gan.D(fake)?",
        )
    ((c, t),) = fit([(logits, grad, 1)])
    if c < 0 and t < 0.3:
        raise Mistake(
            "saturating",
            f"Your loss ({value:.3f}) is the saturating one, mean log(1 - D(G(z))). Its gradient "
            "fades exactly where D is sure of the fakes, so G starts slowly. Asked is the "
            "non-saturating loss: cross-entropy with the label 1.",
        )
    if c < 0:
        raise Mistake(
            "wrong_sign",
            f"Your loss ({value:.3f}) has the wrong sign: the optimiser makes it smaller, and then "
            "D's answers on the fakes go to 0. Drop the minus.",
        )
    if abs(t - 0.5) < 0.05:
        raise Mistake(
            "both_labels",
            "Your loss pulls D's answer on the fakes to 0.5: it asks for the label 1 and the label "
            "0 at once, as D's loss on these fakes does. G's loss has one part, with the label 1.",
        )
    if t < 0.5:
        raise Mistake(
            "fakes_called_fake",
            f"Your loss pulls D's answer on the fakes to {abs(t):.1f}: that is D's aim. G wants "
            "its samples to be called real, so here the label of a fake is 1.",
        )
    if abs(t - 1) > 0.02:
        raise Mistake(
            "wrong_labels",
            f"Your loss pulls D's answer on the fakes to {t:.2g}. In G's step the label is 1.",
        )
    check_scale(c, len(logits), "the mean over the fakes")


def generator_values(logits):
    """What a wrong `return` might give, by its description."""
    return {
        "D's loss on the fakes": F.softplus(logits).mean(),
        "the sum over the batch": F.softplus(-logits).sum(),
        "the loss with its sign turned": -F.softplus(-logits).mean(),
        "the saturating loss": -F.softplus(logits).mean(),
    }


def expected_g_gradient(step):
    """Gradient of the recipe's loss at G's weights before the step, for the noise that G got."""
    before, seen = step.before, step.rows("D")[0]
    calls = [c for c in step.calls["G"] if matches(c.out.detach().flatten(1), seen).any()]
    fakes = torch.cat([before.G(c.x.detach()) for c in calls])
    loss = before.recipe.generator_loss(before.D(fakes))
    return flat(torch.autograd.grad(loss, list(before.G.parameters())))
