"""What a report still lacks before it is handed in: a line for each step, which leads there."""

from collections import Counter

import streamlit as st

from cnn.report import needs
from cnn.report.assignment import Assignment, Step
from cnn.report.case import Case
from cnn.report.gaps import Gap, gaps_in
from cnn.report.needs import Status
from cnn.report.report import Report
from cnn.store.image_sets import image_sets
from pages.shared import run_choice
from pages.shared.navigation import go
from pages.shared.report import report_choice, unsaved
from pages.shared.session import session, widget
from pages.shared.text import count, plain


def needs_of(report: Report, step: Step, case: Case | None) -> list[Status]:
    """What the step needs, and whether it is there."""
    new_images = None
    if any(need.what == "new images" for need in step.needs):
        new_images = Counter(label for kept in image_sets(run_choice.store()) for label in kept.labels)
    return [needs.status(need, case, len(report.of_step(step.id)), new_images) for need in step.needs]


def draw(report: Report, assignment: Assignment, case: Case | None) -> bool:
    """Lists what is missing; returns whether anything is."""
    gaps = gaps_in(report, assignment, lambda step: needs_of(report, step, case))
    has_names = bool(report.students.strip())
    if not gaps and has_names:
        return False
    st.markdown("**Still missing.** You can hand it in as it is, too.")
    if not has_names:
        key = f"names {report.id}"
        st.text_input(
            "Names of all who hand this in", max_chars=200, key=key, on_change=_name, args=(report.id, key), width=400
        )
    half = -(-len(gaps) // 2)
    for column, part in zip(st.columns(2, gap="large"), (gaps[:half], gaps[half:]), strict=True):
        with column:
            for gap in part:
                _draw_gap(report.id, gap)
    return True


def _draw_gap(report: str, gap: Gap) -> None:
    with st.container(key=f"gap_{gap.step.id}", gap=None):
        st.button(
            f"{gap.number}. {plain(gap.step.title)}",
            key=f"to {gap.step.id}",
            type="tertiary",
            icon=":material/arrow_forward:",
            on_click=_open,
            args=(report, gap.step.id),
        )
        st.caption(text_of(gap))


def text_of(gap: Gap) -> str:
    """“2 questions to answer · 1 piece of evidence: 0 so far”, as Markdown."""
    parts = [count(len(gap.questions), "question to answer", "questions to answer")] if gap.questions else []
    parts += [f"{one.need.text}: {plain(one.missing)}" for one in gap.needs]
    return " · ".join(parts)


def _open(report: str, step: str) -> None:
    report_choice.choose(report, step)
    session().opened_steps += 1
    go("report")  # the whole page, not only the part with the button


def _name(report: str, key: str) -> None:
    unsaved.describe(report, "students", widget(key) or "")
    go("report")
