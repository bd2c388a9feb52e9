"""Hand-ins: what students have handed in, for the teacher. Answers side by side, evidence, points and comments."""

import json
import unicodedata
from dataclasses import replace
from functools import partial

import streamlit as st

from cnn.data.content import content_hash
from cnn.report.assignment import Question
from cnn.report.document import sections_of
from cnn.report.hand_in import HandIn
from cnn.report.marking import (
    WHOLE,
    Marked,
    Marks,
    answered,
    assignment_of,
    feedback_files,
    load_marks,
    points_text,
    rubric_id,
    rubric_of,
    table_of,
    titles_of,
)
from cnn.report.recomputed import Recomputed
from cnn.report.report import Evidence
from cnn.report.written import as_html
from pages.shared import fragments, run_choice, view
from pages.shared.navigation import lesson
from pages.shared.report import hand_in_choice
from pages.shared.report.mark_fields import edit_mark, show_answer, show_evidence, show_written
from pages.shared.session import session
from pages.shared.text import plain

BESIDE = 3  # answers in a row
NAME_LENGTH = 24  # characters, beside the button for the pictures
ROW, MOST_HEIGHT = 35, 330  # of the table, CSS pixels
MARK_LABELS, RUBRIC_LABELS = ("Points", "Comment"), ("Points at most", "What counts")


def marked_hand_ins(hand_ins: list[HandIn], found: dict[str, Recomputed]) -> list[Marked]:
    """Each hand-in with its marks, sorted by its students."""
    titles = titles_of(hand_ins)
    unmarked = [Marked(one, Marks(), Marks(), found.get(one.id), titles[one.id]) for one in hand_ins]
    marked = with_newest_marks(unmarked)
    return sorted(marked, key=lambda one: (one.hand_in.report.title, letters(one.title)))


def with_newest_marks(marked: list[Marked]) -> list[Marked]:
    """The same hand-ins with the marks and rubrics of now."""
    store, hand_ins = run_choice.store(), [one.hand_in for one in marked]
    with store.transaction():
        rubrics = {
            one.report.assignment: rubric_of(assignment_of(one), load_marks(store, rubric_id(one.report.assignment)))
            for one in hand_ins
        }
        return [
            replace(one, marks=load_marks(store, one.hand_in.id), rubric=rubrics[one.hand_in.report.assignment])
            for one in marked
        ]


def letters(name: str) -> str:
    """To sort by: Émile stands between Emil and Emma."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    return "".join(one for one in parts if not unicodedata.combining(one))


def choose_assignment(marked: list[Marked]) -> list[Marked]:
    """The hand-ins of one assignment, if there are several."""
    titles = list(dict.fromkeys(one.hand_in.report.title for one in marked))
    if len(titles) < 2:
        return marked
    kept, title = view.among("hand_in_title", titles, titles[0])
    st.selectbox(
        "Assignment", **kept.bound_choice({one: one for one in titles}), label_visibility="collapsed", width=260
    )
    return [one for one in marked if one.hand_in.report.title == title]


def student_rows(marked: list[Marked]) -> list[dict]:
    rows = []
    for one in marked:
        questions, claimed, found = assignment_of(one.hand_in).questions, one.hand_in.claimed, one.recomputed
        rows.append(
            {
                "students": one.title,
                "answers": f"{answered(one.hand_in, questions)} of {len(questions)}",
                "evidence": len(one.hand_in.report.evidence),
                "points": points_text(one.marks.points, one.rubric.points),
                "stated": 100 * claimed[0] / claimed[1] if claimed else None,
                "recomputed": 100 * found.right / found.images if found and found.images else None,
                "remark": _remark(one),
            }
        )
    return rows


def _remark(one: Marked) -> str:
    """What is odd about the accuracy; "" if nothing is."""
    found, claimed = one.recomputed, one.hand_in.claimed
    if found is None or found.problem:
        return found.problem if found else ""
    if claimed and (found.right, found.images) != claimed:
        return f"The file states {claimed[0]} of {claimed[1]}; the weights give {found.right} of {found.images}."
    return ""


def draw_students(marked: list[Marked]) -> None:
    """The table; a click on a row opens the whole hand-in below."""
    columns = {
        "students": st.column_config.TextColumn(width=175),
        "answers": st.column_config.TextColumn(width=75),
        "evidence": st.column_config.NumberColumn(width=75),
        "points": st.column_config.TextColumn(width=75),
        "stated": st.column_config.NumberColumn(format="%.1f %%", width=70),
        "recomputed": st.column_config.NumberColumn(format="%.1f %%", width=95),
        "remark": st.column_config.TextColumn(width=390),
    }
    ids = json.dumps([one.hand_in.id for one in marked])
    event = st.dataframe(
        student_rows(marked),
        hide_index=True,
        column_config=columns,
        height=min(38 + ROW * len(marked), MOST_HEIGHT),
        on_select="rerun",
        selection_mode="single-row",
        key=f"students {content_hash(ids.encode())}",  # Streamlit keeps the choice by row number
        placeholder="",
    )
    st.caption(
        "Stated: the accuracy as written in the file. Recomputed: from the weights and the held-out images in "
        "it. Click a row to open a hand-in."
    )
    chosen = event.selection.rows
    if chosen and chosen[0] < len(marked):
        draw_hand_in(marked[chosen[0]])


def draw_hand_in(one: Marked) -> None:
    """All answers of one hand-in with their evidence and marks."""
    st.header(plain(one.title), anchor=False)
    if one.total:
        st.markdown(f"**{one.total}**")
    if remark := _remark(one):
        st.warning(remark, icon=":material/fact_check:")
    edit_mark(one.hand_in.id, WHOLE, one.of(WHOLE), None, ("Points beside the questions", "Comment on all of it"))
    for section in sections_of(one.hand_in.report):
        st.subheader(plain(section.title), anchor=False)
        for given in section.answers:
            st.markdown(f"**{plain(given.question.title)}**")
            left, right = st.columns([3, 2], gap="medium")
            with left:
                show_answer(one, given.question, "content")
            with right:
                draw_mark(one, given.question)
        show_evidence(one.hand_in, section.evidence)


def draw_mark(one: Marked, question: Question) -> None:
    edit_mark(one.hand_in.id, question.id, one.of(question.id), one.rubric.of(question.id).points, MARK_LABELS)


def draw_question(marked: list[Marked], question: Question) -> None:
    """The answers to one question side by side."""
    show_written(as_html(question.text or question.title, is_students=False), "text of the question")
    step = next(step.id for step in assignment_of(marked[0].hand_in).steps if question in step.questions)
    for start in range(0, len(marked), BESIDE):
        for column, one in zip(st.columns(BESIDE), marked[start : start + BESIDE], strict=False):
            with column:
                draw_beside(one, question, step)


def draw_rubric(one: Marked, question: Question) -> None:
    with st.popover("Rubric", icon=":material/checklist:", width=130):
        source, rubric = rubric_id(one.hand_in.report.assignment), one.rubric.of(question.id)
        edit_mark(source, question.id, rubric, None, RUBRIC_LABELS, height=140)


def choose_question(marked: list[Marked]) -> Question | None:
    """A question of the assignment; None if it has none."""
    assignment = assignment_of(marked[0].hand_in)
    names = {question.id: f"{i}. {question.title}" for i, question in enumerate(assignment.questions, 1)}
    if not names:
        st.info("This assignment has no questions.", icon=":material/help:")
        return None
    kept, chosen = view.among("question", names, next(iter(names)))
    st.selectbox("Question", **kept.bound_choice(names), label_visibility="collapsed", width="stretch")
    return assignment.question(chosen)


def draw_beside(one: Marked, question: Question, step: str) -> None:
    pieces = one.hand_in.report.of_step(step)
    # One line, so that all answers align. The question mark beside a cut name takes the room of four letters.
    short = one.title if len(one.title) <= NAME_LENGTH else one.title[: NAME_LENGTH - 5] + "…"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"beside_{one.hand_in.id}"):
        st.markdown(f"**{plain(short)}**", help=plain(one.title) if short != one.title else None, width="stretch")
        fragments.draw(draw_pictures, one.hand_in, pieces)
    show_answer(one, question)
    draw_mark(one, question)


def draw_pictures(hand_in: HandIn, pieces: tuple[Evidence, ...]) -> None:
    """A button that shows the evidence; drawn when it is opened."""
    shown = st.popover(
        str(len(pieces)),
        icon=":material/image:",
        help="Evidence",
        disabled=not pieces,
        type="tertiary",
        key=f"pictures {hand_in.id}",
        on_change="rerun",
    )
    if shown.open:
        with shown:
            show_evidence(hand_in, pieces, 1)


def _table(marked: list[Marked], decimal: str) -> bytes:
    return table_of(with_newest_marks(marked), decimal).encode("utf-8-sig")


def draw_downloads(marked: list[Marked]) -> None:
    with st.popover("Table (.csv)", icon=":material/table:"):
        st.markdown("How does your spreadsheet write numbers?")
        for label, decimal in (("4.5", "."), ("4,5", ",")):
            st.download_button(
                label,
                partial(_table, marked, decimal),
                "hand-ins.csv",
                icon=":material/download:",
                on_click="ignore",
            )
        st.caption("4.5 as in English: commas between the columns. 4,5 as in German or Dutch: semicolons.")
    st.download_button(
        "Feedback (.zip)",
        lambda: feedback_files(with_newest_marks(marked)),
        "feedback.zip",
        icon=":material/rate_review:",
        help="An HTML file for each hand-in: the answers with your points and comments.",
        on_click="ignore",
    )


def draw() -> None:
    st.title("Hand-ins", anchor=False)
    if (opened := hand_in_choice.opened()) is not None:
        hand_ins, _ = opened
        with st.container():  # what comes and goes here moves no field below: it would lose what is being typed
            found = hand_in_choice.accuracies(hand_ins)
            if session().not_marked:
                st.error(session().not_marked, icon=":material/error:")
        marked = marked_hand_ins(hand_ins, found or {})
        question = None
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="marking_line"):
            kept = view.part("marking")
            st.segmented_control(
                "Show",
                list(view.options("marking")),
                **kept.bound("default"),
                required=True,
                label_visibility="collapsed",
            )
            marked = choose_assignment(marked)
            is_question = kept.current() == "one question"
            if not is_question:
                draw_downloads(marked)
            elif (question := choose_question(marked)) is not None:
                draw_rubric(marked[0], question)
        if question is not None:
            draw_question(marked, question)
        elif not is_question:
            draw_students(marked)
    lesson("hand_ins")
