"""What the race's rows say: the verdict, the table, the closing line and the picture."""

from PIL import Image

from gan_lessons.show import race as picture
from gan_lessons.studies.better_games import published, standings


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
