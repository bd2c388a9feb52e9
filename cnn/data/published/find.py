"""Finds published sets where people keep them, and gives their readings.

Keras has them in ~/.keras/datasets, torchvision in the folder it is given: ROOT/MNIST/raw, ROOT/cifar-10-batches-py.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cnn.data.published import cifar, idx, npz
from cnn.data.published.sets import TEST, TRAIN, PublishedSet
from cnn.data.reading import Group, Reading, quoted
from cnn.data.walk import FoundImage, Tree, join
from cnn.errors import Cancelled

DEPTH = 3  # folders below the chosen one
LAYOUT = "published"
_FORMATS = (idx, cifar, npz)  # of two copies of a set, the earlier is taken


def published_sets(tree: Tree) -> tuple[list[PublishedSet], list[str]]:
    """The published sets in a folder, each once, and sentences about files that cannot be read as one. No two sets have
    the same name. Raises Cancelled."""
    found: list[PublishedSet] = []
    problems: list[str] = []
    by_folder = list(_candidates(tree))
    for kind in _FORMATS:
        for files in by_folder:
            found += kind.find(tree.root, files, problems)
    different: list[PublishedSet] = []
    for one in found:
        if not any(one.is_copy_of(other) for other in different):
            different.append(one)
    return list(_named_apart(different)), problems


def published_readings(tree: Tree) -> list[Reading]:
    """A reading for each published set in a folder. Raises Cancelled."""
    sets, problems = published_sets(tree)
    return [_reading(one, problems) for one in sets]


def find_set(folder: Path, name: str) -> PublishedSet | None:
    """The published set of this name in a folder; None if there is none."""
    return next((one for one in published_sets(Tree(folder))[0] if one.name == name), None)


def _reading(one: PublishedSet, problems: list[str]) -> Reading:
    text = f"Read as {one.name}, a published set, from {quoted(one.files)}: {one.count(TRAIN):,} images to train on"
    text += f", {one.count(TEST):,} test images." if one.count(TEST) else "."
    notes = (*one.notes, *problems)
    groups = tuple(Group(*group) for group in one.by_class())
    return Reading(one.name, LAYOUT, text, groups, notes=notes, val_is_test=one.count(TEST) > 0, published=one)


def _candidates(tree: Tree) -> Iterator[dict[str, FoundImage]]:
    """The files that may belong to published sets, by name, in each folder that has some."""
    waiting = [("", 0)]
    while waiting:
        if tree.cancelled():
            raise Cancelled
        folder, depth = waiting.pop(0)
        contents = tree.looked_into(folder)
        if contents.set_files:
            yield {PurePosixPath(file[0]).name: file for file in contents.set_files}
        if depth < DEPTH:
            waiting += [(join(folder, name), depth + 1) for name in contents.folders]


def _named_apart(sets: list[PublishedSet]) -> Iterator[PublishedSet]:
    """The sets, those of the same name with the folder of their files."""
    names = [one.name for one in sets]
    for one in sets:
        if names.count(one.name) == 1:
            yield one
        else:
            yield one.named(f"{one.name} in {one.files[0].replace('/', ' ')}")
