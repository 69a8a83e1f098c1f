"""Right repairs in many forms pass; every catalogued mistake is rejected and named."""

import re

import pytest
import torch
import torch.nn.functional as F

from gan_lessons import checks, training
from tools.sources import ROOT

TASKS = ("cut_wire", "one_backward", "mixed_batch", "lost_labels")


def script(
    d_half=None, g_half=None, before=None, after=None, order="dg", result=None, take=1, average=1
):
    """A training script of changeable parts; each half returns its loss."""

    def run(gan, batches, steps):
        d_losses, g_losses = [], []
        state = before(gan) if before else None
        for _ in range(steps):
            for _ in range(take):
                real, *labels = next(batches)
            for player in order:
                half = (d_half or plain_d) if player == "d" else (g_half or plain_g)
                loss = half(gan, real, *labels) if state is None else half(gan, real, state)
                (d_losses if player == "d" else g_losses).append(loss)
            for _ in range(average):
                gan.update_average()
        if after:
            after(gan)
        return result(d_losses, g_losses) if result else (d_losses, g_losses)

    return run


def plain_d(gan, real, *labels):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)), *labels)
    loss = gan.recipe.discriminator_loss(gan.D(real, *labels), gan.D(fake, *labels))
    return step(gan.opt_D, loss)


def plain_g(gan, real, *labels):
    fake = gan.G(gan.sample_z(len(real)), *labels)
    return step(gan.opt_G, gan.recipe.generator_loss(gan.D(fake, *labels)))


def step(optimiser, loss, clear=True):
    if clear:
        optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


# Right answers


def by_package(gan, batches, steps):
    pairs = [
        (
            training.train_discriminator(gan, *batch),
            training.train_generator(gan, len(batch[0]), *batch[1:]),
        )
        for _, batch in zip(range(steps), batches, strict=False)
    ]
    return [d for d, _ in pairs], [g for _, g in pairs]


def own_noise_and_bce(gan, batches, steps):
    d_losses, g_losses = [], []
    for k, (real, *labels) in enumerate(batches):
        n = real.shape[0]
        fake = gan.G(torch.randn(n, gan.z_dim), *labels).detach()
        r, f = gan.D(real, *labels), gan.D(fake, *labels)
        loss = F.binary_cross_entropy_with_logits(r, torch.ones_like(r))
        loss = loss + F.binary_cross_entropy_with_logits(f, torch.zeros_like(f))
        gan.opt_D.zero_grad(set_to_none=False)
        loss.backward()
        gan.opt_D.step()
        f = gan.D(gan.G(torch.randn(n, gan.z_dim), *labels), *labels)
        g_loss = F.binary_cross_entropy_with_logits(f, torch.ones_like(f))
        gan.opt_G.zero_grad()
        g_loss.backward()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(float(loss))
        g_losses.append(float(g_loss))
        if k + 1 == steps:
            return d_losses, g_losses


def shared_fakes(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        real, *labels = next(batches)
        fake = gan.G(gan.sample_z(len(real)), *labels)
        d_losses.append(
            step(
                gan.opt_D,
                gan.recipe.discriminator_loss(gan.D(real, *labels), gan.D(fake.detach(), *labels)),
            )
        )
        g_losses.append(step(gan.opt_G, gan.recipe.generator_loss(gan.D(fake, *labels))))
        gan.update_average()
    return [d_losses, g_losses]


def two_backwards(gan, real, *labels):
    """D's halves one after the other, into the same gradients."""
    fake = gan.G(gan.sample_z(len(real)), *labels).detach()
    gan.opt_D.zero_grad()
    halves = F.softplus(-gan.D(real, *labels)).mean(), F.softplus(gan.D(fake, *labels)).mean()
    for half in halves:
        half.backward()
    gan.opt_D.step()
    return sum(half.item() for half in halves)


def frozen_d(gan, real, *labels):
    """G's half with D frozen for the moment."""
    gan.D.requires_grad_(False)
    loss = plain_g(gan, real, *labels)
    gan.D.requires_grad_(True)
    return loss


def only_into_g(gan, real, *labels):
    logits = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
    loss = -F.logsigmoid(logits).mean()
    gan.opt_G.zero_grad()
    loss.backward(inputs=list(gan.G.parameters()))
    gan.opt_G.step()
    return loss.item()


def attached_but_cleared(gan, real, *labels):
    """D's gradient flows into G, where it is cleared before G's step."""
    fake = gan.G(gan.sample_z(len(real)), *labels)
    loss = gan.recipe.discriminator_loss(gan.D(real, *labels), gan.D(fake, *labels))
    return step(gan.opt_D, loss)


class AsClass:
    def __call__(self, gan, batches, steps):
        return by_package(gan, batches, steps)


RIGHT = {
    "by the package": by_package,
    "own noise and cross-entropy": own_noise_and_bce,
    "shared fakes": shared_fakes,
    "plain": script(),
    "G first": script(order="gd"),
    "two backwards in D's half": script(two_backwards),
    "D frozen in G's half": script(g_half=frozen_d),
    "gradients only into G": script(g_half=only_into_g),
    "no detach, but cleared": script(attached_but_cleared),
    "a callable object": AsClass(),
    "tensors without a graph": script(
        result=lambda d, g: (torch.tensor(d), tuple(torch.tensor(x) for x in g))
    ),
    "extra argument": lambda gan, batches, steps, verbose=False: by_package(gan, batches, steps),
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", RIGHT)
def test_right_scripts_pass(task, name):
    result = checks.check(task, RIGHT[name])
    assert result.status == "passed", result.message


def preview_script(draw, result=list):
    def run(gan, batches, steps):
        shown = []
        for _ in range(steps):
            (real,) = next(batches)
            training.train_discriminator(gan, real)
            training.train_generator(gan, len(real))
            shown.append(draw(gan))
        return result(shown)

    return run


@torch.no_grad()
def in_eval(gan, n=16):
    gan.G.eval()
    samples = gan.G(gan.sample_z(n))
    gan.G.train()
    return samples


def detached(gan):
    gan.G.eval()
    samples = gan.G(torch.ones(16, gan.z_dim)).detach()
    gan.G.train()
    return samples


def only_batchnorm(gan):
    """Only the BatchNorm layers in eval mode, the module itself, too."""
    was = [m.training for m in gan.G.modules()]
    for m in gan.G.modules():
        m.training = False
    with torch.no_grad():
        samples = gan.G(gan.sample_z(16))
    for m, mode in zip(gan.G.modules(), was, strict=True):
        m.train(mode)
    return samples


@pytest.mark.parametrize("draw", [in_eval, detached, only_batchnorm])
@pytest.mark.parametrize("result", [list, tuple])
def test_right_previews_pass(draw, result):
    outcome = checks.check("previews", preview_script(draw, result))
    assert outcome.status == "passed", outcome.message


# Wrong answers


def g_detached(gan, real, *labels):
    fake = gan.G(gan.sample_z(len(real)), *labels).detach()
    return step(gan.opt_G, gan.recipe.generator_loss(gan.D(fake, *labels)))


def g_without_graph(gan, real, *labels):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)), *labels)
    return step(gan.opt_G, gan.recipe.generator_loss(gan.D(fake, *labels)))


def g_all_without_graph(gan, real, *labels):
    with torch.no_grad():
        loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels))
    return step(gan.opt_G, loss)


def one_pass(gan, batches, steps):
    d_losses, g_losses = [], []
    for _ in range(steps):
        real, *labels = next(batches)
        fake = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
        d = gan.recipe.discriminator_loss(gan.D(real, *labels), fake)
        g = gan.recipe.generator_loss(fake)
        gan.opt_D.zero_grad()
        gan.opt_G.zero_grad()
        (d + g).backward()
        gan.opt_D.step()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d.item())
        g_losses.append(g.item())
    return d_losses, g_losses


def leaky_g(gan, batches, steps):
    """D's half flows into G, and G's gradients are not cleared in between."""
    d_losses, g_losses = [], []
    for _ in range(steps):
        real, *labels = next(batches)
        gan.opt_G.zero_grad()
        fake = gan.G(gan.sample_z(len(real)), *labels)
        d = gan.recipe.discriminator_loss(gan.D(real, *labels), gan.D(fake, *labels))
        gan.opt_D.zero_grad()
        d.backward(retain_graph=True)
        g = gan.recipe.generator_loss(gan.D(fake, *labels))
        g.backward(inputs=list(gan.G.parameters()))
        gan.opt_D.step()
        gan.opt_G.step()
        gan.update_average()
        d_losses.append(d.item())
        g_losses.append(g.item())
    return d_losses, g_losses


def twice_backward(gan, batches, steps):
    for _ in range(steps):
        real, *labels = next(batches)
        logits = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
        step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real, *labels), logits))
        step(gan.opt_G, gan.recipe.generator_loss(logits))


def uncleared_d(gan, real, *labels):
    fake = gan.G(gan.sample_z(len(real)), *labels).detach()
    loss = gan.recipe.discriminator_loss(gan.D(real, *labels), gan.D(fake, *labels))
    return step(gan.opt_D, loss, clear=False)


def uncleared_g(gan, real, *labels):
    logits = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
    loss = gan.recipe.generator_loss(logits)
    loss.backward(inputs=list(gan.G.parameters()))
    gan.opt_G.step()
    return loss.item()


def saturating(gan, real, *labels):
    logits = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
    return step(gan.opt_G, -F.softplus(logits).mean())


def helping_d(gan, real, *labels):
    logits = gan.D(gan.G(gan.sample_z(len(real)), *labels), *labels)
    return step(gan.opt_G, F.softplus(logits).mean())


def d_of(real_half, fake_half):
    def half(gan, real, *labels):
        fake = gan.G(gan.sample_z(len(real)), *labels).detach()
        loss = real_half(gan.D(real, *labels)) + fake_half(gan.D(fake, *labels))
        return step(gan.opt_D, loss)

    return half


def positive(logits):
    return F.softplus(-logits).mean()


def negative(logits):
    return F.softplus(logits).mean()


def nothing(logits):
    return 0 * logits.mean()


def twice(half):
    def run(*given):
        half(*given)
        return half(*given)

    return run


def d_on_average(gan, real, *labels):
    fake = gan.sample(len(real), *labels)
    return step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(fake)))


def no_d(gan, real, *labels):
    return 0.0


def one_z(gan):
    return torch.randn(100, gan.z_dim)


def fixed_noise_d(gan, real, z):
    fake = gan.G(z[: len(real)]).detach()
    return step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(fake)))


def fixed_noise_g(gan, real, z):
    return step(gan.opt_G, gan.recipe.generator_loss(gan.D(gan.G(z[: len(real)]))))


def eight_fakes(gan, real, *labels):
    fake = gan.G(gan.sample_z(32)).detach()
    return step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(fake)))


def eight_fakes_g(gan, real, *labels):
    return step(gan.opt_G, gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(32)))))


def scaled_d(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    return step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(fake)) / 2)


def d_on_noise(gan, real, z):
    return step(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(gan.G(z).detach())))


def g_of(gan, real, loss):
    return step(gan.opt_G, loss(gan.D(gan.G(gan.sample_z(len(real))))))


WRONG = {
    "g_gets_no_gradient": script(g_half=g_detached),
    "g_gets_no_gradient ": script(g_half=g_without_graph),
    "no_graph": script(g_half=g_all_without_graph),
    "g_gradient_in_d": one_pass,
    "d_gradient_in_g": leaky_g,
    "backward_twice": twice_backward,
    "d_not_cleared": script(uncleared_d, only_into_g),
    "g_not_cleared": script(g_half=uncleared_g),
    "saturating": script(g_half=saturating),
    "wrong_sign": script(g_half=helping_d),
    "labels_swapped": script(d_of(negative, positive)),
    "fake_called_real": script(d_of(positive, positive)),
    "no_real_half": script(d_of(nothing, negative)),
    "no_fake_half": script(d_of(positive, nothing)),
    "several_steps": script(twice(plain_d)),
    "several_steps ": script(g_half=twice(plain_g)),
    "d_makes_no_step": script(no_d),
    "g_makes_no_step": script(g_half=no_d),
    "average_not_updated": script(average=0),
    "average_not_updated ": script(average=2),
    "wrong_number_of_steps": script(take=2),
    "left_frozen": script(after=lambda gan: gan.D.requires_grad_(False)),
    "left_in_eval": script(after=lambda gan: gan.G.eval()),
    "loss_scaled": script(scaled_d),
    "mean_of_logits": script(g_half=lambda gan, *b: g_of(gan, *b, loss=lambda f: -f.mean())),
    "sigmoid_twice": script(
        g_half=lambda gan, *b: g_of(gan, *b, loss=lambda f: positive(f.sigmoid()))
    ),
    "lists_swapped": script(result=lambda d, g: (g, d)),
    "pairs_of_losses": script(result=lambda d, g: list(zip(d, g, strict=True))),
    "wrong_losses": script(result=lambda d, g: ([0.5] * len(d), g)),
    "average_before_step": script(
        g_half=lambda gan, *b: (gan.update_average(), plain_g(gan, *b))[1], average=0
    ),
    "network_changed": script(after=lambda gan: gan.D.net.append(torch.nn.Identity())),
    "optimiser_changed": script(after=lambda gan: gan.opt_D.param_groups[0].update(lr=1.0)),
    "gradients_switched_off": script(after=lambda gan: torch.set_grad_enabled(False)),
    "changes_inputs": script(lambda gan, real: (plain_d(gan, real), real.zero_())[0]),
    "noise_not_standard": script(
        lambda gan, real: d_on_noise(gan, real, torch.rand(len(real), gan.z_dim))
    ),
    "one_noise_vector": script(
        lambda gan, real: d_on_noise(gan, real, gan.sample_z(1).repeat(len(real), 1))
    ),
    "g_trains_in_eval": script(g_half=lambda gan, *b: (gan.G.eval(), plain_g(gan, *b))[1]),
    "returns_nothing": script(result=lambda d, g: None),
    "returns_wrong": script(result=lambda d, g: d),
    "returns_wrong ": script(result=lambda d, g: (d[-1], g[-1])),
    "wrong_number_of_losses": script(result=lambda d, g: (d[:0], g)),
    "wrong_type": script(result=lambda d, g: (["a"] * len(d), g)),
    "loss_keeps_graph": script(
        result=lambda d, g: ([torch.tensor(x, requires_grad=True) for x in d], g)
    ),
    "d_sees_other_data": script(d_on_average),
    "same_noise": script(fixed_noise_d, fixed_noise_g, before=one_z),
    "no_fakes": script(eight_fakes, eight_fakes_g),
    "never_stops": lambda gan, batches, steps: [plain_d(gan, *batch) for batch in batches],
    "wrong_arguments": lambda gan, batches: None,
    "not_a_function": 3,
    "no_batch": lambda gan, batches, steps: ([], []),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_scripts_are_named(name):
    result = checks.check("cut_wire", WRONG[name])
    assert (result.status, result.mistake) == ("failed", name.strip()), result.message
    assert len(result.message) > 40


def g_on_mixed(gan, real):
    logits = gan.D(torch.cat([real, gan.G(gan.sample_z(len(real)))])).chunk(2)[1]
    return step(gan.opt_G, gan.recipe.generator_loss(logits))


def d_on_mixed(gan, real):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)))
    r, f = gan.D(torch.cat([real, fake])).chunk(2)
    return step(gan.opt_D, gan.recipe.discriminator_loss(r, f))


@pytest.mark.parametrize(
    "halves", [(d_on_mixed, plain_g), (plain_d, g_on_mixed), (d_on_mixed, g_on_mixed)]
)
def test_a_mixed_batch_is_named_with_batchnorm_and_harmless_without(halves):
    assert checks.check("mixed_batch", script(*halves)).mistake == "mixed_batch"
    assert checks.check("cut_wire", script(*halves)).status == "passed"


def d_with_labels(of_g, of_real, of_fake):
    def half(gan, real, labels):
        fake = gan.G(gan.sample_z(len(real)), of_g(labels)).detach()
        logits = gan.D(real, of_real(labels)), gan.D(fake, of_fake(labels))
        return step(gan.opt_D, gan.recipe.discriminator_loss(*logits))

    return half


def same(labels):
    return labels


def other(labels):
    return (labels + 1) % 8


@pytest.mark.parametrize(
    ("half", "mistake"),
    [
        (d_with_labels(other, same, same), "g_other_labels"),
        (d_with_labels(same, other, same), "real_with_other_labels"),
        (d_with_labels(same, same, other), "fakes_with_other_labels"),
        (d_with_labels(same, same, lambda x: x * 0), "fakes_with_other_labels"),
    ],
)
def test_lost_labels_are_named(half, mistake):
    assert checks.check("lost_labels", script(half)).mistake == mistake


@torch.no_grad()
def in_train(gan):
    return gan.G(gan.sample_z(16))


def early(gan, batches, steps):
    shown = []
    for _ in range(steps):
        (real,) = next(batches)
        training.train_discriminator(gan, real)
        shown.append(in_eval(gan))
        training.train_generator(gan, len(real))
    return shown


@torch.no_grad()
def stuck(gan):
    gan.G.eval()
    return gan.G(gan.sample_z(16))


def with_graph(gan):
    gan.G.eval()
    samples = gan.G(gan.sample_z(16))
    gan.G.train()
    return samples


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (preview_script(in_train), "preview_in_train_mode"),
        (preview_script(stuck), "g_trains_in_eval"),
        (preview_script(with_graph), "preview_keeps_graph"),
        (preview_script(lambda gan: gan.sample(16)), "preview_not_from_g"),
        (preview_script(lambda gan: in_eval(gan, 8)), "wrong_number_of_samples"),
        (early, "preview_too_early"),
        (
            preview_script(in_eval, lambda shown: shown[-1:] * 1 if len(shown) > 1 else []),
            "wrong_number_of_previews",
        ),
        (preview_script(in_eval, lambda shown: None), "returns_nothing"),
        (preview_script(in_eval, lambda shown: torch.stack(shown)), "wrong_number_of_previews"),
    ],
)
def test_wrong_previews_are_named(answer, mistake):
    result = checks.check("previews", answer)
    assert result.mistake == mistake, result.message


@pytest.mark.parametrize("task", [*TASKS, "previews"])
@pytest.mark.parametrize("stub", [None, ..., lambda gan, batches, steps: ...])
def test_a_stub_is_not_attempted(task, stub):
    assert checks.check(task, stub).status == "not attempted"


def functions_of_the_exercise():
    source = (ROOT / "exercises" / "src" / "06_failure_clinic.py").read_text(encoding="utf-8")
    found = {"torch": torch, "training": training}
    for code in re.findall(r"(?ms)^def (?!judge)\w+\(gan, batches, steps\).*?(?=^\S)", source):
        exec(code, found)
    return found


@pytest.mark.parametrize(
    ("task", "mistake"),
    [
        ("cut_wire", "g_gets_no_gradient"),
        ("one_backward", "g_gradient_in_d"),
        ("mixed_batch", "mixed_batch"),
        ("previews", "preview_in_train_mode"),
        ("lost_labels", "fakes_with_other_labels"),
    ],
)
def test_the_scripts_of_the_exercise_fail_and_their_repairs_pass(task, mistake):
    functions = functions_of_the_exercise()
    assert checks.check(task, functions[f"broken_{task}"]).mistake == mistake
    assert checks.check(task, functions[task]).status == "passed"
