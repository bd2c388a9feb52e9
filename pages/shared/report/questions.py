"""The questions of a step: words, numbers, choices and guesses, with feedback that leads to the page that shows it."""

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnn.percent import with_minus
from cnn.report import checking, facts
from cnn.report.assignment import Question
from cnn.report.case import Case
from cnn.report.facts import Fact
from cnn.report.gaps import is_given
from cnn.report.report import Answer, Report
from cnn.report.typed_number import number_in
from pages.shared import notices, view
from pages.shared.notices import tell
from pages.shared.report import unsaved, writing
from pages.shared.report.report_choice import reports
from pages.shared.session import session, widget
from pages.shared.text import plain

NUMBER = "number"  # begins the key of a field for a number


def draw(report: Report, question: Question, case: Case | None) -> None:
    """A question and its answer. A fragment of the page."""
    notices.draw()
    points = f" :gray[{question.points:g} points]" if question.points else ""
    st.markdown(f"**{question.title}**{points}")
    if question.text:
        st.markdown(question.text)
    match question.kind:
        case "text":
            writing.answer(report.id, question.id, question.title)
        case "guess":
            _guess(report, question, case)
        case _:
            _checked(report, question, case)


def _checked(report: Report, question: Question, case: Case | None) -> None:
    """A number or a choice, and whether it is right."""
    answer = unsaved.value(report.id, question.id, report.answers.get(question.id))
    _input(report, question, case, answer, partial(_give, report.id, question, case))
    if not unsaved.draw(report.id, question.id) and answer is not None and is_given(answer):
        _feedback(question, checking.check(question, answer, case, report.tries.get(question.id, 0)))


def _input(report: Report, question: Question, case: Case | None, answer: Answer | None, give) -> str:
    """The widget for a number or a choice; returns its key. give: called with the key after a change."""
    key, options = f"answer {report.id} {question.id}", checking.options(question, case)
    if question.kind == "number" or (question.kind == "guess" and not options):
        # Not st.number_input: browsers let nobody type or paste “−4” or “1,234” there, as pages show them.
        key = f"{NUMBER} {key}"
        value = with_minus(f"{answer:.12g}") if isinstance(answer, int | float) else ""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text_input(
                question.title, value, 40, key=key, on_change=give, args=(key,), label_visibility="collapsed",
                width=170, placeholder="A number",
            )  # fmt: skip
            if unit := checking.unit_of(question):
                st.markdown(unit, width="content")
        return key
    if not options:
        fact = facts.find(question.fact)
        when = f" once {checking.known_once(fact, case)[0]}" if fact else ""
        st.caption(f"The answers to choose from appear here{when}.")
        return key
    index = options.index(answer) if answer in options else None
    arguments = {"index": index, "key": key, "on_change": give, "args": (key,), "label_visibility": "collapsed"}
    if question.options:
        st.radio(question.title, options, **arguments)  # Markdown, which a list to open does not show
    elif len(options) > 6:
        st.selectbox(question.title, options, placeholder="Choose", format_func=str, **arguments)
    else:
        st.radio(question.title, options, format_func=plain, **arguments)
    return key


def _given(question: Question, key: str) -> Answer | None:
    """What was given with the widget, "" for nothing; None if it should be a number and is none, which the user is
    told."""
    text = widget(key)
    if text is None or not key.startswith(NUMBER) or not text.strip():
        return text or ""
    if (number := number_in(text, checking.unit_of(question), checking.is_count(question))) is None:
        tell(
            f"“{plain(text)}” is not a number. Write the number only, in digits, such as 1234 or 0.5.", ":material/pin:"
        )
    return number


def _give(report: str, question: Question, case: Case | None, key: str) -> None:
    """Saves an answer that was given with a widget, and counts it if it is wrong."""
    if (answer := _given(question, key)) is None:
        return
    writer, typed = session().id, time.time()

    def save() -> None:
        reports().answer(report, question.id, answer, writer, typed=typed)
        if is_given(answer) and checking.check(question, answer, case).right is False:
            reports().count_wrong(report, question.id)

    unsaved.save(report, question.id, answer, save)


def _feedback(question: Question, found: checking.Check) -> None:
    if found.right is None and not found.feedback:
        st.caption("Saved.")
        return
    icon = {True: ":green[:material/check_circle:]", False: ":orange[:material/cancel:]", None: ""}[found.right]
    said = f"Right. {found.feedback}" if found.right else found.feedback
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{icon} {said}", width="stretch")
        if not found.right and found.page in session().pages:
            target = session().pages[found.page]
            st.button(
                target.title,
                key=f"look {question.id}",
                icon=":material/arrow_forward:",
                on_click=view.open_link,
                args=(found.page, found.settings, True),
            )


def _guess(report: Report, question: Question, case: Case | None) -> None:
    """A guess that is kept once and for all, then held against its outcome."""
    answer = report.answers.get(question.id)
    if answer is None:
        waiting = unsaved.value(report.id, question.id, None)
        key = _input(report, question, case, waiting, lambda key: None)
        st.button(
            "Keep my guess",
            key=f"keep {report.id} {question.id}",
            icon=":material/lock:",
            on_click=_keep,
            args=(report.id, question, key),
        )
        unsaved.draw(report.id, question.id)
        return
    when = report.times.get(question.id, 0.0)
    said = checking.outcome(question, answer, when, case)
    if not said:
        shown = checking.text(answer, checking.unit_of(question))
        said = f"Your guess of {time.strftime('%d %b, %H:%M', time.localtime(when))}: {plain(shown)}."
    st.markdown(f":material/lock: {said}")


def _keep(report: str, question: Question, key: str) -> None:
    if (guess := _given(question, key)) is None:
        return
    if not is_given(guess):
        tell("There is no guess to keep yet: answer the question first.", ":material/lock_open:")
    elif said := checking.impossible(question, guess):
        tell(said, ":material/lock_open:")
    elif question.id not in reports().outline(report).answers:
        _give(report, question, None, key)


def wants_confusion(questions: Sequence[Question]) -> bool:
    """Whether a fact of one of the questions needs the confusion matrix."""
    return any(fact.needs_confusion for fact in _facts(questions))


def wants_new_images(questions: Sequence[Question]) -> bool:
    """Whether a fact of one of the questions is of new images."""
    return any(fact.of == facts.NEW_IMAGES for fact in _facts(questions))


def _facts(questions: Sequence[Question]) -> list[Fact]:
    found = (facts.find(question.fact) for question in questions if question.fact)
    return [fact for fact in found if fact is not None]
