"""The race of `make bench`: the published recipes, the clock's use, and what the rows say."""

import pytest
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from gan_lessons import data, losses
from gan_lessons.show import race as picture
from gan_lessons.studies import published, race, standings
from tools import bench

CPU = torch.device("cpu")


def row(name, points, **more):
    """A row as `run` makes it, from (CPU seconds, distance) pairs."""
    at = [
        {"mark": cpu, "cpu": cpu, "wall": cpu, "steps": 10, "distance": distance, "sure": 0.6}
        for cpu, distance in points
    ]
    plain = {"seed": 0, "batch": 32, "size": 28, "stopped": None, "peak_memory_mb": 500}
    plain |= {"steps": 10, "cpu": 9.0, "wall": 9.0, "floor": 0.2, "gflop_per_step": 1.0}
    return {"name": name, "published": name in published.RECIPES, "at": at} | plain | more


ROWS = [
    row("the course", [(1, 200.0), (2, 90.0), (4, 40.0), (60, 9.0)], last=[9.0, 8.8, 9.2]),
    row("PyTorch tutorial", [(30, 300.0), (60, 100.0)]),
    row("PyTorch-GAN", [(30, 60.0), (60, 70.0)]),
]


def result_of(rows):
    return {
        "budget": 60,
        "device": "CPU",
        "samples": 5000,
        "real": {"distance": 0.2, "sure": 0.74},
        "peak_gflops": 100.0,
        "verdict": standings.verdict(rows),
        "curves": standings.curves(rows),
        "rows": rows,
    }


@pytest.mark.parametrize(
    "name, weights_G, weights_D",
    # What the originals' layers hold with one colour channel, added up by hand.
    [
        ("PyTorch tutorial", 3_574_656, 2_763_520),
        ("TensorFlow tutorial", 2_305_472, 212_865),
        ("PyTorch-GAN", 1_049_985, 98_113),
    ],
)
def test_published_networks_have_the_originals_numbers_of_weights(name, weights_G, weights_D):
    recipe = published.RECIPES[name]()
    count = [sum(p.numel() for p in net.parameters()) for net in (recipe.G, recipe.D)]
    assert count == [weights_G, weights_D]


@pytest.mark.parametrize("name", published.RECIPES)
def test_published_recipes_train_both_players_and_give_images_of_28_pixels(name):
    recipe = published.RECIPES[name]()
    before = [[p.clone() for p in net.parameters()] for net in (recipe.G, recipe.D)]
    real = torch.rand(4, 1, recipe.size, recipe.size) * 2 - 1
    assert all(0 < loss < 20 for loss in recipe.step(real))
    for net, old in zip((recipe.G, recipe.D), before, strict=True):
        assert all((p != q).any() for p, q in zip(net.parameters(), old, strict=True))
    images = recipe.sample(3)
    assert images.shape == (3, 1, 28, 28) and images.abs().max() <= 1
    assert recipe.G.training


@pytest.mark.parametrize("play, sees_new_D", [("together", False), ("d_then_g", True)])
def test_g_learns_from_d_before_or_after_its_step_as_in_the_original(play, sees_new_D):
    recipe = published.tensorflow_tutorial()
    recipe.D.eval()  # no dropout, so that the pass can be repeated
    real, weights = torch.rand(4, 1, 28, 28), list(recipe.G.parameters())
    old, state = [p.detach().clone() for p in weights], torch.get_rng_state()
    fake = recipe.G(recipe.noise(4))
    gradients = torch.autograd.grad(losses.generator_loss(recipe.D(fake)), weights)
    recipe.opt_D.param_groups[0]["lr"] = 10.0  # a step of D that cannot be overlooked
    torch.set_rng_state(state)
    getattr(published, play)(recipe, real)
    # Adam's first step goes against the sign of each gradient, whatever its size.
    pairs = zip(weights, old, gradients, strict=True)
    against = torch.cat([((p - q).sign() == -g.sign())[g.abs() > 1e-5] for p, q, g in pairs])
    assert (against.float().mean() < 0.9) == sees_new_D


def test_scaling_there_and_back_keeps_real_images_recognisable():
    images = data.to_float(data.fashion_mnist("test").images[:50])
    for size in (32, 64):
        back = published.scale(published.scale(images, size), 28)
        assert (back - images).abs().mean() < 0.05
    assert published.scale(images, 28) is images


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


def test_the_verdict_takes_the_best_published_distance_and_our_first_time_there():
    found = standings.verdict(ROWS)
    best, ours = found["best_published"], found["ours"]
    assert (best["name"], best["distance"], best["cpu"]) == ("PyTorch-GAN", 60.0, 30)
    assert (ours["distance"], ours["cpu"]) == (40.0, 4)
    assert found["speedup"] == 7.5
    line = "RACE ours=40.00@4.0 best_published=PyTorch-GAN:60.00@30.0 speedup=7.5"
    assert standings.last_line(found) == line


def test_names_in_the_last_line_have_no_blanks_and_a_race_not_won_says_so():
    rows = [row("the course", [(1, 200.0)]), row("PyTorch tutorial", [(30, 50.0)])]
    line = "RACE ours=none best_published=PyTorch-tutorial:50.00@30.0 speedup=nan"
    assert standings.last_line(standings.verdict(rows)) == line
    line = "RACE ours=none best_published=none speedup=nan"
    assert standings.last_line(standings.verdict(rows[:1])) == line


@pytest.mark.parametrize("words", [["0"], ["-5"], ["nan"], ["60", "0"], ["soon"]])
def test_a_budget_or_a_number_of_seeds_that_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        race.arguments(words)
    assert "error:" in capsys.readouterr().err


def test_several_seeds_give_their_median():
    rows = [row("R3GAN", [(1, d)], seed=i) for i, d in enumerate((3.0, 9.0, 5.0))]
    (point,) = standings.curves(rows)["R3GAN"]
    assert point == {"cpu": 1, "wall": 1, "distance": 5.0, "sure": 0.6}


def test_r3gan_on_our_networks_never_counts_as_published():
    found = standings.verdict([*ROWS, row("R3GAN", [(1, 1.0)])])
    assert found["best_published"]["name"] == "PyTorch-GAN"


def test_the_table_has_a_line_for_each_row_also_where_one_diverged():
    gone = row("TensorFlow tutorial", [], stopped="it diverged", peak_memory_mb=None)
    result = result_of([*ROWS, gone])
    text = standings.table(result)
    assert len({len(line) for line in text.splitlines()}) == 1
    for name in ("the course", "PyTorch tutorial", "PyTorch-GAN", "TensorFlow tutorial"):
        assert any(line.startswith(name) for line in text.splitlines())
    text = standings.over_time(result)
    assert "PyTorch-GAN, 60.0 after 30 s: after 4 s, 7.5 times sooner" in text
    assert "the course: after 1 CPU seconds, 1 on the wall clock" in text


def test_the_picture_is_stored_with_its_alt_text(tmp_path):
    alt = picture.store(result_of(ROWS), tmp_path / "race.png")
    assert "the course from 200 at 1 s to 9.0" in alt
    assert "PyTorch-GAN, is at 60.0 after 30 s; the course is there after 4 s" in alt
    with Image.open(tmp_path / "race.png") as stored:
        assert stored.text["Description"] == alt


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


def test_fit_is_measured_in_turns_with_the_bare_loop(capfd):
    pairs = bench.fit_over_bare_loop(bench.points, rounds=2, steps=3)
    assert len(pairs) == 2 and all(0 < seconds < 10 for pair in pairs for seconds in pair)
    assert capfd.readouterr() == ("", "")


def test_the_median_comes_with_an_interval_around_it():
    middle, low, high = bench.median_and_interval(range(101))
    assert middle == 50 and 35 < low < 45 and 55 < high < 65
    assert bench.median_and_interval([1.0]) == (1.0, 1.0, 1.0)
