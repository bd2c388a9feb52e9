"""New images with their classes: a folder for each class, file names or a table; images may also have no class.

Unlike a dataset, new images may be of a single class, or of none. Imports neither torch nor Streamlit.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnn.data.archive_members import is_device
from cnn.data.class_names import class_key
from cnn.data.listing import DatasetError, list_images, resolve
from cnn.data.walk import Tree, natural_key, shown

_UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
_ESCAPED = re.compile(r"%([0-9A-F]{2})")


class LabelledFile(NamedTuple):
    """path: relative to its folder, posix, undecoded. label: the name of its class; "" if it has none."""

    path: str
    label: str


def labelled_files(
    folder: Path, known: Iterable[str] = (), cancelled: Callable[[], bool] = lambda: False
) -> list[LabelledFile]:
    """All images in a folder, in natural order, with their classes.

    An image belongs to the innermost of its folders that has the name of a known class, otherwise to the outermost. A
    folder around all others is not a class. Where no image lies in a folder, the names of the files (`cat.0.jpg`) or a
    table may give known classes. All other images have no class.

    known: names of classes. Raises DatasetError if the folder cannot be opened, and Cancelled if cancelled.
    """
    folder = resolve(folder)
    if not folder.is_dir():
        raise DatasetError(f"“{shown(str(folder))}” is not a folder. Choose a folder or an archive with images.")
    found, _ = Tree(folder, cancelled).below("")
    paths = sorted((path for path, _ in found), key=natural_key)
    keys = {class_key(name) for name in known}
    parts = [[label_of(name) for name in path.split("/")[:-1]] for path in paths]
    while parts and all(one and one[0] == parts[0][0] and class_key(one[0]) not in keys for one in parts):
        parts = [one[1:] for one in parts]
    if not any(parts):
        labels = _labels_without_folders(folder, keys, cancelled)
        return [LabelledFile(path, labels.get(path, "")) for path in paths]
    return [LabelledFile(path, _label(names, keys)) for path, names in zip(paths, parts, strict=True)]


def _label(folders: list[str], keys: set[str]) -> str:
    known = (shown(name) for name in reversed(folders) if class_key(name) in keys)
    return next(known, shown(folders[0]) if folders else "")


def _labels_without_folders(folder: Path, keys: set[str], cancelled: Callable[[], bool]) -> dict[str, str]:
    """path -> class, from the names of the files or a table, if these are known classes; else nothing."""
    try:
        listing = list_images(folder, cancelled)
    except DatasetError:
        return {}
    if listing.published or not any(class_key(name) in keys for name in listing.classes):
        return {}
    return {file.path: listing.classes[file.label] for file in listing.files}


def labels_of(names: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """int64 (N,): the index of the class with each name, however it is capitalised; -1 if there is none."""
    by_key = {class_key(name): i for i, name in reversed(list(enumerate(classes)))}
    return np.array([by_key.get(class_key(name), -1) if name else -1 for name in names], np.int64)


def folder_of(label: str) -> str:
    """The name of a folder for a class; any system allows it, and `label_of` gives the class again."""
    text = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", label)
    return f"%{ord(text[0]):02X}{text[1:]}" if is_device(text) else text


def label_of(folder: str) -> str:
    """The class of a folder that `folder_of` named; any other name stays as it is."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), folder)
    return text if folder_of(text) == folder else folder
