"""Reads an assignment, or a lesson, from one Markdown file. docs/assignments.md describes the syntax."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

from cnn.errors import UserError
from cnn.report.assignment import KINDS, QUESTION_KINDS, UNITS, Assignment, Need, Option, Question, Step
from cnn.report.code_blocks import code_lines
from cnn.report.typed_number import number_in

NOTES_TITLE = "Notes for teachers"
MOST_BYTES = 1_000_000  # of a file; a longer one is no assignment
# The fields that may stand directly below a heading.
TITLE_FIELDS = ("kind", "aim", "minutes", "level")
STEP_FIELDS = ("page", "settings", "also", "needs", "after")
QUESTION_FIELDS = ("kind", "fact", "answer", "tolerance", "unit", "page", "settings", "why", "points", "rubric")
FIELDS = {1: TITLE_FIELDS, 2: STEP_FIELDS, 3: QUESTION_FIELDS}  # by the level of the heading
_UNIT_NAMES = {
    **{"class": "classes", "classes": "classes"},
    **{"images each": "images", "images per class": "images"},
    **{"new images per class": "new images", "new images each": "new images"},
    **{"epoch": "epochs", "epochs": "epochs"},
    **{"piece of evidence": "pieces", "pieces of evidence": "pieces"},
}

_HEADING = re.compile(r"(#{1,3})\s+(.*?)\s*(?:\{#([^}]*)\})?\s*#*\s*$")
_FIELD = re.compile(r"([a-z]+):\s*(.*?)\s*$")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*$")
_OPTION = re.compile(r"[-*]\s+(?:\[([ xX])\]\s+)?(.*?)(?:\s+(?:->|→)\s+(.*?))?\s*$")
_NEED = re.compile(r"(?:(at least|at most)\s+)?(\d[\d,]*|an?)(?:\s*(?:to|-|–)\s*(\d[\d,]*))?\s+(.*)$", re.IGNORECASE)


@dataclass(frozen=True)
class Mistake:
    """line: from 1."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


class AssignmentError(UserError):
    """An assignment with mistakes. Its text has a line for each."""

    def __init__(self, mistakes: list[Mistake]):
        self.mistakes = tuple(sorted(mistakes, key=lambda one: one.line))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass
class _Section:
    """A heading and what belongs to it. fields: (line, name, value). body: the lines of the text; start: of the
    first."""

    level: int
    title: str
    id: str
    line: int
    fields: list[tuple[int, str, str]]
    body: list[str]
    start: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.body).strip()

    def value(self, name: str) -> str:
        return next((value for _, key, value in self.fields if key == name), "")


class _Parser:
    def __init__(self, is_page: Callable[[str], bool], is_fact: Callable[[str], bool]):
        self.is_page, self.is_fact = is_page, is_fact
        self.mistakes: list[Mistake] = []
        self.ids: dict[str, int] = {}  # id -> the line of its heading
        self.code: set[int] = set()  # the lines of code

    def mistake(self, line: int, text: str) -> None:
        self.mistakes.append(Mistake(line, text))

    # Lines -> sections

    def sections(self, lines: list[str]) -> Iterator[_Section]:
        section: _Section | None = None
        may_have_fields = False
        self.code = code_lines(lines)
        for number, line in enumerate(lines, 1):
            heading = None if number in self.code else _HEADING.match(line)
            if heading:
                if section is not None:
                    yield section
                marks, title, id = heading.groups()
                section = _Section(len(marks), title, self.checked_id(id, title, number, len(marks)), number, [], [])
                may_have_fields = True
            elif section is None:
                if line.strip():
                    self.mistake(number, "The file begins with its title: a line such as “# My assignment”.")
                    section = _Section(1, "", "", number, [], [])
            elif may_have_fields and (field := _FIELD.match(line)):
                self.add_field(section, number, *field.groups())
            else:
                may_have_fields = False
                section.start = section.start or number
                section.body.append(line)
        if section is not None:
            yield section

    def checked_id(self, id: str | None, title: str, line: int, level: int) -> str:
        if level == 1:
            return ""
        if id is None:
            id = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or f"line-{line}"
        elif not _ID.match(id):
            self.mistake(line, f"The id “{id}” may have small letters, digits, “-” and “_” only.")
        if id in self.ids:
            self.mistake(
                line, f"The id “{id}” is already that of line {self.ids[id]}. Write another, such as {{#{id}-2}}."
            )
        self.ids.setdefault(id, line)
        return id

    def add_field(self, section: _Section, line: int, name: str, value: str) -> None:
        known = FIELDS[section.level]
        what = {1: "the title", 2: "a step", 3: "a question"}[section.level]
        if name not in known:
            self.mistake(
                line,
                f"“{name}” is not a field of {what}. Its fields are {', '.join(known)}. If this line is text, put an "
                "empty line before it.",
            )
        elif section.value(name) and name != "needs":
            self.mistake(line, f"The field “{name}” is there twice.")
        else:
            section.fields.append((line, name, value))

    # Sections -> assignment

    def assignment(self, source: str) -> Assignment:
        found: dict = {"title": "", "steps": []}
        in_notes = False
        for section in self.sections(source.lstrip("\ufeff").splitlines()):
            if section.level == 1:
                if found["title"]:
                    self.mistake(section.line, "A file has one title. A step begins with “##”, a question with “###”.")
                    continue
                found |= {name: section.value(name) for name in TITLE_FIELDS if section.value(name)}
                found |= {"title": section.title, "text": section.text}
                self.check_kind(section, KINDS)
            elif section.level == 2:
                in_notes = section.title == NOTES_TITLE
                if in_notes:
                    found["notes"] = section.text
                else:
                    found["steps"].append((section, []))
            elif in_notes:
                found["notes"] += f"\n\n### {section.title}\n\n{section.text}"
            elif not found["steps"]:
                self.mistake(
                    section.line, "A question belongs to a step: put a line such as “## First step” before it."
                )
            else:
                found["steps"][-1][1].append(section)
        if not found["title"] and not self.mistakes:
            self.mistake(1, "The file begins with its title: a line such as “# My assignment”.")
        if not found["steps"] and not self.mistakes:
            self.mistake(1, "The file has no steps. A step begins with a line such as “## First step”.")
        steps = tuple(self.step(section, questions) for section, questions in found.pop("steps"))
        self.check_order(steps)
        if self.mistakes:
            raise AssignmentError(self.mistakes)
        return Assignment(**found, steps=steps)

    def check_kind(self, section: _Section, kinds: tuple[str, ...]) -> None:
        if (kind := section.value("kind")) and kind not in kinds:
            self.mistake(self.line_of(section, "kind"), f"The kind “{kind}” is none of {', '.join(kinds)}.")

    @staticmethod
    def line_of(section: _Section, name: str) -> int:
        return next((line for line, key, _ in section.fields if key == name), section.line)

    def page(self, section: _Section) -> tuple[str, str]:
        """The page and its settings."""
        page, settings = section.value("page"), section.value("settings")
        self.check_page(section, "page", page)
        if settings and not page:
            self.mistake(
                self.line_of(section, "settings"), "Settings belong to a page: add a line such as “page: train”."
            )
        return page, settings.rpartition("?")[2]  # of a whole address, only its query

    def check_page(self, section: _Section, field: str, page: str) -> None:
        if page and not self.is_page(page):
            self.mistake(self.line_of(section, field), f"There is no page “{page}”.")

    def also(self, section: _Section) -> tuple[str, ...]:
        """The other pages whose evidence belongs to a step."""
        pages = tuple(filter(None, map(str.strip, section.value("also").split(","))))
        for page in pages:
            self.check_page(section, "also", page)
        return pages

    def step(self, section: _Section, questions: list[_Section]) -> Step:
        needs = [self.need(line, value) for line, name, value in section.fields if name == "needs"]
        return Step(
            section.id,
            section.title,
            section.text,
            *self.page(section),
            also=self.also(section),
            needs=tuple(need for need in needs if need is not None),
            after=section.value("after"),
            questions=tuple(self.question(one) for one in questions),
            line=section.line,
        )

    def need(self, line: int, text: str) -> Need | None:
        if text.lower().rstrip(".") in ("a trained network", "a network"):
            return Need(text, "network")
        if (found := _NEED.match(text)) and (what := _UNIT_NAMES.get(found[4].lower().rstrip("."))):
            low = 1 if found[2].lower() in ("a", "an") else int(found[2].replace(",", ""))
            high = int(found[3].replace(",", "")) if found[3] else inf
            if (found[1] or "").lower() == "at most":
                low, high = 0, low
            if low <= high:
                return Need(text, what, low, high)
        units = "”, “".join(UNITS.values())
        self.mistake(
            line,
            f"“{text}” is not a need. It is “a trained network”, or a number (“10”, “at least 10”, “3 to 10”) of "
            f"“{units}”.",
        )
        return None

    def question(self, section: _Section) -> Question:
        self.check_kind(section, QUESTION_KINDS)
        kind = section.value("kind") or "text"
        fact, answer = section.value("fact"), self.number(section, "answer")
        text, options = self.options(section) if kind in ("choice", "guess") else (section.text, ())
        if kind == "choice" and len(options) < 2 and not fact:
            self.mistake(
                section.line, "A choice has two or more answers: lines such as “- [x] right” and “- [ ] wrong”."
            )
        if kind == "choice" and options and not fact and not any(one.right for one in options):
            self.mistake(section.line, "No answer of this choice is marked as right: “- [x] …”.")
        if kind == "text" and (fact or answer is not None):
            self.mistake(section.line, "A free text cannot be checked. For “fact” or “answer”, write “kind: number”.")
        if fact and not self.is_fact(fact):
            self.mistake(
                self.line_of(section, "fact"),
                f"There is no fact “{fact}”. docs/assignments.md lists what can be checked.",
            )
        return Question(
            section.id,
            kind,
            section.title,
            text,
            options,
            fact,
            answer,
            self.number(section, "tolerance") or 0.0,
            section.value("unit"),
            *self.page(section),
            why=section.value("why"),
            points=self.number(section, "points") or 0.0,
            rubric=section.value("rubric"),
            line=section.line,
        )

    def number(self, section: _Section, name: str) -> float | None:
        if not (value := section.value(name)):
            return None
        if (found := number_in(value)) is None:
            self.mistake(self.line_of(section, name), f"“{value}” is not a number.")
        return found

    def options(self, section: _Section) -> tuple[str, tuple[Option, ...]]:
        """The text of a choice without its options, and these."""
        text: list[str] = []
        options: list[Option] = []
        for number, line in enumerate(section.body, section.start):
            if number not in self.code and (found := _OPTION.match(line)):
                mark, option, feedback = found.groups()
                if option in [one.text for one in options]:
                    self.mistake(number, f"The answer “{option}” is there twice.")
                options.append(Option(option, None if mark is None else mark != " ", feedback or ""))
            else:
                text.append(line)
        return "\n".join(text).strip(), tuple(options)

    def check_order(self, steps: tuple[Step, ...]) -> None:
        asked: set[str] = set()
        for step in steps:
            if step.after and step.after not in asked:
                self.mistake(step.line, f"“after: {step.after}” names no question of an earlier step.")
            asked |= {question.id for question in step.questions}


def parse(
    source: str,
    is_page: Callable[[str], bool] = lambda name: True,
    is_fact: Callable[[str], bool] = lambda key: True,
) -> Assignment:
    """The assignment in a Markdown text. is_page: whether a page of that name exists. is_fact: whether a question can
    be checked with that key. Raises AssignmentError, which names every mistake with its line."""
    if len(source) > MOST_BYTES:
        raise AssignmentError([Mistake(1, "The file is larger than 1 MB. An assignment is a short text.")])
    return _Parser(is_page, is_fact).assignment(source)
