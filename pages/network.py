"""Network: which layers am I building, what do they cost, and what does each one see?"""

import base64

import pandas as pd
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.images import to_png
from cnn.duration import duration_text
from cnn.figures.evidence_pictures import network_picture
from cnn.figures.input_drawing import pixel_drawing, weights_drawing
from cnn.figures.network_drawing import layer_cards, network_drawings
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.code import training_code
from cnn.model.layers import Layer, NetworkError, frozen_parameters, lay_out, total_parameters
from cnn.model.memory_needed import needed, shortage
from cnn.model.windows import sides
from cnn.report.report import Table
from cnn.size import size_text
from cnn.specs import INITIAL_WEIGHTS, PRESETS, NetworkSpec
from cnn.system.memory import available
from pages.components.drawing import drawing as show_drawing
from pages.components.rerun import rerun_every
from pages.shared import first_steps, run_choice, settings
from pages.shared.controls import controls
from pages.shared.dataset import dataset_choice, dataset_facts
from pages.shared.navigation import end_page, lesson, link_to
from pages.shared.report import offers
from pages.shared.session import session
from pages.shared.text import amount, plain
from pages.shared.training import base_choice
from pages.shared.training.speedometer import speedometer

ACTIVATION_LABELS = {name: function.label for name, function in ACTIVATIONS.items()} | {"none": "none"}
TRAINING = {"new": "from random weights", "frozen": "frozen", "fine-tuned": "fine-tuned"}
MEASURED_EVERY = 0.3  # seconds between checks whether the time of an epoch is measured


def presets(dataset: Dataset) -> None:
    current, test = settings.preset(), dataset_facts.mirroring(dataset)
    for name, preset in PRESETS.items():
        about, changes = preset.about, {}
        if preset.training_spec.mirror and test is not None and test.changes_classes:
            about += f" For these images, its mirroring stays off. {plain(test.sentence)}"
            changes = {"mirror": False}
        st.button(
            name,
            key=f"preset_{name}",
            type="primary" if name == current else "tertiary",
            help=about,
            on_click=settings.use,
            args=(preset,),
            kwargs=changes,
        )


def without_dataset() -> None:
    """Asks for the images of a new network, and shows the network of the chosen run or of the example."""
    run = run_choice.chosen_or_example()
    if run is not None and not run_choice.is_own(run.id):
        first_steps.about_example()
    first_steps.choose_images(run)
    if run is None:
        return
    dataset, _ = dataset_choice.of_run_in_place(run)
    if dataset is not None:
        spec = run.dataset_spec
        drawing(lay_out(run.network_spec, spec.image_size, spec.channels, len(dataset.classes)), dataset)


def drawing(layers: list[Layer], dataset: Dataset) -> None:
    png = base64.b64encode(to_png(dataset.images[dataset.train[0]])).decode()
    drawings = network_drawings(layers, dataset.classes, f"data:image/png;base64,{png}")
    show_drawing(drawings, key="network_drawing", notes=layer_cards(layers))

    def picture() -> str:
        return network_picture(layers, dataset.classes, f"data:image/png;base64,{png}")

    def numbers() -> Table:
        rows = ((layer.name, layer.shape_text, layer.count.text, layer.parameters) for layer in layers)
        return Table(("layer", "output", "how the parameters are counted", "parameters"), tuple(rows))

    offers.offer("The network and its layers", picture, numbers)


def costs(layers: list[Layer], dataset: Dataset) -> None:
    training = settings.training_spec()
    with st.container(key="costs"):
        columns = st.columns(4)
    total, frozen = total_parameters(layers), frozen_parameters(layers)
    columns[0].metric(
        "Parameters",
        f"{total - frozen:,}" if frozen else f"{total:,}",
        f"to train; {frozen:,} frozen" if frozen else None,
        delta_color="off",
        delta_arrow="off",
        help="The numbers that training changes. Frozen ones stay as they are.",
    )
    operations = sum(layer.multiply_adds for layer in layers)
    columns[1].metric(
        "Multiply-adds per image", amount(operations), help="One multiply-add: a weight times an input, added to a sum."
    )
    kept = len(dataset.val) + (0 if training.augments else len(dataset.train))
    takes = needed(layers, training.batch_size, training.optimizer, kept)
    columns[2].metric(
        "Training memory",
        f"≈ {size_text(takes)}",
        help=f"Estimated for a batch of {training.batch_size}: weights, gradients, optimiser state and activations.",
    )
    with columns[3]:
        st.fragment(epoch_time)(dataset, kept)
    specs = settings.dataset_spec(), settings.network_spec(), training
    if too_large := shortage(*specs, len(dataset.classes), available(), kept_images=kept):
        st.warning(too_large, icon=":material/memory_alt:")


def epoch_time(dataset: Dataset, kept: int) -> None:
    """The time of an epoch. A fragment, which reruns until the time is measured. kept: for how many images the output
    of frozen layers is computed once, before the first epoch."""
    specs = dataset.spec, settings.network_spec(), settings.training_spec()
    answer = speedometer().ask(session().id, *specs, len(dataset.classes))
    help_text = "Measured just now, by training this network on this machine for a moment."
    if answer is None:
        st.metric("Time per epoch", "measuring…", help=help_text)
        rerun_every(MEASURED_EVERY, key="epoch_time")
    elif "error" in answer:
        st.metric("Time per epoch", "unknown", help=answer["error"])
    else:
        seconds = len(dataset.train) / answer["train"] + len(dataset.val) / answer["evaluate"]
        once = f"and {duration_text(kept / answer['prepare'])} once" if "prepare" in answer else None
        st.metric("Time per epoch", f"≈ {duration_text(seconds)}", once, "off", delta_arrow="off", help=help_text)


def table(layers: list[Layer]) -> None:
    has_base = any(layer.start != "new" for layer in layers)
    rows = [
        {
            "layer": layer.name,
            "output": layer.shape_text,
            "parameters": layer.count.text,
            "multiply-adds": layer.multiply_adds,
            "receptive field": sides(layer.receptive_field) if layer.is_spatial else "the image",
        }
        | ({"training": TRAINING[layer.start]} if has_base else {})
        for layer in layers
    ]
    # Not st.dataframe: it draws on a canvas, and screen readers get changes 0.2 s late.
    st.table(pd.DataFrame(rows).style.format(thousands=","), border="horizontal", hide_index=True, alt="The layers")


def two_linear_layers(layers: list[Layer]) -> None:
    """Explains that dense layers without an activation between them compute no more than a single one."""
    flat = next(layer for layer in layers if layer.kind == "flatten").shape[0]
    stack = [layer for layer in layers if layer.kind in ("dense", "output")]
    activation = settings.network_spec().activation
    missing = "activation" if activation == "none" else ACTIVATION_LABELS[activation]
    st.info(
        f"**No {missing} after the dense layer:** "
        f"{' and '.join(layer.name for layer in stack)} compute no more than one linear layer from {flat:,} values to "
        f"{stack[-1].shape[0]} classes. That layer would need {(flat + 1) * stack[-1].shape[0]:,} parameters; "
        f"these use {sum(layer.parameters for layer in stack):,}.",
        icon=":material/lightbulb:",
    )


def draw() -> None:
    st.title("Network", anchor=False)
    if settings.folder() is None:
        without_dataset()
        return
    dataset = dataset_choice.chosen()
    with st.container(horizontal=True, gap="small", key="presets"):
        presets(dataset)
    with st.container():  # the drawing stays in view up to the end of this container
        pinned = st.container(key="pinned")  # stays in view while the user moves the sliders below it
        numbers = st.container()
        with st.container(key="network_settings"):
            start, blocks, convolutions, dense = st.columns(4, gap="medium")
    with start:
        base = base_choice.choose()
        base_choice.ready()
    with blocks:
        controls(NetworkSpec, "blocks")
    with convolutions:
        controls(NetworkSpec, "convolutions", activation=ACTIVATION_LABELS)
        if not settings.network_spec().filters:
            st.caption("No convolution, so there is no kernel size, padding, pooling or batch normalisation to set.")
    with dense:
        controls(NetworkSpec, "global average")
        controls(NetworkSpec, "dense")
        controls(NetworkSpec, "dropout")
        activation = settings.network_spec().activation
        label = f"{ACTIVATION_LABELS[activation]} after the dense layer"
        controls(NetworkSpec, "dense activation", dense_activation=label)
        controls(NetworkSpec, "dense bias")
    try:
        layers = settings.layers(len(dataset.classes))
    except NetworkError as error:
        with pinned:
            st.error(f"This network cannot be built. {error}", icon=":material/straighten:")
            link_to("data")
        end_page()
    with start:
        controls(NetworkSpec, "input")
        counts, preprocessing = dataset_facts.counts(dataset), dataset_facts.preprocessing(dataset)
        show_drawing(pixel_drawing(counts, *preprocessing), key="pixels")
        st.caption("How often the network gets which number, in the training images")
        controls(NetworkSpec, "initial weights")
        show_drawing(weights_drawing(layers, settings.current("initial_weights"), list(INITIAL_WEIGHTS)), key="weights")
        st.caption("How large the weights of new layers are at first; the hollow dots: with the other choices")
    with pinned:
        drawing(layers, dataset)
    with numbers:
        costs(layers, dataset)
    with dense:  # below the switch, so that it moves nothing that one presses
        if settings.current("dense") and (activation == "none" or not settings.current("dense_activation")):
            two_linear_layers(layers)
    if base:
        st.info(" ".join(base_choice.sentences(base)), icon=":material/call_split:")
        with st.expander("Does that help? Guess, then see what we measured", icon=":material/psychology_alt:"):
            base_choice.guess_and_see()
    lesson("network")
    st.header("Layer by layer", anchor=False)
    table(layers)
    with st.expander("The same network in PyTorch", icon=":material/code:"):
        start_from = f"run {base.run.id}, step {base.step}" if base else ""
        code = training_code(layers, settings.training_spec(), settings.network_spec(), start_from)
        st.code(code, language="python", wrap_lines=True)
