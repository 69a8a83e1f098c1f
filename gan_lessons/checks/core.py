"""What every checker rests on: results, mistakes, and a safe way to run a learner's code.

A checker is a function that looks at an answer's behaviour and raises `Mistake` at the first
property that does not hold. It never reads source text. `run` turns what happens into a
`CheckResult` and gives the caller's random numbers, threads and printed text back as they were.
"""

import _thread
import contextlib
import copy
import html
import io
import math
import random
import re
import signal
import threading
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

LIBRARIES = (  # where an answer could leave a function replaced
    torch,
    torch.Tensor,
    torch.autograd,
    torch.nn,
    torch.nn.Module,
    torch.nn.functional,
    torch.nn.init,
    torch.linalg,
    np,
    math,
    random,
)
SECONDS = 20  # more than any right answer needs on a slow laptop, less than patience
SECONDS_TO_MEASURE = 120  # for thousands of samples, whose features are the check's own work


class Mistake(Exception):
    """A property that does not hold: the id of a catalogued mistake, and two or three sentences for
    the learner.
    """

    def __init__(self, id, message):
        super().__init__(message)
        self.id = id


class NotAttempted(Exception):
    """The answer is still a stub."""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check.

    Attributes
    ----------
    exercise : str
    status : "passed", "failed" or "not attempted"
    mistake : str or None
        The id of the mistake, for statistics of a class.
    message : str
        What to tell the learner.
    """

    exercise: str
    status: str
    mistake: str | None
    message: str

    def __str__(self):
        sign = {"passed": "✓", "failed": "✗", "not attempted": "○"}[self.status]
        return f"{sign} {self.exercise}: {self.status}. {self.message}"

    def panel(self):
        """The result as HTML: a coloured edge, a sign and a word, so that colour is never alone."""
        sign, colour = {
            "passed": ("✓", "#009E73"),
            "failed": ("✗", "#D55E00"),
            "not attempted": ("○", "#666666"),
        }[self.status]
        text = html.escape(self.message).replace("\n", "<br>")
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
        return (
            f'<div role="status" style="border-left: 5px solid {colour}; padding: 0.4em 0.8em; '
            f'margin: 0.3em 0">'
            f"<b>{sign} {html.escape(self.exercise)}: {self.status}.</b> {text}</div>"
        )


@dataclass(frozen=True)
class Exercise:
    """One task: the function that examines an answer, its staged hints, what to say when it
    passes, and the time for it.
    """

    examine: Callable
    hints: tuple
    praise: str
    seconds: float = SECONDS


def run(name, exercise, answer, seconds=None):
    """Examine an answer; whatever the answer does, this returns a CheckResult."""
    seconds = seconds or exercise.seconds
    if answer is None or answer is ...:
        return CheckResult(
            name, "not attempted", None, "Fill in the cell above, run it, and run this check again."
        )
    try:
        with as_before(), time_limit(seconds):
            praise = exercise.examine(answer)
        return CheckResult(name, "passed", None, praise or exercise.praise)
    except (NotAttempted, NotImplementedError) as stub:
        return CheckResult(
            name,
            "not attempted",
            None,
            str(stub) or "Fill in the cell above, then run this check again.",
        )
    except Mistake as mistake:
        return CheckResult(name, "failed", mistake.id, str(mistake))
    except TimeoutError:
        message = (
            f"Your code was still running after {seconds} s, so the check stopped it. Look for a "
            f"loop that never ends."
        )
        return CheckResult(name, "failed", "never_ends", message)
    except KeyboardInterrupt:
        raise  # the learner's own stop button
    except BaseException as error:
        return CheckResult(name, "failed", "raises", describe(error))


def describe(error):
    """An exception of the learner's code in a sentence, with the learner's own line where there is
    one.
    """
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "gan_lessons" not in f.filename
    ]
    mine = [f for f in frames if "site-packages" not in f.filename]
    where = f" in the line `{mine[-1].line}`" if mine and mine[-1].line else ""
    hint = ""
    if "before Module.__init__() call" in str(error):
        hint = ". Call super().__init__() first, at the start of __init__."
    return f"Your code stopped with {type(error).__name__}{where}: {error}{hint}"


@contextlib.contextmanager
def as_before():
    """Random states, printed text, warnings, torch's settings and the libraries' functions are
    afterwards what they were before.
    """
    functions = [(library, dict(vars(library))) for library in LIBRARIES]
    anomaly = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
    exact, warn = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    numpy_errors = np.geterr()
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    grad, dtype, threads = (
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
    )
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.set_grad_enabled(True)
                yield
    finally:
        for library, before in functions:
            put_back(library, before)
        if torch.is_anomaly_enabled() != anomaly[0]:
            torch.autograd.set_detect_anomaly(*anomaly)
        if torch.are_deterministic_algorithms_enabled() != exact:  # the call itself takes seconds
            torch.use_deterministic_algorithms(exact, warn_only=warn)
        np.seterr(**numpy_errors)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)


def put_back(library, before):
    """Undo what an answer assigned to a module or class; what Python loaded meanwhile stays."""
    for name in set(vars(library)) - set(before) if isinstance(library, type) else ():
        if not name.startswith("__"):
            delattr(library, name)
    for name, value in before.items():
        if not name.startswith("__") and vars(library).get(name) is not value:
            setattr(library, name, value)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise TimeoutError in the main thread after `seconds`; works on Windows too, where there is
    no alarm signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can be interrupted
        return
    done, fired = threading.Event(), threading.Event()

    def watch():
        # again every second: a bare `except:` in the learner's loop swallows the first interrupt
        wait = seconds
        while not done.wait(wait):
            fired.set()
            _thread.interrupt_main()
            wait = 1.0

    handler = signal.getsignal(signal.SIGINT)
    # A process started in the background may ignore interrupts, ours among them.
    ignored = handler in (signal.SIG_IGN, signal.SIG_DFL)
    if ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            yield
        finally:
            done.set()
            watcher.join()
            if ignored:
                signal.signal(signal.SIGINT, handler)
    except KeyboardInterrupt:
        if not fired.is_set():
            raise
        raise TimeoutError from None


def attempted(output, what="Your function"):
    """The output, unless it is a stub's."""
    if output is None or output is ...:
        raise NotAttempted(f"{what} returns {output}: not written yet, or is the `return` missing?")
    return output


def scalar(output, what="the loss"):
    """A learner's scalar as a float64 tensor that keeps its graph; names the usual ways to miss
    it.
    """
    output = attempted(output)
    if isinstance(output, (int, float, np.ndarray, np.generic)):
        output = torch.as_tensor(output)
    if not isinstance(output, torch.Tensor):
        raise Mistake(
            "wrong_type",
            f"{what[0].upper()}{what[1:]} must be a tensor, but it is a {type(output).__name__}.",
        )
    if output.numel() != 1:
        raise Mistake(
            "not_a_scalar",
            f"{what[0].upper()}{what[1:]} must be one number, but yours has shape "
            f"{tuple(output.shape)}. "
            "Take the mean over the batch.",
        )
    output = output.reshape(()).double()
    if not output.isfinite():
        raise Mistake(
            "not_finite",
            f"{what[0].upper()}{what[1:]} is {output.item()} on ordinary inputs: look for log(0).",
        )
    return output


def close(a, b, rtol=1e-3, atol=1e-4):
    """Equal up to rounding, float32's included."""
    a, b = torch.as_tensor(a).detach().double(), torch.as_tensor(b).detach().double()
    return a.shape == b.shape and torch.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)


def name_twin(outputs, twins):
    """Raise the Mistake of the first wrong twin whose outputs are the learner's.

    Parameters
    ----------
    outputs : list of Tensor
        What the learner's answer gave on several inputs.
    twins : dict id -> (list of Tensor, message)
        What each wrong twin gives on the same inputs.
    """
    for id, (expected, message) in twins.items():
        if all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
            raise Mistake(id, message)


def untouched(before, after, what):
    """Raise where the answer changed its inputs in place."""
    if not torch.equal(before, after):
        raise Mistake("changes_inputs", f"Your function changed {what} in place; work on a copy.")


def weights(module):
    """A copy of all weights and buffers, as one list."""
    return [copy.deepcopy(t.detach()) for t in module.state_dict().values()]


def same(before, after):
    """Whether two lists of `weights` are equal."""
    return all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
