"""An answer as the teacher sees it, with fields for points and a comment. They are saved after every change."""

from typing import Literal

import streamlit as st

from cnn.errors import UserError
from cnn.report.assignment import Question
from cnn.report.document import answer_text
from cnn.report.hand_in import HandIn
from cnn.report.marking import MOST_COMMENT, MOST_POINTS, Mark, Marked, save_mark
from cnn.report.report import Evidence
from cnn.report.written import as_html
from pages.components.drawing import drawing
from pages.server import report_pictures
from pages.shared import run_choice
from pages.shared.report.pieces import draw_numbers
from pages.shared.session import session, widget
from pages.shared.text import plain

NUMBERS_HEIGHT = 180  # CSS pixels
ANSWER_HEIGHT = 190  # CSS pixels: three answers and their marks fit into a window of 720


def show_answer(marked: Marked, question: Question, height: int | Literal["content"] = ANSWER_HEIGHT) -> None:
    """An answer, safe to look at whatever is in it."""
    answer = answer_text(question, marked.hand_in.report.answers)
    with st.container(height=height, border=True):
        if answer:
            show_written(as_html(answer), f"answer {marked.hand_in.id} {question.id}")
        else:
            st.html("<em>No answer.</em>")


def show_written(html: str, key: str) -> None:
    """HTML from `as_html`. Streamlit leaves out its formulas, which are MathML."""
    if "<math" in html:
        drawing(html, key=key)
    else:
        st.html(html)


def edit_mark(
    id: str, question: str, mark: Mark, most: float | None, labels: tuple[str, str], height: int = 68
) -> None:
    """Fields for points and a comment. id: of a hand-in, or of a rubric. most: points that are possible."""
    points, comment = f"points {id} {question}", f"comment {id} {question}"
    saved = (id, question, points, comment)
    left, right = st.columns([1, 3], gap="small")
    left.number_input(
        labels[0],
        0.0,
        MOST_POINTS,
        mark.points,
        0.5,
        format="%g",
        key=points,
        placeholder=f"of {most:g}" if most else "",
        on_change=_save,
        args=saved,
    )
    if most and mark.points is not None and mark.points > most:
        left.caption(f":orange[More than {most:g}]")  # below its own field, so that no other one moves
    right.text_area(labels[1], mark.comment, height, MOST_COMMENT, key=comment, on_change=_save, args=saved)


def _save(id: str, question: str, points: str, comment: str) -> None:
    try:
        save_mark(run_choice.store(), id, question, Mark(widget(points), widget(comment) or ""))
        session().not_marked = ""
    except UserError as error:
        session().not_marked = str(error)


def show_evidence(hand_in: HandIn, pieces: tuple[Evidence, ...], columns: int = 2) -> None:
    """Pieces of its evidence: pictures with their captions."""
    for start in range(0, len(pieces), columns):
        for column, piece in zip(st.columns(columns), pieces[start : start + columns], strict=False):
            place = next(at for at, own in enumerate(hand_in.report.evidence) if own is piece)
            with column:
                _show_piece(report_pictures.hand_in_address(hand_in.id, place), piece)


def _show_piece(address: str, piece: Evidence) -> None:
    if piece.picture:
        st.html(report_pictures.element(address, piece.title, piece.picture))
    if piece.numbers.columns:
        draw_numbers(piece.numbers, NUMBERS_HEIGHT)
    if piece.caption:
        show_written(as_html(piece.caption), f"caption {address}")
    st.caption(" · ".join(filter(None, (plain(piece.title), plain(piece.run_name)))))
