"""Disk use of runs, decoded images and uploads, and their deletion. Nothing outside the run store is touched.

User input never becomes a path: names are looked up among the files that exist. Links are removed, never followed.
Imports neither torch nor Streamlit.
"""

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from cnn.data.cache import origin
from cnn.data.images import looks_like_image
from cnn.data.staging import clear_leftovers
from cnn.store.records import SNAPSHOTS
from cnn.store.run import Run, is_plain_name
from cnn.store.run_results import Result, results
from cnn.store.runs import RunError, RunStore
from cnn.store.store_folder import snapshot_name
from cnn.system.disk_use import entries_of, files_below, folders_in, is_file, size_of
from cnn.system.files import delete, delete_folder

PART_LIFETIME = 3600.0  # seconds; nobody is still writing an unfinished file that is older
CREATION_TIME = 60.0  # seconds; a new run gets its folder before its row
RUN_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")  # see cnn.store.run.new_id
# See cnn.data.cache. The name of an unfinished file ends in a unique id and .part.
DECODED_NAME = re.compile(r"([0-9a-f]{32})(-[0-9a-f]{32})?\.(json|npy)(\.[0-9a-f]{32})?(\.part)?")
NOT_RUNS = ("datasets", "uploads", "images", "image_sets")


@dataclass(frozen=True)
class StoredRun:
    """A run on the disk. run: None if its row is damaged. damage: a sentence, "" if the run is whole. size: bytes.
    epochs: how many are complete. accuracy: held-out accuracy of the best epoch, 0..1."""

    id: str
    run: Run | None
    damage: str
    size: int
    epochs: int = 0
    accuracy: float | None = None

    @property
    def active(self) -> bool:
        return self.run is not None and self.run.active


@dataclass(frozen=True)
class Upload:
    """A dataset that was uploaded, or opened as an archive by its path. size: bytes. runs: the ids of those trained on
    it."""

    name: str
    folder: Path
    images: int
    size: int
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Decoded:
    """The decoded images of a dataset. folder: where the images come from; shape: of an image, (height, width,
    channels); images: their number. "", () and 0 if unknown. size: bytes. used: last use, in seconds since 1970."""

    key: str
    folder: str
    shape: tuple[int, ...]
    images: int
    size: int
    used: float
    files: tuple[Path, ...]


def stored_runs(store: RunStore) -> list[StoredRun]:
    """All runs, newest first: whole ones, then damaged ones, then folders that a crash left without a run."""
    with store.transaction():
        entries = list(store.entries())
        found = results(store, [run for _, run in entries if isinstance(run, Run)])
        steps = _snapshots(store)
        stored = [_stored(store, run_id, run, found.get(run_id), steps.get(run_id, [])) for run_id, run in entries]
    whole, damaged = [run for run in stored if run.run], [run for run in stored if not run.run]
    known = {stored.id for stored in whole + damaged}
    lost = "This folder belongs to no run. It was left by a crash."
    return whole + damaged + [StoredRun(name, None, lost, size_of(path)) for name, path in _lost(store, known)]


def _stored(
    store: RunStore, run_id: str, run: Run | RunError, result: Result | None, snapshots: list[int] | None
) -> StoredRun:
    """result: None if its epochs are damaged. snapshots: the steps of the run's snapshots; None if one is damaged."""
    size = _run_size(store, run_id)
    try:
        if isinstance(run, RunError):
            raise run
        if result is None or snapshots is None:
            history = store.history(run_id)
            history.epochs(), history.snapshots()  # one of them raises the error that says why
            raise RunError(f"Run {run_id} is damaged: its history cannot be read")
        return StoredRun(run.id, run, _missing(store, run, snapshots), size, result.epochs, result.best)
    except RunError as error:
        return StoredRun(run_id, None, str(error), size)


def delete_run(store: RunStore, run_id: str) -> int:
    """Deletes a run and its snapshots; returns the number of bytes freed.

    Raises RunError if the store has no such run, or the run is being trained.
    """
    run: Run | RunError | None = store.find([run_id]).get(run_id)
    if run is None:
        known = dict(store.entries())  # all: the id of a damaged run may be anything
        if run_id not in known and run_id not in dict(_lost(store, set(known))):
            raise RunError(f"There is no run {run_id!r} in {store.directory}.")
        run = known.get(run_id)
    folder = _run_folder(store, run_id)
    if isinstance(run, Run) and run.active:
        raise RunError(f"Run {run_id} is being trained. Stop it first.")
    if folder is None:
        store.forget(run_id)
        return 0
    freed = size_of(folder)
    if folder.is_dir() and not folder.is_symlink():
        try:
            # Wait a moment: checking for a trainer can hold the lock briefly.
            with store.lock(run_id).acquire(timeout=1):
                store.forget(run_id)
        except Timeout:
            raise RunError(f"Run {run_id} is being trained. Stop it first.") from None
        # The rows go first: a crash here leaves a folder without a run, which is listed and can be deleted.
        _remove(folder)
    else:
        store.forget(run_id)
        _remove(folder)
    return freed


def decoded_datasets(store: RunStore) -> list[Decoded]:
    """The datasets with decoded images in the cache, last used first."""
    files: dict[str, list[Path]] = {}
    for path in entries_of(store.cache) if not store.cache.is_symlink() else ():
        if (name := DECODED_NAME.fullmatch(path.name)) and is_file(path):
            files.setdefault(name[1], []).append(path)
    found = []
    for key, paths in files.items():
        with suppress(OSError):  # deleted meanwhile
            statuses = [path.lstat() for path in paths]
            size, used = sum(status.st_size for status in statuses), max(status.st_mtime for status in statuses)
            found.append(Decoded(key, *origin(store.cache, key), size, used, tuple(paths)))
    return sorted(found, key=lambda decoded: -decoded.used)


def delete_decoded(store: RunStore, key: str) -> int:
    """Deletes the decoded images of a dataset; returns the number of bytes freed. They are read again when needed.

    Files that are still being written stay. Readers that have the images open can go on reading them. Windows does not
    allow that: it refuses the deletion.
    Raises RunError if there are no decoded images under that key, or they are open on Windows.
    """
    decoded = next((decoded for decoded in decoded_datasets(store) if decoded.key == key), None)
    if decoded is None:
        raise RunError("These decoded images have already been deleted.")
    freed = 0
    for path in sorted(decoded.files, key=lambda path: path.suffix != ".json"):  # the index goes first
        try:
            status = path.lstat()
            if path.suffix == ".part" and time.time() - status.st_mtime < PART_LIFETIME:
                continue
            delete(path)
            freed += status.st_size
        except PermissionError:
            raise RunError(
                "These decoded images are in use. Wait for the trainings on them, choose another dataset on the Data "
                "page, and delete them again."
            ) from None
        except OSError:  # deleted meanwhile
            continue
    return freed


def uploads(store: RunStore) -> list[Upload]:
    """The datasets that were uploaded, or opened as archives by their path; by name."""
    folders = _upload_folders(store)
    runs = store.all() if folders else []
    found = []
    for folder in folders:
        files = list(files_below(folder))
        users = tuple(run.id for run in runs if run.folder == str(folder))
        images = sum(looks_like_image(path.name) for path in files)
        found.append(Upload(folder.name, folder, images, sum(path.lstat().st_size for path in files), users))
    return found


def delete_upload(store: RunStore, name: str) -> int:
    """Deletes an uploaded dataset; returns the number of bytes freed.

    Raises RunError if there is no upload of that name, or a run trains on it or waits to do so.
    """
    folder = next((folder for folder in _upload_folders(store) if folder.name == name), None)
    if folder is None:
        raise RunError(f"There is no upload {name!r}.")
    if active := [run.id for run in store.all() if run.ongoing and run.folder == str(folder)]:
        raise RunError(f"Run {active[0]} needs these images: it trains, or waits in the queue. Stop it first.")
    freed = size_of(folder)
    _remove(folder)
    return freed


def tidy(store: RunStore) -> None:
    """Removes the partly unpacked uploads of processes that were killed."""
    clear_leftovers(store.uploads)
    clear_leftovers(store.image_sets)


def other_size(store: RunStore) -> int:
    """Bytes of the run database and the logs."""
    return sum(path.lstat().st_size for path in entries_of(store.directory) if is_file(path))


def _missing(store: RunStore, run: Run, snapshots: list[int]) -> str:
    try:
        there = set(os.listdir(store.folder(run.id)))
    except OSError:
        there = set()
    names = [snapshot_name(step) for step in snapshots]
    missing = [name for name in names if name not in there]
    if not missing:
        return ""
    return f"Snapshots missing: {len(missing)} of {len(names)}, the first is {missing[0]}."


def _snapshots(store: RunStore) -> dict[str, list[int] | None]:
    """Run -> the steps of its snapshots, of all runs in one query. None if one is damaged."""
    with store.transaction() as db:
        rows = db.execute("SELECT run, step, epoch FROM snapshots ORDER BY run, step").fetchall()
    found: dict[str, list[int] | None] = {}
    for run_id, step, epoch in rows:
        steps = found.setdefault(run_id, [])
        if not SNAPSHOTS["step"](step) or not SNAPSHOTS["epoch"](epoch):
            found[run_id] = None
        elif steps is not None:
            steps.append(step)
    return found


def _lost(store: RunStore, known: set[str]) -> list[tuple[str, Path]]:
    """Folders that are named like a run but belong to no known run."""
    named = [folder for folder in folders_in(store.directory) if RUN_NAME.fullmatch(folder.name)]
    return [
        (folder.name, folder)
        for folder in named
        if folder.name not in known and time.time() - folder.stat().st_mtime > CREATION_TIME
    ]


def _upload_folders(store: RunStore) -> list[Path]:
    return [] if store.uploads.is_symlink() else folders_in(store.uploads)


def _run_folder(store: RunStore, run_id: str) -> Path | None:
    """The folder of a run, if it exists and lies directly in the store."""
    if not is_plain_name(run_id) or run_id in NOT_RUNS:
        return None
    folder = store.folder(run_id)
    return folder if os.path.lexists(folder) else None


def _run_size(store: RunStore, run_id: str) -> int:
    folder = _run_folder(store, run_id)
    return size_of(folder) if folder else 0


def _remove(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        delete(folder)
        return
    try:
        delete_folder(folder)
    except PermissionError as error:
        raise RunError(
            f"{folder} could not be deleted completely: {error.strerror}. Another program may have a file in it open. "
            "Close it, and delete the rest here in a minute."
        ) from error
    except OSError as error:
        raise RunError(f"{folder} could not be deleted: {error.strerror or error}.") from error
