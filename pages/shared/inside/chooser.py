"""The line at the top of the pages that look inside a network: the image, the network's answer, the run and the
snapshot. It stays in view, and the choice holds for all of these pages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.figures import charts
from cnn.model.model import Model
from cnn.percent import percent, probability
from cnn.store.runs import Run
from pages.components.subject import Fact, subject
from pages.shared import run_choice
from pages.shared.dataset import dataset_choice, lost_images
from pages.shared.inside import image_gallery, model_choice
from pages.shared.inside.image_choice import OWN, ChosenImage, ask_for_own, chosen_image
from pages.shared.runs import run_list
from pages.shared.session import session


@dataclass(frozen=True, eq=False)
class Network:
    """A network to look into. step: of the model's snapshot. dataset: that of the run; None if it is not there, or
    still being read."""

    run: Run
    dataset: Dataset | None
    step: int
    model: Model
    is_being_read: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, eq=False)
class Subject(Network):
    """A network and an image. image: uint8 (H, W, C), the network's input. name: of its file. truth: its class, None
    if it is not known. probabilities: float32 (classes,), the network's answer."""

    image: np.ndarray
    name: str
    truth: int | None
    probabilities: np.ndarray


def show(run: Run, draw: Callable[[Subject], None]) -> None:
    """Draws the line, and below it the page for what is chosen. Both are one fragment: another snapshot redraws them
    and nothing else."""
    dataset = dataset_choice.of_run(run)
    chosen = _chosen_image(run, dataset)
    if chosen is None and dataset is None:
        for source in OWN:
            ask_for_own(run, source)
    elif chosen is not None:
        model_choice.show(_draw_subject, run, dataset, chosen, draw)


def show_network(run: Run, draw: Callable[[Network], None]) -> None:
    """Like `show`, for a page that needs no image: it is drawn while the images are read, and without them."""
    dataset, is_being_read = dataset_choice.of_run_in_place(run)
    chosen = None if is_being_read else _chosen_image(run, dataset)
    model_choice.show(_draw_network, run, dataset, chosen, is_being_read, draw)


def _chosen_image(run: Run, dataset: Dataset | None) -> ChosenImage | None:
    if dataset is None:
        lost_images.ask(run, "Until they are found, use an image of your own.")
    else:
        image_gallery.filters_of(dataset)
    return chosen_image(run, dataset)


def _draw_subject(run: Run, dataset: Dataset | None, chosen: ChosenImage, draw: Callable[[Subject], None]) -> None:
    step, model, probabilities = _draw_line(run, dataset, chosen)
    assert probabilities is not None
    draw(Subject(run, dataset, step, model, chosen.pixels, chosen.name, chosen.truth, probabilities))


def _draw_network(
    run: Run,
    dataset: Dataset | None,
    chosen: ChosenImage | None,
    is_being_read: bool,
    draw: Callable[[Network], None],
) -> None:
    step, model, _ = _draw_line(run, dataset, chosen)
    draw(Network(run, dataset, step, model, is_being_read=is_being_read))


def _draw_line(run: Run, dataset: Dataset | None, chosen: ChosenImage | None) -> tuple[int, Model, np.ndarray | None]:
    """The line itself, and the gallery if it is open. Returns the step, its model and the answer for the image."""
    line = st.container(key="chooser", horizontal=True, vertical_alignment="center", gap="small")
    with line:
        seen = st.container(width="stretch")
        step = model_choice.choose_snapshot(run)
    model = model_choice.model(run, step)
    probabilities = None if chosen is None else model_choice.maps_of(model, chosen.pixels)["probabilities"]
    truth = None if chosen is None else chosen.truth
    with seen:
        subject(
            None if chosen is None else chosen.pixels,
            [*_image_facts(model, chosen, probabilities), _run_fact(run, step)],
            original=None if chosen is None else chosen.original,
            key="subject",
            color="transparent" if truth is None else charts.class_color(truth),
            labels=("Choose another image", "Choose another run"),
            on_opened=image_gallery.open_gallery,
            on_run_opened=run_list.open_list,
        )
    if session().choosing_run:
        run_list.choose(run)
    elif session().choosing_image:
        image_gallery.choose(run, dataset, model, None if chosen is None else chosen.index)
    return step, model, probabilities


def _image_facts(model: Model, chosen: ChosenImage | None, probabilities: np.ndarray | None) -> list[Fact]:
    if chosen is None or probabilities is None:
        return [Fact("Image", "choose one")]
    answer = int(probabilities.argmax())
    mark: Literal["right", "wrong"] = "right" if answer == chosen.truth else "wrong"
    name, sure = model.classes[answer], probability(probabilities[answer])
    if chosen.truth is None:
        whatever = "It knows only its own classes: one of them is its answer, whatever the image shows."
        return [Fact("Your image", chosen.name), Fact("It must choose", name, sure, title=whatever)]
    file = chosen.name.rpartition("/")[2]
    return [Fact(file, model.classes[chosen.truth], title=chosen.name), Fact("The network says", name, sure, mark)]


def _run_fact(run: Run, step: int) -> Fact:
    """The run, its dataset, and its accuracy at the snapshot."""
    epoch = next((one for one in run_choice.store().history(run.id).epochs() if one.step == step), None)
    parts = [Path(run.folder).name] if run.given_name else []  # else it is part of the run's name
    if epoch is not None and epoch.val_accuracy is not None:
        parts.append(f"held-out accuracy {percent(epoch.val_accuracy, 1)}")
    elif epoch is not None:
        parts.append(f"training accuracy {percent(epoch.train_accuracy, 1)}")
    else:  # before or within the first epochs
        parts.append("untrained" if step == 0 else f"after step {step:,}")
    return Fact(run.name, " · ".join(parts), title=run.folder, is_image=False)
