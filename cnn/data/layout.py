"""How the folders inside a folder lie: parts of a split, classes, masks, or folders that only wrap others.

Imports neither torch nor Streamlit.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cnn.data.class_names import class_key
from cnn.data.folder_names import TRAIN, is_masks, is_neutral, masked, may_be_masks, splits_of
from cnn.data.walk import FoundImage, Skipped, Tree, join, shown

MASKS = "holds masks or labels, by its name"
REPEATS = "contains folders named like the classes beside it"
_MOST_WRAPPERS = 5


class Part(NamedTuple):
    """A part of a split. folder: its path. inside: the path of the folder in it that has the images or classes, which
    may be the same. split: train, val, test or unlabelled."""

    folder: str
    inside: str
    split: str


@dataclass(frozen=True)
class Layout:
    """What the folders at one place are.

    base: the path of the folder they are in. parts: of a split; none if the folder has no split. classes: names of the
    folders that may be classes, if there is no split. special: folders besides that look like parts of a split or like
    masks, with the reasons. beside: the names of other folders beside the parts. note: a sentence.
    """

    base: str
    parts: tuple[Part, ...]
    classes: tuple[str, ...]
    special: tuple[Skipped, ...] = ()
    beside: tuple[str, ...] = ()
    note: str = ""


def layout_of(tree: Tree) -> Layout:
    base, wrapped = _base(tree)
    folders = tree.looked_into(base).folders
    masks = [name for name in folders if is_masks(name)]
    maybe = [name for name in folders if may_be_masks(name, folders)]
    special = [*wrapped, *(Skipped(shown(join(base, name)), MASKS) for name in (*masks, *maybe))]
    names = [name for name in folders if name not in masks and name not in maybe]
    splits = splits_of(names)
    others = [name for name in names if name not in splits]
    train = [name for name, split in splits.items() if split == TRAIN]

    with_classes = any(_has_classes(tree, join(base, name), len(splits) == len(folders)) for name in train)
    if with_classes or (train and not _have_images(tree, base, others)):
        return Layout(base, _parts(tree, base, splits), (), tuple(special), tuple(others))
    if train and len(splits) == 1:  # a train, beside a bus
        note = f"“{shown(train[0])}” is taken as a class, because it holds images beside {shown(others[0])}."
        return Layout(base, (), tuple(names), tuple(special), note=note)
    special += [
        Skipped(shown(join(base, name)), "has the name of a part of a split, not of a class") for name in splits
    ]
    repeats = [name for name in others if _repeats(tree, base, name, others)]
    if len(others) - len(repeats) < 2:
        return Layout(base, (), tuple(others), tuple(special))
    special += [Skipped(shown(join(base, name)), REPEATS) for name in repeats]
    note = f"“{shown(repeats[0])}” is not used: it {REPEATS}." if repeats else ""
    return Layout(base, (), tuple(name for name in others if name not in repeats), tuple(special), note=note)


def _repeats(tree: Tree, base: str, name: str, beside: Iterable[str]) -> bool:
    """Whether a folder is a copy of those beside it, such as a backup, and no class."""
    contents = tree.looked_into(join(base, name))
    others = {class_key(other) for other in beside if other != name}
    return not contents.images and len(contents.folders) > 1 and set(map(class_key, contents.folders)) <= others


def _base(tree: Tree) -> tuple[str, list[Skipped]]:
    """The folder to look into: the root, or a folder in it that only wraps it ("images", beside "annotations")."""
    base, beside = "", []
    for _ in range(_MOST_WRAPPERS):
        contents = tree.looked_into(base)
        neutral = [name for name in contents.folders if is_neutral(name)]
        others = [name for name in contents.folders if name not in neutral]
        masks = [name for name in others if is_masks(name)]
        rest = [name for name in others if name not in masks]
        if len(neutral) != 1 or contents.images or (rest and _have_images(tree, base, rest)):
            break
        beside += [Skipped(shown(join(base, name)), MASKS) for name in masks]
        base = join(base, neutral[0])
    return base, beside


def _have_images(tree: Tree, base: str, names: Iterable[str]) -> bool:
    return any(tree.below(join(base, name))[0] for name in names)


def _has_classes(tree: Tree, folder: str, is_all: bool) -> bool:
    """Whether a folder called "train" holds class folders. is_all: whether all folders beside it are parts, too."""
    contents = tree.looked_into(_inside(tree, folder))
    return bool(contents.folders) and (is_all or not contents.images)


def _parts(tree: Tree, base: str, splits: dict[str, str]) -> tuple[Part, ...]:
    folders = {join(base, name): split for name, split in splits.items()}
    return tuple(Part(folder, _inside(tree, folder), split) for folder, split in folders.items())


def _inside(tree: Tree, folder: str) -> str:
    """The folder that has the images of a part: "seg_train/seg_train", "train/images"."""
    for _ in range(_MOST_WRAPPERS):
        contents = tree.looked_into(folder)
        inner = [name for name in contents.folders if not is_masks(name)]
        if contents.images or len(inner) != 1:
            break
        same = class_key(inner[0]) == class_key(os.path.basename(folder))
        if not (same or is_neutral(inner[0]) or splits_of(inner)):
            break
        folder = join(folder, inner[0])
    return folder


def without_masks(images: Sequence[FoundImage], folder: str) -> tuple[list[FoundImage], list[Skipped]]:
    """The images of a class folder that are not masks of others: a folder of masks in it, or "a_mask.png" beside
    "a.png"."""
    start = len(folder) + 1 if folder else 0
    in_masks = [any(is_masks(name) for name in path[start:].split("/")[:-1]) for path, _ in images]
    stems = {os.path.splitext(path)[0] for path, _ in images}
    use, masks = [], []
    for (path, stats), is_in_masks in zip(images, in_masks, strict=True):
        place, _, name = path.rpartition("/")
        of = masked(os.path.splitext(name)[0])
        if is_in_masks and not all(in_masks):
            masks.append(Skipped(shown(path), "is in a folder of masks or labels"))
        elif of and join(place, of) in stems:
            masks.append(Skipped(shown(path), f"is the mask of “{shown(of)}”, by its name"))
        else:
            use.append((path, stats))
    return use, masks
