"""What `diagnose` says of a history."""

import math

import pytest

from gan_lessons import clinic, training
from gan_lessons.clinic.diagnosis import ADVICE


def history_with(n=60, **levels):
    """A history whose numbers stand still: a healthy one, with changes."""
    levels = {
        **{"d_loss": 1.35, "g_loss": 0.75, "d_real": 0.52, "d_fake": 0.48},
        **{"d_grad": 0.5, "g_grad": 1.0, "spread": 1.0, "coverage": 0.8},
        **levels,
    }
    return training.History(at=list(range(n)), **{k: [v] * n for k, v in levels.items()})


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ({}, None),
        ({"d_loss": math.nan}, "diverged"),
        ({"g_grad": 0.0}, "no gradient"),
        ({"d_real": 1.0, "d_fake": 0.5, "coverage": 0.0, "spread": 0.05}, "linked"),
        ({"spread": 0.01, "coverage": 0.02}, "one kind"),
        ({"d_real": 0.99, "d_fake": 0.01, "coverage": 0.0}, "D wins"),
        ({"coverage": 0.05, "d_fake": 0.5, "d_grad": 0.1}, "D too weak"),
        ({"coverage": 0.2, "d_real": 0.7, "d_fake": 0.3}, "misses a part"),
        ({"d_real": 0.95, "d_fake": 0.05}, None),
    ],
)
def test_each_finding_has_its_rule(levels, name):
    diagnosis = clinic.diagnose(history_with(**levels))
    assert diagnosis.names == ([name] if name else [])
    assert (ADVICE[name] if name else "Nothing") in str(diagnosis)
    assert ("Limits" in str(diagnosis)) == (name is None)


def test_a_short_or_stopped_run_is_no_healthy_one():
    assert "Too short" in str(clinic.diagnose(history_with(n=5)))
    assert "Too short" in str(clinic.diagnose(training.History()))
    stopped = history_with()
    stopped.stopped = "step 3: the loss of D is nan and that of G 1."
    assert clinic.diagnose(stopped).names == ["diverged"]
    unseen = history_with(d_real=math.nan, d_fake=math.nan)
    assert clinic.diagnose(unseen).names == []
