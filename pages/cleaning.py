"""Wrong labels: which images are in the wrong class, or twice in the dataset? The user decides about each."""

from dataclasses import replace

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.listing import resolve
from cnn.engine import cleaning
from cnn.engine.cleaning import OutOfFold
from cnn.percent import percent
from cnn.store.experiments import Experiment
from cnn.store.run import Run
from cnn.training.suspicious import ABOUT_RIGHT, suspicious
from pages.shared import dataset_choice, first_steps, jobs, label_review, label_search, run_choice, settings, view
from pages.shared.label_review import Doubt
from pages.shared.navigation import end_page, go, lesson
from pages.shared.text import count


def answers(one: Experiment, runs: list[Run], dataset: Dataset) -> OutOfFold | None:
    """What the networks say about images that they have not seen; None until it is computed."""
    store = run_choice.store()
    return jobs.result(
        ("out of fold", one.id, tuple(run.id for run in runs), dataset.fingerprint),
        lambda progress: cleaning.out_of_fold(store, runs, dataset, progress, progress.cancelled),
        f"Asking {count(len(runs), 'network', 'networks')}",
    )


def doubtful_labels(dataset: Dataset, one: Experiment, runs: list[Run]) -> list[Doubt] | None:
    """The suspicious labels, the most suspicious first, and a line about them; None until they are known."""
    if not runs:
        return None
    found = answers(one, runs, dataset)
    if found is None:
        return None
    labels, classes = dataset.labels[found.rows], dataset.classes
    flagged = suspicious(found.probabilities, labels)
    right = float((found.probabilities.argmax(1) == labels).mean()) if len(labels) else 0.0
    rest = len(dataset.labels) - len(found.rows)
    st.markdown(
        f"**{count(len(flagged.rows), 'suspicious label', 'suspicious labels')}** among {len(found.rows):,} images "
        f"that networks judged without having seen them{f'; {rest:,} were not judged' if rest else ''}. They "
        f"agree with {percent(right)} of all labels."
    )
    st.caption(ABOUT_RIGHT)
    return [
        Doubt(
            int(found.rows[row]),
            classes[answer],
            f"Networks that have not seen it: {classes[answer]} {percent(float(of_answer))}, "
            f"{classes[labels[row]]} {percent(float(of_label))}.",
            found.run_ids[row],
        )
        for row, answer, of_label, of_answer in zip(*flagged, strict=True)
    ]


def doubtful_copies(dataset: Dataset, runs: list[Run]) -> list[Doubt] | None:
    """The second image of each pair of near copies; None until they are found."""
    pairs = jobs.result(
        ("near copies", dataset.fingerprint, dataset.spec),
        lambda progress: cleaning.harmful_copies(dataset, progress),
        f"Comparing {len(dataset.labels):,} images",
    )
    if pairs is None:
        return None
    st.markdown(
        f"**{count(len(np.unique(pairs[:, 1])), 'image is', 'images are') if len(pairs) else 'No images are'}** nearly "
        "the same as another one, or the same and in another class. If one is trained on and the other held out, the "
        "accuracy is too high."
    )
    st.caption("Copies of a file in the same class are always on the same side, so they are not listed.")
    partners: dict[int, list[int]] = {}
    for first, second in pairs.tolist():
        partners.setdefault(second, []).append(first)
    run_id = runs[0].id if runs else ""
    return [
        Doubt(
            index,
            dataset.classes[dataset.labels[others[0]]],
            f"Nearly the same as {', '.join(dataset.paths[i] for i in others)}.",
            run_id,
            tuple(others),
        )
        for index, others in sorted(partners.items())
    ]


def draw() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Wrong labels", anchor=False, width="stretch")
        st.button("Back to Data", icon=":material/arrow_back:", on_click=go, args=("data",))
    folder = settings.folder()
    if folder is None:
        first_steps.choose_images()
        end_page()
    store = run_choice.store()
    one = cleaning.newest(store, str(resolve(folder)))
    spec = one.spec.dataset if one else replace(settings.dataset_spec(), decisions=())
    dataset = dataset_choice.dataset(folder, spec)
    kept = view.part("doubt")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kinds = list(view.options("doubt"))
        st.segmented_control("Look at", kinds, **kept.bound("default"), required=True, label_visibility="collapsed")
        if kept.current() == "suspicious labels":
            label_search.draw(one, dataset)
    runs = cleaning.finished(store, one) if one else []
    if kept.current() == "near copies":
        doubts = doubtful_copies(dataset, runs)
    elif one is None:
        label_search.introduce()
        doubts = None
    else:
        doubts = doubtful_labels(dataset, one, runs)
    if doubts:
        label_review.draw(dataset, doubts, kept.current())
    label_review.draw_decisions()
    lesson("cleaning")
