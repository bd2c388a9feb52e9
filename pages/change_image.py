"""Change the image: which changes alter the prediction, and which do not?"""

import re
import threading

import numpy as np
import streamlit as st

from cnn.explain.image_changes import CURVES, FLIPS, change_all, paint, prepare, probability_curve
from cnn.figures import charts
from cnn.model.model import Model
from cnn.training.evaluation import probabilities
from pages.components.amounts import Dial, amounts, reported_amounts
from pages.components.brush import brush, painting_on
from pages.components.chart import chart
from pages.components.maps import Bars, Picture, maps
from pages.shared import chooser, jobs, run_choice, view
from pages.shared.chooser import Subject
from pages.shared.navigation import lesson
from pages.shared.session import session, widget

POINTS = 41  # on a curve
STEPS = {"pixels": 1, "degrees": 5, "times": 0.05, "of white": 0.01, "of the side": 0.05}
DIALS = [
    *(
        Dial(name, c.low, c.high, c.neutral, 0.1 if name == "blur" else STEPS[c.unit], c.unit)
        for name, c in CURVES.items()
    ),
    *(Dial(name, 0, 1, 0, 1) for name in FLIPS),
]


@st.cache_resource(show_spinner=False)
def prepare_soon() -> None:
    """Loads what the changes need, once per server, after the page is drawn. Otherwise the first move takes seconds."""
    preparing = threading.Timer(1.0, prepare)
    preparing.daemon = True
    preparing.start()


def curve_of(model: Model, image: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The amounts (POINTS,) and the probabilities (POINTS, classes); None until they are computed."""
    curve = CURVES[name]
    tried = np.linspace(curve.low, curve.high, POINTS)
    found = jobs.result(
        ("curve", model.key, image.tobytes(), name),
        lambda progress: probability_curve(model, image, curve.change, tried, progress),
        f"Trying {POINTS} amounts of {name}",
    )
    return None if found is None else (tried, found)


def show_curve(model: Model, image: np.ndarray, chosen: dict[str, float]) -> None:
    """Each class's probability against the amount of one change; the other changes stay off."""
    kept, names = view.part("curve"), list(CURVES)
    index = names.index(kept.seen) if kept.seen in CURVES else None
    name = st.selectbox("Show the curve for", names, index=index, placeholder="guess first", key=kept.key)
    kept.value = name or ""
    view.show("curve", name)
    if name is None:
        st.caption("How far can each slider go before the network changes its mind? Guess, try, then see the curve.")
        return
    curve = curve_of(model, image, name)
    if curve is not None:
        label = f"{name}, {CURVES[name].unit}"
        chart(charts.probability_curve(*curve, model.classes, label, chosen[name]), key="probability_curve")


def as_text(chosen: dict[str, float]) -> str:
    """The amounts as a text for the address, such as "rotate:10,blur:0.5". Neutral ones are left out."""
    return ",".join(f"{dial.name}:{chosen[dial.name]:g}" for dial in DIALS if chosen[dial.name] != dial.neutral)


def from_text(text: str) -> dict[str, float]:
    """The amounts in such a text, in range or not."""
    found = (entry.rpartition(":") for entry in text.split(","))
    return {name: float(amount) for name, _, amount in found if re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", amount)}


def try_out(model: Model, image: np.ndarray) -> None:
    """The controls and their results. A fragment, which reruns each time a slider moves."""
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
    colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
    now, before = probabilities(model, np.stack([new, image]))
    bars = [
        Bars(name, "probability of each class", 100 * predicted, model.classes, False, colors, "%")
        for name, predicted in (("now", now), ("before", before))
    ]
    with right:
        maps(bars, key="changed_bars", shared_scale=True)
        show_curve(model, paint(image, painting.lifted), chosen)
    with drawn:
        brush(image, painting, "draw on it", brushed, key="brush")
    with left:
        amounts(DIALS, chosen, moved, key=dials)


def draw_changes(subject: Subject) -> None:
    st.fragment(run_choice.safely(try_out))(subject.model, subject.image)


def draw() -> None:
    st.title("Change the image", anchor=False)
    prepare_soon()
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_changes)
    lesson("change_image")
