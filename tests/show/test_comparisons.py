"""Charts of differences with their intervals."""

import matplotlib.pyplot as plt

from gan_lessons.metrics import Interval
from gan_lessons.show import comparisons


def test_a_filled_marker_means_that_the_interval_misses_zero(monkeypatch):
    drawn = []
    monkeypatch.setattr(comparisons, "show", lambda figure, alt: drawn.append(figure))
    found = {"a": Interval(1, 0.5, 1.5), "b": Interval(1, -1, 3)}
    comparisons.differences({"left": {"x": found}, "right": {"x": found}}, "points", "two panels")
    faces = [
        line.get_markerfacecolor() for line in drawn[0].axes[0].lines if line.get_marker() != "None"
    ]
    assert faces[0] != "white" and faces[1] == "white"
    plt.close(drawn[0])
