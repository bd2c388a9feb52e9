"""Neighbours: which images does the network find similar?"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.neighbours import Plane, class_plane, features, nearest, principal_plane
from cnn.explain.tsne import tsne
from cnn.figures import charts
from cnn.figures.evidence_pictures import neighbours_picture
from cnn.model.model import Model
from cnn.percent import percent
from cnn.report.report import Table
from cnn.store.runs import Run
from pages.components.gallery import gallery
from pages.components.scatter import scatter
from pages.shared import jobs, run_choice, view
from pages.shared.inside import chooser, model_choice
from pages.shared.inside.chooser import Subject
from pages.shared.inside.image_choice import choose_from_dataset
from pages.shared.navigation import lesson
from pages.shared.report import offers

NEAREST = 10
MOST_POINTS = 1000  # on the map; more would hide each other and slow the browser down
MOST_GROUPED = 600  # with t-SNE, whose time grows with the square of their number
ONE_DIRECTION = 0.9  # a first axis with more of the variance leaves nothing for the second


class Mapped(NamedTuple):
    """Images on the map. rows: of the pool. points: float32 (n, 2). own: the place of the chosen image, None if it has
    none. axes: texts along x and y. note: what the map shows."""

    rows: np.ndarray
    points: np.ndarray
    own: tuple[float, float] | None
    axes: tuple[str, str]
    note: str


def features_of(model: Model, dataset: Dataset, name: str, indices: np.ndarray) -> np.ndarray | None:
    """The inputs of the output layer for each image, computed once for each model; None until then."""
    return jobs.result(
        (f"features of {name} images", model.key, dataset.fingerprint, indices.tobytes()),
        lambda progress: features(model, dataset.images, indices, progress),
        f"Sending {len(indices):,} {name} images through the network",
    )


def nearest_images(run: Run, dataset: Dataset, training: np.ndarray, own: np.ndarray) -> None:
    """The training images whose features (training) are closest to those of the chosen image (own)."""
    rows, distances = nearest(training, own, NEAREST)
    indices = dataset.train[rows]
    st.markdown("**The most similar training images**")
    gallery(
        dataset.images[indices],
        indices,
        key=f"nearest_{run.id}",
        label="Nearest training images",
        captions=[
            f"{distance_text(d)}, {dataset.classes[dataset.labels[i]]}" for i, d in zip(indices, distances, strict=True)
        ],
        titles=[dataset.paths[i] for i in indices],
        colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
        selected=None,
        size=72,
    )
    st.caption(
        "The network turns each image into features, the inputs of its output layer. The number is the distance "
        "between the features of two images."
    )


def distance_text(distance: float) -> str:
    return f"{distance:.2f}" if distance >= 0.1 or distance == 0 else f"{distance:.2g}"


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=model_choice.BY_KEY)
def widest_plane(model: Model, fingerprint: str, _training: np.ndarray) -> Plane:
    """The plane on which the features of the training images differ most."""
    return principal_plane(_training)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=model_choice.BY_KEY)
def parting_plane(model: Model, fingerprint: str, _training: np.ndarray, _labels: np.ndarray) -> Plane:
    """The plane on which their classes lie furthest apart."""
    return class_plane(_training, _labels)


def on_plane(plane: Plane, found: np.ndarray, own: np.ndarray, names: tuple[str, str], note: str) -> Mapped:
    """The images on a plane through their features."""
    rows = spread(len(found), MOST_POINTS)
    x, y = plane.coordinates(own).tolist()
    first, second = (
        f"{name}, {percent(share)} of the variance" for name, share in zip(names, plane.shares, strict=True)
    )
    return Mapped(rows, plane.coordinates(found[rows]), (x, y), (first, second), note)


def in_groups(subject: Subject, pool: np.ndarray, found: np.ndarray, own: np.ndarray) -> Mapped | None:
    """The images on a map by t-SNE; None until it is computed."""
    assert subject.dataset is not None
    rows = spread(len(found), MOST_GROUPED)
    points = jobs.result(
        ("t-SNE", subject.model.key, subject.dataset.fingerprint, pool[rows].tobytes()),
        lambda progress: tsne(found[rows], progress=progress),
        f"Looking for groups among {len(rows):,} images (t-SNE)",
    )
    if points is None:
        return None
    note = (
        "Images with similar features are neighbours. How far groups lie apart, and how large they are, means nothing "
        "on this map (t-SNE)."
    )
    same = np.flatnonzero(np.isclose(found[rows], own, rtol=1e-4, atol=1e-5).all(1))
    if not len(same):
        return Mapped(rows, points, None, ("", ""), f"{note} The chosen image is not one of those on it.")
    x, y = points[same[0]].tolist()
    return Mapped(rows, points, (x, y), ("", ""), note)


def spread(count: int, most: int) -> np.ndarray:
    """int64: at most that many of `count` rows, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).astype(int)


def mapped(
    subject: Subject, pool: np.ndarray, found: np.ndarray, training: np.ndarray, own: np.ndarray
) -> Mapped | None:
    """The map of the chosen kind; None until it is computed."""
    dataset = subject.dataset
    assert dataset is not None
    widest = widest_plane(subject.model, dataset.fingerprint, training)
    kinds = ["most different", *(["classes apart"] if len(dataset.classes) > 1 else []), "groups"]
    is_line = widest.shares[0] > ONE_DIRECTION and "classes apart" in kinds
    chosen, kind = view.among("map", kinds, "classes apart" if is_line else "most different", subject.run.id)
    st.segmented_control("Map", kinds, **chosen.bound("default"), required=True, label_visibility="collapsed")
    if kind == "groups":
        return in_groups(subject, pool, found, own)
    if kind == "classes apart":
        note = "The directions in which the classes of the training images lie furthest apart."
        if is_line:
            note += f" (One direction alone holds {percent(widest.shares[0])} of all differences between images.)"
        plane = parting_plane(subject.model, dataset.fingerprint, training, dataset.labels[dataset.train])
        second = "second-best separation" if len(dataset.classes) > 2 else "widest other direction"
        return on_plane(plane, found, own, ("best separation of the classes", second), note)
    note = "The two directions in which the training images differ most: their principal components."
    return on_plane(widest, found, own, ("first component", "second component"), note)


def draw_map(
    subject: Subject, name: str, pool: np.ndarray, found: np.ndarray, training: np.ndarray, own: np.ndarray
) -> None:
    """The images of the pool on a map; a click on a point chooses its image."""
    run, dataset = subject.run, subject.dataset
    assert dataset is not None
    on_map = mapped(subject, pool, found, training, own)
    if on_map is None:
        return
    indices = pool[on_map.rows]
    picked = scatter(
        on_map.points,
        dataset.images[indices],
        indices,
        dataset.labels[indices],
        key=f"map_{run.id}",
        label=f"{len(indices):,} {name} images on a map.",
        captions=[f"{dataset.classes[dataset.labels[i]]}, {dataset.paths[i].rpartition('/')[2]}" for i in indices],
        names=dataset.classes,
        colors=[charts.class_color(i) for i in range(len(dataset.classes))],
        axes=on_map.axes,
        ring=on_map.own,
        selected=None,
    )
    offer_evidence(subject, name, indices, on_map, training, own)
    shown = f"{len(indices):,} of the {len(pool):,}" if len(indices) < len(pool) else f"All {len(pool):,}"
    st.caption(f"{shown} {name} images. {on_map.note} Click a point to choose its image.")
    if picked is not None and choose_from_dataset(run, dataset, picked):
        st.rerun()


def offer_evidence(
    subject: Subject, name: str, indices: np.ndarray, on_map: Mapped, training: np.ndarray, own: np.ndarray
) -> None:
    """Offers the map and the nearest images for the report."""
    dataset = subject.dataset
    assert dataset is not None
    rows, distances = nearest(training, own, NEAREST)
    alike, classes = dataset.train[rows], dataset.classes
    captions = [f"{distance_text(d)}, {classes[dataset.labels[i]]}" for i, d in zip(alike, distances, strict=True)]

    def picture() -> str:
        about = f"{len(indices):,} {name} images on a map; the ring is {subject.name}. {on_map.note}"
        images = [np.asarray(dataset.images[i]) for i in alike]
        labels = dataset.labels[indices]
        return neighbours_picture(on_map.points, labels, classes, on_map.axes, on_map.own, images, captions, about)

    def numbers() -> Table:
        found = zip(alike, distances.tolist(), strict=True)
        return Table(
            ("nearest image", "class", "distance"),
            tuple((dataset.paths[i], classes[dataset.labels[i]], distance) for i, distance in found),
        )

    offers.offer("Neighbours", picture, numbers, subject.run)


def draw_neighbours(subject: Subject) -> None:
    run, model, dataset = subject.run, subject.model, subject.dataset
    if dataset is None:
        return
    own = features(model, subject.image[None], np.array([0]))[0]
    seen, alike = st.columns([5, 4], gap="medium")
    with seen:
        training = features_of(model, dataset, "training", dataset.train)
        if training is None:
            return
        if len(dataset.val):
            name, pool = "held-out", dataset.val
            found = features_of(model, dataset, name, pool)
        else:
            name, pool, found = "training", dataset.train, training
        if found is not None:
            draw_map(subject, name, pool, found, training, own)
    with alike:
        nearest_images(run, dataset, training, own)


def draw() -> None:
    st.title("Neighbours", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_neighbours)
    lesson("neighbours")
