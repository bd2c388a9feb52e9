"""The assignments that come with the project."""

from pathlib import Path

import pytest

import dashboard
from cnn.report.assignment_file import parse
from cnn.report.facts import is_key

FOLDER = Path(dashboard.__file__).parent / "pages" / "assignments"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_a_shipped_assignment_has_no_mistakes(path):
    found = parse(path.read_text("utf-8"), dashboard.PAGES.__contains__, is_key)
    assert all(step.questions for step in found.steps)


def test_both_tutorials_and_three_parts_are_there():
    assert [path.stem for path in sorted(FOLDER.glob("*.md"))] == [
        "part_a",
        "part_b",
        "part_c",
        "tutorial_1",
        "tutorial_2",
    ]
