"""The report of this session."""

import streamlit as st

from cnn.report.assignment import Assignment
from cnn.report.report import Report, ReportError
from cnn.report.report_store import Reports
from pages.shared import run_choice, settings, view
from pages.shared.session import session
from pages.shared.text import plain


def reports() -> Reports:
    return Reports(run_choice.store())


def chosen() -> Report | None:
    """The report of this session, without pictures; None if none is chosen, or it has been deleted."""
    id = view.value("report")
    if not id:
        return None
    try:
        return reports().outline(id)
    except ReportError:
        return None


def choose(id: str, step: str | None = None) -> None:
    view.part("report").replace(id or None)
    view.part("task", id).replace(step)


def is_on_this_computer() -> bool:
    """Whether the browser runs where the server does, so that whatever is kept there is the user's own."""
    forwarded = any(name in st.context.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded"))
    return st.context.ip_address is None and not forwarded


def run_of(report: Report, assignment: Assignment) -> str:
    """The id of the run that a report is about; "" if there is none."""
    return report.run or own_run(assignment)


def own_run(assignment: Assignment) -> str:
    """The id of this session's own run, which a report on the assignment is about unless the student names another; ""
    if there is none, or the assignment is about images only: then the chosen images count, not those of a run."""
    run = settings.current("run")
    return run if run_choice.is_own(run) and not assignment.is_about_images else ""


def show_mistakes() -> None:
    """What could not be done, such as why an assignment could not be opened: a line for each mistake."""
    if error := session().not_opened:
        session().not_opened = ""
        st.error("\n\n".join(plain(line) for line in error.splitlines()), icon=":material/error:")
