import copy
import math
import os
import signal
import threading

import pytest
import torch
from torch import nn

from gan_lessons import data, losses, networks, training


def small(recipe=None, seed=0, width=16, z_dim=2):
    torch.manual_seed(seed)
    G, D = networks.MLPGenerator(z_dim, 2, width), networks.MLPDiscriminator(2, width)
    return training.GAN(G, D, recipe or losses.VANILLA, z_dim)


def weights(module):
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


def test_a_step_of_d_leaves_g_and_its_gradients_alone():
    gan = small()
    before_g, before_d = weights(gan.G), weights(gan.D)
    loss = training.train_discriminator(gan, torch.randn(8, 2))
    assert isinstance(loss, float)
    assert torch.equal(before_g, weights(gan.G)) and not torch.equal(before_d, weights(gan.D))
    assert all(p.grad is None for p in gan.G.parameters())


def test_a_step_of_g_leaves_d_and_its_gradients_alone():
    gan = small()
    before_g, before_d = weights(gan.G), weights(gan.D)
    loss = training.train_generator(gan, 8)
    assert isinstance(loss, float)
    assert torch.equal(before_d, weights(gan.D)) and not torch.equal(before_g, weights(gan.G))
    assert all(p.grad is None for p in gan.D.parameters())


def test_a_step_equals_one_written_out_with_plain_pytorch():
    gan = small()
    D = copy.deepcopy(gan.D)
    optimiser = torch.optim.Adam(D.parameters(), gan.recipe.lr_d, gan.recipe.betas)
    real = torch.randn(8, 2)
    torch.manual_seed(1)
    training.train_discriminator(gan, real)
    torch.manual_seed(1)
    fake = gan.G(torch.randn(8, 2)).detach()
    losses.discriminator_loss(D(real), D(fake)).backward()
    optimiser.step()
    torch.testing.assert_close(weights(gan.D), weights(D))


def test_the_penalty_is_added_to_the_loss_of_d():
    recipe = losses.Recipe(penalty=lambda D, real, fake: 100.0)
    a, b = small(), small(recipe)
    real = torch.randn(8, 2)
    torch.manual_seed(1)
    plain = training.train_discriminator(a, real)
    torch.manual_seed(1)
    assert training.train_discriminator(b, real) == pytest.approx(plain + 100, rel=1e-5)


def test_d_steps_takes_a_new_batch_for_each_step_of_d():
    seen = []

    def batches():
        source = data.batches(data.ring(), 4)
        for batch in source:
            seen.append(batch)
            yield batch

    training.fit(small(losses.Recipe(d_steps=3)), batches(), 2, progress=False)
    assert len(seen) == 6


def test_the_same_loop_trains_with_labels():
    torch.manual_seed(0)
    G, D = networks.ConditionalGenerator(4, 10, 4), networks.ConditionalDiscriminator(10, 4)
    gan = training.GAN(G, D, losses.DCGAN, 4)
    part = data.fashion_mnist("test")
    history = training.fit(gan, data.batches(part, 4, labels=True), 2, progress=False)
    assert len(history) == 2
    assert gan.sample(3, torch.tensor([0, 1, 9])).shape == (3, 1, 28, 28)


def test_the_average_follows_g_and_stays_in_eval_mode():
    gan = small(losses.Recipe(ema=0.5))
    start = weights(gan.G_ema)
    training.fit(gan, data.batches(data.ring(), 8), 30, progress=False)
    assert not gan.G_ema.training and gan.G.training
    assert 0 < (weights(gan.G_ema) - weights(gan.G)).norm() < (start - weights(gan.G)).norm()


def test_adam_takes_a_whole_zero_as_beta():
    training.fit(small(losses.Recipe(betas=(0, 0.9))), data.batches(data.ring(), 8), 1)


def test_the_progress_bar_is_full_at_the_end(monkeypatch):
    bars, make = [], training.tqdm
    monkeypatch.setattr(training, "tqdm", lambda **how: bars.append(make(**how)) or bars[0])
    training.fit(small(), data.batches(data.ring(), 8), 7)
    assert bars[0].n == 7


def test_ema_zero_copies_g():
    gan = small(losses.Recipe(ema=0.0))
    training.fit(gan, data.batches(data.ring(), 8), 3, progress=False)
    torch.testing.assert_close(weights(gan.G_ema), weights(gan.G))


def test_equal_seeds_give_equal_runs():
    runs = []
    for _ in range(2):
        gan = small()
        runs.append(training.fit(gan, data.batches(data.ring(), 8, seed=3), 20, progress=False))
    assert runs[0].d_loss == runs[1].d_loss and runs[0].g_loss == runs[1].g_loss


def test_fit_goes_on_with_an_earlier_history():
    gan, batches = small(), data.batches(data.ring(), 8)
    history = training.fit(gan, batches, 12, progress=False)
    again = training.fit(gan, batches, 8, history=history, progress=False)
    assert again is history and len(history) == gan.steps == 20


def test_on_step_sees_every_step_and_can_stop():
    seen = []

    def on_step(step, gan, history):
        seen.append(step)
        return step == 4

    history = training.fit(small(), data.batches(data.ring(), 8), 10, on_step, progress=False)
    assert seen == [0, 1, 2, 3, 4] and len(history) == 5 and "on_step" in history.stopped


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal to send to oneself")
def test_the_stop_button_ends_fit_with_the_history_so_far(request):
    # A process started in the background may ignore interrupts; a kernel does not.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, handler))

    def interrupt(step, gan, history):
        if step == 5:
            signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    history = training.fit(small(), data.batches(data.ring(), 8), 50, interrupt, progress=False)
    assert 5 <= len(history) <= 6 and "interrupted" in history.stopped
    assert len(history.d_loss) == len(history.g_loss)
    again = training.fit(small(), data.batches(data.ring(), 8), 3, history=history, progress=False)
    assert again.stopped is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run_at_the_last_good_state(value):
    calls = []

    def broken(fake_logits):
        calls.append(1)
        return losses.generator_loss(fake_logits) * (value if len(calls) > 250 else 1)

    gan = small(losses.Recipe(generator_loss=broken))
    with pytest.warns(UserWarning, match="step 250"):
        history = training.fit(gan, data.batches(data.ring(), 8), 400, progress=False)
    assert len(history) == 250 and "step 250" in history.stopped
    assert gan.steps == 200 and weights(gan.G).isfinite().all()
    assert weights(gan.G_ema).isfinite().all() and weights(gan.D).isfinite().all()


def test_progress_ends_with_one_line(capsys):
    training.fit(small(), data.batches(data.ring(), 8), 5)
    assert "5 steps in" in capsys.readouterr().out


class Images(nn.Module):
    def forward(self, z):
        return z.view(-1, 1, 1, 2)


@pytest.mark.parametrize(
    "batch, words",
    [
        ((torch.zeros(4, 3),), "G makes"),
        ((torch.zeros(4, 2, dtype=torch.uint8),), "float32 is needed"),
        ((torch.full((4, 2), math.nan),), "not finite"),
        ((torch.full((4, 1, 1, 2), 7.0),), "from 7 to 7"),
        (([1.0, 2.0],), "not list"),
        ((torch.zeros(4, 2, device="meta"),), "is on meta"),
    ],
)
def test_a_bad_batch_is_explained_in_one_sentence(batch, words):
    def batches():
        yield batch

    with pytest.raises((ValueError, TypeError), match=words):
        training.fit(small(), batches(), 1, progress=False)


def conditional():
    G, D = networks.ConditionalGenerator(4, 10, 4), networks.ConditionalDiscriminator(10, 4)
    return training.GAN(G, D, losses.DCGAN, 4)


@pytest.mark.parametrize(
    "labels, words",
    [
        ((), "needs labels"),
        ((torch.tensor([0, 10]),), "0 … 9"),
        ((torch.tensor([0, -1]),), "0 … 9"),
        ((torch.tensor([0.0, 1.0]),), "int64"),
        ((torch.tensor([[0, 1]]),), "shape"),
    ],
)
def test_bad_labels_are_explained_in_one_sentence(labels, words):
    gan = conditional()
    with pytest.raises(ValueError, match=words):
        gan.sample(2, *labels)
    with pytest.raises(ValueError, match=words):
        training.check_batch(gan, -torch.ones(2, 1, 28, 28), *labels)


def test_images_without_negative_values_draw_a_warning():
    gan = training.GAN(
        networks.DCGANGenerator(4, 4), networks.DCGANDiscriminator(4), losses.DCGAN, 4
    )
    with pytest.warns(UserWarning, match=r"\[0, 1\]"):
        training.check_batch(gan, torch.rand(2, 1, 28, 28))


@pytest.mark.skipif(
    not (torch.cuda.is_available() or torch.backends.mps.is_available()), reason="needs a GPU"
)
def test_fit_runs_on_the_gpu_and_samples_come_back():
    device = "cuda" if torch.cuda.is_available() else "mps"
    gan = training.GAN(
        networks.DCGANGenerator(8), networks.DCGANDiscriminator(), losses.DCGAN, 8, device
    )
    batches = data.batches(data.fashion_mnist("test"), 8, device=device)
    history = training.fit(gan, batches, 3, progress=False)
    assert len(history) == 3 and gan.sample(2).device.type == "cpu"
