"""Change the image: which changes alter the prediction, and which do not?"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.explain.image_changes import CURVES, amount_changed, change_all, paint, probability_curve
from cnn.figures import charts
from cnn.figures.evidence_pictures import before_after_picture
from cnn.model.model import Model
from cnn.percent import percent, probability
from cnn.report.report import Table
from cnn.training.evaluation import probabilities
from pages.components.amounts import amounts, reported_amounts
from pages.components.brush import brush, painting_on
from pages.components.chart import chart
from pages.components.maps import Picture, maps
from pages.shared import fragments, jobs, run_choice, view
from pages.shared.inside import chooser
from pages.shared.inside.answer_bars import answer_bars
from pages.shared.inside.changing import DIALS, as_text, from_text, prepare_soon
from pages.shared.inside.chooser import Subject
from pages.shared.inside.pooling_beside import pooling_beside
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.session import session, widget
from pages.shared.text import plain

POINTS = 41  # on a curve


def curve_of(model: Model, image: np.ndarray, name: str, kind: str = "curve") -> np.ndarray | None:
    """The probabilities for each amount of a change: float32 (POINTS, classes); None until they are computed."""
    change, amounts = CURVES[name].change, amounts_of(name)
    return jobs.result(
        (kind, model.key, image.tobytes(), name),
        lambda progress: probability_curve(model, image, change, amounts, progress),
        f"Trying {POINTS} amounts of {name}",
    )


def amounts_of(name: str) -> np.ndarray:
    """The amounts of a change that are tried: float64 (POINTS,)."""
    return np.linspace(CURVES[name].low, CURVES[name].high, POINTS)


def show_curve(subject: Subject, image: np.ndarray, chosen: dict[str, float]) -> None:
    """Each class's probability against the amount of one change; the other changes stay off. For shifts, the same
    network with global average pooling beside it."""
    kept, names = view.part("curve"), list(CURVES)
    index = names.index(kept.seen) if kept.seen in CURVES else None
    label = "Show the curve for"
    name = st.selectbox(label, names, index=index, placeholder=f"{label} …", key=kept.key, label_visibility="collapsed")
    kept.value = name or ""
    view.show("curve", name)
    if name is None:
        st.caption("How far can each slider go before the network changes its mind? Guess, try, then see the curve.")
        return
    model, place, beside = subject.model, st.container(), None
    curve = curve_of(model, image, name)
    if curve is None:
        return
    unit = CURVES[name].unit
    factor, label = 100 if unit == "%" else 1, f"{name} ({unit})"
    amounts, current = factor * amounts_of(name), factor * chosen[name]
    if name.startswith("shift"):
        neutral = int(np.abs(amounts - factor * CURVES[name].neutral).argmin())
        beside = pooling_beside(subject, curve, neutral, lambda other, kind: curve_of(other, image, name, kind))
    if beside is None:
        figure = charts.probability_curve(amounts, curve, model.classes, label, current)
    else:
        both = {"flatten": curve[:, beside.label], "global average pooling": beside.curve}
        figure = charts.compared_curves(amounts, both, model.classes[beside.label], beside.label, label, current)
    with place:
        chart(figure, key="probability_curve")


class Fooled(NamedTuple):
    """A change that changes the answer. amount: of the image, 0..1. answer: the new one. sure: its probability."""

    amount: float
    answer: str
    sure: float


def show_challenge(model: Model, image: np.ndarray, new: np.ndarray, now: np.ndarray, before: np.ndarray) -> None:
    """How much of the image has changed, whether that changes the answer, and the least change so far that did."""
    amount, answer = amount_changed(image, new), int(now.argmax())
    records, key = session().fooled, (model.key, image.tobytes())
    best = records.get(key)
    if answer != before.argmax() and (best is None or amount < best.amount):
        best = records[key] = Fooled(amount, plain(model.classes[answer]), float(now[answer]))
    st.markdown(
        f"**Fool it:** change the answer with as little as possible. Changed now: {changed_text(amount)} of the image.",
        help="A pixel counts fully if it went from black to white.",
    )
    if best is None:
        st.caption(f"The answer is still {plain(model.classes[answer])}.")
    else:
        says = f"{best.answer}, {probability(best.sure, 0)} sure"
        st.caption(f"Your best: {changed_text(best.amount)}, and the network says {says}.")


def answer_text(model: Model, shares: np.ndarray) -> str:
    """The likeliest class and its probability."""
    likeliest = int(shares.argmax())
    return f"**{plain(model.classes[likeliest])} {probability(float(shares[likeliest]))}**"


def changed_text(share: float) -> str:
    """A share 0..1 as a text; small ones keep two digits."""
    return percent(share, 1) if share == 0 or share >= 0.001 else percent(share, 2)


def try_out(subject: Subject) -> None:
    """The controls and their results. A fragment, which reruns each time a slider moves."""
    model, image = subject.model, subject.image
    kept = view.part("amounts")
    dials = view.component_key("dials", kept)
    brushed, moved = widget("brush"), widget(dials)
    painting = painting_on(image, session().paintings, brushed)
    chosen = reported_amounts(DIALS, from_text(kept.value), moved)
    kept.value = as_text(chosen)
    view.show("amounts", kept.value, "")
    new = change_all(paint(image, painting.now), chosen)  # paint first: the paint turns and moves with the image
    left, right = st.columns([5, 3], gap="medium")
    drawn, seen = left.columns(2, gap="medium")
    with seen:
        maps([Picture("the network's input", "", new)], key="image_now", shared_scale=True)
    now, before = probabilities(model, np.stack([new, image]))
    with seen:  # always beside the controls; the bars may be further down
        st.markdown(f"{answer_text(model, now)}, before {answer_text(model, before)}")
    with right, st.container(gap="xsmall"):
        show_challenge(model, image, new, now, before)
        show_curve(subject, paint(image, painting.lifted), chosen)
        if subject.truth is None:
            st.caption("The network must choose one of its classes, whatever the image shows.")
        answer_bars({"now": now, "before": before}, model.classes, "changed_bars")
    with drawn:
        brush(image, painting, "draw on it", brushed, key="brush")
    with left:
        amounts(DIALS, chosen, moved, key=dials)
    offer_evidence(subject, new, before, now)


def offer_evidence(subject: Subject, new: np.ndarray, before: np.ndarray, now: np.ndarray) -> None:
    """Offers the changed image and both answers for the report."""
    classes = subject.model.classes

    def picture() -> str:
        about = f"{subject.name}, changed: {changed_text(amount_changed(subject.image, new))} of the image."
        answers = {
            name: dict(zip(classes, shares.tolist(), strict=True))
            for name, shares in (("before", before), ("now", now))
        }
        return before_after_picture(about, {"before": subject.image, "now": new}, answers)

    def numbers() -> Table:
        return Table(("class", "before", "now"), tuple(zip(classes, before.tolist(), now.tolist(), strict=True)))

    offers.offer("The image changed", picture, numbers, subject.run)


def draw_changes(subject: Subject) -> None:
    fragments.draw(try_out, subject)


def draw() -> None:
    st.title("Change the image", anchor=False)
    prepare_soon()
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_changes)
    lesson("change_image")
