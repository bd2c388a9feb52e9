"""Explain: where did it look?"""

import numpy as np
import streamlit as st

from cnn.explain.attribution import Attribution
from cnn.explain.grad_cam import grad_cam
from cnn.explain.integrated_gradients import integrated_gradients
from cnn.explain.occlusion import occlusion
from cnn.explain.parts import convolution
from cnn.explain.saliency import saliency
from cnn.runs import Run
from cnn.snapshots import layers_of
from pages import jobs, runs, state, trained
from pages.components.overlays import Overlay, overlays
from pages.image_choice import choose_image

FILLS = {0: "black", 128: "gray", 255: "white"}

METHODS = """
**Saliency.** How much would the score of the class change if this pixel changed a little? The gradient of the logit.
It shows where the network is *sensitive*, which need not be what it relies on, and it is noisy.
[Simonyan et al. 2013](https://arxiv.org/abs/1312.6034)

**Integrated gradients.** The image is faded in from black, and each pixel gets its share of how the score rises on the
way. The shares add up to the whole rise. Black pixels get nothing, however much they matter.
[Sundararajan et al. 2017](https://arxiv.org/abs/1703.01365)

**Grad-CAM.** Which maps of a convolution speak for the class, and where are they active? Coarse, because maps are, and
only what speaks *for* the class is shown. Try an earlier layer. [Selvaraju et al. 2016](https://arxiv.org/abs/1610.02391)

**Occlusion.** Cover a patch: how far does the score fall? The most direct question, but a covered patch is something
new to the network too: compare black, gray and white. [Zeiler and Fergus 2013](https://arxiv.org/abs/1311.2901)
"""


@st.cache_data(max_entries=128, show_spinner=False)
def saliency_of(run_id: str, step: int, image: np.ndarray, target: int) -> Attribution:
    return saliency(trained.network(run_id, step), image, target)


@st.cache_data(max_entries=128, show_spinner=False)
def grad_cam_of(run_id: str, step: int, image: np.ndarray, target: int, layer: str) -> Attribution:
    layers = layers_of(runs.store().get(run_id))
    return grad_cam(trained.network(run_id, step), image, target, convolution(layers, layer))


def look(run: Run, image: np.ndarray, name: str, truth: int | None) -> None:
    """The four answers side by side, for one class at one snapshot."""
    convolutions = [layer.name for layer in layers_of(run) if layer.kind == "conv"]
    asked, snapshot, layer_choice, cover = st.columns([3, 6, 3, 2], vertical_alignment="bottom")
    with snapshot:
        step = trained.choose_snapshot(run)
    shares = trained.maps_of(run.id, step, image)["probabilities"]
    order = [int(i) for i in np.argsort(-shares)]
    target = asked.selectbox(
        "What speaks for…",
        order,
        format_func=lambda i: f"{run.classes[i]} ({shares[i]:.1%})",
        key=f"explained_{run.id}",
    )
    layer = layer_choice.selectbox(
        "Grad-CAM of", convolutions, index=len(convolutions) - 1, key=f"grad_cam_layer_{run.id}"
    )
    with cover.popover("Patch", icon=":material/crop_square:"):
        side = run.dataset_spec.image_size
        patch = st.slider("Size of the covered patch", 2, side // 2, max(2, side // 6), key=f"patch_{side}")
        stride = st.slider("Pixels from one patch to the next", 1, patch, max(1, patch // 2), key=f"stride_{patch}")
        fill = st.segmented_control(
            "Covered with", list(FILLS), default=128, format_func=FILLS.get, key="fill", required=True
        )
    network, asked_for = trained.network(run.id, step), (run.id, step, image.tobytes(), target)
    answers = {
        "saliency": saliency_of(run.id, step, image, target),
        "integrated gradients": jobs.result(
            ("integrated gradients", *asked_for),
            lambda progress: integrated_gradients(network, image, target, progress=progress),
            "Fading the image in from black",
        ),
        "Grad-CAM": grad_cam_of(run.id, step, image, target, layer),
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
    pictures = [
        Overlay(name, notes[name], answer.values, answer.signed)
        for name, answer in answers.items()
        if answer is not None
    ]
    overlays(image, pictures, key="attributions")
    st.caption("Red speaks for the class, blue against it; where there is only one kind, yellow is most.")


state.need_frame()
st.title("Explain", anchor=False)
run = runs.chosen_with_weights()
chosen = choose_image(run)
if chosen is not None:
    trained.show(look, run, *chosen)
with st.expander("What each method computes, and when it misleads", icon=":material/lightbulb:"):
    st.markdown(METHODS)
