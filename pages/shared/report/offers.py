"""Evidence for a report: each page offers its picture, and one button, the same on every page, adds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import streamlit as st

from cnn.errors import UserError
from cnn.report.assignment import Step
from cnn.report.gaps import pieces_needed
from cnn.report.report import Evidence, Report, Table
from cnn.store.run import Run
from pages.shared import view
from pages.shared.navigation import go
from pages.shared.notices import tell
from pages.shared.report import report_choice
from pages.shared.report.report_choice import reports
from pages.shared.session import session
from pages.shared.text import plain

MOST_CHARACTERS = 4_000_000  # of a picture; a larger one would make the report slow


@dataclass(frozen=True, eq=False)
class Offer:
    """What a page can add to a report. page: its name. picture: draws a self-contained SVG element in light colours;
    None for numbers only."""

    page: str
    title: str
    picture: Callable[[], str] | None
    numbers: Callable[[], Table]
    run: Run | None


def offer(
    title: str,
    picture: Callable[[], str] | None = None,
    numbers: Callable[[], Table] = Table,
    run: Run | None = None,
) -> None:
    """Call it on a page when its picture is drawn: what the page offered before is gone. Both functions are called only
    if the user adds the picture."""
    session().offers = []
    also(title, picture, numbers, run)


def also(
    title: str,
    picture: Callable[[], str] | None = None,
    numbers: Callable[[], Table] = Table,
    run: Run | None = None,
) -> None:
    """Offers a further picture of the same page: the user is asked which one to add."""
    session().offers.append(Offer(session().page, title, picture, numbers, run))


def forget() -> None:
    """Call before a page is drawn: what it offered before may be gone."""
    session().offers = []


def is_offered() -> bool:
    """Whether the page has made an offer."""
    return bool(session().offers)


def draw_button(beside: Sequence[str]) -> None:
    """The button, for the frame of a page. The page may make its offer later, when its picture is computed. beside: the
    pages of the same step of the path."""
    st.button(
        "Add to report",
        key="add_to_report",
        icon=":material/bookmark_add:",
        help="Keeps what you see here in your report: the picture, its numbers, and the way back to this view.",
        on_click=_press,
        args=(beside,),
    )
    if session().choosing_offer:
        _choose(beside)


def _made() -> list[Offer]:
    return [one for one in session().offers if one.page == session().page]


def _press(beside: Sequence[str]) -> None:
    match _made():
        case []:
            tell(
                "There is no picture to add yet. Wait until it is drawn; where the page asks for a guess, guess first.",
                ":material/hourglass:",
            )
        case [made]:
            _add(made, beside)
        case _:
            session().choosing_offer = True


def _close() -> None:
    session().choosing_offer = False


@st.dialog("Add to report", icon=":material/bookmark_add:", on_dismiss=_close)
def _choose(beside: Sequence[str]) -> None:
    """Asks which picture of the page to add."""
    if not session().choosing_offer:
        st.rerun()
    for made in _made():
        st.button(made.title, key=f"add {made.title}", width="stretch", on_click=_add_chosen, args=(made, beside))


def _add_chosen(made: Offer, beside: Sequence[str]) -> None:
    _close()
    _add(made, beside)


def _add(made: Offer, beside: Sequence[str]) -> None:
    try:
        piece, report = _piece(made), report_choice.chosen()
        if report is None:
            session().waiting = piece, beside
            go("report")
        else:
            add(report, piece, beside)
    except UserError as error:
        tell(str(error), ":material/error:")


def _piece(made: Offer) -> Evidence:
    picture = "" if made.picture is None else made.picture()
    if len(picture) > MOST_CHARACTERS:
        raise UserError("This picture is too large for a report. Show fewer images or maps.")
    run = made.run
    id, name = (run.id, run.name) if run else ("", "")
    query = view.current().query
    return Evidence("", "", made.page, made.title, query, "", id, name, picture, made.numbers())


def add(report: Report, piece: Evidence, beside: Sequence[str]) -> None:
    """Adds a piece to a step that asks for its view, or for its page, or for one beside it. Of several: those that ask
    for evidence; of these, the one that was open last, else the first that has not enough. If no step fits, to the step
    that was open last; in a new session, to that of the newest piece."""
    steps = report.parsed().steps
    current = view.value("task", report.id)
    of_page = [step for step in steps if piece.page in (step.page, *step.also)]
    shown = parse_qsl(piece.query.lstrip("?"))
    of_view = [step for step in of_page if step.settings and set(parse_qsl(step.settings.lstrip("?"))) <= set(shown)]
    of_any_view = [step for step in of_page if not _asks_for_another_view(step)]
    fitting = of_view or of_any_view or of_page or [step for step in steps if step.page in beside]
    among = [step for step in fitting if pieces_needed(step)] or fitting or list(steps)
    lacking = [step.id for step in among if len(report.of_step(step.id)) < pieces_needed(step)]
    likely = (current, *lacking) if fitting else (current, _step_of_newest(report))
    ids = [step.id for step in among]
    step = next((id for id in likely if id in ids), ids[0])
    reports().add_evidence(report.id, replace(piece, step=step))
    title = next(one.title for one in steps if one.id == step)
    tell(f"Added to “{plain(report.title)}”, step “{plain(title)}”.", ":material/bookmark_added:")


def _asks_for_another_view(step: Step) -> bool:
    """Whether a step whose settings are not those of a piece asks for something else on the page, such as the new
    images. Settings of a network or its training say only where a student begins."""
    return any(name in view.PARTS for name, _ in parse_qsl(step.settings.lstrip("?")))


def _step_of_newest(report: Report) -> str:
    """The step of the piece that was added last; "" before the first one."""
    newest = max(report.evidence, key=lambda piece: piece.created, default=None)
    return newest.step if newest else ""


def add_waiting(report: Report) -> None:
    """Adds the piece that waited until a report was chosen."""
    if (waiting := session().waiting) is not None:
        try:
            add(report, *waiting)
            session().waiting = None
        except UserError as error:  # such as a full disk: it still waits
            tell(str(error), ":material/error:")
