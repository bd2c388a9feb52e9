"""Neighbours: which images does the network find similar?"""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.neighbours import features, nearest, principal_plane
from cnn.figures import charts
from cnn.model.model import Model
from cnn.store.runs import Run
from pages.components.gallery import gallery
from pages.components.picture import picture
from pages.shared import chooser, jobs, run_choice
from pages.shared.chooser import Subject
from pages.shared.image_choice import choose_from_dataset
from pages.shared.navigation import lesson

NEAREST = 12
MOST_POINTS = 1000  # on the map; more would hide each other and slow the browser down


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
    st.markdown("**The most similar training images**, compared by their features: the inputs of the output layer")
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
        size=86,
    )
    st.caption("The number is the distance between the two images' features.")


def distance_text(distance: float) -> str:
    return f"{distance:.2f}" if distance >= 0.1 or distance == 0 else f"{distance:.2g}"


def plane(run: Run, dataset: Dataset, pool: np.ndarray, found: np.ndarray, own: np.ndarray) -> None:
    """The images of the pool on their two principal components; a click on a point chooses its image."""
    axes = principal_plane(found)
    shown = np.linspace(0, len(pool) - 1, min(len(pool), MOST_POINTS)).astype(int)
    figure = charts.plane(
        axes.coordinates(found[shown]),
        dataset.labels[pool[shown]],
        pool[shown],
        dataset.classes,
        axes.coordinates(own),
        axes.shares,
    )
    picked = st.plotly_chart(
        figure, key=f"plane_{run.id}", on_select="rerun", selection_mode="points", config={"displaylogo": False}
    )
    points = picked["selection"]["points"] if picked else []
    if points and "customdata" in points[0]:
        index = int(np.ravel(points[0]["customdata"])[0])
        if choose_from_dataset(run, dataset, index):
            st.rerun()


def draw_neighbours(subject: Subject) -> None:
    run, model, dataset, image = subject.run, subject.model, subject.dataset, subject.image
    if dataset is None:
        return
    own = features(model, image[None], np.array([0]))[0]
    training = features_of(model, dataset, "training", dataset.train)
    seen, alike = st.columns([1, 6], gap="medium")
    with seen:
        st.markdown("**The image**")
        picture(image, "The chosen image")
    if training is not None:
        with alike:
            nearest_images(run, dataset, training, own)
    name, pool, found = "training", dataset.train, training
    if len(dataset.val):
        name, pool = "held-out", dataset.val
        found = features_of(model, dataset, name, pool)
    if found is not None:
        which = f"{MOST_POINTS:,} of the {len(pool):,}" if len(pool) > MOST_POINTS else "All"
        st.markdown(
            f"**{which} {name} images**; images that the network finds similar lie close together. Click one to "
            "choose it."
        )
        plane(run, dataset, pool, found, own)


def draw() -> None:
    st.title("Neighbours", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_neighbours)
    lesson("neighbours")
