"""The drills of lesson 06: stored losses, what is true of them, and what an answer gets told."""

import pytest

from gan_lessons.clinic import drills, loss_drill


def test_drills_repeat_with_a_seed_and_hold_all_answers():
    drawn = [loss_drill(seed, picture=False) for seed in range(60)]
    assert {d.truth for d in drawn} == set(drills.ANSWERS)
    assert loss_drill(3, picture=False) == drawn[3]
    assert not any(d.row["name"] in drills.SILENT for d in drawn)


def test_a_drill_says_whether_the_answer_is_right_and_why(capsys):
    drill = loss_drill(0)
    drill.answer(drill.truth)
    wrong = next(a for a in drills.ANSWERS if a != drill.truth)
    drill.answer(wrong)
    said = capsys.readouterr().out
    assert "Right. " in said and f"No: {drill.truth}. " in said and "stored runs" in said
    with pytest.raises(ValueError, match="healthy"):
        drill.answer("dead")
