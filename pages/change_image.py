"""Change the image: what does the network mind, and what does it not even notice?"""

import numpy as np
import streamlit as st

from cnn import figures
from cnn.explain.changes import CURVES, erase, flip, probability_curve
from cnn.runs import Run
from cnn.training import probabilities
from pages import runs, state, trained
from pages.components.maps import Bars, Picture, maps
from pages.image_choice import choose_image

POINTS = 41  # of a curve
STEPS = {"pixels": 1.0, "degrees": 5.0, "times": 0.05, "of white": 0.01}


def controls() -> dict:
    """A slider for every change that has an amount, a switch for each flip, and a rectangle to erase."""
    amounts = {}
    columns = st.columns(4)
    for i, (name, curve) in enumerate(CURVES.items()):
        step = 0.1 if name == "blur" else STEPS[curve.unit]
        amounts[name] = columns[i % 4].slider(
            f"{name.capitalize()}, {curve.unit}",
            float(curve.low),
            float(curve.high),
            float(curve.neutral),
            step,
            key=f"change_{name}",
        )
    amounts["flip x"] = columns[0].toggle("Swap left and right", key="change_flip_x")
    amounts["flip y"] = columns[1].toggle("Swap top and bottom", key="change_flip_y")
    with columns[2].popover("Erase a part", icon=":material/ink_eraser:", width="stretch"):
        side = st.slider("Side of the part, share of the image", 0.0, 1.0, 0.0, 0.05, key="erase_side")
        amounts["erase"] = (
            side,
            st.slider("From the left", 0.0, 1.0, 0.5, 0.05, key="erase_left"),
            st.slider("From the top", 0.0, 1.0, 0.5, 0.05, key="erase_top"),
        )
    columns[3].button("As it was", icon=":material/undo:", width="stretch", on_click=reset)
    return amounts


def reset() -> None:
    for name in [name for name in st.session_state if str(name).startswith(("change_", "erase_"))]:
        del st.session_state[name]


@st.cache_data(max_entries=64, show_spinner=False)
def changed(image: np.ndarray, amounts: dict) -> np.ndarray:
    """The image with every change made, one after another."""
    for name, curve in CURVES.items():
        if amounts[name] != curve.neutral:
            image = curve.change(image, amounts[name])
    for axis in "xy":
        if amounts[f"flip {axis}"]:
            image = flip(image, axis)
    share, left, top = amounts["erase"]
    side = round(share * image.shape[0])
    if side:
        room = image.shape[0] - side
        image = erase(image, round(top * room), round(left * room), side, side)
    return image


@st.cache_data(max_entries=64, show_spinner=False)
def curve_of(run_id: str, step: int, image: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    curve = CURVES[name]
    amounts = np.linspace(curve.low, curve.high, POINTS)
    return amounts, probability_curve(trained.network(run_id, step), image, curve.change, amounts)


def look(run: Run, image: np.ndarray) -> None:
    step = trained.choose_snapshot(run)
    with st.spinner("Changing the image…"):
        amounts = controls()
        new = changed(image, amounts)
    network = trained.network(run.id, step)
    before, after = probabilities(network, np.stack([image, new]))
    left, right, said = st.columns([1, 1, 2], gap="medium")
    # Pictures of the page's own kind: those of Streamlit that are replaced before they arrive are errors to a browser.
    with left:
        maps([Picture("as it was", "", image)], key="image_before", shared_scale=True)
    with right:
        maps([Picture("as it is", "", new)], key="image_now", shared_scale=True)
    colors = tuple(figures.class_color(i) for i in range(len(run.classes)))
    with said:
        bars = [
            Bars(name, "how sure it is", 100 * shares, run.classes, False, colors, "%")
            for name, shares in (("before", before), ("now", after))
        ]
        maps(bars, key="changed_bars", shared_scale=True)
    name = st.segmented_control("The whole curve of", list(CURVES), default="rotate", key="curve", required=True)
    xs, shares = curve_of(run.id, step, image, name)
    chart = figures.probability_curve(xs, shares, run.classes, f"{name}, {CURVES[name].unit}", amounts[name])
    st.plotly_chart(chart, key="probability_curve", config={"displayModeBar": False})


state.need_frame()
st.title("Change the image", anchor=False)
run = runs.chosen_with_weights()
chosen = choose_image(run)
if chosen is not None:
    trained.show(look, run, chosen[0])
with st.expander("Why / try this", icon=":material/lightbulb:"):
    st.markdown(
        "The same filter slides over the whole image, so a shift should not matter. Guess how many pixels it takes "
        "until the network changes its mind, then look at the curve. Does turning matter more?\n\n"
        "How much of the image can you erase before it is wrong, and where is it most sensitive?"
    )
