"""`tools/bench.py`: what `fit` costs beside a bare loop."""

import time

from tools import bench


def test_fit_is_measured_in_turns_with_the_bare_loop(capfd, monkeypatch):
    # Windows counts CPU time in ticks of 16 ms, which three steps may not fill
    monkeypatch.setattr(time, "process_time", time.perf_counter)
    pairs = bench.fit_over_bare_loop(bench.points, rounds=2, steps=3)
    assert len(pairs) == 2 and all(0 < seconds < 10 for pair in pairs for seconds in pair)
    assert capfd.readouterr() == ("", "")


def test_the_median_comes_with_an_interval_around_it():
    middle, low, high = bench.median_and_interval(range(101))
    assert middle == 50 and 35 < low < 45 and 55 < high < 65
    assert bench.median_and_interval([1.0]) == (1.0, 1.0, 1.0)
