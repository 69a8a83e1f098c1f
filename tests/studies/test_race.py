"""The race of `make bench`: its contenders, its clock, and what it does when one breaks."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan_lessons import data, losses
from gan_lessons.studies.better_games import race

CPU = torch.device("cpu")


def test_the_course_starts_with_a_fresh_recipe_of_its_own():
    ours, r3gan = (race.Course(name, CPU).gan.recipe for name in race.COURSE)
    assert ours == losses.DCGAN
    assert r3gan.penalty is losses.r1_r2_penalty
    assert r3gan.discriminator_loss is not race.Course("R3GAN", CPU).gan.recipe.discriminator_loss


def test_marks_grow_and_end_with_the_budget():
    for name in race.NAMES:
        for budget in (0.5, 30, 600, 100_000):
            times = race.marks(name, budget)
            assert times == sorted(set(times)) and times[-1] == budget


@pytest.fixture
def quick(monkeypatch):
    """Few images, and no network that measures them."""
    few = data.Images(data.fashion_mnist("test").images[:300], torch.arange(300) % 10)
    monkeypatch.setattr(data, "fashion_mnist", lambda split="train": few)
    monkeypatch.setattr(race, "measure", lambda images: {"distance": 5.0, "sure": 0.5})
    monkeypatch.setattr(race, "SAMPLES", 64)


@pytest.mark.parametrize("name", ["the course", "R3GAN", "PyTorch-GAN"])
def test_a_run_measures_at_its_marks_and_counts_only_training(name, quick, monkeypatch):
    monkeypatch.setattr(race, "marks", lambda name, budget: [0.01, budget])
    found = race.run(name, 0, 0.3)
    assert found["at"][-1]["cpu"] == pytest.approx(found["cpu"], abs=0.1)
    assert 0.3 <= found["cpu"] < 5
    assert found["steps"] >= len(found["at"]) and found["stopped"] is None
    assert found["gflop_per_step"] > 0.01 and found["last"] == [5.0, 5.0, 5.0]


@pytest.mark.parametrize("name", ["the course", "PyTorch-GAN"])
def test_a_contender_that_diverges_ends_with_a_sentence(name, quick, monkeypatch):
    def broken(name, seed, device):
        contender, batches = prepare(name, seed, device)
        D = contender.gan.D if name == "the course" else contender.recipe.D
        D.register_forward_hook(lambda module, inputs, logits: logits * float("nan"))
        return contender, batches

    prepare = race.prepare
    monkeypatch.setattr(race, "prepare", broken)
    monkeypatch.setattr(race, "gflop_per_step", lambda name, device: 1.0)
    found = race.run(name, 0, 1.0)
    assert "diverged" in found["stopped"] and "nan" in found["stopped"]
    assert found["at"] == [] and found["floor"] == 5.0


def test_a_contender_that_breaks_does_not_end_the_race(monkeypatch, capsys):
    class Breaks:
        def __init__(self, *arguments):
            raise MemoryError("not enough")

    monkeypatch.setattr(race, "ProcessPoolExecutor", Breaks)
    assert race.hold(1.0, 1) == []
    assert "PyTorch-GAN, seed 0, broke off: MemoryError: not enough" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["0"], ["-5"], ["nan"], ["60", "0"], ["soon"]])
def test_a_budget_or_a_number_of_seeds_that_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        race.arguments(words)
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["the course", "TensorFlow tutorial"])
def test_operations_are_counted_as_pytorch_counts_them(name, quick):
    contender, batches = race.prepare(name, 0, CPU)
    with race.Flops() as ours, FlopCounterMode(display=False) as theirs:
        contender.train(batches, lambda: True)
    assert ours.total == theirs.get_total_flops() > 1e6


def test_matrix_products_and_memory_can_be_measured():
    assert race.matrix_product_peak(CPU, rounds=1) > 0.1
    memory = race.peak_memory(CPU)
    assert memory is None or 50 < memory < 100_000
