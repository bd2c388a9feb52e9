"""Lists the classes and image files of a folder by name, without decoding anything.

Imports neither torch nor Streamlit.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnn.data.walk import DatasetError, FoundImage, Skipped, cause, natural_key, scan, shown, walk

# Folder names of the splits, in lower case. `test` is used for the held-out images if there is no other folder.
SPLIT_NAMES = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


class ImageFile(NamedTuple):
    """path: relative, posix, undecoded; label: index into the classes; split: train, val, test or None."""

    path: str
    label: int
    split: str | None


@dataclass(frozen=True)
class Listing:
    """The classes and image files of a folder.

    folder: absolute. layout: "folders", "split folders" or "flat".
    classes: names in natural order (2 before 10).
    files: sorted by class, then by path in natural order.
    stats: for each file, its size in bytes and the time of its last change in ns (`walk.file_stats`).
    skipped: files and folders that were left out, with reasons.
    """

    folder: Path
    layout: str
    classes: tuple[str, ...]
    files: tuple[ImageFile, ...]
    stats: tuple[tuple[int, int], ...]
    skipped: tuple[Skipped, ...]


def list_images(
    folder: str | os.PathLike, cancelled: Callable[[], bool] = lambda: False, known: Iterable[str] = ()
) -> Listing:
    """The classes and image files in a folder. Three layouts are supported:

    - `class/image`: a folder per class; more deeply nested images belong to the class too.
    - `train/class/image`, beside `val` (or `valid`, `validation`) and `test`, in upper or lower case. Without a
      validation folder, `test` takes its place; with only `train`, no split is defined and the layout is "folders".
    - `cat.0.jpg`, `dog.0.jpg`, ... in one folder: the text before the first number is the class.

    folder: absolute or relative; may contain `~` or be in quotes. cancelled: polled before each inner folder.
    known: paths of images in the order of an earlier listing; a class without new images need not be sorted again.

    Links are followed, each real folder once per class. Files that a user might expect to be used but that are not
    (documents, broken links, `._cat.jpg`, empty class folders, loose files beside the class folders) are listed in
    `skipped`. System files (`.DS_Store`, `Thumbs.db`, `__MACOSX`, hidden files and folders that do not look like
    images) are ignored silently.

    Raises DatasetError if there are fewer than two classes, and Cancelled if cancelled.
    """
    root = resolve(folder)
    skipped: list[Skipped] = []
    try:
        folders, loose = scan(root, "", skipped)
    except OSError as error:
        raise DatasetError(_cannot_open(root, error)) from error

    split_folders = _split_folders(root, folders)
    if split_folders:
        found = _in_split_folders(root, split_folders, skipped, cancelled)
        others = [name for name in folders if name not in split_folders]
        skipped += [Skipped(shown(name), "is beside the train and validation folders") for name in others]
    else:
        found = _in_class_folders(root, [(name, name, None) for name in folders], skipped, cancelled)
    layout = "split folders" if any(group.split for group in found) else "folders"
    if found:
        skipped += [Skipped(shown(path), "is beside the class folders") for path, _ in loose]
    else:
        layout = "flat"
        found = _by_file_name(loose, skipped)

    names = sorted({group.class_name for group in found}, key=natural_key)
    if len(names) < 2:
        raise DatasetError(_too_few_classes(root, folders, names, cancelled))
    if not split_folders and {name.lower() for name in names} <= set(SPLIT_NAMES):
        raise DatasetError(
            f"“{shown(str(root))}” contains {_quoted(names)}, but no class folders inside them. "
            "Put the images of each class into a separate folder, such as train/cat and train/dog."
        )
    files, stats = zip(*_sorted_files(found, names, known), strict=True)
    return Listing(
        folder=root,
        layout=layout,
        classes=tuple(shown(name) for name in names),
        files=files,
        stats=stats,
        skipped=tuple(sorted(skipped, key=lambda skip: natural_key(skip.path))),
    )


class _Group(NamedTuple):
    """The images of one class and split, at least one."""

    class_name: str
    split: str | None
    images: list[FoundImage]


def _sorted_files(
    groups: list[_Group], names: list[str], known: Iterable[str]
) -> Iterator[tuple[ImageFile, tuple[int, int]]]:
    """Each file with its stats, class by class, in natural order (or that of `known`, if it has the whole class)."""
    places = {path: place for place, path in enumerate(known)}
    by_class: dict[str, list[_Group]] = {name: [] for name in names}
    for group in groups:
        by_class[group.class_name].append(group)
    for label, name in enumerate(names):
        files = [ImageFile(path, label, group.split) for group in by_class[name] for path, _ in group.images]
        stats = [found for group in by_class[name] for _, found in group.images]
        try:
            keys: list = [places[file.path] for file in files]
        except KeyError:
            # The common folder does not affect the order; leaving it out saves time.
            common = len(os.path.commonpath([min(files).path, max(files).path]))
            keys = [natural_key(file.path[common:]) for file in files]
        for i in sorted(range(len(files)), key=keys.__getitem__):
            yield files[i], stats[i]


def resolve(folder: str | os.PathLike) -> Path:
    """The absolute path of a folder; may contain `~` or be in quotes. Raises DatasetError if it is not a path."""
    typed = os.fspath(folder)
    if not os.path.exists(typed):  # checked first, because a real name can end in a blank
        typed = os.path.expanduser(typed.strip().strip("\"'").strip())
    if not typed or "\0" in typed:
        raise DatasetError("No folder is given. Enter the path of a folder that has one folder of images per class.")
    return Path(os.path.abspath(typed))


def _split_folders(root: Path, folders: list[str]) -> dict[str, str]:
    """Folder name -> split, if the folder defines a split; empty if its folders are classes.

    A class may be called "train" (beside "bus"); its folder then holds images, not folders.
    """
    splits = {name: SPLIT_NAMES[name.lower()] for name in folders if name.lower() in SPLIT_NAMES}
    for train in (name for name, split in splits.items() if split == "train"):
        try:
            classes, images = scan(root, train, [])
        except OSError:
            continue
        if classes and (len(splits) == len(folders) or not images):
            return splits
    return {}


def _in_split_folders(
    root: Path, split_folders: dict[str, str], skipped: list[Skipped], cancelled: Callable[[], bool]
) -> list[_Group]:
    class_folders: list[tuple[str, str, str | None]] = []
    for folder, split in split_folders.items():
        try:
            classes, loose = scan(root, folder, skipped)
        except OSError as error:
            skipped.append(Skipped(shown(folder), cause(error)))
            continue
        skipped += [Skipped(shown(path), "is beside the class folders") for path, _ in loose]
        class_folders += [(name, f"{folder}/{name}", split) for name in classes]
    found = _in_class_folders(root, class_folders, skipped, cancelled)

    in_train = {group.class_name for group in found if group.split == "train"}
    untrained = {group.class_name for group in found} - in_train
    skipped += [
        Skipped(shown(path), "is a class without training images")
        for name, path, _ in class_folders
        if name in untrained
    ]
    splits = {group.split for group in found if group.class_name in in_train}
    use: dict[str | None, str | None] = {"train": "train", "val": "val", "test": "test" if "val" in splits else "val"}
    if splits == {"train"}:
        use = {"train": None}
    return [group._replace(split=use[group.split]) for group in found if group.class_name in in_train]


def _in_class_folders(
    root: Path, folders: list[tuple[str, str, str | None]], skipped: list[Skipped], cancelled: Callable[[], bool]
) -> list[_Group]:
    """The images in folders given as (class name, path, split)."""
    found = []
    for name, path, split in folders:
        images = walk(root, path, skipped, cancelled)
        unreadable = skipped and skipped[-1].path == shown(path)
        if images:
            found.append(_Group(name, split, images))
        elif not unreadable:
            skipped.append(Skipped(shown(path), "contains no images"))
    return found


def _by_file_name(images: list[FoundImage], skipped: list[Skipped]) -> list[_Group]:
    by_name: dict[str, list[FoundImage]] = {}
    for path, stats in images:
        stem = os.path.splitext(path)[0]
        before_number, *numbered = re.split(r"[0-9]", stem, maxsplit=1)
        name = before_number.rstrip("._- ") if numbered else re.split(r"[._\- ]", stem, maxsplit=1)[0]
        if name:
            by_name.setdefault(name, []).append((path, stats))
        else:
            skipped.append(Skipped(shown(path), "has a name that does not begin with a class"))
    return [_Group(name, None, images) for name, images in by_name.items()]


def _too_few_classes(root: Path, folders: list[str], names: list[str], cancelled: Callable[[], bool]) -> str:
    candidates = names or folders
    if len(candidates) == 1 and candidates[0] in folders:
        inner = root / candidates[0]
        try:
            list_images(inner, cancelled)
        except DatasetError:
            pass
        else:
            return (
                f"“{shown(str(root))}” contains no classes, but its folder “{shown(inner.name)}” does. "
                f"Open “{shown(str(inner))}” instead."
            )
    found = f"only one class, {_quoted(names)}" if names else "no images"
    return (
        f"“{shown(str(root))}” contains {found}. It needs at least two classes: one folder of images per class, "
        "such as cat and dog, or files whose names begin with the class, such as cat.0.jpg and dog.0.jpg."
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{shown(name)}”" for name in names)


def _cannot_open(root: Path, error: OSError) -> str:
    return f"The folder “{shown(str(root))}” {cause(error)}. Check the path, or choose another folder."
