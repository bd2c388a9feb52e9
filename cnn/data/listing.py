"""A folder -> its classes and image files, by names alone: nothing is decoded.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnn.data.images import looks_like_image
from cnn.errors import Cancelled, UserError

# Folder names of a given split, in lower case. `test` stands in for validation where there is no other.
SPLIT_NAMES = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}

# A folder like the whole disk, chosen by mistake, must not be searched for ever.
MAX_FILES = 1_000_000

_NUMBER = re.compile(r"([0-9]+)")

# What operating systems leave behind, besides names that begin with a dot.
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx"}


class DatasetError(UserError):
    """Why a folder gives no dataset: what was found, what is expected, and what to do."""


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out. path: relative to the dataset's folder, for showing (see `shown`)."""

    path: str
    reason: str


class ImageFile(NamedTuple):
    """path: relative, posix, as the system has it; label: index into the classes; split: train, val, test or None."""

    path: str
    label: int
    split: str | None


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    folder: absolute. layout: "folders", "split folders" or "flat".
    classes: names in natural order (2 before 10).
    files: sorted by class, then by path in natural order.
    stats: for each file its size in bytes and the time in ns of its last change, to tell later whether it changed.
    """

    folder: Path
    layout: str
    classes: tuple[str, ...]
    files: tuple[ImageFile, ...]
    stats: tuple[tuple[int, int], ...]
    skipped: tuple[Skipped, ...]


def shown(name: str) -> str:
    """The name with bytes that are not UTF-8 written out (caf\\xe9), so that it can be shown, sent and stored."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def natural_key(name: str) -> list:
    """A sort key that puts 2 before 10, and tells all different names apart."""
    parts = _NUMBER.split(name.casefold())
    parts[1::2] = map(int, parts[1::2])
    parts += -1, name  # less than any number: what ends here comes before what goes on
    return parts


def file_stats(status: os.stat_result) -> tuple[int, int]:
    """Size in bytes and time in ns of the last change, be it of the content or (ctime) of permissions."""
    return status.st_size, max(status.st_mtime_ns, status.st_ctime_ns)


def list_images(
    folder: str | os.PathLike, cancelled: Callable[[], bool] = lambda: False, known: Iterable[str] = ()
) -> Listing:
    """The classes and image files in a folder. Three layouts are understood:

    - `class/image`: a folder for each class; images nested deeper belong to the class, too.
    - `train/class/image`, beside `val` (or `valid`, `validation`) and `test`, in any case. Without a validation
      folder `test` takes its place; with `train` alone the split is left open, and the layout is "folders".
    - `cat.0.jpg`, `dog.0.jpg`, ... in one folder: what comes before the first number is the class.

    folder: absolute or relative, as typed: with `~`, or in quotes. cancelled: asked before each folder inside.
    known: paths of images in the order of an earlier listing: if nothing else is found, they need not be sorted anew.

    Links are followed, each real folder once per class. Everything that could be believed to be used and is not
    (documents, broken links, `._cat.jpg`, empty class folders, loose files beside the class folders) is listed in
    `skipped`. What only the system put there (`.DS_Store`, `Thumbs.db`, `__MACOSX`, hidden files and folders that
    do not look like images) is passed over in silence.

    Raises DatasetError when there are not at least two classes to be found, and Cancelled if cancelled.
    """
    root = resolve(folder)
    skipped: list[Skipped] = []
    try:
        folders, loose = _scan(root, "", skipped)
    except OSError as error:
        raise DatasetError(_cannot_open(root, error)) from error

    split_folders = _split_folders(root, folders)
    if split_folders:
        found = _in_split_folders(root, split_folders, skipped, cancelled)
        beside = [name for name in folders if name not in split_folders]
        skipped += [Skipped(shown(name), "lies beside the train and validation folders") for name in beside]
    else:
        found = _in_class_folders(root, [(name, name, None) for name in folders], skipped, cancelled)
    layout = "split folders" if any(group.split for group in found) else "folders"
    if found:
        skipped += [Skipped(shown(path), "lies beside the class folders") for path, _ in loose]
    else:
        layout = "flat"
        found = _by_file_name(loose, skipped)

    names = sorted({group.class_name for group in found}, key=natural_key)
    if len(names) < 2:
        raise DatasetError(_too_few_classes(root, folders, names, cancelled))
    if not split_folders and {name.lower() for name in names} <= set(SPLIT_NAMES):
        raise DatasetError(
            f"“{shown(str(root))}” holds {_listed(names)}, but no class folders inside them. "
            "Put the images of each class into a folder of its own, such as train/cat and train/dog."
        )
    members: dict[str, list[tuple[str, str | None, tuple[int, int]]]] = {name: [] for name in names}
    for name, split, images in found:
        members[name] += [(path, split, stats) for path, stats in images]
    places = {path: place for place, path in enumerate(known)}
    for images in members.values():
        try:
            images.sort(key=lambda image: places[image[0]])
        except KeyError:
            # The folder that all lie in says nothing about their order, and would only cost time.
            common = len(os.path.commonpath([min(images)[0], max(images)[0]]))
            images.sort(key=lambda image: natural_key(image[0][common:]))
    return Listing(
        folder=root,
        layout=layout,
        classes=tuple(shown(name) for name in names),
        files=tuple(
            ImageFile(path, label, split) for label, name in enumerate(names) for path, split, _ in members[name]
        ),
        stats=tuple(stats for name in names for _, _, stats in members[name]),
        skipped=tuple(sorted(skipped, key=lambda skip: natural_key(skip.path))),
    )


class _Group(NamedTuple):
    """Images of one class and split, one at least: their paths and stats."""

    class_name: str
    split: str | None
    images: list[tuple[str, tuple[int, int]]]


def resolve(folder: str | os.PathLike) -> Path:
    """The absolute path of a folder as it was typed: with `~`, or in quotes. Raises DatasetError if it is no path."""
    typed = os.fspath(folder)
    if not os.path.exists(typed):  # a name may really end in a blank
        typed = os.path.expanduser(typed.strip().strip("\"'").strip())
    if not typed or "\0" in typed:
        raise DatasetError("No folder is given. Type the path of a folder that holds one folder of images per class.")
    return Path(os.path.abspath(typed))


def _scan(root: Path, folder: str, skipped: list[Skipped]) -> tuple[list[str], list[tuple[str, tuple[int, int]]]]:
    """The names of the folders in a folder, and the paths (from the root) and stats of its images."""
    folders, images = [], []
    prefix = f"{folder}/" if folder else ""
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = entry.name
            path = prefix + name
            is_image = looks_like_image(name)
            hidden = name.startswith(".") or (not is_image and name.lower() in _LITTER)
            if hidden and not is_image:
                continue
            try:
                status = entry.stat()
            except OSError as error:
                skipped.append(Skipped(shown(path), _cause(error)))
                continue
            if stat.S_ISDIR(status.st_mode):
                if not hidden:
                    folders.append(name)
            elif hidden:
                skipped.append(Skipped(shown(path), "is a hidden file"))
            elif not is_image:
                skipped.append(Skipped(shown(path), "is not an image file, going by its name"))
            elif not stat.S_ISREG(status.st_mode):  # a pipe or a device
                skipped.append(Skipped(shown(path), "is not a file"))
            else:
                images.append((path, file_stats(status)))
    return sorted(folders, key=natural_key), images


def _walk(
    root: Path, folder: str, skipped: list[Skipped], cancelled: Callable[[], bool]
) -> list[tuple[str, tuple[int, int]]]:
    """All images in a folder and the folders below it, in no order."""
    images = []
    # Links can lead in a circle, or twice to the same place.
    seen = {_identity(root)}
    waiting = [folder]
    while waiting:
        if cancelled():
            raise Cancelled
        if len(images) + len(skipped) > MAX_FILES:
            raise DatasetError(
                f"“{shown(str(root))}” holds more than {MAX_FILES:,} files. Choose the folder that holds the classes."
            )
        path = waiting.pop()
        try:
            identity = _identity(root / path)
            if identity in seen:
                skipped.append(Skipped(shown(path), "leads to a folder that is already read"))
                continue
            seen.add(identity)
            folders, more = _scan(root, path, skipped)
        except OSError as error:
            skipped.append(Skipped(shown(path), _cause(error)))
            continue
        images += more
        waiting += [f"{path}/{name}" for name in folders]
    return images


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _split_folders(root: Path, folders: list[str]) -> dict[str, str]:
    """Folder name -> split, if these are the folders of a given split; empty if they are classes.

    A class may well be called "train" (next to "bus"): then its folder holds images rather than folders.
    """
    splits = {name: SPLIT_NAMES[name.lower()] for name in folders if name.lower() in SPLIT_NAMES}
    for train in (name for name, split in splits.items() if split == "train"):
        try:
            classes, images = _scan(root, train, [])
        except OSError:
            continue
        if classes and (len(splits) == len(folders) or not images):
            return splits
    return {}


def _in_split_folders(
    root: Path, split_folders: dict[str, str], skipped: list[Skipped], cancelled: Callable[[], bool]
) -> list[_Group]:
    class_folders = []
    for folder, split in split_folders.items():
        try:
            classes, loose = _scan(root, folder, skipped)
        except OSError as error:
            skipped.append(Skipped(shown(folder), _cause(error)))
            continue
        skipped += [Skipped(shown(path), "lies beside the class folders") for path, _ in loose]
        class_folders += [(name, f"{folder}/{name}", split) for name in classes]
    found = _in_class_folders(root, class_folders, skipped, cancelled)

    trained = {group.class_name for group in found if group.split == "train"}
    unknown = {group.class_name for group in found} - trained
    skipped += [
        Skipped(shown(path), "is a class without training images") for name, path, _ in class_folders if name in unknown
    ]
    splits = {group.split for group in found if group.class_name in trained}
    use = {"train": "train", "val": "val", "test": "test" if "val" in splits else "val"}
    if splits == {"train"}:
        use = {"train": None}
    return [group._replace(split=use[group.split]) for group in found if group.class_name in trained]


def _in_class_folders(
    root: Path, folders: list[tuple[str, str, str | None]], skipped: list[Skipped], cancelled: Callable[[], bool]
) -> list[_Group]:
    """The images in folders given as (class name, path, split)."""
    found = []
    for name, path, split in folders:
        images = _walk(root, path, skipped, cancelled)
        unreadable = skipped and skipped[-1].path == shown(path)
        if images:
            found.append(_Group(name, split, images))
        elif not unreadable:
            skipped.append(Skipped(shown(path), "holds no images"))
    return found


def _by_file_name(images: list[tuple[str, tuple[int, int]]], skipped: list[Skipped]) -> list[_Group]:
    by_name: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for path, stats in images:
        stem = os.path.splitext(path)[0]
        before_number, number, _ = re.match(r"([^0-9]*)([0-9]?)(.*)", stem, re.DOTALL).groups()
        name = before_number.rstrip("._- ") if number else re.split(r"[._\- ]", stem, maxsplit=1)[0]
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
                f"“{shown(str(root))}” holds no classes of its own, but its folder “{shown(inner.name)}” does. "
                f"Open “{shown(str(inner))}” instead."
            )
    found = f"only one class, {_listed(names)}" if names else "no images"
    return (
        f"“{shown(str(root))}” holds {found}. Expected are at least two classes: one folder of images for each, "
        "such as cat and dog, or files whose names begin with the class, such as cat.0.jpg and dog.0.jpg."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{shown(name)}”" for name in names)


def _cannot_open(root: Path, error: OSError) -> str:
    return f"The folder “{shown(str(root))}” {_cause(error)}. Check the path, or choose another folder."


def _cause(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, NotADirectoryError):
        return "is not a folder"
    if isinstance(error, PermissionError):
        return "cannot be opened: no permission"
    if error.errno == errno.ELOOP:
        return "is a link that leads to itself"
    return f"cannot be opened: {error.strerror or error}"
