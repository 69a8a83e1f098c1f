"""Read the losses of stored runs: healthy, ill, or can't tell? `loss_drill` trains your eye."""

import math
import random
from dataclasses import dataclass
from functools import cache

from gan_lessons import storage
from gan_lessons.clinic.diagnosis import curve, history_of, last_third

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
    rows = [r for r in storage.load_table("clinic")["runs"] if r["name"] not in SILENT]
    rows = [r for r in rows if r["state"] != "healthy" or r["name"].startswith(SAME_GAME)]
    return [(r, [last_third(curve(r, key)) for key in ("d_loss", "g_loss")]) for r in rows]


def outcome(row):
    """A run's state and what its samples were worth, in words."""
    if "distance" in row:
        return f"healthy: {row['name']}, Fréchet distance {row['distance']:.0f} and on its way"
    text = f"{row['modes']} of 8 modes, {row['near']:.0%} of the samples near one"
    name = f"ill: patient {row['name']!r}" if row["state"] == "sick" else "healthy"
    return f"{name}, {text}"
