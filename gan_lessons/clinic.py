"""What looks ill in a run? `diagnose` reads a `training.History`; `loss_drill` trains your eye.

The thresholds come from the study `gan_lessons.studies.clinic`. They hold for runs like its own: on
points and small images, a few hundred steps or more.
"""

import math
import random
from dataclasses import dataclass
from functools import cache
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


SILENT = ("train mode", "blind D", "thin noise")  # patients whose losses say nothing
SAME_GAME = ("vanilla GAN", "DCGAN", "conditional GAN")  # healthy runs with its losses
NEIGHBOURS = 15
ANSWERS = ("healthy", "ill", "can't tell")


@dataclass(frozen=True)
class Drill:
    """Two losses of a stored run; `answer` checks "healthy", "ill" or "can't tell"."""

    row: dict
    truth: str
    why: str

    def answer(self, said):
        """Print whether the answer is right, and why."""
        if said not in ANSWERS:
            raise ValueError(f"The answer is one of {', '.join(map(repr, ANSWERS))}, not {said!r}.")
        verdict = "Right" if said == self.truth else f"No: {self.truth}"
        print(f"{verdict}. {self.why}")

    def buttons(self):
        """The three answers as buttons, for a running notebook."""
        import ipywidgets
        from IPython.display import display

        shown = ipywidgets.Output()

        def check(button):
            shown.clear_output()
            with shown:
                self.answer(button.description)

        row = [ipywidgets.Button(description=text) for text in ANSWERS]
        for button in row:
            button.on_click(check)
        display(ipywidgets.VBox([ipywidgets.HBox(row), shown]))


def loss_drill(seed=None, picture=True):
    """Draw a stored run and show its losses; without a seed another one in every call.

    What is true is what the study holds: of the runs whose losses end nearest to these, are nearly
    all healthy by their metric, nearly all ill, or some of both?

    Returns
    -------
    Drill
    """
    from gan_lessons.show.clinic import two_losses

    row, ends = random.Random(seed).choice(drill_pool())
    nearest = sorted(drill_pool(), key=lambda other: math.dist(ends, other[1]))
    near = [other for other, _ in nearest if other is not row][:NEIGHBOURS]
    ill = sum(other["state"] == "sick" for other in near)
    truth = "ill" if ill > 0.8 * len(near) else "healthy" if ill < 0.2 * len(near) else "can't tell"
    why = (
        f"The losses end at {ends[0]:.2f} (D) and {ends[1]:.2f} (G). Of the {len(near)} stored "
        f"runs that end nearest, {ill} are ill. This one is {outcome(row)}."
    )
    if picture:
        two_losses(history_of(row), row["steps"])
    return Drill(row, truth, why)


@cache
def drill_pool():
    """The stored runs of the game of lesson 02, each with the median of both losses at its end."""
    from gan_lessons.studies import common

    rows = [r for r in common.load("clinic")["runs"] if r["name"] not in SILENT]
    rows = [r for r in rows if r["state"] != "healthy" or r["name"].startswith(SAME_GAME)]
    return [(r, [last_third(curve(r, key)) for key in ("d_loss", "g_loss")]) for r in rows]


def outcome(row):
    """A run's state and what its samples were worth, in words."""
    if "distance" in row:
        return f"healthy: {row['name']}, Fréchet distance {row['distance']:.0f} and on its way"
    text = f"{row['modes']} of 8 modes, {row['near']:.0%} of the samples near one"
    name = f"ill: patient {row['name']!r}" if row["state"] == "sick" else "healthy"
    return f"{name}, {text}"
