"""The report of this session, and how one begins: an assignment that ships with the program, a file, or a link."""

import time
from functools import cache
from pathlib import Path

import streamlit as st

from cnn.errors import UserError
from cnn.report import facts
from cnn.report.assignment import Assignment
from cnn.report.assignment_file import MOST_BYTES, parse
from cnn.report.fetching import fetch
from cnn.report.report import Report
from cnn.report.report_store import Reports
from pages.shared import run_choice, settings, view
from pages.shared.session import session, widget
from pages.shared.text import plain

ASSIGNMENTS = Path(__file__).resolve().parents[1] / "assignments"
ORDER = ("tutorial_1", "tutorial_2", "part_a", "part_b", "part_c")


def reports() -> Reports:
    return Reports(run_choice.store())


def chosen() -> str:
    """The id of the report of this session; "" if none is chosen."""
    return view.value("report") or ""


def choose(id: str, step: str | None = None) -> None:
    view.part("report").replace(id or None)
    view.part("task", id).replace(step)


def is_on_this_computer() -> bool:
    """Whether the browser runs where the server does, so that whatever is kept there is the user's own."""
    forwarded = any(name in st.context.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded"))
    return st.context.ip_address is None and not forwarded


def run_of(report: Report) -> str:
    """The id of the run that a report is about; "" if there is none."""
    return report.run or (run if run_choice.is_own(run := settings.current("run")) else "")


# How a report begins


@cache
def shipped() -> dict[str, Assignment]:
    """The assignments that ship with the program, by the names of their files."""
    return {name: parse(source(name)) for name in ORDER}


def source(name: str) -> str:
    return (ASSIGNMENTS / f"{name}.md").read_text("utf-8")


def checked(text: str) -> str:
    """The source of an assignment. Raises AssignmentError if it has mistakes, pages and facts included."""
    parse(text, session().pages.__contains__, facts.is_key)
    return text


def begin(text: str) -> None:
    """Begins a report on an assignment, and chooses it. If that fails, the session's `not_opened` says why."""
    try:
        run = settings.current("run")
        choose(reports().create(checked(text), run if run_choice.is_own(run) else ""))
        view.part("assignment").replace("")
    except UserError as error:
        session().not_opened = str(error)


def _begin_from_file(key: str) -> None:
    if (file := widget(key)) is None:
        return
    try:
        if file.size > MOST_BYTES:
            raise UserError("The file is larger than 1 MB. An assignment is a short text.")
        begin(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        session().not_opened = f"{file.name} is not a text in UTF-8. An assignment is a Markdown file."
    except UserError as error:
        session().not_opened = str(error)


def _begin_from_link(key: str) -> None:
    if address := (widget(key) or "").strip():
        try:
            begin(fetch(address))
        except UserError as error:
            session().not_opened = str(error)


def draw_choice() -> None:
    """The reports there are, and the assignments to begin another on."""
    show_mistakes()
    if session().waiting is not None:
        st.info("The picture is kept until you choose a report for it.", icon=":material/bookmark_add:")
    _linked()
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Begin a report**")
        for name, assignment in shipped().items():
            st.button(
                assignment.title,
                key=f"begin {name}",
                icon=":material/note_add:",
                width="stretch",
                on_click=lambda name=name: begin(source(name)),
            )
        with st.expander("Another assignment", icon=":material/upload_file:"):
            st.file_uploader(
                "A Markdown file", ["md", "txt"], key="assignment file", on_change=_begin_from_file,
                args=("assignment file",),
            )  # fmt: skip
            st.text_input(
                "Or a link to one", key="assignment link", placeholder="https://", on_change=_begin_from_link,
                args=("assignment link",),
            )  # fmt: skip
    with right:
        st.markdown("**Go on with a report**")
        is_own = is_on_this_computer()
        found = [one for one in reports().all() if is_own or one[0] in session().reports]
        for id, title, changed in found[:12]:
            when = time.strftime("%d %b, %H:%M", time.localtime(changed))
            st.button(
                f"{plain(title)} · {when}",
                key=f"open {id}",
                icon=":material/description:",
                width="stretch",
                on_click=choose,
                args=(id,),
            )
        if not is_own:
            st.caption(
                "Many people may use this server, so only the reports that you have opened in this window are listed. "
                "To come back to a report, keep the address of its page. Whoever has it can read and change the report."
            )
        elif not found:
            st.caption("None yet. A report is kept on this computer, and saved while you type.")


def _linked() -> None:
    """The assignment that the link to this page names: one of the program, or an address."""
    kept = view.part("assignment")
    if not kept.value:
        return
    if kept.value in shipped():
        title, action = shipped()[kept.value].title, lambda: begin(source(kept.value))
    else:
        title, action = kept.value, lambda: _begin_from_address(kept.value)
    st.button(f"Begin: {plain(title)}", key="begin linked", type="primary", icon=":material/link:", on_click=action)


def _begin_from_address(address: str) -> None:
    try:
        begin(fetch(address))
    except UserError as error:
        session().not_opened = str(error)


def show_mistakes() -> None:
    """Why the last assignment could not be opened, a line for each mistake."""
    if error := session().not_opened:
        session().not_opened = ""
        st.error("\n\n".join(plain(line) for line in error.splitlines()), icon=":material/error:")
