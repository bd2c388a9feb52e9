"""What to warn of in a dataset, with the images behind each warning, and the files that were left out."""

import streamlit as st

from cnn.data.dataset import TEST, TRAIN, VAL, Dataset
from cnn.figures import charts
from cnn.training.dataset_warnings import DatasetWarning, dataset_warnings
from pages.components.gallery import gallery
from pages.shared import jobs
from pages.shared.text import plain

SHOWN_SKIPPED = 1000


def find_warnings(dataset: Dataset) -> list[DatasetWarning] | None:
    """The warnings for the dataset; None until they are found, with the progress in their place."""
    return jobs.result(
        ("dataset warnings", dataset.fingerprint, dataset.spec),
        lambda progress: dataset_warnings(dataset, progress),
        f"Comparing {len(dataset.labels):,} images",
    )


def show_warnings(dataset: Dataset, found: list[DatasetWarning]) -> None:
    """Each warning as a line that opens to the images behind it."""
    for number, warning in enumerate(found):
        if not warning.images:
            st.caption(f":material/warning: {plain(warning.text)}")
            continue
        key = f"warning {number} of {dataset.fingerprint}"
        with st.expander(plain(warning.text), icon=":material/warning:", key=key, on_change="rerun") as images:
            if images.open:
                show_images(dataset, list(warning.images), f"{key} images")


def show_images(dataset: Dataset, indices: list[int], key: str) -> None:
    sides = {TRAIN: "training", VAL: "held-out", TEST: "test"}
    with st.container(height=230, border=False):
        gallery(
            dataset.images[indices],
            indices,
            key=key,
            label="The images behind the warning",
            captions=[f"{dataset.classes[dataset.labels[i]]}, {sides[int(dataset.splits[i])]}" for i in indices],
            titles=[dataset.paths[i] for i in indices],
            colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
            selected=None,
            size=90,
        )


def left_out(dataset: Dataset) -> None:
    files = len(dataset.skipped)
    with st.expander(f"{files:,} {'file was' if files == 1 else 'files were'} left out", icon=":material/block:"):
        rows = [{"file": skipped.path, "why": skipped.reason} for skipped in dataset.skipped[:SHOWN_SKIPPED]]
        st.dataframe(rows, hide_index=True, width="stretch")
        if files > SHOWN_SKIPPED:
            st.caption(f"The first {SHOWN_SKIPPED:,} are listed; `python -m cnn scan` lists all.")
