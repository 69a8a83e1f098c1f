"""Exercise checkers that say which mistake was made.

from gan_lessons import checks
checks.discriminator_loss(discriminator_loss)                # in a notebook: shows a small panel
result = checks.check("discriminator_loss", my_function)     # the same as a CheckResult
checks.hint("discriminator_loss")                            # the next hint, one stage at a time
checks.progress()                                            # what is solved, and what waits
"""

from IPython.display import display

from gan_lessons.checks import (
    augmentation,
    clinic,
    conditional,
    critics,
    dcgan,
    deepfakes,
    game,
    latent,
    loop,
    measure,
    media,
    privacy,
    simulation,
    solved,
)
from gan_lessons.checks.core import CheckResult, run

LESSONS = {
    "01 The game": game.EXERCISES,
    "02 The vanilla GAN": loop.EXERCISES,
    "03 DCGAN": dcgan.EXERCISES,
    "04 Conditional GAN": conditional.EXERCISES,
    "05 Measuring": measure.EXERCISES,
    "06 The failure clinic": clinic.EXERCISES,
    "07 Better games": critics.EXERCISES,
    "08 The latent space": latent.EXERCISES,
    "12 Augmentation": augmentation.EXERCISES,
    "13 Simulation": simulation.EXERCISES,
    "14 Privacy": privacy.EXERCISES,
    "15 Sound, motion, text": media.EXERCISES,
    "16 Deepfakes": deepfakes.EXERCISES,
}
EXERCISES = {name: task for tasks in LESSONS.values() for name, task in tasks.items()}
_hints_shown = {}


def check(name, answer):
    """Check an answer by the exercise's name; never raises on a learner's bug.

    Parameters
    ----------
    name : str
        One of `checks.EXERCISES`.
    answer : function, class or result, as the exercise asks

    Returns
    -------
    CheckResult
    """
    return run(name, _exercise(name), answer)


def hint(name):
    """Show the next hint of an exercise; after the last one it starts again."""
    hints = _exercise(name).hints
    stage = _hints_shown.get(name, 0) % len(hints)
    _hints_shown[name] = stage + 1
    print(f"Hint {stage + 1} of {len(hints)}: {hints[stage]}")


def progress(reset=False):
    """What is solved and what waits, for each exercise, as a table.

    The checks in the notebooks note it in a small file in your home folder, which survives a
    restart; nothing leaves this machine.

    Parameters
    ----------
    reset : bool
        Forget everything first.
    """
    if reset:
        solved.save({})
    return solved.Progress(LESSONS)


def _exercise(name):
    if name not in EXERCISES:
        raise ValueError(
            f"There is no exercise {name!r}; there are: {', '.join(sorted(EXERCISES))}."
        )
    return EXERCISES[name]


def _shows_panel(name):
    def show_panel(answer):
        result = check(name, answer)
        solved.note(result)
        display({"text/html": result.panel(), "text/plain": str(result)}, raw=True)

    show_panel.__name__ = name
    show_panel.__doc__ = f"Check the answer to {name!r} and show the result."
    return show_panel


globals().update({name: _shows_panel(name) for name in EXERCISES})
__all__ = ["CheckResult", "EXERCISES", "LESSONS", "check", "hint", "progress", *EXERCISES]
