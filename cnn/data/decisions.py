"""What a user has decided about the labels of single images, applied when a dataset is read. No file is changed.

A decision names an image by the hash of its content and by the class that the folder gives it, so it holds wherever
the folder lies, and a picture that is in two classes can be right in one of them. Imports neither torch nor Streamlit.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cnn.data.cache import Cached
from cnn.data.walk import DatasetError
from cnn.specs import DatasetSpec

LEFT_OUT = ""  # the class of an image that is left out


class Decision(NamedTuple):
    """hash: of the image's content. given: its class in the folder. now: its class from now on, the same if the user
    confirmed it, LEFT_OUT to leave the image out."""

    hash: str
    given: str
    now: str

    @property
    def changes(self) -> bool:
        """Whether it changes the dataset."""
        return self.now != self.given

    @property
    def text(self) -> str:
        if self.now == LEFT_OUT:
            return "leave out"
        return "relabel" if self.changes else "keep"


def effect(decisions: Sequence[tuple[str, str, str]], classes: Sequence[str]) -> tuple[int, int]:
    """How many images are left out, and how many relabelled, by the decisions that apply to a dataset. classes: those
    of the dataset; an image whose new class is not among them is left out."""
    relabelled = sum(Decision(*one).now in classes for one in decisions)
    return len(decisions) - relabelled, relabelled


def decided(cached: Cached, classes: Sequence[str], spec: DatasetSpec) -> tuple[Cached, DatasetSpec]:
    """The images with the decisions of the spec applied, and the spec with only those that change something here.

    classes: names, in the order of the labels of the images. An image whose new class is not among them is left out.
    Images that stay keep their order. If none is left out, the array stays mapped; otherwise it is copied into memory.
    Raises DatasetError if fewer than two classes are left.
    """
    wanted = {(one[0], one[1]): Decision(*one) for one in spec.decisions if Decision(*one).changes}
    if not wanted:
        return cached, replace(spec, decisions=()) if spec.decisions else spec
    numbers = {name: label for label, name in enumerate(classes)}
    labels, kept, applied = list(cached.labels), np.ones(len(cached.labels), bool), []
    for i, (content, label) in enumerate(zip(cached.hashes, cached.labels, strict=True)):
        decision = wanted.get((content, classes[label]))
        if decision is not None:
            applied.append(decision)
            kept[i] = decision.now in numbers
            labels[i] = numbers.get(decision.now, label)
    spec = replace(spec, decisions=tuple(applied))
    if not applied:
        return cached, spec
    rows = np.flatnonzero(kept)
    labels = [labels[i] for i in rows]
    if len(set(labels)) < 2:
        raise DatasetError(
            "Your decisions about wrong labels leave fewer than two classes with images. Undo some of them on the "
            "page “Wrong labels”."
        )
    return replace(_selected(cached, rows), labels=labels), spec


def _selected(cached: Cached, rows: np.ndarray) -> Cached:
    if len(rows) == len(cached.paths):
        return cached
    return replace(
        cached,
        images=cached.images[rows],
        paths=[cached.paths[i] for i in rows],
        splits=[cached.splits[i] for i in rows],
        widths=[cached.widths[i] for i in rows],
        heights=[cached.heights[i] for i in rows],
        hashes=[cached.hashes[i] for i in rows],
    )
