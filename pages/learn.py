"""Lessons: ten short experiments, each with a guess before and a question after."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from cnn.percent import with_minus
from cnn.report.assignment import Question
from cnn.report.report import Answer
from pages.components.drawing import drawing
from pages.server.turns import turns
from pages.shared import fragments, view
from pages.shared.lessons import lesson_answers, lesson_pictures, lesson_run
from pages.shared.lessons.lesson_answers import Lesson, all_lessons
from pages.shared.report import offers, questions
from pages.shared.session import session, widget
from pages.shared.text import count, unbroken

if TYPE_CHECKING:  # it loads torch
    from cnn.lessons.demonstration import Demonstration


def open_lesson(name: str) -> None:
    view.part("lesson").replace(name)


def draw_list(lessons: Mapping[str, Lesson]) -> None:
    st.title("Lessons", anchor=False)
    st.markdown("Each lesson is one small experiment: **guess, run it, see, explain**. All is preset. Begin anywhere.")
    half = -(-len(lessons) // 2)
    listed = list(lessons.values())
    for column, part in zip(st.columns(2, gap="large"), (listed[:half], listed[half:]), strict=True):
        with column:
            for lesson in part:
                draw_entry(lesson)


def draw_entry(lesson: Lesson) -> None:
    assignment = lesson.assignment
    done, of = lesson_answers.progress(lesson)
    icon = ":material/check_circle:" if done == of else ":material/timelapse:" if done else ":material/circle:"
    with st.container(key=f"lesson_{lesson.name}", gap=None):
        st.button(
            f"**{lesson.number} · {assignment.title}**",
            key=f"open_{lesson.name}",
            type="tertiary",
            icon=icon,
            on_click=open_lesson,
            args=(lesson.name,),
        )
        state = "done" if done == of else f"{done} of {of} answered" if done else assignment.level
        st.caption(f"{assignment.minutes} minutes · {state}. {assignment.aim}")


def draw_lesson(lesson: Lesson, lessons: Mapping[str, Lesson]) -> None:
    assignment, given = lesson.assignment, lesson_answers.answers(lesson)
    guess = assignment.steps[0].questions[0]
    draw_head(lesson, lessons)
    if error := session().not_started:
        session().not_started = ""
        st.error(error, icon=":material/error:")
    text, picture = st.columns([7, 6], gap="large")
    has_guessed = guess.id in given
    runs = lesson_run.found(lesson) if has_guessed else []
    numbers: Mapping[str, float] | None = None
    with picture:
        if not has_guessed:
            lesson_pictures.draw_images(lesson)
        elif runs is None:
            st.warning("The networks of this lesson were deleted.", icon=":material/delete:")
            lesson_run.again(lesson)
        elif any(run.ongoing for run in runs):
            what = "network is" if len(runs) == 1 else "networks are"
            st.markdown(f"**The {what} being trained on this computer.**")
            fragments.draw(lesson_run.watch, tuple(run.id for run in runs))
            lesson_pictures.draw_images(lesson, with_test=True)
        elif (numbers := lesson_run.outcome(lesson, runs)) is not None:
            draw_picture(lesson, guess, given, numbers)
    with text:
        if numbers is None:
            st.markdown(assignment.text)
            draw_guess(lesson, guess, given)
        else:
            st.markdown(unbroken(f"**{held_against(guess, float(given[guess.id]), numbers[guess.fact])}**"))
            st.markdown(unbroken(assignment.steps[1].text))
            draw_not_held(lesson, numbers)
            draw_links(lesson)
    if numbers is not None:
        step = assignment.steps[1]
        for column, question in zip(st.columns([7, 6], gap="large"), step.questions, strict=True):
            with column:
                if question.kind == "choice":
                    lesson_pictures.draw_sketches(lesson)
                fragments.draw(draw_question, lesson, question.id)
        draw_next(lesson, lessons, key="next_after_questions", is_named=True)
    with st.expander("Notes for teachers", icon=":material/co_present:"):
        st.caption(f"{assignment.aim} · {assignment.minutes} minutes · {assignment.level}")
        st.markdown(assignment.notes)


def draw_head(lesson: Lesson, lessons: Mapping[str, Lesson]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.title(f"{lesson.number} · {lesson.assignment.title}", anchor=False, width="content")
        st.space("stretch")
        with st.container(horizontal=True, width="content", gap="small"):  # they wrap together
            st.button("All lessons", key="all_lessons", icon=":material/list:", on_click=open_lesson, args=("",))
            draw_next(lesson, lessons, key="next_lesson")


def draw_next(lesson: Lesson, lessons: Mapping[str, Lesson], *, key: str, is_named: bool = False) -> None:
    """A button that opens the lesson after this one. is_named: with the title of that."""
    names = list(lessons)
    following = names[names.index(lesson.name) + 1 :]
    if following:
        st.button(
            f"Next: {lessons[following[0]].assignment.title}" if is_named else "Next",
            key=key,
            icon=":material/arrow_forward:",
            icon_position="right",
            on_click=open_lesson,
            args=(following[0],),
        )


def draw_guess(lesson: Lesson, question: Question, given: Mapping[str, Answer]) -> None:
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    st.markdown(f"**{question.title}**")
    if question.text:
        st.caption(question.text)
    is_kept = question.id in given
    quantity = DEMONSTRATIONS[lesson.name].quantities[question.fact]
    high = int(quantity.most or 100)
    low = -high if not question.unit else 0
    start = int(float(given.get(question.id, (low + high) // 2)))
    key = f"guess {lesson.name}"
    if low < 0:  # st.slider would write negative numbers with a hyphen
        shown = {number: with_minus(f"{number}") for number in range(low, high + 1)}
        st.select_slider("Your guess", shown, start, shown.__getitem__, key=key, disabled=is_kept)
    else:
        format = f"%d {question.unit.replace('%', '%%')}"
        st.slider("Your guess", low, high, start, key=key, format=format, disabled=is_kept)
    trains = len(DEMONSTRATIONS[lesson.name].trainings)
    what = f"train {count(trains, 'network', 'networks')}" if trains else "look"
    st.button(
        f"Keep my guess and {what}",
        key="run_lesson",
        type="primary",
        icon=":material/play_arrow:",
        disabled=is_kept,
        on_click=guessed,
        args=(lesson, question, key, start),
    )


def guessed(lesson: Lesson, question: Question, key: str, start: int) -> None:
    """Keeps the guess and starts the experiment."""
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    lesson_answers.save(lesson, question.id, float(widget(key, start)))
    if DEMONSTRATIONS[lesson.name].trainings:
        lesson_run.start(lesson)


def draw_picture(lesson: Lesson, guess: Question, given: Mapping[str, Answer], numbers: Mapping[str, float]) -> None:
    """What happened, with the guess: for the page, and for the lesson's report."""
    bars = lesson_pictures.outcome_bars(lesson, guess, given, numbers)
    light = partial(lesson_pictures.light, bars)
    lesson_answers.add_picture(lesson, light(), numbers)
    title = f"Lesson {lesson.number}: {lesson.assignment.title}"
    offers.offer(title, light, partial(lesson_answers.table, numbers))
    narrow = lesson_pictures.outcome_bars(lesson, guess, given, numbers, lesson_pictures.NARROW)
    with st.container(key="first_on_phone"):
        drawing({0: narrow, lesson_pictures.WIDE: bars}, key="lesson_outcome")
        if lesson_answers.runs(lesson):
            st.caption("Your own networks. Dots: the same with ten other seeds.")
        else:
            lesson_pictures.draw_maps()


def draw_links(lesson: Lesson) -> None:
    """Where to see it, and how to train again."""
    step = lesson.assignment.steps[1]
    with st.container(horizontal=True):
        if step.page:
            link_to_page(lesson, step.page, step.settings)
        if lesson_answers.runs(lesson):
            lesson_run.again(lesson)


def held_against(question: Question, guess: float, value: float) -> str:
    """The guess and the outcome, in a sentence."""
    unit = f" {question.unit}".rstrip()
    side = "high" if guess > value else "low"
    apart = f"{abs(round(value) - guess):,.0f}"
    apart += f" {'point' if apart == '1' else 'points'}" if question.unit == "%" else unit
    away = "Well guessed." if round(value) == guess else f"Your guess was {apart} too {side}."
    return with_minus(f"You guessed {guess:,.0f}{unit}. It is {round(value):,}{unit}. {away}")


def draw_not_held(lesson: Lesson, numbers: Mapping[str, float]) -> None:
    """Where the learner's own networks did not do what most others did."""
    from cnn.lessons.measured import held_for_once, not_held

    for claims, was in (
        (not_held(lesson.name, numbers), "was not so"),
        (held_for_once(lesson.name, numbers), "was so"),
    ):
        if claims:
            st.caption(f"With your networks, this {was}: {'. '.join(claims)}.")


def query_of(demonstration: "Demonstration", runs: Sequence[str], preset: str) -> str:
    """What a page gets of a lesson: its images, the run that the lesson is about, all of its runs, and what its text
    presets. runs: the ids, in the order of the demonstration's trainings; a lesson may have none."""
    if not runs:
        return preset
    named = dict(zip(demonstration.trainings, runs, strict=True))
    seen = demonstration.seen or next(iter(named))
    own = {"folder": demonstration.trainings[seen].folder, "run": named[seen], "runs": ",".join(runs)}
    return "&".join(filter(None, [urlencode(own), preset]))


def link_to_page(lesson: Lesson, page: str, preset: str) -> None:
    """A button that opens another page with everything preset; Back returns to the lesson."""
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    query = query_of(DEMONSTRATIONS[lesson.name], lesson_answers.runs(lesson), preset)
    st.button(
        f"See it on {session().pages[page].title}",
        key="see_it",
        icon=":material/arrow_forward:",
        on_click=view.open_link,
        args=(page, query),
    )


def draw_question(lesson: Lesson, name: str) -> None:
    """A question after the experiment. A fragment."""
    report, question = lesson_answers.report_of(lesson), lesson.assignment.question(name)
    if report is not None and question is not None:
        questions.draw(report, question, None)


def draw() -> None:
    with turns.lent():  # on a new server, loading torch takes seconds
        lessons = all_lessons()
    lesson_answers.learner()
    _, name = view.among("lesson", ["", *lessons], "")
    if name:
        draw_lesson(lessons[name], lessons)
    else:
        draw_list(lessons)
