"""A report: what a student, or a group, writes about an assignment, with evidence from the pages."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from cnn.errors import UserError
from cnn.report.assignment import Assignment
from cnn.report.assignment_file import parse

_parsed = lru_cache(maxsize=64)(parse)  # a page asks for it several times
Answer = str | float  # a text; a number; the text of the chosen option


class ReportError(UserError):
    """A problem with one report: it is unknown, or damaged."""


@dataclass(frozen=True)
class Table:
    """The numbers behind a picture. Every row has a cell for each column: a text or a number."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | float | None, ...], ...] = ()


@dataclass(frozen=True)
class Evidence:
    """A picture from a page, and what it shows.

    step: the id of the step it belongs to. page, query: the view it was taken from; query begins with “?”, or is empty.
    run, run_name: the run it is of; empty if it is of none. picture: a self-contained SVG text in light colours, or ""
    for a piece that is a table only. created: seconds since 1970.
    """

    id: str
    step: str
    page: str
    title: str
    query: str = ""
    caption: str = ""
    run: str = ""
    run_name: str = ""
    picture: str = ""
    numbers: Table = field(default_factory=Table)
    created: float = 0.0


@dataclass(frozen=True)
class Report:
    """assignment: the source of the assignment, a copy, so that a report stands alone. run: the run whose network the
    questions are about; "" for none yet.

    answers: question id -> answer. times: question id -> when it was last changed, in seconds since 1970. tries:
    question id -> how often a checked answer was wrong.
    """

    id: str
    assignment: str
    title: str
    group: str = ""
    students: str = ""
    run: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    created: float = 0.0
    changed: float = 0.0
    times: Mapping[str, float] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)

    def parsed(self) -> Assignment:
        """Its assignment. Raises AssignmentError if the copy is damaged."""
        return _parsed(self.assignment)

    def of_step(self, step: str) -> tuple[Evidence, ...]:
        """The evidence of a step, in its order."""
        return tuple(piece for piece in self.evidence if piece.step == step)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON. `from_dict` is the inverse."""
        return asdict(self) | {"answers": dict(self.answers), "times": dict(self.times), "tries": dict(self.tries)}

    @classmethod
    def from_dict(cls, values: Any) -> "Report":
        """Raises ReportError if the values are not those of a report."""
        try:
            pieces = tuple(
                Evidence(**piece | {"numbers": _table(piece.get("numbers", {}))}) for piece in values["evidence"]
            )
            report = replace(cls(**values | {"evidence": pieces}))
            texts = (report.id, report.assignment, report.title, report.group, report.students, report.run)
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("a text is missing")
            for name in ("answers", "times", "tries"):
                if not isinstance(getattr(report, name), Mapping):
                    raise TypeError(f"{name} is not a mapping")
            if not all(isinstance(answer, str | int | float) for answer in report.answers.values()):
                raise TypeError("an answer is neither a text nor a number")
            return report
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReportError(f"This is not a report, or it is damaged: {error}.") from None


def _table(values: Mapping[str, Any]) -> Table:
    rows = tuple(tuple(row) for row in values.get("rows", ()))
    return Table(tuple(values.get("columns", ())), rows)


def new_report(id: str, source: str, run: str = "") -> Report:
    """An empty report on the assignment in that Markdown text. Raises AssignmentError."""
    now = time.time()
    return Report(id, source, parse(source).title, run=run, created=now, changed=now)


def dumps(report: Report) -> str:
    """The report as JSON."""
    return json.dumps(report.to_dict(), ensure_ascii=False)


def loads(text: str) -> Report:
    """The report in a JSON text. Raises ReportError."""
    try:
        return Report.from_dict(json.loads(text))
    except json.JSONDecodeError as error:
        raise ReportError(f"This is not a report: it is not JSON ({error}).") from None
