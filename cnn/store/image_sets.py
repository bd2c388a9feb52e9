"""Named sets of new images, on which several networks can be judged.

A set is a folder in the run store, with the unchanged files in a folder for each class (`labelled_files.folder_of`);
images without a class lie beside these. The same folder as a .zip is how a set goes from one group to another. All
files of a set have different names, so an image keeps its name when it gets another class. Imports neither torch nor
Streamlit.
"""

import hashlib
import json
import os
import stat
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from cnn.data.archive import free_target
from cnn.data.content import content_hash
from cnn.data.images import looks_like_image
from cnn.data.labelled_files import folder_of, label_of, labelled_files
from cnn.data.staging import Staging
from cnn.data.walk import natural_key
from cnn.store.database import StoreError
from cnn.store.runs import RunError, RunStore
from cnn.system.files import delete_folder, replace

MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class ImageSet:
    """files: in natural order of their names. labels: the name of the class of each; "" if it has none. size: bytes.
    fingerprint: identifies the images, whatever their classes."""

    name: str
    folder: Path
    files: tuple[Path, ...]
    labels: tuple[str, ...]
    size: int
    fingerprint: str


class ImageSetError(StoreError):
    """Why a set cannot be made or changed: a sentence for the user."""


def image_sets(store: RunStore) -> list[ImageSet]:
    """All sets, by name."""
    root = store.image_sets
    folders = [] if root.is_symlink() or not root.is_dir() else [path for path in root.iterdir() if _is_set(path)]
    found = []
    for folder in sorted(folders, key=lambda folder: natural_key(folder.name)):
        with suppress(OSError):  # deleted meanwhile
            found.append(_read(folder))
    return found


def find_set(store: RunStore, name: str) -> ImageSet | None:
    """The set with that name; None if there is none."""
    return next((one for one in image_sets(store) if one.name == name), None)


def _is_set(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _read(folder: Path) -> ImageSet:
    found = []
    for parent in (folder, *(path for path in folder.iterdir() if _is_set(path))):
        label = "" if parent == folder else label_of(parent.name)
        for path in parent.iterdir():
            if not looks_like_image(path.name):
                continue
            with suppress(OSError):  # another session has just moved it into another class
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    found.append((path, label, status))
    found.sort(key=lambda one: natural_key(one[0].name))
    files, labels = tuple(path for path, _, _ in found), tuple(label for _, label, _ in found)
    stats = [(path.name, status.st_size, status.st_mtime_ns) for path, _, status in found]
    digest = hashlib.sha256(json.dumps([folder.name, stats]).encode()).hexdigest()[:32]
    size = sum(size for _, size, _ in stats)
    return ImageSet(folder.name, folder, files, labels, size, digest)


def add(
    store: RunStore, name: str, folder: Path, known: Iterable[str] = (), label: str = "", is_new: bool = False
) -> tuple[ImageSet, int]:
    """Moves the images of a folder into the set of that name; into a new one if `is_new`, or if there is none. Returns
    the set, and how many images were left out because the set has them already. What remains of the folder is removed.

    known: names of classes, as in `labelled_files`. label: the class of images that have none there.
    Raises ImageSetError if there are no images in it, or a file cannot be read or kept (the disk is full), and
    DatasetError if the folder cannot be opened.
    """
    files = labelled_files(folder, known)
    if not files:
        raise ImageSetError("There are no images in it.")
    present = None if is_new else find_set(store, name)
    names = {file.name.casefold() for file in present.files} if present else set()
    copies = 0
    try:
        seen = {content_hash(file.read_bytes()) for file in present.files} if present else set()
        with Staging(store.image_sets) as part:
            target = present.folder if present else part / "set"
            target.mkdir(exist_ok=True)
            for path, own_label in files:
                source, home = folder / path, target
                content = content_hash(source.read_bytes())
                if content in seen:
                    copies += 1
                    continue
                seen.add(content)
                if given := own_label or label:
                    home = target / folder_of(given)
                    home.mkdir(exist_ok=True)
                replace(source, home / _free_name(source.name, names))
            if not present:
                present = _named(store, target, name)
    except OSError as error:
        raise ImageSetError(f"The images could not be kept: {error.strerror or error}.") from error
    with suppress(OSError):
        delete_folder(folder)
    return _read(present.folder), copies


def _named(store: RunStore, part: Path, name: str) -> ImageSet:
    home = free_target(store.image_sets, name.strip()[:MAX_NAME_LENGTH])
    replace(part, home)
    return _read(home)


def _free_name(name: str, taken: set[str]) -> str:
    """A name that no other file of the set has, in any capitals; it is taken from now on."""
    stem, suffix = os.path.splitext(name)
    number = 1
    while (free := f"{stem}-{number}{suffix}" if number > 1 else name).casefold() in taken:
        number += 1
    taken.add(free.casefold())
    return free


def set_labels(chosen: ImageSet, file_names: Iterable[str], label: str) -> ImageSet:
    """The set after these images have got a class; "" takes it away. Raises ImageSetError if one is not there."""
    by_name = {file.name: file for file in chosen.files}
    home = chosen.folder / folder_of(label) if label else chosen.folder
    try:
        home.mkdir(exist_ok=True)
        for name in file_names:
            if by_name[name].parent != home:
                replace(by_name[name], home / name)
        for parent in {file.parent for file in chosen.files} - {chosen.folder, home}:
            with suppress(OSError):  # it still holds images
                parent.rmdir()
    except (OSError, KeyError) as error:
        raise ImageSetError("This image is no longer in the set. Open the page again.") from error
    return _read(chosen.folder)


def as_archive(chosen: ImageSet) -> bytes:
    """The set as a .zip, with a folder for each class."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in chosen.files:
            inside = path.relative_to(chosen.folder.parent).as_posix()
            date = max(time.localtime(path.stat().st_mtime)[:6], (1980, 1, 1, 0, 0, 0))  # the oldest of the format
            archive.writestr(zipfile.ZipInfo(inside, date), path.read_bytes())
    return file.getvalue()


def delete_set(store: RunStore, name: str) -> int:
    """Deletes a set; returns the number of bytes freed. Raises RunError if there is none of that name."""
    chosen = find_set(store, name)
    if chosen is None:
        raise RunError("This set has already been deleted.")
    try:
        delete_folder(chosen.folder)
    except OSError as error:
        raise RunError(f"{chosen.folder} could not be deleted: {error.strerror or error}.") from error
    return chosen.size
