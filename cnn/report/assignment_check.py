"""Looks at an assignment more closely than reading it needs: for lines that say something else than their writer means.

A report keeps a copy of its assignment, which must open for ever, so reading it (`parse`) is not stricter than this.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

from cnn.report.assignment import Assignment
from cnn.report.assignment_file import FIELDS, AssignmentError, Mistake, parse
from cnn.report.code_blocks import code_blocks, code_lines

_NO_SPACE = re.compile(r"#{1,3}[^\W\d_]")
_NO_TITLE = re.compile(r"#{1,3}\s*(?:\{#[^}]*\})?\s*$")
_HEADING = re.compile(r"(#{1,3})\s")
_ID_WITHOUT_SIGN = re.compile(r"#{1,3}\s.*\{([\w-]+)\}\s*$")
_LIKE_A_FIELD = re.compile(r"\s*([A-Za-z]+)\s*:\s*(.*?)\s*$")
_NO_COLON = re.compile(r"([a-z]+) (\S+)\s*$")
_TICKED = re.compile(r"[-*]\s+\[[xX]\]\s")
_MARKED = re.compile(r"[-*]\s+\[[ xX]\]\s")
_LIKE_A_MARK = re.compile(r"\s*(?:[-*+]|\d+[.)])\s*\[.?\](?!\()")


def check(
    source: str,
    is_page: Callable[[str], bool] = lambda name: True,
    is_fact: Callable[[str], bool] = lambda key: True,
    wrong_setting: Callable[[str, str], str] = lambda name, value: "",
) -> Assignment:
    """The assignment in a Markdown text, for whoever opens the file. is_page, is_fact: as for `parse`. wrong_setting:
    why an address cannot have a setting of that name and value, in a sentence; "" if it can. Raises AssignmentError."""
    mistakes: list[Mistake] = []
    found = None
    try:
        found = parse(source, is_page, is_fact)
    except AssignmentError as error:
        mistakes += error.mistakes
    lines = source.lstrip("\ufeff").splitlines()
    known = {one.line for one in mistakes}
    mistakes += [one for one in (*_of_lines(lines), *_of_fields(lines, wrong_setting)) if one.line not in known]
    mistakes += [] if found is None else _of_choices(found)
    if mistakes or found is None:
        raise AssignmentError(mistakes)
    return found


def _outside_code(lines: list[str]) -> list[tuple[int, str]]:
    """(number, line) of the lines outside blocks of code."""
    code = code_lines(lines)
    return [(number, line) for number, line in enumerate(lines, 1) if number not in code]


def _of_lines(lines: list[str]) -> Iterator[Mistake]:
    for block in code_blocks(lines):
        if not block.is_closed:
            said = "The block of code that begins here never ends: close it with a line “```”."
            yield Mistake(block.lines[0], said)
    for number, line in _outside_code(lines):
        if _NO_SPACE.match(line):
            yield Mistake(number, "A heading has a space after “#”. If this line is text, begin it with “\\”.")
        elif _NO_TITLE.match(line):
            yield Mistake(number, "This heading has no title.")
        elif found := _ID_WITHOUT_SIGN.match(line):
            yield Mistake(number, f"An id begins with “#”: {{#{found[1]}}}.")


def _of_choices(assignment: Assignment) -> Iterator[Mistake]:
    for question in assignment.questions:
        without_mark = [one.text for one in question.options if one.right is None]
        if 0 < len(without_mark) < len(question.options):
            yield Mistake(
                question.line,
                f"The answer “{without_mark[0]}” has no mark. It begins with “- [x]” if it is right, else “- [ ]”.",
            )


def _of_fields(lines: list[str], wrong_setting: Callable[[str, str], str]) -> Iterator[Mistake]:
    """What stands below headings where fields are expected, and what the fields of a question say together."""
    level, heading, is_above_text = 0, 0, False
    fields: dict[str, str] = {}
    for number, line in [*_outside_code(lines), (len(lines) + 1, "# ")]:
        if found := _HEADING.match(line):
            if level == 3:
                yield from _together(fields, heading)
            level, heading, is_above_text, fields = len(found[1]), number, True, {}
        elif level == 3 and _TICKED.match(line) and fields.get("kind") not in ("choice", "guess"):
            yield Mistake(number, "Only a choice has answers to tick: write “kind: choice” below the heading.")
        elif level == 3 and fields.get("kind") in ("choice", "guess") and _is_almost_marked(line):
            yield Mistake(number, "An answer with a mark is a line such as “- [x] right” or “- [ ] wrong”.")
        elif is_above_text and line.strip():
            found, names = _LIKE_A_FIELD.match(line), FIELDS.get(level, ())
            name = found[1].lower() if found else ""
            if found and name in names:
                if number != heading + 1 + len(fields) or not line.startswith(f"{name}:"):
                    yield Mistake(
                        number, f"A field stands directly below its heading, in small letters: “{name}: {found[2]}”."
                    )
                fields[f"{name} {number}" if name == "needs" else name] = found[2]
                if name == "settings":
                    for setting in parse_qsl(found[2].rpartition("?")[2], keep_blank_values=True):
                        if said := wrong_setting(*setting):
                            yield Mistake(number, said)
            elif (found := _NO_COLON.match(line)) and found[1] in names:
                yield Mistake(number, f"A field has a colon: “{found[1]}: {found[2]}”.")
            else:
                is_above_text = False


def _is_almost_marked(line: str) -> bool:
    return _LIKE_A_MARK.match(line) is not None and _MARKED.match(line) is None


def _together(fields: dict[str, str], heading: int) -> Iterator[Mistake]:
    """fields: of a question."""
    if "fact" in fields and "answer" in fields:
        yield Mistake(heading, "The right answer is a fact of the student's network, or an “answer”: not both.")
    if "tolerance" in fields and not fields.keys() & {"fact", "answer"}:
        yield Mistake(heading, "A tolerance belongs to an “answer”.")
    for name in ("points", "tolerance"):
        if fields.get(name, "").startswith("-"):
            yield Mistake(heading, f"The field “{name}” is 0 or more.")
