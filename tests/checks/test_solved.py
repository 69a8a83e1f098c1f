"""What is solved and what waits survives a restart, and never disturbs a check."""

import pytest

from gan_lessons import checks
from gan_lessons.checks import solved


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "home" / "progress.json"
    monkeypatch.setenv("GAN_LESSONS_PROGRESS", str(path))
    return path


def right(real_scores, fake_scores):
    return fake_scores.mean() - real_scores.mean()


def wrong(real_scores, fake_scores):
    return real_scores.mean() - fake_scores.mean()


def test_panels_note_what_is_tried_and_solved(file):
    assert "✗" not in str(checks.progress()).split("\n")[0]
    checks.critic_loss(wrong)
    assert "✗ critic_loss" in str(checks.progress())
    checks.critic_loss(right)
    assert "✓ critic_loss" in str(checks.progress()) and solved.load() == {"critic_loss": "passed"}
    assert file.is_file()


def test_what_was_solved_stays_solved():
    checks.critic_loss(right)
    checks.critic_loss(wrong)
    checks.critic_loss(...)
    assert "✓ critic_loss" in str(checks.progress())


def test_a_check_by_name_notes_nothing(file):
    checks.check("critic_loss", right)
    assert not file.exists()


def test_every_task_stands_in_the_table_once():
    text, page = str(checks.progress()), checks.progress()._repr_html_()
    assert f"0 of {len(checks.EXERCISES)} tasks solved" in text
    for name in checks.EXERCISES:
        assert f"○ {name}" in text and f"○ {name}" in page
    assert sum(map(len, checks.LESSONS.values())) == len(checks.EXERCISES)


def test_reset_forgets():
    checks.critic_loss(right)
    assert "✓ critic_loss" not in str(checks.progress(reset=True)).replace("✓ solved", "")


@pytest.mark.parametrize("content", ["", "[1]", '{"critic_loss": 3}', "\x00"])
def test_a_broken_file_is_an_empty_one(file, content):
    file.parent.mkdir()
    file.write_text(content)
    assert solved.load() == {}
    checks.critic_loss(right)
    assert solved.load() == {"critic_loss": "passed"}


def test_a_folder_that_refuses_stops_no_check(file, capsys):
    file.parent.write_text("a file where the folder should be")
    checks.critic_loss(right)
    assert "passed" in capsys.readouterr().out


def test_an_empty_name_keeps_nothing(monkeypatch):
    monkeypatch.setenv("GAN_LESSONS_PROGRESS", "")
    checks.critic_loss(right)
    assert solved.load() == {} and "Nothing is kept" in str(checks.progress())
