"""Report: write down what you see, with the pictures that show it."""

from contextlib import suppress
from dataclasses import replace

import streamlit as st

from cnn.errors import UserError
from cnn.report import facts, needs
from cnn.report.assignment import Assignment, Step
from cnn.report.case import Case, case_before, read_case
from cnn.report.gaps import is_given, steps_shown
from cnn.report.report import Report
from cnn.store.image_sets import image_sets
from cnn.store.runs import RunError
from pages.components.top import scroll_to_top
from pages.shared import fragments, run_choice, settings, view
from pages.shared.notices import tell
from pages.shared.report import (
    offers,
    pieces,
    questions,
    report_choice,
    report_exports,
    report_start,
    still_missing,
    unsaved,
)
from pages.shared.report.report_choice import reports
from pages.shared.session import session, widget
from pages.shared.text import plain

NEED_ICONS = {
    True: ":green[:material/check_circle:]",
    False: ":orange[:material/pending:]",
    None: ":material/radio_button_unchecked:",  # it cannot be told
}


def chosen_report() -> Report | None:
    kept = view.part("report")
    if not kept.value:
        return None
    try:
        report = reports().outline(kept.value)
        session().reports.add(report.id)
        return report
    except UserError as error:
        st.warning(str(error), icon=":material/search_off:")
        kept.replace(None)
        return None


def case_of(report: Report, assignment: Assignment) -> Case | None:
    """What the facts need of the run that the report is about; None if it is about none yet."""
    if not (run := report_choice.run_of(report, assignment)):
        return None
    if not report.run:
        with suppress(UserError):  # a full disk must not hide the report
            reports().describe(report.id, run=run)
    try:
        return read_case(run_choice.store(), run)
    except RunError:
        return None


def case_of_settings() -> Case | None:
    """What the facts need of the chosen images and settings; None if no images are chosen, or until they are read."""
    from pages.shared.dataset import dataset_choice

    dataset = dataset_choice.chosen_in_place()
    if dataset is None:
        return None
    return case_before(dataset, settings.network_spec(), settings.training_spec())


def counts_before_training(step: Step) -> bool:
    """Whether something in a step can be checked before a network is trained."""
    asked = (facts.find(question.fact) for question in step.questions if question.fact)
    return any(need.what in needs.OF_IMAGES for need in step.needs) or any(
        fact is not None and fact.of in (facts.IMAGES, facts.NETWORK) for fact in asked
    )


def with_confusion(case: Case) -> Case:
    """The case with its confusion matrix, once that is computed; until then, the progress is shown."""
    from pages.shared.dataset import dataset_choice
    from pages.shared.inside import model_choice  # loads torch

    step = run_choice.store().history(case.run.id).step_to_show(case.run.active)
    dataset, _ = dataset_choice.of_run_in_place(case.run)
    if step is None or dataset is None:
        return case
    found = model_choice.predictions(model_choice.model(case.run, step), dataset, dataset.examples[1])
    return case if found is None else replace(case, confusion=found.confusion)


def with_new_images(case: Case, report: Report) -> Case:
    """The case with how many of the new images in the report are right, once that is computed; until then, the progress
    is shown. As it is if the report shows none."""
    from cnn.report.exported_sets import sets_in
    from pages.shared.inside import model_choice  # loads torch
    from pages.shared.results import judging

    store, names = run_choice.store(), sets_in(report)
    step = store.history(case.run.id).step_to_show(case.run.active)
    sets = [one for one in image_sets(store) if one.name in names]
    if step is None or not sets:
        return case
    model = model_choice.model(case.run, step)
    right = images = 0
    for one in sets:
        if (new := judging.new_images(model, one)) is None:
            return case
        found = new.predictions(one.labels, model.classes).right
        right, images = right + int(found.sum()), images + len(found)
    return replace(case, new_images=(right, images))


def choose_step(report: Report, assignment: Assignment) -> Step:
    """The line at the top: the step, and the way to the steps beside it."""
    ids = [step.id for step in assignment.steps]
    kept, id = view.among("task", ids, ids[0], report.id)
    at = ids.index(id)
    reached = steps_shown(report, assignment)
    titles = {
        step.id: f"{number}. {'✓ ' if is_answered(report, step) else ''}{step.title}"
        for number, step in enumerate(assignment.steps, 1)
        if step in reached or step.id == id
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="report_line"):
        st.selectbox("Step", **kept.bound_choice(titles), label_visibility="collapsed", width=330)
        shown = list(titles)
        place = shown.index(id)
        for name, icon, by in (("Previous", ":material/chevron_left:", -1), ("Next", ":material/chevron_right:", 1)):
            to = place + by
            can = 0 <= to < len(shown)
            st.button(
                name, key=f"{name} step", icon=icon, icon_position="left" if by < 0 else "right", disabled=not can,
                on_click=kept.replace, args=(shown[to] if can else id,),
            )  # fmt: skip
        draw_group(report)
        st.button(
            "Another report", key="another", icon=":material/folder_open:", type="tertiary",
            on_click=report_choice.choose, args=("",),
        )  # fmt: skip
    return assignment.steps[at]


def is_answered(report: Report, step: Step) -> bool:
    return bool(step.questions) and all(is_given(report.answers.get(one.id)) for one in step.questions)


def draw_group(report: Report) -> None:
    """Who writes the report, and the network that it is about."""
    names = " · ".join(filter(None, [report.group and f"Group {report.group}", report.students]))
    with st.popover(names or "Your names", icon=":material/group:"):
        for name, label, value in (
            ("group", "Group number", report.group),
            ("students", "Names", report.students),
        ):
            value = str(unsaved.value(report.id, name, value))
            key = f"{name} {report.id} {value}"  # shows what another window has written
            st.text_input(label, value, 200, key=key, on_change=describe, args=(report.id, name, key))
        runs = {run.id: run.name for run in run_choice.store().newest(200) if run_choice.is_own(run.id)}
        if runs:
            options = [*runs] if report.run in runs else ["", *runs]
            key = f"run {report.id} {report.run}"
            st.selectbox(
                "The network it is about", options, index=options.index(report.run) if report.run in options else 0,
                format_func=lambda id: runs.get(id, "Choose one"), key=key, on_change=describe,
                args=(report.id, "run", key),
            )  # fmt: skip
        st.divider()
        st.button(
            "Delete this report", key="delete report", icon=":material/delete:", on_click=delete, args=(report.id,)
        )


def describe(report: str, name: str, key: str) -> None:
    unsaved.describe(report, name, widget(key) or "")


def delete(report: str) -> None:
    try:
        reports().delete(report)
        report_choice.choose("")
    except UserError as error:
        tell(str(error), ":material/error:")


def use_run(report: str, run: str) -> None:
    unsaved.describe(report, "run", run)


def draw_needs(report: Report, step: Step, case: Case | None) -> None:
    """What the step needs, each with a tick, or with what is missing."""
    for found in still_missing.needs_of(report, step, case):
        missing = f": {plain(found.missing)}" if found.missing else ""
        st.markdown(f"{NEED_ICONS[found.is_met]} {found.need.text}{missing}")


def draw_question(report: str, question: str, case: Case | None, was_answered: bool) -> None:
    """A question. was_answered: when the page was drawn. If that has changed, the page is drawn again: it shows which
    steps are done, and what is missing."""
    found = reports().outline(report)
    asked = found.parsed().question(question)
    assert asked is not None
    questions.draw(found, asked, case)
    if is_given(reports().outline(report).answers.get(question)) != was_answered:
        st.rerun()


def draw_pieces(report: str, step: str) -> None:
    pieces.draw(reports().with_heads(report), step)


def draw_step(report: Report, step: Step, case: Case | None) -> None:
    """The step with its questions; beside it, its evidence."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header(step.title, anchor=False)
        if step.text:
            st.markdown(step.text)
        draw_needs(report, step, case)
        if step.page in session().pages:
            target = session().pages[step.page]
            st.button(
                f"Go to {target.title}", key="page of the step", icon=":material/arrow_forward:",
                on_click=view.open_link, args=(step.page, step.settings, True),
            )  # fmt: skip
        if case is not None and case.has_begun and questions.wants_confusion(step.questions):
            case = with_confusion(case)
        if case is not None and case.has_begun and questions.wants_new_images(step.questions):
            case = with_new_images(case, report)
        for question in step.questions:
            was_answered = is_given(report.answers.get(question.id))
            fragments.draw(draw_question, report.id, question.id, case, was_answered)
    with right:
        st.header("Evidence", anchor=False)
        fragments.draw(draw_pieces, report.id, step.id)


def draw_other_run(report: Report) -> None:
    """Offers the run of this session, if the report is about another one."""
    run = settings.current("run")
    if not run_choice.is_own(run) or run == report.run or not report.run:
        return
    try:
        mine = run_choice.store().get(run)
    except RunError:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"The questions are about another network, not about {plain(mine.name)}.", width="content")
        st.button("Use this one", key="use run", type="tertiary", on_click=use_run, args=(report.id, run))


def draw() -> None:
    st.title("Report", anchor=False)
    report = chosen_report()
    if report is None:
        report_start.draw()
        return
    report_choice.show_mistakes()
    offers.add_waiting(report)
    unsaved.draw(report.id, *unsaved.NAMES)
    report = reports().outline(report.id)
    assignment = report.parsed()
    st.markdown(f"**{plain(assignment.title)}**")
    step = choose_step(report, assignment)
    if assignment.text and step is assignment.steps[0]:
        st.markdown(assignment.text)
    draw_other_run(report)
    case = case_of(report, assignment)
    if case is None and any(map(counts_before_training, assignment.steps)):
        case = case_of_settings()
    draw_step(report, step, case)
    scroll_to_top(session().opened_steps, key="top_of_report")
    fragments.draw(report_exports.draw, report.id, case)
