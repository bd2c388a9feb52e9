"""Explain: where did it look?"""

import numpy as np
import streamlit as st

from cnn.explain.attribution import Attribution
from cnn.explain.cut import convolution
from cnn.explain.grad_cam import grad_cam
from cnn.explain.integrated_gradients import integrated_gradients
from cnn.explain.occlusion import occlusion
from cnn.explain.saliency import saliency
from cnn.store.runs import Run
from cnn.store.snapshots import layers_of
from pages.components.overlays import Overlay, overlays
from pages.shared import jobs, model_choice, run_choice
from pages.shared.image_choice import choose_image
from pages.shared.navigation import lesson
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


@st.cache_data(max_entries=128, show_spinner=False)
def saliency_of(run_id: str, step: int, image: np.ndarray, target: int) -> Attribution:
    return saliency(model_choice.network(run_id, step), image, target)


@st.cache_data(max_entries=128, show_spinner=False)
def grad_cam_of(run_id: str, step: int, image: np.ndarray, target: int, layer: str) -> Attribution:
    layers = layers_of(run_choice.store().get(run_id))
    return grad_cam(model_choice.network(run_id, step), image, target, convolution(layers, layer))


def look(run: Run, image: np.ndarray, name: str, truth: int | None) -> None:
    """The answers side by side, for one class at one snapshot."""
    convolutions = [layer.name for layer in layers_of(run) if layer.kind == "conv"]
    asked, snapshot, layer_choice, cover = st.columns([3, 6, 3, 2], vertical_alignment="bottom")
    with snapshot:
        step = model_choice.choose_snapshot(run)
    shares = model_choice.maps_of(run.id, step, image)["probabilities"]
    classes = [int(i) for i in np.argsort(-shares)]
    names = {ITS_ANSWER: "its own answer"} | dict(enumerate(run.classes))
    target = asked.selectbox(
        "What speaks for…", [ITS_ANSWER, *classes], format_func=names.get, key=f"explained_{run.id}"
    )
    target = classes[0] if target == ITS_ANSWER else target
    layer = layer_choice.selectbox(
        "Grad-CAM of",
        convolutions,
        index=len(convolutions) - 1 if convolutions else None,
        key=f"grad_cam_layer_{run.id}",
        placeholder="no convolution",
        disabled=not convolutions,
    )
    with cover.popover("Patch", icon=":material/crop_square:"):
        side = run.dataset_spec.image_size
        patch = st.slider("Size of the covered patch", 2, side // 2, max(2, side // 6), key=f"patch_{side}")
        stride = st.slider("Pixels from one patch to the next", 1, patch, max(1, patch // 2), key=f"stride_{patch}")
        fill = st.segmented_control(
            "Covered with", list(FILLS), default=128, format_func=FILLS.get, key="fill", required=True
        )
    network, asked_for = model_choice.network(run.id, step), (run.id, step, image.tobytes(), target)
    answers = {
        "saliency": saliency_of(run.id, step, image, target),
        "integrated gradients": jobs.result(
            ("integrated gradients", *asked_for),
            lambda progress: integrated_gradients(network, image, target, progress=progress),
            "Fading the image in from black",
        ),
        "Grad-CAM": grad_cam_of(run.id, step, image, target, layer) if layer else None,
        "occlusion": jobs.result(
            ("occlusion", *asked_for, patch, stride, fill),
            lambda progress: occlusion(network, image, target, patch, stride, fill, progress),
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
    if not convolutions:
        st.info("Grad-CAM needs a convolution, and this network has none.", icon=":material/filter_alt_off:")
    st.caption(
        f"Explained is the score (logit) of {plain(run.classes[target])}, of which the network is {shares[target]:.1%} "
        "sure. Red speaks for it, blue against it; where there is only one kind, yellow is most."
    )


def draw() -> None:
    st.title("Explain", anchor=False)
    run = run_choice.chosen_with_weights()
    chosen = choose_image(run)
    if chosen is not None:
        model_choice.show(look, run, *chosen)
    lesson("explain")
