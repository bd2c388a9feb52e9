"""How a report begins, on an assignment of the program, from a file or from a link, or goes on."""

import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import streamlit as st

from cnn.errors import UserError
from cnn.report import facts
from cnn.report.assignment import Assignment
from cnn.report.assignment_check import check
from cnn.report.assignment_file import MOST_BYTES, parse
from cnn.report.fetching import fetch
from pages.shared import settings, view
from pages.shared.address import from_text
from pages.shared.report import report_choice
from pages.shared.report.report_choice import choose, reports
from pages.shared.session import session, widget
from pages.shared.text import plain

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
ORDER = ("tutorial_1", "tutorial_2", "part_a", "part_b", "part_c")
MOST_LISTED = 12  # reports
BROUGHT = ("classes", "images", "new images")  # needs: what one has to bring along
ABOUT = "Your lab notebook: answer questions, keep what you see on a page with **Add to report**, and hand it all in."


@cache
def shipped() -> dict[str, Assignment]:
    """The assignments that ship with the program, by the names of their files."""
    return {name: parse(source(name)) for name in ORDER}


def source(name: str) -> str:
    return (ASSIGNMENTS / f"{name}.md").read_text("utf-8")


def checked(text: str) -> str:
    """The source of an assignment. Raises AssignmentError if it has mistakes, pages, facts and settings included."""
    check(text, session().pages.__contains__, facts.is_key, wrong_setting)
    return text


def wrong_setting(name: str, value: str) -> str:
    """Why the address of a page cannot have that setting, in a sentence; "" if it can."""
    if name in settings.FIELDS:
        described = settings.described(name)
    elif name in view.PARTS:
        described = view.PARTS[name].described
    else:
        is_known = name in settings.DEFAULTS
        return "" if is_known else f"No page has the setting “{name}”. Copy it from a page's address."
    try:
        from_text(value, described)
    except UserError as error:
        return f"“{name}={value}” is not possible. {error}"
    return ""


# What buttons do


def begin(text: str) -> None:
    """Begins a report on an assignment, and chooses it. If that fails, the session's `not_opened` says why."""
    try:
        choose(reports().create(checked(text), report_choice.own_run(parse(text))))
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
        _begin_from_address(address)


def _begin_from_address(address: str) -> None:
    try:
        begin(fetch(address))
    except UserError as error:
        session().not_opened = str(error)


# What is drawn


def draw() -> None:
    """The reports there are, and the assignments to begin another on."""
    report_choice.show_mistakes()
    if session().waiting is not None:
        st.info("The picture is kept until you choose a report for it.", icon=":material/bookmark_add:")
    st.markdown(ABOUT)
    _linked()
    if _draw_reports():
        st.markdown("**Begin another**")
    cards: list[Callable[[], None]] = [partial(_draw_card, name, assignment) for name, assignment in shipped().items()]
    cards.append(_draw_another)
    with st.container(key="assignments"):
        for start in range(0, len(cards), 3):
            for column, card in zip(st.columns(3, gap="small"), cards[start : start + 3], strict=True):
                with column, st.container(border=True, height="stretch", gap="xsmall"):
                    card()


def _draw_reports() -> bool:
    """The reports to go on with; returns whether there are any."""
    is_own = report_choice.is_on_this_computer()
    found = [one for one in reports().all() if is_own or one[0] in session().reports]
    if found:
        st.markdown("**Go on with a report**")
        with st.container(horizontal=True, gap="small"):
            for id, title, changed in found[:MOST_LISTED]:
                when = time.strftime("%d %b, %H:%M", time.localtime(changed))
                text = f"{plain(title)} · {when}"
                st.button(text, key=f"open {id}", icon=":material/description:", on_click=choose, args=(id,))
    if not is_own:
        st.caption(
            "Many people may use this server, so only the reports that you have opened in this window are listed. "
            "To come back to a report, keep the address of its page. Whoever has it can read and change the report."
        )
    return bool(found)


def _draw_card(name: str, assignment: Assignment) -> None:
    """An assignment: what it is about, its steps, and what it needs."""
    st.button(
        f"**{assignment.title}**", key=f"begin {name}", icon=":material/note_add:", type="tertiary",
        on_click=lambda: begin(source(name)),
    )  # fmt: skip
    st.markdown(assignment.aim)
    facts_of = [f"{len(assignment.steps)} steps, {len(assignment.questions)} questions", _duration(assignment.minutes)]
    needed = dict.fromkeys(need.text for step in assignment.steps for need in step.needs if need.what in BROUGHT)
    if needed:
        facts_of.append(f"needs {', '.join(needed)}")
    st.caption(f"{' · '.join(filter(None, facts_of))}  \n{' → '.join(step.title for step in assignment.steps)}")


def _duration(minutes: str) -> str:
    """How long an assignment takes, as it says itself."""
    if not minutes.isdecimal():
        return minutes
    whole = int(minutes)
    return f"{whole} minutes" if whole < 90 else f"{whole / 60:.2g} hours"


def _draw_another() -> None:
    with st.popover("**Another assignment**", icon=":material/upload_file:", type="tertiary"):
        st.file_uploader(
            "A Markdown file", ["md", "txt"], key="assignment file", on_change=_begin_from_file,
            args=("assignment file",),
        )  # fmt: skip
        st.text_input(
            "Or a link to one", key="assignment link", placeholder="https://", on_change=_begin_from_link,
            args=("assignment link",),
        )  # fmt: skip
    st.markdown("One of your teacher's: a file, or a link to one.")
    st.caption("Teachers write assignments as plain Markdown files, with steps, questions and what each step needs.")


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
