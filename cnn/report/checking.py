"""Holds answers against facts: right or wrong, where to look, and which mistake leads to such an answer."""

from dataclasses import dataclass

from cnn.percent import with_minus, with_unit
from cnn.report import facts
from cnn.report.assignment import Question
from cnn.report.case import Case
from cnn.report.facts import Fact
from cnn.report.layer_facts import Value
from cnn.report.report import Answer

TELL_AFTER = 3  # wrong answers; then the reckoning is shown


@dataclass(frozen=True)
class Check:
    """right: None if that is not known yet. feedback: sentences for the student. page: where to look, or ""."""

    right: bool | None
    feedback: str
    page: str = ""
    settings: str = ""


def options(question: Question, case: Case | None) -> list[str]:
    """The answers of a choice, or of a guess that is one: those in the file, else those of the student's network."""
    if question.options:
        return [option.text for option in question.options]
    fact = facts.find(question.fact) if question.fact else None
    if fact is None or case is None or not (is_known(fact, case) or question.kind == "guess"):
        return []
    return list(fact.options(case))


def unit_of(question: Question) -> str:
    """What stands behind a number that answers the question, such as “%” or “epochs”; "" if nothing."""
    return question.unit or (fact.unit if (fact := facts.find(question.fact)) else "")


def is_count(question: Question) -> bool:
    """Whether only whole numbers answer it. A fixed answer is one if it is whole, and so large that nobody types it
    with decimals."""
    if question.answer is not None:
        return question.answer >= 1000 and question.answer == int(question.answer)
    fact = facts.find(question.fact) if question.fact else None
    return fact is not None and not fact.tolerance and fact.unit != "%"


def check(question: Question, answer: Answer, case: Case | None, tries: int = 0) -> Check:
    """tries: wrong answers so far, this one included. case: of the student's run, or before it; None without images."""
    if question.kind == "choice" and any(option.right is not None for option in question.options):
        return _check_options(question, answer)
    if question.answer is not None:
        return _check_number(question, answer, question.answer, tries)
    fact = facts.find(question.fact) if question.fact else None
    if fact is None:
        return Check(None, "")
    said = impossible(question, answer)
    if case is None or not is_known(fact, case):
        when, page = known_once(fact, case)
        return Check(None, said) if said else Check(None, f"Saved. It is checked once {when}.", page)
    value, look = fact.value(case), f"Look at {fact.where}."
    page, settings = question.page or fact.page, question.settings
    if said:
        return Check(None, f"{said} {look}", page, settings)
    if value is None:
        return Check(None, "Your network does not have this yet.", page, settings)
    if _is_right(answer, value, question.tolerance or fact.tolerance):
        return Check(True, question.why or fact.reckoning(case), page, settings)
    slip = _slip(fact, case, answer, value)
    chosen = next((one.feedback for one in question.options if one.text == answer), "")
    solution = fact.reckoning(case) if tries >= TELL_AFTER else ""
    if tries >= TELL_AFTER and not solution:
        solution = f"It is {text(value, unit_of(question))}."
    return Check(False, " ".join(filter(None, ["Not quite.", slip or chosen, look, solution])), page, settings)


def is_known(fact: Fact, case: Case) -> bool:
    """Whether the case is far enough for the fact. What is of the images, or of the network, is known before
    training."""
    match fact.of:
        case facts.IMAGES:
            return bool(case.run.classes)
        case facts.NETWORK:
            return bool(case.layers)
        case facts.NEW_IMAGES:
            return case.has_begun and case.new_images is not None
    return case.has_begun


def known_once(fact: Fact, case: Case | None) -> tuple[str, str]:
    """What has to be done until a fact is known, and the page for that. case: one in which it is not known."""
    if fact.of == facts.NEW_IMAGES and case is not None and case.has_begun:
        return "the results of your new images are in this step", "results"
    if fact.of in (facts.RUN, facts.NEW_IMAGES):
        return "you have trained a network of your own", "train"
    if case is None or not case.run.classes:
        return "you have opened your images", "data"
    return "your network fits your images", "network"


def impossible(question: Question, answer: Answer) -> str:
    """Why this number cannot be the fact, in a sentence; "" if it can. All numbers of facts are counts, rates, or
    percentages of a whole."""
    fact = facts.find(question.fact) if question.fact else None
    if fact is None or isinstance(answer, str):
        return ""
    if unit_of(question) == "%" and not 0 <= answer <= 100:
        return f"{text(answer)} is not possible: it is a number from 0 to 100, in percent."
    return "" if answer >= 0 else f"{text(answer)} is not possible: it is not below 0."


def _check_options(question: Question, answer: Answer) -> Check:
    option = next((one for one in question.options if one.text == answer), None)
    if option is None:
        return Check(None, "")
    if option.right:
        return Check(True, " ".join(filter(None, [option.feedback, question.why])), question.page, question.settings)
    return Check(False, f"Not quite. {option.feedback}".strip(), question.page, question.settings)


def _check_number(question: Question, answer: Answer, value: float, tries: int) -> Check:
    if _is_right(answer, value, question.tolerance):
        return Check(True, question.why, question.page, question.settings)
    solution = f"It is {text(value, unit_of(question))}. {question.why}" if tries >= TELL_AFTER else "Try again."
    return Check(False, f"Not quite. {solution}".strip(), question.page, question.settings)


def _is_right(answer: Answer, value: Value, tolerance: float) -> bool:
    if isinstance(value, tuple):
        return answer in value
    if isinstance(value, str) or isinstance(answer, str):
        return answer == value
    return abs(answer - value) <= tolerance + 1e-9 * abs(value)


def _slip(fact: Fact, case: Case, answer: Answer, value: Value) -> str:
    """The mistake that leads to this number; "" if none is known."""
    if isinstance(answer, str) or isinstance(value, str | tuple):
        return ""
    near = max(fact.tolerance, 1e-9 * abs(value))
    return next((said for wrong, said in fact.slips(case) if abs(wrong - answer) <= near and wrong != value), "")


def text(value: Value, unit: str = "") -> str:
    """A value as it is read: “93.4 %”, “1,234”, “cat taken for dog”."""
    if isinstance(value, tuple):
        return " or ".join(value)
    if isinstance(value, str):
        return value
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.4g}" if abs(value) < 1 else f"{value:,.1f}"
    return with_minus(with_unit(number, unit))


def outcome(question: Question, answer: Answer, guessed: float, case: Case | None) -> str:
    """A guess held against its outcome, in a sentence; "" if there is no outcome yet. guessed: when the guess was made,
    in seconds since 1970."""
    fact = facts.find(question.fact) if question.fact else None
    value = fact.value(case) if fact is not None and case is not None and is_known(fact, case) else None
    if fact is None or case is None or value is None:
        return ""
    unit = unit_of(question)
    is_late = fact.of != facts.NEW_IMAGES and case.has_begun and case.run.created < guessed
    late = " This run is older than your guess." if is_late else ""
    if isinstance(value, float | int) and isinstance(answer, float | int):
        away = abs(answer - value)
        points = "points" if unit == "%" else unit
        if away <= max(question.tolerance or fact.tolerance, 1e-9 * abs(value)):
            return f"You guessed {text(answer, unit)}, and it is {text(value, unit)}. Well guessed.{late}"
        side = "too high" if answer > value else "too low"
        return f"You guessed {text(answer, unit)}; it is {text(value, unit)}: {text(away, points)} {side}.{late}"
    right = _is_right(answer, value, 0)
    return f"You guessed “{answer}”; it is “{text(value)}”.{' Well guessed.' if right else ''}{late}"
