"""What looks ill in a run? `diagnose` reads a `training.History`.

The thresholds come from the study `gan_lessons.studies.failure_clinic`. They hold for runs like its
own: on points and small images, a few hundred steps or more.
"""

import math
from dataclasses import dataclass
from statistics import median

from gan_lessons.look import EVERY
from gan_lessons.training import History

LEAST = 15  # moments of a history; with one at every 20th step, 300 steps
LIMITS = (
    "Limits: this looks at the last third of the run's own numbers, and at no sample. It can't see "
    "labels that are ignored, samples that are copies or poor, too few numbers of noise, or what "
    "you do with G after training. Judge samples by a metric (lesson 05)."
)
ADVICE = {
    "diverged": "A smaller learning rate first. Then look for log(0) in a loss of your own.",
    "no gradient": "Look for a detach() or a no_grad() between G and its loss, and check that G's "
    "weights are those that opt_G has.",
    "linked": "Make D's fakes under no_grad() or detach() them, and give each player a backward of "
    "its own, after its own zero_grad().",
    "one kind": "A smaller learning rate for G or a larger one for D; a penalty on D's slope "
    "(lesson 07); look at a grid of samples.",
    "D wins": "First the data: same range and shape as G's output? Does D see real samples and "
    "fakes in the same way? Then a larger learning rate for G, or a penalty on D's slope.",
    "D too weak": "A larger D, or a larger learning rate for D.",
    "misses a part": "Less momentum (betas), a penalty on D's slope (lesson 07), a larger G; and "
    "more steps, if the coverage still rises.",
}


@dataclass(frozen=True)
class Finding:
    """One thing that looks ill: its `name`, `why` with numbers, and what to `try_first`."""

    name: str
    why: str
    try_first: str

    def __str__(self):
        return f"{self.name}. {self.why}\n  Try: {self.try_first}"


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found; prints as text. `enough` tells whether the run was long enough."""

    findings: tuple
    enough: bool = True

    @property
    def names(self):
        return [finding.name for finding in self.findings]

    def __str__(self):
        if not self.enough:
            return f"Too short to tell: at least {LEAST} entries in history.at are needed."
        if not self.findings:
            return f"Nothing in these numbers looks ill.\n{LIMITS}"
        return "\n".join(f"Looks ill: {finding}" for finding in self.findings)


def diagnose(history):
    """Say what looks ill in a run, why, and what to try.

    Parameters
    ----------
    history : training.History
        Of `training.fit`, or of a loop that uses `training.Look`.

    Returns
    -------
    Diagnosis
        `names` is empty where nothing looks ill. That is no proof of health: see `LIMITS`.
    """
    lists = ("d_loss", "g_loss", "d_grad", "g_grad")
    broken = [name for name in lists if not all(map(math.isfinite, getattr(history, name)))]
    if broken or (history.stopped and "the loss of D is" in history.stopped):
        why = f"Not all numbers of {broken[0]} are finite." if broken else history.stopped
        return Diagnosis((Finding("diverged", why, ADVICE["diverged"]),))
    if len(history.at) < LEAST:
        return Diagnosis((), enough=False)
    seen = ("d_real", "d_fake", "d_grad", "g_grad", "spread", "coverage")
    name, why = judge({key: last_third(getattr(history, key)) for key in seen})
    return Diagnosis((Finding(name, why, ADVICE[name]),) if name else ())


def last_third(values):
    """Median of the last third."""
    return median(values[2 * len(values) // 3 :])


def judge(seen):
    """The name of the first rule that holds for the medians, and why; None where none does."""
    real, fake, coverage = seen["d_real"], seen["d_fake"], seen["coverage"]
    said = f"D says {real:.2f} on real samples and {fake:.2f} on fakes"
    near = f"{coverage:.0%} of the real samples have a fake nearby"
    if seen["g_grad"] == 0:
        return "no gradient", "G's gradient is 0: nothing of D's answer reaches its weights."
    if not coverage < 0.4:  # also where it is nan: batches of 5 and fewer have none
        return None, ""
    if real > 0.95 and 0.4 < fake < 0.6:
        return "linked", f"{said}: sure of the one, undecided on the other, and {near}."
    if seen["spread"] < 0.1:
        return "one kind", f"The fakes spread {seen['spread']:.2f} times as far as the data."
    if real - fake > 0.7:
        return "D wins", f"{said}, and {near}."
    if abs(real - fake) < 0.04 and seen["d_grad"] < 0.3:
        return "D too weak", f"{said}, hardly a difference, though only {near}."
    if seen["spread"] < 0.5:
        return "one kind", f"The fakes spread {seen['spread']:.2f} times as far as the data."
    return "misses a part", f"Only {near}, while {said}."


def history_of(row):
    """The history that a row of the study keeps, one entry for each moment."""
    curves = {key: curve(row, key) for key in row["curves"]}
    return History(**curves, at=list(range(0, row["steps"], EVERY)))


def curve(row, key):
    """One list of numbers of a stored history."""
    return [float(x) for x in row["curves"][key].split()]


def confusion(rows):
    """How often `diagnose` said what: {kind of run: {name of a finding, or "nothing": count}}.

    The kinds are the patients by name, "cured", and "healthy".
    """
    found = {}
    for row in rows:
        counts = found.setdefault(row["name"] if row["state"] == "sick" else row["state"], {})
        said = (row["said"] or ["nothing"])[0]
        counts[said] = counts.get(said, 0) + 1
    return found
