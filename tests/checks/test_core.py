import random
import signal
import sys
import time

import numpy as np
import pytest
import torch

from gan_lessons import checks
from gan_lessons.checks import core

calls = core.Exercise(lambda answer: answer(), ("look", "think", "write"), "Well done.")


def run(answer, seconds=20):
    return core.run("task", calls, answer, seconds)


@pytest.mark.parametrize("stub", [None, ..., lambda: core.attempted(None)])
def test_a_stub_is_not_attempted(stub):
    assert run(stub).status == "not attempted"


def test_not_implemented_is_not_attempted():
    def stub():
        raise NotImplementedError

    assert run(stub).status == "not attempted"


def test_an_exception_is_told_with_the_learners_line():
    def broken():
        return undefined_name  # noqa: F821

    result = run(broken)
    assert (result.status, result.mistake) == ("failed", "raises")
    assert "NameError" in result.message and "return undefined_name" in result.message


def test_leaving_python_is_no_way_out():
    assert run(lambda: sys.exit(3)).mistake == "raises"

    def leave():
        raise GeneratorExit

    assert run(leave).mistake == "raises"


@pytest.mark.parametrize("swallow", [False, True])
def test_an_endless_loop_comes_back(swallow):
    def loop():
        while True:
            try:
                time.sleep(0.01)
            except BaseException:
                if not swallow:
                    raise
                swallowed.append(1)
                if len(swallowed) > 1:
                    raise

    swallowed = []
    start = time.perf_counter()
    result = run(loop, seconds=0.5)
    assert result.mistake == "never_ends" and time.perf_counter() - start < 10


def test_an_endless_loop_comes_back_where_interrupts_are_ignored():
    def loop():
        end = time.perf_counter() + 30
        while time.perf_counter() < end:
            pass

    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a background process
    try:
        assert run(loop, seconds=0.5).mistake == "never_ends"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)


def test_the_stop_button_still_works_during_a_check():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupted)


def test_the_callers_state_is_as_before(capsys):
    def rude():
        print("x" * 100_000)
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.randn = torch.Tensor.mean = torch.nn.functional.relu = None
        torch.use_deterministic_algorithms(True)
        torch.autograd.set_detect_anomaly(True)
        np.seterr(all="raise")

    functions = torch.randn, torch.Tensor.mean, torch.nn.functional.relu, np.geterr()
    random.seed(7), np.random.seed(7), torch.manual_seed(7)
    expected = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(7), np.random.seed(7), torch.manual_seed(7)
    assert run(rude).status == "passed"
    assert expected == (random.random(), np.random.rand(), torch.rand(1).item())
    assert (torch.randn, torch.Tensor.mean, torch.nn.functional.relu, np.geterr()) == functions
    assert not torch.is_anomaly_enabled() and not torch.are_deterministic_algorithms_enabled()
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
    assert capsys.readouterr().out == ""


def test_a_panel_says_the_status_in_words_and_escapes_its_text():
    panel = core.CheckResult("task", "failed", "id", "a < b & c").panel()
    assert "✗" in panel and "failed" in panel and "a &lt; b &amp; c" in panel


def test_a_panel_shows_code_as_code():
    panel = core.CheckResult("task", "failed", "id", "the `return x < 1` is missing").panel()
    assert "the <code>return x &lt; 1</code> is missing" in panel


def test_an_exercise_may_ask_for_more_time():
    def loop(answer):
        while True:
            pass

    exercise = core.Exercise(loop, ("hint",), "praise", seconds=0.5)
    assert core.run("task", exercise, 1).mistake == "never_ends"


def test_a_forgotten_super_init_is_named():
    class Network(torch.nn.Module):
        def __init__(self):
            self.layer = torch.nn.Linear(1, 1)

    assert "super().__init__()" in checks.check("dcgan_discriminator", Network).message


def test_hints_come_one_after_the_other(capsys):
    name = next(iter(checks.EXERCISES))
    stages = len(checks.EXERCISES[name].hints)
    for _ in range(stages + 1):
        checks.hint(name)
    lines = capsys.readouterr().out.splitlines()
    firsts = [line for line in lines if line.startswith("Hint")]
    assert firsts[0] == firsts[stages] and firsts[0] != firsts[1]


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_every_exercise_has_three_stages_of_hints_and_a_panel(name, capsys):
    assert len(checks.EXERCISES[name].hints) >= 3
    getattr(checks, name)(None)
    assert "not attempted" in capsys.readouterr().out


@pytest.mark.parametrize("name", checks.EXERCISES)
@pytest.mark.parametrize(
    "nonsense",
    [3, "text", [], object(), lambda: None, lambda *a, **k: None, lambda *a: "no", torch.nn.Linear],
)
def test_nonsense_never_raises_and_never_passes(name, nonsense):
    assert checks.check(name, nonsense).status in ("failed", "not attempted")


def test_an_unknown_exercise_lists_the_known_ones():
    with pytest.raises(ValueError, match="no exercise"):
        checks.check("no_such_task", None)


def test_a_replaced_function_and_a_changed_setting_are_put_back():
    before = torch.randn, torch.nn.functional.relu, torch.nn.init.normal_, np.mean

    def patches():
        torch.randn = torch.zeros
        torch.nn.functional.relu = torch.abs
        torch.nn.init.normal_ = None
        np.mean = np.median
        torch.autograd.set_detect_anomaly(True)
        torch.use_deterministic_algorithms(True)

    assert run(patches).status == "passed"
    after = torch.randn, torch.nn.functional.relu, torch.nn.init.normal_, np.mean
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert not torch.is_anomaly_enabled() and not torch.are_deterministic_algorithms_enabled()
