"""The assignments that come with the project."""

from pathlib import Path

import pytest

import dashboard
from cnn.report.assignment_check import check
from cnn.report.facts import is_key
from pages.shared.report.report_start import wrong_setting

FOLDER = Path(dashboard.__file__).parent / "pages" / "assignments"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_a_shipped_assignment_has_no_mistakes(path):
    found = check(path.read_text("utf-8"), dashboard.PAGES.__contains__, is_key, wrong_setting)
    assert all(step.questions for step in found.steps)


def test_both_tutorials_and_three_parts_are_there():
    assert [path.stem for path in sorted(FOLDER.glob("*.md"))] == [
        "part_a",
        "part_b",
        "part_c",
        "tutorial_1",
        "tutorial_2",
    ]
