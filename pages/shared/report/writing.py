"""Text fields of a report: saved at every pause in typing, with the earlier versions of an answer."""

import time
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from cnn.errors import UserError
from cnn.report.report_store import Saved
from pages.components.editor import Typed, editor, typed
from pages.shared.notices import tell
from pages.shared.report.report_choice import reports
from pages.shared.session import session, widget
from pages.shared.text import plain

MOST_SHOWN = 10  # earlier versions


def field(
    name: str, text: Callable[[], tuple[str, float | None]], save: Callable[[Typed], Saved], label: str, **looks
) -> str:
    """Draws a field, after saving what the browser reported; returns the saved text.

    name: identifies the field. text: reads what is saved, and its version. save: saves what was typed. looks: rows,
    placeholder.
    """
    key = f"editor {name}"
    state = widget(key)
    remembered, texts = session(), typed(state)
    if texts and texts[-1].number != remembered.typed.get(key):
        try:
            for one in texts:
                if key in remembered.typed:  # else the browser repeats it to a new session, and it may be old
                    one = replace(one, when=time.time() - one.age)
                remembered.saving[key] = (False, _status(one, save(one)))
            remembered.typed[key] = texts[-1].number
        except UserError as error:
            remembered.saving[key] = (True, f"{error} Until then, the text stays here.")
    remembered.typed.setdefault(key, 0)
    is_error, status = remembered.saving.get(key, (False, ""))
    found, version = text()
    editor(name, found, version, state, key=key, label=label, status=status, is_error=is_error, **looks)
    return found


def _status(report: Typed, saved: Saved) -> str:
    now = time.strftime("%H:%M:%S")
    if saved.current.value != report.text:
        return "Another window has a newer text. Yours is kept under “Earlier versions”."
    if saved.replaced:
        return f"Saved {now}. Another window had changed this text; that version is kept under “Earlier versions”."
    return f"Saved {now}"


def answer(report: str, question: str, label: str, rows: int = 4) -> None:
    """The field for an answer in words, its preview, and its earlier versions. A fragment of the page."""
    store = reports()

    def read() -> tuple[str, float | None]:
        versions = store.versions(report, question)
        return (str(versions[0].value), versions[0].written) if versions else ("", None)

    def save(now: Typed) -> Saved:
        return store.answer(report, question, now.text, now.writer, now.seen, now.when)

    text = field(f"{report} {question}", read, save, label, rows=rows, placeholder="Write here. Markdown works.")
    versions = store.versions(report, question)
    key = f"preview {report} {question}"
    if not text:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shows = st.toggle("Preview", key=key)
        if len(versions) > 1:
            with st.popover("Earlier versions", icon=":material/history:", type="tertiary"):
                _earlier(report, question, versions)
    if shows:
        st.container(border=True).markdown(text)


def _earlier(report: str, question: str, versions: list) -> None:
    for version in versions[1 : 1 + MOST_SHOWN]:
        when = time.strftime("%d %b, %H:%M", time.localtime(version.written))
        st.caption(f"{when}: {plain(str(version.value)[:300]) or '(empty)'}")
        st.button(
            "Take this one",
            key=f"take {question} {version.written}",
            on_click=_take,
            args=(report, question, version.value),
        )


def _take(report: str, question: str, value) -> None:
    try:
        reports().answer(report, question, value, "earlier version")
    except UserError as error:
        tell(str(error), ":material/error:")
