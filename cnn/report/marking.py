"""A teacher's points and comments for hand-ins: kept in the run store, and given out as a table and as feedback."""

import csv
import hashlib
import io
import time
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from cnn.errors import UserError
from cnn.report.assignment import Assignment, Question
from cnn.report.assignment_file import AssignmentError
from cnn.report.document import answer_text, document_of, file_name, names_of, students_of
from cnn.report.hand_in import HandIn
from cnn.report.html import html_of
from cnn.report.recomputed import Recomputed
from cnn.store.runs import RunStore

WHOLE = ""  # in place of a question: the comment on all of a hand-in
MOST_POINTS, MOST_COMMENT = 1_000.0, 20_000


@dataclass(frozen=True)
class Mark:
    """points: None for none given. comment: Markdown."""

    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Marks:
    """The marks of one hand-in, or a rubric. by_question: question id -> mark; under WHOLE, that of all of it."""

    by_question: Mapping[str, Mark] = field(default_factory=dict)

    def of(self, question: str) -> Mark:
        return self.by_question.get(question, Mark())

    @property
    def points(self) -> float | None:
        """The sum; None if no points are given."""
        given = [mark.points for mark in self.by_question.values() if mark.points is not None]
        return sum(given) if given else None


def rubric_id(assignment: str) -> str:
    """Where the rubric of an assignment is kept. assignment: its source."""
    return "rubric " + hashlib.sha256(assignment.encode("utf-8", "replace")).hexdigest()[:24]


def load_marks(store: RunStore, hand_in: str) -> Marks:
    """The marks of a hand-in, or a rubric, by its id. Raises StoreError."""
    with store.transaction() as db:
        rows = db.execute("SELECT question, points, comment FROM marks WHERE hand_in = ?", (hand_in,)).fetchall()
    return Marks({row["question"]: Mark(_points(row["points"]), str(row["comment"])) for row in rows})


def _points(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def save_mark(store: RunStore, hand_in: str, question: str, mark: Mark) -> None:
    """Keeps a mark. Raises UserError if the points or the comment are out of range, and StoreError."""
    if mark.points is not None and not 0 <= mark.points <= MOST_POINTS:
        raise UserError(f"Points lie between 0 and {MOST_POINTS:g}, so {mark.points:g} is not possible.")
    if len(mark.comment) > MOST_COMMENT:
        raise UserError(f"A comment can have up to {MOST_COMMENT:,} characters.")
    with store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO marks (hand_in, question, points, comment, changed) VALUES (?, ?, ?, ?, ?)",
            (hand_in, question, mark.points, mark.comment, time.time()),
        )


def rubric_of(assignment: Assignment, changed: Marks) -> Marks:
    """What each question is worth and what counts: as the teacher has changed it, else as the assignment says."""
    own = {
        question.id: Mark(question.points or None, question.rubric)
        for question in assignment.questions
        if question.points or question.rubric
    }
    return Marks(own | dict(changed.by_question))


def assignment_of(hand_in: HandIn) -> Assignment:
    """The assignment of a hand-in; an empty one if its copy is damaged."""
    try:
        return hand_in.report.parsed()
    except AssignmentError:
        return Assignment(hand_in.report.title)


def points_text(points: float | None, most: float | None) -> str:
    """'3 of 5', '3', or '' without points."""
    if points is None:
        return ""
    return f"{points:g} of {most:g}" if most else f"{points:g}"


def answered(hand_in: HandIn, questions: Sequence[Question]) -> int:
    """How many of the questions have an answer."""
    return sum(bool(answer_text(question, hand_in.report.answers)) for question in questions)


@dataclass(frozen=True)
class Marked:
    """A hand-in with its marks, the rubric, and its accuracy if that was computed. title: see `titles_of`."""

    hand_in: HandIn
    marks: Marks
    rubric: Marks
    recomputed: Recomputed | None = None
    title: str = ""

    # What the page of feedback shows:

    def of(self, question: str) -> Mark:
        return self.marks.of(question)

    def points_of(self, question: str) -> str:
        return points_text(self.of(question).points, self.rubric.of(question).points)

    @property
    def comment(self) -> str:
        return self.of(WHOLE).comment

    @property
    def total(self) -> str:
        text = points_text(self.marks.points, self.rubric.points)
        return f"{text} points" if text else ""

    def feedback(self) -> bytes:
        """An HTML file for the student: the answers with points and comments. Raises HandInError if the hand-in is
        gone."""
        return html_of(document_of(self.hand_in.whole_report(), None), self)


def table_of(marked: Sequence[Marked], decimal: str = ".") -> str:
    """All hand-ins as CSV text: a row for each, and a column for the points of each question. decimal: "." or ",", as
    the spreadsheet that opens it writes numbers; with a comma, semicolons stand between the columns."""
    questions: dict[str, Question] = {}
    for one in marked:
        questions |= {
            question.id: question for question in assignment_of(one.hand_in).questions if question.id not in questions
        }
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";" if decimal == "," else ",")
    head = ["students", "group", "assignment", "file", "answered", "points", "of"]
    accuracies = ["accuracy stated", "accuracy recomputed", "images"]
    rows.writerow([*head, *(_cell(question.title) for question in questions.values()), *accuracies, "comment"])
    for one in marked:
        report, own = one.hand_in.report, assignment_of(one.hand_in).questions
        claimed, found = one.hand_in.claimed, one.recomputed
        rows.writerow(
            [
                *(
                    _cell(" ".join(text.split()))
                    for text in (students_of(report), report.group, report.title, one.hand_in.file)
                ),
                answered(one.hand_in, own),
                _number(one.marks.points, "g", decimal),
                _number(one.rubric.points, "g", decimal),
                *(_number(one.of(question).points, "g", decimal) for question in questions),
                _number(claimed[0] / claimed[1] if claimed else None, ".4f", decimal),
                _number(found.accuracy if found else None, ".4f", decimal),
                found.images if found and found.images else "",
                _cell(one.comment),
            ]
        )
    return written.getvalue()


def _number(value: float | None, digits: str, decimal: str) -> str:
    return "" if value is None else format(value, digits).replace(".", decimal)


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def titles_of(hand_ins: Sequence[HandIn]) -> dict[str, str]:
    """The id of each hand-in -> its students, or its file if it names none; both if another one for the same assignment
    names the same students."""
    students = {one.id: (one.report.title, names_of(one.report)) for one in hand_ins}
    common, titles = Counter(students.values()), {}
    for one in hand_ins:
        _, names = students[one.id]
        if not names:
            titles[one.id] = one.file
        elif common[students[one.id]] > 1:
            titles[one.id] = f"{names} ({one.file})"
        else:
            titles[one.id] = names
    return titles


def feedback_files(marked: Sequence[Marked]) -> bytes:
    """A .zip with one HTML file for each hand-in, named after its students. Raises HandInError if one is gone."""
    written = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in marked:
            name = file_name(names_of(one.hand_in.report) or one.hand_in.file)
            while name.casefold() in used:
                name += " 2"
            used.add(name.casefold())
            packed.writestr(f"{name}.html", one.feedback())
    return written.getvalue()
