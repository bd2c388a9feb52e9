"""Facts about the images of a dataset that several pages show, each computed once."""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.mirror_test import MirrorTest, mirror_test
from cnn.data.pixels import mean_and_spread, pixel_counts
from cnn.specs import DatasetSpec
from pages.shared import settings
from pages.shared.session import session


def counts(dataset: Dataset) -> np.ndarray:
    """int64 (channels, 256): how many pixels of the training images have each value."""
    return _counts(dataset.fingerprint, dataset.spec, dataset)


def preprocessing(dataset: Dataset) -> tuple[list[float], list[float]]:
    """(mean, spread) of each channel: the network gets (pixel / 255 - mean) / spread, as the settings say. Those of the
    base, if the network starts from one: they belong to its weights."""
    base = session().base
    if base and (used := base.run.facts.get("preprocessing")):
        return used["mean"], used["spread"]
    counted = counts(dataset)
    if settings.network_spec().preprocessing == "unit":
        return [0.0] * len(counted), [1.0] * len(counted)
    return mean_and_spread(counted)


def mirroring(dataset: Dataset) -> MirrorTest | None:
    """Whether mirroring would change the classes; None with fewer than two training images."""
    return _mirroring(dataset.fingerprint, dataset.spec, dataset)


@st.cache_data(show_spinner=False, max_entries=8)
def _counts(fingerprint: str, spec: DatasetSpec, _dataset: Dataset) -> np.ndarray:
    return pixel_counts(_dataset.images, _dataset.train)


@st.cache_data(show_spinner=False, max_entries=8)
def _mirroring(fingerprint: str, spec: DatasetSpec, _dataset: Dataset) -> MirrorTest | None:
    return mirror_test(_dataset.images, _dataset.labels, _dataset.train, _dataset.classes)
