"""Lists the classes and image files of a folder by name, without decoding anything.

Imports neither torch nor Streamlit.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnn.data.archive_members import OPENED, is_archive_name
from cnn.data.class_names import class_key
from cnn.data.file_names import PATTERNS, class_in
from cnn.data.folder_names import splits_of
from cnn.data.layout import layout_of
from cnn.data.published.find import published_sets
from cnn.data.published.sets import PublishedSet
from cnn.data.reading import Group, Reading, quoted
from cnn.data.readings import readings
from cnn.data.unreadable import IMAGE_BEGINNINGS
from cnn.data.walk import ONLY_IN_CLOUD, DatasetError, Skipped, Tree, cause, natural_key, shown
from cnn.system.cloud import is_only_in_cloud
from cnn.system.typed_path import typed_path

SHEETS = (".xlsx", ".xls", ".ods", ".numbers")
MOST_TRIED = 50  # files that are opened to see whether they are images


class ImageFile(NamedTuple):
    """path: relative, posix, undecoded; label: index into the classes; split: train, val, test or None."""

    path: str
    label: int
    split: str | None


@dataclass(frozen=True)
class Listing:
    """The classes and image files of a folder.

    folder: absolute. layout: where the classes come from: "folders", "flat" (file names) or "table"; "split folders" if
    the folder or the published set defines a split; "published": a set without test images.
    reading: the name of the reading that gave them (see `cnn.data.readings`).
    read_as: sentences about it for the user.
    classes: names in natural order (2 before 10).
    files: sorted by class, then by path in natural order. published: the set that they belong to, which reads them by
    their paths; None if each is a file in the folder.
    stats: for each file, its size in bytes and the time of its last change in ns (`walk.file_stats`).
    skipped: files and folders that were left out, with reasons.
    val_is_test: whether the images of the split "val" are test images, because the folder has no others to hold out.
    """

    folder: Path
    layout: str
    reading: str
    read_as: tuple[str, ...]
    classes: tuple[str, ...]
    files: tuple[ImageFile, ...]
    stats: tuple[tuple[int, int], ...]
    skipped: tuple[Skipped, ...]
    published: PublishedSet | None = None
    val_is_test: bool = False


class UndecidedError(DatasetError):
    """A folder can be read in several ways, or in one that the user has to confirm. readings: the ways."""

    def __init__(self, folder: Path, readings: tuple[Reading, ...]):
        self.readings = readings
        ways = "; ".join(
            f"“{one.name}”, {len(one.counts):,} classes, {sum(one.counts.values()):,} images" for one in readings
        )
        super().__init__(
            f"It is not certain which classes “{shown(str(folder))}” has. {readings[0].doubt} "
            f"Choose how to read it: {ways}."
        )


def list_images(
    folder: str | os.PathLike,
    cancelled: Callable[[], bool] = lambda: False,
    known: Iterable[str] = (),
    reading: str = "",
) -> Listing:
    """The classes and image files in a folder. They come from

    - folders, one per class; more deeply nested images belong to the class too;
    - the names of files: `cat.0.jpg`, `001_cat.jpg`, `class0_0000.jpg`, ...;
    - a table: a CSV or TSV file with a column for the image and one for its class;
    - the files of a published set, such as MNIST (see `cnn.data.published`).

    Each may lie in parts of a split, by any usual name (`train`, `Testing`, `seg_train`, `valid`, ...). Without a
    validation folder, test images have the split "val" (`val_is_test`); with only a training folder, no split is
    defined. Folders that are named like a split or masks are not classes. Names that differ only in capitals, blanks or
    Unicode form are one class.

    folder: absolute or relative; may contain `~` or be in quotes. cancelled: polled before each inner folder.
    known: paths of images in the order of an earlier listing; a class without new images need not be sorted again.
    reading: the name of the reading to take; "": the first that is certain.

    Links are followed, each real folder once per class. Files that a user might expect to be used but that are not
    (documents, broken links, `._cat.jpg`, empty class folders, loose files beside the class folders) are listed in
    `skipped`. System files (`.DS_Store`, `Thumbs.db`, `__MACOSX`, hidden files and folders that do not look like
    images) are ignored silently.

    Raises UndecidedError if no reading is certain, DatasetError if there are fewer than two classes or the reading is
    not one of the folder's, and Cancelled if cancelled.
    """
    tree = Tree(resolve(folder), cancelled)
    taken = _take(tree, reading)
    names = sorted({group.class_name for group in taken.groups}, key=natural_key)
    files, stats = zip(*_sorted_files(taken.groups, names, known), strict=True)
    return Listing(
        folder=tree.root,
        layout=taken.layout,
        reading=taken.name,
        read_as=(taken.text, *taken.notes, *_in_cloud(taken.skipped)),
        classes=tuple(shown(name) for name in names),
        files=files,
        stats=stats,
        skipped=tuple(sorted(set(taken.skipped), key=lambda skip: natural_key(skip.path))),
        published=taken.published,
        val_is_test=taken.val_is_test,
    )


def folder_readings(folder: str | os.PathLike, cancelled: Callable[[], bool] = lambda: False) -> tuple[Reading, ...]:
    """All ways to read a folder that differ in their result, the most likely first.

    Raises DatasetError if there is none.
    """
    tree = Tree(resolve(folder), cancelled)
    return _found(tree, _different(_readings(tree)))


def _readings(tree: Tree) -> Iterator[Reading]:
    try:
        yield from readings(tree)
    except OSError as error:
        raise DatasetError(_cannot_open(tree.root, error)) from error


def _different(all_readings: Iterable[Reading]) -> tuple[Reading, ...]:
    different: list[Reading] = []
    for reading in all_readings:
        if not any(reading.is_like(other) for other in different):
            different.append(reading)
    return tuple(different)


def _take(tree: Tree, name: str) -> Reading:
    """The reading of this name, or the first that is certain."""
    found = []
    for reading in _readings(tree):
        if reading.name == name or (not name and not reading.doubt):
            return reading
        found.append(reading)
    _found(tree, tuple(found))
    if name:
        raise DatasetError(
            f"“{shown(str(tree.root))}” cannot be read as “{shown(name)}”. "
            f"It can be read as {quoted([reading.name for reading in found])}."
        )
    raise UndecidedError(tree.root, _different(found))


def _found(tree: Tree, found: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings. Raises DatasetError if there are none."""
    if not found:
        raise DatasetError(" ".join([_no_classes(tree), *_in_cloud(tree.below("")[1])]))
    return found


def _in_cloud(skipped: Iterable[Skipped]) -> list[str]:
    """A sentence about files that are only in the cloud, if there are any."""
    count = len({skip.path for skip in skipped if skip.reason == ONLY_IN_CLOUD})
    if not count:
        return []
    files = "1 file is" if count == 1 else f"{count:,} files are"
    return [
        f"{files} only in the cloud, not on this computer, and left out. To use them, choose “Always keep on this "
        "device” (OneDrive) or “Download Now” (iCloud Drive) in the menu of the folder, and read it again."
    ]


def _sorted_files(
    groups: Iterable[Group], names: list[str], known: Iterable[str]
) -> Iterator[tuple[ImageFile, tuple[int, int]]]:
    """Each file with its stats, class by class, in natural order (or that of `known`, if it has the whole class)."""
    places = {path: place for place, path in enumerate(known)}
    by_class: dict[str, list[Group]] = {name: [] for name in names}
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
    """The absolute path of a folder, given as people type it (see `typed_path`). Raises DatasetError if it is not a
    path."""
    typed = typed_path(os.fspath(folder))
    if not typed or "\0" in typed:
        raise DatasetError("No folder is given. Enter the path of a folder that has one folder of images per class.")
    return Path(os.path.abspath(typed))


def _no_classes(tree: Tree) -> str:
    """Why no reading gives two classes: what was found, and what is expected."""
    _, problems = published_sets(tree)
    if problems:
        return problems[0]
    root, folders = tree.root, tree.contents("").folders
    with_images = [name for name in folders if tree.below(name)[0]]
    if len(folders) == 1:
        try:
            list_images(root / folders[0], tree.cancelled)
        except UndecidedError:
            pass
        except DatasetError:
            return " ".join([_expected(root, with_images, []), *_nearly_usable(tree)])
        return (
            f"“{shown(str(root))}” contains no classes, but its folder “{shown(folders[0])}” does. "
            f"Open “{shown(str(root / folders[0]))}” instead."
        )
    layout = layout_of(tree)
    if with_images and not layout.classes and (splits_of(folders) or layout.special):
        return (
            f"“{shown(str(root))}” contains {quoted(with_images)}, but no class folders inside them, and the names of "
            "the files give no classes. Put the images of each class into a separate folder, such as train/cat and "
            "train/dog, or add a table with their labels."
        )
    loose = [path for path, _ in tree.contents("").images]
    archives = sorted(name for name in os.listdir(root) if is_archive_name(name))
    if archives and not with_images and not loose:
        of_classes = "If each holds the images of one class, unpack each into a folder of its name. If not, open"
        return (
            f"“{shown(str(root))}” contains no images, but {quoted(archives)}. "
            f"{of_classes if len(archives) > 1 else 'Open'} an archive by its own path: "
            f"“{shown(str(root / archives[0]))}”."
        )
    return " ".join([_expected(root, with_images, loose), *_nearly_usable(tree)])


def _nearly_usable(tree: Tree) -> Iterator[str]:
    """A sentence about each kind of file that would help under another name or in another format."""
    others = sorted(skip.path for skip in tree.below("")[1])
    if sheet := next((path for path in others if path.lower().endswith(SHEETS)), None):
        yield f"If “{sheet}” holds the labels, save it as CSV."
    for path in others[:MOST_TRIED]:
        if _is_image_inside(tree.root / path):
            yield (
                f"“{path}” is an image, but its name does not end like one. Rename such files so that they end in .jpg "
                "or .png."
            )
            return


def _expected(root: Path, with_images: list[str], loose: list[str]) -> str:
    names = with_images or sorted({class_in(PATTERNS[0], path) for path in loose} - {""})
    if not names:
        found = "images whose names give no class" if loose else "no images"
    elif len({class_key(name) for name in names}) == 1:
        found = f"only one class, {quoted(names)}"
    else:
        found = f"{quoted(names)}, which give no classes"
    return (
        f"“{shown(str(root))}” contains {found}. It needs at least two classes: one folder of images per class, "
        "such as cat and dog; files whose names contain the class, such as cat.0.jpg and dog.0.jpg; or a table (CSV) "
        "with the label of each image."
    )


def _cannot_open(root: Path, error: OSError) -> str:
    if os.path.isfile(root) and root.name.lower().endswith(OPENED):
        return (
            f"“{shown(str(root))}” is an archive. Choose it with “Open a folder” on the Data page, or unpack it and "
            "choose its folder."
        )
    if os.path.isfile(root):
        return f"“{shown(str(root))}” is not a folder. Choose the folder of the images, “{shown(str(root.parent))}”."
    return f"The folder “{shown(str(root))}” {cause(error)}. Check the path, or choose another folder."


def _is_image_inside(path: str | os.PathLike) -> bool:
    """Whether a file begins like an image, whatever its name. False if it cannot be opened, or is only in the cloud."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or is_only_in_cloud(status):
            return False
        with open(path, "rb") as file:
            return file.read(4).startswith(IMAGE_BEGINNINGS[:3])  # no TIFF: raw photographs begin like one
    except OSError:
        return False
