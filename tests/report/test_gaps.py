"""What a report still lacks before it is handed in."""

from dataclasses import replace

import pytest

from cnn.report.assignment_file import parse
from cnn.report.gaps import gaps_in, is_given, steps_shown, summary
from cnn.report.needs import status
from cnn.report.report import Evidence, new_report

SOURCE = """# Own
## First {#first}
page: data
needs: 2 pieces of evidence
### Why? {#why}
### How many? {#many}
kind: number
answer: 0
## Second {#second}
needs: a trained network
## Third {#third}
after: why
### Which? {#which}
"""
ASSIGNMENT = parse(SOURCE)
EMPTY = new_report("r", SOURCE)
FULL = replace(
    EMPTY,
    students="Ada",
    answers={"why": "Because", "many": 0, "which": "this"},
    evidence=tuple(Evidence(id, "first", "data", id) for id in "ab"),
)


def gaps(report):
    return gaps_in(
        report, ASSIGNMENT, lambda step: [status(need, None, len(report.of_step(step.id))) for need in step.needs]
    )


@pytest.mark.parametrize("answer, given", [(None, False), ("", False), (" \n", False), ("a", True), (0, True)])
def test_spaces_are_no_answer_and_0_is_one(answer, given):
    assert is_given(answer) is given


def test_each_step_is_listed_with_its_open_questions_and_what_it_needs():
    first, second = gaps(EMPTY)
    assert (first.number, [one.id for one in first.questions]) == (1, ["why", "many"])
    assert [one.missing for one in first.needs] == ["0 so far"]
    assert (second.number, second.questions, [one.missing for one in second.needs]) == (2, (), ["train one first"])


def test_a_step_that_waits_for_an_answer_is_not_missing_until_it_is_reached():
    assert [step.id for step in steps_shown(EMPTY, ASSIGNMENT)] == ["first", "second"]
    begun = replace(EMPTY, answers={"why": "Because"})
    assert [gap.step.id for gap in gaps(begun)] == ["first", "second", "third"]
    assert gaps(begun)[2].number == 3


def test_a_step_that_lacks_nothing_is_not_listed():
    assert [gap.step.id for gap in gaps(FULL)] == ["second"]


def test_a_reader_is_told_how_much_is_missing():
    assert (
        summary(EMPTY, ASSIGNMENT) == "Not finished: 2 of 2 questions have no answer, 1 step lacks evidence, no names."
    )
    assert summary(replace(FULL, evidence=FULL.evidence[:1]), ASSIGNMENT) == "Not finished: 1 step lacks evidence."
    one = replace(FULL, answers={"why": "Because", "many": 0})
    assert summary(one, ASSIGNMENT) == "Not finished: 1 of 3 questions has no answer."
    assert summary(FULL, ASSIGNMENT) == ""


def test_a_lesson_needs_no_names():
    assert summary(replace(FULL, students=""), replace(ASSIGNMENT, kind="lesson")) == ""
