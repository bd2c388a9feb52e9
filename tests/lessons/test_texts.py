"""The texts of the lessons: their parts, and that every number in them was measured."""

import re

import pytest

from cnn.lessons.demonstrations import DEMONSTRATIONS
from cnn.lessons.measured import held, held_for_once, measured, not_held, quoted
from cnn.report.assignment_check import check
from dashboard import PAGES
from pages.shared.navigation import LESSONS
from pages.shared.report.report_start import wrong_setting

FILES = sorted(LESSONS.glob("[0-9][0-9]_*.md"))
each = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_every_demonstration_has_a_text_and_every_text_a_demonstration():
    assert [file.stem for file in FILES] == list(DEMONSTRATIONS)


@each
def test_a_lesson_asks_for_a_guess_then_for_an_explanation_and_a_new_case(file):
    text = quoted(file.read_text("utf-8"), file.stem)
    lesson = check(text, is_page=PAGES.__contains__, wrong_setting=wrong_setting)
    assert lesson.kind == "lesson" and lesson.aim and int(lesson.minutes) <= 15 and lesson.level
    for heading in ("**Aim.**", "**Time.**", "**What classes get wrong.**"):
        assert heading in lesson.notes
    before, after = lesson.steps
    (guess,) = before.questions
    assert guess.kind == "guess" and guess.fact in DEMONSTRATIONS[file.stem].quantities
    explain, transfer = after.questions
    assert after.after == guess.id and explain.kind == "text" and transfer.kind == "choice"
    assert sum(bool(option.right) for option in transfer.options) == 1 and transfer.why
    assert all(option.feedback for option in transfer.options if not option.right)


@each
def test_the_network_that_a_lesson_shows_is_one_that_it_trains(file):
    demonstration = DEMONSTRATIONS[file.stem]
    assert not demonstration.seen or demonstration.seen in demonstration.trainings


@each
def test_every_claim_is_quoted_with_how_often_it_holds_and_nothing_stays_in_braces(file):
    text = file.read_text("utf-8")
    if DEMONSTRATIONS[file.stem].trainings:
        assert set(re.findall(r"\{in ([^}]+)\}", text)) == set(DEMONSTRATIONS[file.stem].claims) - {"parameters"}
    without_formulas = re.sub(r"\$\$.*?\$\$", "", quoted(text, file.stem))
    assert not re.search(r"\{(?!#)", without_formulas)


@each
def test_everything_was_measured_with_ten_seeds(file):
    found, demonstration = measured(file.stem), DEMONSTRATIONS[file.stem]
    assert set(demonstration.quantities) <= set(found)
    assert {len(values) for values in found.values()} == {10}
    for claim in demonstration.claims:
        count, of = held(file.stem, claim)
        assert of == 10 and 0 <= count <= of


def test_a_text_quotes_counts_and_means(monkeypatch):
    numbers = {"shortcut held-out": (96.0, 90.0), "shortcut test": (1.0, 3.5)}
    monkeypatch.setattr("cnn.lessons.measured.measured", lambda lesson: numbers)
    assert quoted("{in held-out}, {mean shortcut test}, {lowest shortcut held-out}", "07_cheats") == (
        "in 1 of 2 seeds, 2.2, 90"
    )


def test_a_reader_is_told_what_did_not_happen_with_the_own_networks():
    lucky = {"highest": 90.0, "lowest": 80.0, "interval": 12.0, "chosen again": 91.0}
    assert not_held("09_luck", lucky) == ["The network chosen as the best is worse on new images"]
    assert not_held("09_luck", lucky | {"chosen again": 85.0}) == []


def test_a_reader_is_told_what_happened_with_the_own_networks_but_hardly_ever(monkeypatch):
    monkeypatch.setattr("cnn.lessons.measured.held", lambda lesson, claim: (0 if claim == "cost" else 10, 10))
    usual = {"with": 95.0, "without": 96.0, "difference with": 1.0, "difference without": 0.0}
    assert not_held("03_relu", usual) == [] == held_for_once("03_relu", usual)
    worse = usual | {"without": 90.0}
    assert not_held("03_relu", worse) == ["Without the ReLU, it is as good or better"]
    assert held_for_once("03_relu", worse) == ["Without the ReLU, 3 points or more are lost"]
