"""What a history holds of the training behind it."""

import math

import pytest
import torch
from torch import nn

from gan_lessons import data, look, losses, metrics, networks, storage, training

SEEN = ("d_real", "d_fake", "d_grad", "g_grad", "spread", "coverage")


def gan_of(recipe=losses.VANILLA):
    torch.manual_seed(0)
    return training.GAN(networks.MLPGenerator(2, 2, 8), networks.MLPDiscriminator(2, 8), recipe, 2)


def fitted(steps=45, **options):
    gan = gan_of(**options)
    return training.fit(gan, data.batches(data.ring(), 16), steps, progress=False)


def test_fit_notes_every_20th_step():
    history = fitted()
    assert history.at == [0, 20, 40] and len(history) == 45
    assert all(len(getattr(history, name)) == 3 for name in SEEN)


def test_a_look_changes_no_step(monkeypatch):
    looked = fitted()
    monkeypatch.setattr(training, "EVERY", 1000)
    assert fitted().g_loss == looked.g_loss


def test_the_numbers_are_those_of_the_step():
    gan, real = gan_of(), data.ring().sample(16)[0]
    before = nn.Sequential(gan.D, nn.Sigmoid())(real).mean().item()
    seen, history = look.Look(gan), training.History()
    training.train_discriminator(gan, real)
    training.train_generator(gan, 16)
    seen.note(history, 0, real)
    assert history.d_real == [pytest.approx(before)]
    held = torch.cat([p.grad.flatten() for p in gan.D.parameters()])
    assert history.d_grad == [pytest.approx(held.norm().item())]
    assert not gan.D._forward_hooks and not gan.G._forward_hooks


def test_the_last_batch_counts_where_d_makes_several_steps():
    history = fitted(recipe=losses.Recipe(d_steps=3))
    assert all(math.isfinite(x) for x in history.d_real + history.d_fake)


def test_coverage_is_that_of_naeem_et_al():
    real, fake = torch.randn(2, 50, 3)
    assert look.diversity(real, fake)[1] == pytest.approx(metrics.density_coverage(real, fake)[1])
    assert look.diversity(real, 2 * real)[0] == pytest.approx(2)
    assert math.isnan(look.diversity(real[:4], fake[:4])[1])


def test_an_interrupted_step_leaves_no_hook(monkeypatch):
    gan = gan_of()
    monkeypatch.setattr(
        training, "train_generator", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    training.fit(gan, data.batches(data.ring(), 16), 3, progress=False)
    assert not gan.D._forward_hooks and not gan.G._forward_hooks


def test_an_old_checkpoint_still_loads(tmp_path):
    gan, batches = gan_of(), data.batches(data.ring(), 16)
    old = training.History([1.0], [2.0])
    for name in ("at", *SEEN):
        delattr(old, name)
    storage.save_checkpoint(tmp_path / "old", gan, batches, old)
    history = storage.load_checkpoint(tmp_path / "old", gan, batches)
    assert history.d_loss == [1.0] and history.coverage == []
