"""The lessons, and what the learner has answered in each: a lesson's answers are a report in the store.

A learner has no account, only a number in the address. A browser on this computer goes on with the learner who answered
last; one elsewhere starts a new learner, whose link it may keep.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from cnn.report.assignment import Assignment
from cnn.report.assignment_file import parse
from cnn.report.report import Answer, Evidence, Report, ReportError, Table
from pages.shared import view
from pages.shared.navigation import LESSONS
from pages.shared.report.report_choice import is_on_this_computer, reports
from pages.shared.session import session

RUNS = "runs"  # the answer that holds the runs of a lesson: not one of its questions
ENOUGH = 40  # characters of an explanation


@dataclass(frozen=True)
class Lesson:
    """A lesson's file. number: its place in the list. source: its text, with the numbers that were measured."""

    name: str
    number: int
    source: str
    assignment: Assignment


@cache
def all_lessons() -> dict[str, Lesson]:
    """By name, in their order."""
    from cnn.lessons.measured import quoted  # loads torch

    found = {}
    for number, file in enumerate(sorted(LESSONS.glob("[0-9][0-9]_*.md")), 1):
        source = quoted(file.read_text("utf-8"), file.stem)
        found[file.stem] = Lesson(file.stem, number, source, parse(source))
    return found


def learner() -> str:
    """The number of this session's learner; the address has it."""
    kept = view.part("learner")
    if not kept.value:
        kept.value = (_last_learner() if is_on_this_computer() else "") or secrets.token_hex(4)
    view.show("learner", kept.value)
    return kept.value


def _last_learner() -> str:
    """The learner on this computer who answered last; "" if nobody has."""
    endings = {ending(name) for name in all_lessons()}
    return next((id[:8] for id, _, _ in reports().all() if id[8:] in endings), "")


def report_id(lesson: Lesson) -> str:
    """16 hex digits, as of any report: the learner's, and those of the lesson."""
    return learner() + ending(lesson.name)


def ending(lesson: str) -> str:
    """The last digits of the ids of all reports on a lesson, by its name."""
    return hashlib.sha256(lesson.encode()).hexdigest()[:8]


def report_of(lesson: Lesson) -> Report | None:
    """The report with the learner's answers; None before the first."""
    try:
        return reports().get(report_id(lesson))
    except ReportError:
        return None


def answers(lesson: Lesson) -> Mapping[str, Answer]:
    report = report_of(lesson)
    return report.answers if report else {}


def save(lesson: Lesson, question: str, value: Answer) -> None:
    """Saves an answer; the first one makes the report."""
    id = report_id(lesson)
    if report_of(lesson) is None:
        reports().create(lesson.source, id=id)
    reports().answer(id, question, value, session().id)


def table(numbers: Mapping[str, float]) -> Table:
    """What was measured, for a report."""
    return Table(("measured", "value"), tuple((name, round(value, 4)) for name, value in numbers.items()))


def add_picture(lesson: Lesson, drawn: str, numbers: Mapping[str, float]) -> None:
    """Adds what happened to the lesson's own report, once. drawn: SVG in the colours of a white page."""
    report = report_of(lesson)
    if report is None or report.evidence:
        return
    piece = Evidence(
        id="",
        step=lesson.assignment.steps[1].id,
        page="learn",
        title="What happened",
        query=f"?{urlencode({'lesson': lesson.name, 'learner': learner()})}",
        run=next(iter(runs(lesson)), ""),
        picture=drawn,
        numbers=table(numbers),
    )
    reports().add_evidence(report.id, piece)


def runs(lesson: Lesson) -> list[str]:
    """The ids of the runs that this learner has started for the lesson."""
    return [id for id in str(answers(lesson).get(RUNS, "")).split(",") if id]


def is_answered(question: str, given: Mapping[str, Answer]) -> bool:
    value = given.get(question, "")
    return not isinstance(value, str) or len(value.strip()) >= (ENOUGH if question == "explain" else 1)


def progress(lesson: Lesson) -> tuple[int, int]:
    """How many of the lesson's questions are answered, and how many there are."""
    given = answers(lesson)
    questions = lesson.assignment.questions
    return sum(is_answered(one.id, given) for one in questions), len(questions)
