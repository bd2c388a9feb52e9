"""Answers and names that could not be saved, as on a full disk: the session keeps each until it can be saved."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from cnn.errors import UserError
from cnn.report.report import Answer
from pages.shared.report.report_choice import reports
from pages.shared.session import session

NAMES = ("group", "students", "run")  # of a report, besides its questions


def save(report: str, name: str, value: Answer, how: Callable[[], object]) -> None:
    """Saves a value, or keeps it for later. name: of a question, or one of NAMES. how: saves it, or raises an error."""
    session().unsaved[report, name] = (value, how)
    with suppress(UserError):
        _save(report, name)


def describe(report: str, name: str, value: str) -> None:
    """Saves a value of NAMES, or keeps it for later."""
    save(report, name, value, lambda: reports().describe(report, **{name: value}))


def _save(report: str, name: str) -> None:
    _, how = session().unsaved[report, name]
    how()
    del session().unsaved[report, name]


def value(report: str, name: str, saved: Answer | None) -> Answer | None:
    """What waits to be saved; without that, what is saved."""
    return session().unsaved.get((report, name), (saved, None))[0]


def draw(report: str, *names: str) -> bool:
    """Saves what waits of these names. If that fails, says why, and returns True. Call it before reading the report."""
    for name in names:
        if (report, name) in session().unsaved:
            try:
                _save(report, name)
            except UserError as error:
                st.error(
                    f"Not saved: {error} Keep this window open: your answer stays here, and is saved once that works.",
                    icon=":material/error:",
                )
                st.button("Save now", key=f"save {report} {name}", icon=":material/save:")  # drawing again saves it
                return True
    return False
