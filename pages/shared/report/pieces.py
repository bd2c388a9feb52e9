"""The pieces of evidence of a step in a report: picture, caption, numbers, and what can be done with each."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cnn.errors import UserError
from cnn.report.html import cell_text
from cnn.report.report import Evidence, Report, Table
from cnn.report.report_store import Saved, Version
from cnn.store.runs import RunError
from pages.components.editor import Typed
from pages.components.rerun import rerun_every
from pages.server import report_pictures
from pages.shared import notices, run_choice, view
from pages.shared.notices import tell
from pages.shared.report import writing
from pages.shared.report.report_choice import reports
from pages.shared.session import session, widget
from pages.shared.text import plain

AT_ONCE = 6  # pieces that are drawn when a step is opened; the others follow, as a browser takes long for many
SOON = 0.1  # seconds
NUMBERS_HEIGHT = 220  # CSS pixels
LARGE = 640  # CSS pixels: the width of a piece that is shown larger


def draw(report: Report, step: str) -> None:
    """The pieces of a step. report: with the heads of its pictures. A fragment of the page."""
    notices.draw()
    pieces, steps = report.of_step(step), {one.id: one.title for one in report.parsed().steps}
    _undo(report.id)
    opened = session().opened_step
    if opened[:2] != (report.id, step):
        opened = session().opened_step = (report.id, step, time.monotonic())
    first = len(pieces) if time.monotonic() - opened[2] > SOON else AT_ONCE
    with st.container(key="pieces"):  # side by side, as many as there is room for
        for number, piece in enumerate(pieces[:first]):
            with st.container(border=True, key=f"piece_{piece.id}", gap="xsmall"):
                _piece(report, piece, number, len(pieces), steps)
    if not pieces:
        st.caption(
            "No evidence in this step yet. Press **Add to report** on a page, and what you see there is kept here."
        )
    if len(pieces) > first:
        rerun_every(SOON, key="other pieces")


def _piece(report: Report, piece: Evidence, number: int, pieces: int, steps: dict[str, str]) -> None:
    """number: of the piece, from 0, among all of its step. steps: id -> title."""
    st.markdown(f"**{plain(piece.title)}**")
    if piece.picture:
        _picture(report.id, piece)
    elif piece.numbers.rows:
        draw_numbers(piece.numbers, NUMBERS_HEIGHT)
    _caption(report.id, piece)
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"acts_{piece.id}"):
        st.button(
            "Open",
            key=f"open {piece.id}",
            icon=":material/open_in_new:",
            type="tertiary",
            help="Shows the page exactly as it was.",
            on_click=view.open_link,
            args=(piece.page, piece.query),
            disabled=piece.page not in session().pages,
        )
        move = reports().move
        _act("move_up", piece, "Up", "arrow_upward", move, report.id, piece.id, -1, off=number == 0)
        _act("move_down", piece, "Down", "arrow_downward", move, report.id, piece.id, 1, off=number == pieces - 1)
        _act("remove", piece, "Remove", "delete", _remove, report.id, piece.id)
        more = st.popover(
            "More",
            help="Larger, with its numbers; and another step",
            key=f"more {piece.id}",
            icon=":material/zoom_in:",
            type="tertiary",
            on_change="rerun",
        )
        if more.open:  # a report has many pieces
            with more, st.container(width=LARGE, key="large_piece"):
                _more(report.id, piece, steps)
    st.caption(_about(piece))


def _picture(report: str, piece: Evidence) -> None:
    st.html(report_pictures.element(report_pictures.address(report, piece.id), piece.title, piece.picture))


def _more(report: str, piece: Evidence, steps: dict[str, str]) -> None:
    if piece.picture:
        _picture(report, piece)
    if piece.numbers.rows:
        draw_numbers(piece.numbers, NUMBERS_HEIGHT)
    key = f"step of {piece.id}"
    ids = [*steps] if piece.step in steps else [piece.step, *steps]
    st.selectbox(
        "Step",
        ids,
        ids.index(piece.step),
        format_func=lambda id: steps.get(id, ""),
        key=key,
        on_change=_put_in_step,
        args=(report, piece.id, key),
    )


def _about(piece: Evidence) -> str:
    when = time.strftime("%d %b %Y, %H:%M", time.localtime(piece.created))
    if not piece.run:
        return when
    try:
        name = run_choice.store().get(piece.run).name
    except RunError:
        return f"{when} · {plain(piece.run_name)}. This run is gone: the picture and its numbers stay."
    return f"{when} · {plain(name)}"


def draw_numbers(table: Table, height: int) -> None:
    """A table of numbers, which one can sort. height: CSS pixels at most."""
    columns = {name: [row[at] for row in table.rows] for at, name in enumerate(table.columns)}
    rows = pd.DataFrame({name: _of_one_kind(cells) for name, cells in columns.items()})
    shown = rows.style.format(cell_text, na_rep="")
    st.dataframe(shown, hide_index=True, height=min(38 + 35 * len(rows), height), placeholder="")


def _of_one_kind(cells: list[str | float | None]) -> Sequence[str | float | None]:
    """The cells of a column, all as texts if one is a text: Streamlit cannot mix texts and numbers."""
    return [cell_text(cell) for cell in cells] if any(isinstance(cell, str) for cell in cells) else cells


def _caption(report: str, piece: Evidence) -> None:
    def save(typed: Typed) -> Saved:
        reports().caption(report, piece.id, typed.text)
        return Saved(Version(typed.when, typed.text))

    writing.field(
        f"{report} caption {piece.id}",
        lambda: (piece.caption, None),
        save,
        f"Caption of {piece.title}",
        rows=1,
        placeholder="What does it show?",
    )


def _act(name: str, piece: Evidence, label: str, icon: str, action, *arguments, off: bool = False) -> None:
    """A button that changes the report."""
    st.button(
        label,
        key=f"{name} {piece.id}",
        icon=f":material/{icon}:",
        type="tertiary",
        help=label,
        disabled=off,
        on_click=_tried,
        args=(action, *arguments),
    )


def _tried(action, *arguments) -> None:
    try:
        action(*arguments)
    except UserError as error:
        tell(str(error), ":material/error:")


def _put_in_step(report: str, piece: str, key: str) -> None:
    if (step := widget(key)) is not None:
        _tried(reports().put_in_step, report, piece, step)


def _remove(report: str, piece: str) -> None:
    reports().remove(report, piece)
    session().removed = (report, piece)


def _restore(report: str, piece: str) -> None:
    reports().restore(report, piece)
    session().removed = None


def _undo(report: str) -> None:
    removed = session().removed
    if removed is None or removed[0] != report:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("A picture was removed.", width="content")
        st.button("Undo", key="undo removal", icon=":material/undo:", on_click=_tried, args=(_restore, *removed))
