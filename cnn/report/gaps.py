"""What a report still lacks. It can be handed in all the same, but does not look finished."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cnn.report.assignment import Assignment, Question, Step
from cnn.report.needs import Status
from cnn.report.report import Answer, Report


@dataclass(frozen=True)
class Gap:
    """What a step lacks: answers, and what it needs. number: of the step, from 1."""

    step: Step
    number: int
    questions: tuple[Question, ...]
    needs: tuple[Status, ...]


def is_given(answer: Answer | None) -> bool:
    """Whether it is an answer at all: spaces are none."""
    return answer is not None and (not isinstance(answer, str) or bool(answer.strip()))


def steps_shown(report: Report, assignment: Assignment) -> list[Step]:
    """The steps without those that wait for the answer to an earlier question."""
    return [step for step in assignment.steps if not step.after or is_given(report.answers.get(step.after))]


def gaps_in(report: Report, assignment: Assignment, needs: Callable[[Step], Iterable[Status]]) -> list[Gap]:
    """The steps that lack something. needs: says what a step needs, and whether that is there."""
    shown = steps_shown(report, assignment)
    found = [
        Gap(step, number, _without_answer(report, step), tuple(one for one in needs(step) if one.is_missing))
        for number, step in enumerate(assignment.steps, 1)
        if step in shown
    ]
    return [gap for gap in found if gap.questions or gap.needs]


def _without_answer(report: Report, step: Step) -> tuple[Question, ...]:
    return tuple(one for one in step.questions if not is_given(report.answers.get(one.id)))


def summary(report: Report, assignment: Assignment) -> str:
    """What a reader should know: “Not finished: 2 of 9 questions have no answer.”; "" if nothing is missing."""
    shown = steps_shown(report, assignment)
    questions = sum(len(step.questions) for step in shown)
    open_questions = sum(len(_without_answer(report, step)) for step in shown)
    without_evidence = sum(len(report.of_step(step.id)) < pieces_needed(step) for step in shown)
    missing = []
    if open_questions:
        have = "has" if open_questions == 1 else "have"
        missing.append(f"{open_questions} of {questions} questions {have} no answer")
    if without_evidence:
        missing.append(f"{without_evidence} {'step lacks' if without_evidence == 1 else 'steps lack'} evidence")
    if assignment.kind == "assignment" and not report.students.strip():
        missing.append("no names")
    return f"Not finished: {', '.join(missing)}." if missing else ""


def pieces_needed(step: Step) -> int:
    """How many pieces of evidence a step asks for; 0 if for none."""
    return max((need.low for need in step.needs if need.what == "pieces"), default=0)
