"""Explain: where did it look?"""

import numpy as np
import streamlit as st

from cnn.explain.attribution import Attribution
from cnn.explain.grad_cam import grad_cam
from cnn.explain.integrated_gradients import integrated_gradients
from cnn.explain.occlusion import occlusion
from cnn.explain.saliency import saliency
from cnn.model.model import Model
from cnn.store.runs import Run
from pages.components.overlays import Overlay, overlays
from pages.shared import jobs, model_choice, run_choice, settings
from pages.shared.image_choice import choose_image
from pages.shared.text import plain

NO_DIFFERENCE = 1e-6  # in a score: less is rounding
FILLS = {0: "black", 128: "gray", 255: "white"}

ITS_ANSWER = -1  # instead of a class: the one that the network says

# What each computes, when it misleads, and the paper.
METHODS = {
    "saliency": (
        "How much would the score change if this pixel changed a little? It shows where the network is sensitive, "
        "which need not be what it relies on, and it is noisy.",
        ("Simonyan et al. 2013", "https://arxiv.org/abs/1312.6034"),
    ),
    "integrated gradients": (
        "The image is faded in from black, and each pixel gets its share of how the score rises on the way. Black "
        "pixels get nothing, however much they matter.",
        ("Sundararajan et al. 2017", "https://arxiv.org/abs/1703.01365"),
    ),
    "Grad-CAM": (
        "Which maps of a convolution speak for the class, and where are they active? It is coarse, because maps are, "
        "and shows only what speaks for the class. Try an earlier layer.",
        ("Selvaraju et al. 2016", "https://arxiv.org/abs/1610.02391"),
    ),
    "occlusion": (
        "Cover a patch: how far does the score fall? But a covered patch is something new to the network, too: compare "
        "black, gray and white.",
        ("Zeiler and Fergus 2013", "https://arxiv.org/abs/1311.2901"),
    ),
}


_BY_KEY = {Model: lambda model: model.key}


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=_BY_KEY)
def saliency_of(model: Model, image: np.ndarray, target: int) -> Attribution:
    return saliency(model, image, target)


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=_BY_KEY)
def grad_cam_of(model: Model, image: np.ndarray, target: int, layer: str) -> Attribution:
    return grad_cam(model, image, target, layer)


def look(run: Run, image: np.ndarray, name: str, truth: int | None) -> None:
    """The four answers side by side, for one class at one snapshot."""
    asked, snapshot, layer_choice, cover = st.columns([3, 6, 3, 2], vertical_alignment="bottom")
    with snapshot:
        model = model_choice.model(run, model_choice.choose_snapshot(run))
    convolutions = [layer.name for layer in model.layers if layer.kind == "conv"]
    shares = model_choice.maps_of(model, image)["probabilities"]
    classes = [int(i) for i in np.argsort(-shares)]
    names = {ITS_ANSWER: "its own answer"} | dict(enumerate(model.classes))
    target = asked.selectbox(
        "What speaks for…", [ITS_ANSWER, *classes], format_func=names.get, key=f"explained_{run.id}"
    )
    target = classes[0] if target == ITS_ANSWER else target
    layer = layer_choice.selectbox(
        "Grad-CAM of", convolutions, index=len(convolutions) - 1, key=f"grad_cam_layer_{run.id}"
    )
    with cover.popover("Patch", icon=":material/crop_square:"):
        side = model.image_size
        patch = st.slider("Size of the covered patch", 2, side // 2, max(2, side // 6), key=f"patch_{side}")
        stride = st.slider("Pixels from one patch to the next", 1, patch, max(1, patch // 2), key=f"stride_{patch}")
        fill = st.segmented_control(
            "Covered with", list(FILLS), default=128, format_func=FILLS.get, key="fill", required=True
        )
    asked_for = model.key, image.tobytes(), target
    answers = {
        "saliency": saliency_of(model, image, target),
        "integrated gradients": jobs.result(
            ("integrated gradients", *asked_for),
            lambda progress: integrated_gradients(model, image, target, progress=progress),
            "Fading the image in from black",
        ),
        "Grad-CAM": grad_cam_of(model, image, target, layer),
        "occlusion": jobs.result(
            ("occlusion", *asked_for, patch, stride, fill),
            lambda progress: occlusion(model, image, target, patch, stride, fill, progress),
            "Covering one patch after another",
        ),
    }
    notes = {
        "saliency": "how much the score answers to each pixel",
        "integrated gradients": "each pixel's share in the score",
        "Grad-CAM": f"where the maps of {layer} speak for it",
        "occlusion": f"how far the score falls without a patch of {patch} × {patch}",
    }
    nothing = {
        "saliency": "no pixel would change the score",
        "integrated gradients": "no pixel has a share in the score",
        "Grad-CAM": f"no map of {layer} speaks for it: try another layer, or class",
        "occlusion": "no patch makes a difference to the score",
    }
    pictures = []
    for name, answer in answers.items():
        if answer is not None:
            blank = np.abs(answer.values).max() < NO_DIFFERENCE
            values = np.zeros_like(answer.values) if blank else answer.values
            pictures.append(Overlay(name, (nothing if blank else notes)[name], values, answer.signed, *METHODS[name]))
    overlays(image, pictures, key="attributions")
    st.caption(
        f"These pictures explain the score (logit) for {plain(model.classes[target])}. The network gives it "
        f"{shares[target]:.1%}. Red speaks for it, blue against it; where there is only one kind, yellow is most."
    )


settings.need_frame()
st.title("Explain", anchor=False)
run = run_choice.chosen_with_weights()
chosen = choose_image(run)
if chosen is not None:
    model_choice.show(look, run, *chosen)
with st.expander("Why / try this", icon=":material/lightbulb:"):
    st.markdown(
        "Where would *you* look to tell the classes apart? Guess, then compare: do the four methods agree with you, "
        "and with each other?\n\nChoose a wrong image and ask what speaks for the class it should have been."
    )
