"""Previews of sample datasets, and a dialog for choosing a folder on this machine."""

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.images import looks_like_image, read_image, resized
from cnn.data.listing import DatasetError, UndecidedError, folder_readings, list_images, shown
from cnn.data.local_archive import LocalArchive, is_archive
from cnn.data.published.sets import PublishedSet
from cnn.errors import Cancelled
from cnn.size import size_text
from cnn.system.drives import drives
from cnn.system.places import usual_folders
from cnn.system.typed_path import typed_path
from pages.server.work import Progress
from pages.shared import jobs
from pages.shared.dataset import uploads
from pages.shared.run_choice import store
from pages.shared.session import session, widget
from pages.shared.text import count, plain

HERE, UPLOAD = ":material/computer: On this machine", ":material/upload: Upload"  # the tabs of the dialog
PREVIEW_SIZE, PREVIEW_COUNT, PREVIEW_COLUMNS = 96, 8, 4
MOST_FOLDERS = 300
SHOWN_CLASSES = 8
COUNT = "classes of a folder"  # a session waits for one folder at a time
COUNT_TIME = 10.0  # seconds at most to count the images of a folder
COUNTS_VALID_FOR = 10.0  # seconds
CHECK_TIME = 1.0  # seconds at most to check a folder before it is used


@st.cache_data(show_spinner=False)
def preview(folder: Path) -> np.ndarray:
    """A few images of a dataset, the classes in turn, as one picture: uint8 (H, W, 3)."""
    reading = folder_readings(folder)[0]
    return some_images(folder, reading.examples(PREVIEW_COUNT), reading.published)


@st.cache_data(max_entries=64, show_spinner=False)
def some_images(folder: Path, paths: list[str], _published: PublishedSet | None = None) -> np.ndarray:
    """The images of a folder, or of a published set in it, at these paths, as one picture: uint8 (H, W, 3). Raises
    UserError and OSError."""
    if _published:
        images = [resized(picture, PREVIEW_SIZE, 3) for picture in _published.read(paths)]
    else:
        images = [read_image(folder / path, PREVIEW_SIZE, 3)[0] for path in paths]
    images += [np.zeros_like(images[0])] * (-len(images) % PREVIEW_COLUMNS)
    rows = [np.hstack(images[i : i + PREVIEW_COLUMNS]) for i in range(0, len(images), PREVIEW_COLUMNS)]
    return np.vstack(rows)


def open_dialog(purpose: str, start: str = "") -> None:
    """The next `dialog` for this purpose shows the dialog. start: the tab that is open at first; "": HERE."""
    session().folder_dialog = purpose, start


def dialog(purpose: str, choose: Callable[[str], None]) -> None:
    """The dialog, if it is open for this purpose: also when the page is drawn anew, as at the end of work. `choose` is
    called with the path of the chosen folder."""

    def choose_and_close(path: str) -> None:
        session().folder_dialog = "", ""
        choose(path)

    opened_for, start = session().folder_dialog
    if opened_for == purpose:
        browse(choose_and_close, start or HERE)


def _dismiss() -> None:
    session().folder_dialog = "", ""
    uploads.cancel()


@st.dialog("Open a folder of images", width="large", icon=":material/folder_open:", on_dismiss=_dismiss)
def browse(choose: Callable[[str], None], start: str = HERE) -> None:
    """Lets the user choose a folder on this machine, or upload one. Calls `choose` with its path. start: the tab that
    is open at first."""
    here, sent = st.tabs([HERE, UPLOAD], default=start, key=f"tabs {start}")
    is_here = isinstance(session().arrived, LocalArchive)
    with here:
        if not is_here or not uploads.is_unpacking(choose):
            uploads.show_error(is_here=True)
            _find(choose)
    with sent:
        if not is_here:
            uploads.upload(choose)


def _find(choose: Callable[[str], None]) -> None:
    """A path to type, and folders to click through."""
    folder, typed = session().browsed_folder, session().typed_folder
    st.text_input("Path", **typed.bound(), on_change=lambda key=typed.key: _go(widget(key)))
    if is_archive(folder):
        _show_archive(folder, choose)
        return
    try:
        names, images = _contents(folder)
    except (OSError, ValueError) as error:  # ValueError: the text is not a path
        reason = getattr(error, "strerror", None) or error
        st.error(f"{plain(str(folder))} cannot be opened: {reason}.", icon=":material/folder_off:")
        names, images = [], 0
    with st.container(horizontal=True, vertical_alignment="center", key="folder_use"):
        used = st.button("Use this folder", type="primary", icon=":material/check:")
        with st.container(width="stretch"):
            _show_classes(folder)
    if used:
        _use(folder, choose)
    _show_places(folder)
    folders_text = count(len(names), "folder", "folders") if names else "no folders"
    images_text = count(images, "image", "images") if images else "no images"
    st.caption(f"In this folder: {folders_text}, {images_text}")
    with st.container(height=250, gap=None):
        for name in names[:MOST_FOLDERS]:
            st.button(
                plain(name),
                key=f"folder_{shown(str(folder / name))}",
                icon=":material/folder:",
                type="tertiary",
                on_click=_go,
                args=(folder / name,),
            )
        if len(names) > MOST_FOLDERS:
            st.caption(f"and {len(names) - MOST_FOLDERS:,} more. Type a path to open one of them.")


def _show_archive(file: Path, choose: Callable[[str], None]) -> None:
    """An archive whose path was typed, and a button to unpack it."""
    st.button("Up", icon=":material/arrow_upward:", on_click=_go, args=(file.parent,))
    try:
        archive, size = LocalArchive(file, store().uploads), file.stat().st_size
    except OSError as error:
        st.error(f"{plain(file.name)} cannot be opened: {error.strerror or error}.", icon=":material/folder_off:")
        return
    text = "It is unpacked already." if archive.is_unpacked else "It is unpacked into a folder beside the runs, once."
    st.markdown(f"**{plain(file.name)}** is an archive of {size_text(size)}. {text}")
    if archive.is_unpacked:
        if st.button("Use this archive", type="primary", icon=":material/check:"):
            choose(str(archive.folder))
            st.rerun()
    else:
        st.button("Use this archive", type="primary", icon=":material/check:", on_click=uploads.unpack, args=(archive,))


def start_near(folder: Path) -> None:
    """Lets the dialog start at the innermost folder above this one that exists; at the user's own if there is none,
    for example on a drive that is gone."""
    _go(next((parent for parent in folder.absolute().parents if parent.is_dir()), Path.home()))


def _show_places(folder: Path) -> None:
    """A button for the folder above, for each folder where people keep images, and for each drive if there are
    several."""
    found = drives()
    places = {name: (folder, ":material/folder_special:") for name, folder in usual_folders().items()}
    places |= {str(drive): (drive, ":material/hard_drive:") for drive in found if len(found) > 1}
    with st.container(horizontal=True, gap="small"):
        st.button("Up", icon=":material/arrow_upward:", on_click=_go, args=(folder.parent,))
        for name, (place, icon) in places.items():
            st.button(plain(name), key=f"place_{name}", icon=icon, on_click=_go, args=(place,))


def _show_classes(folder: Path) -> None:
    """Which classes the folder would give, with the number of images of each, or why it gives none."""

    def count_images(progress: Progress) -> dict[str, int]:
        deadline = time.monotonic() + COUNT_TIME
        try:
            listing = list_images(folder, lambda: progress.cancelled() or time.monotonic() > deadline)
        except Cancelled:
            if progress.cancelled():
                raise
            raise DatasetError("This folder holds too many files to count them here.") from None
        images = Counter(file.label for file in listing.files)
        return {name: images[label] for label, name in enumerate(listing.classes)}

    wait = jobs.wait_for((COUNT, str(folder)), count_images, "Counting the images…", valid_for=COUNTS_VALID_FOR)
    if not wait.ended:
        jobs.draw(wait)
        return
    if wait.error:
        st.caption(plain(wait.error))
        return
    counts: dict[str, int] = wait.work.result  # type: ignore[assignment]
    named = ", ".join(f"{plain(name)} ({images:,})" for name, images in list(counts.items())[:SHOWN_CLASSES])
    more = f" and {len(counts) - SHOWN_CLASSES:,} more" if len(counts) > SHOWN_CLASSES else ""
    st.caption(f"**{len(counts):,} classes, {sum(counts.values()):,} images**: {named}{more}")


def _use(folder: Path, choose: Callable[[str], None]) -> None:
    if shown(str(folder)) != str(folder):
        st.error(
            "The name of this folder contains characters that a link cannot hold. Rename the folder.",
            icon=":material/folder_off:",
        )
        return
    deadline = time.monotonic() + CHECK_TIME
    try:
        list_images(folder, cancelled=lambda: time.monotonic() > deadline)
    except (UndecidedError, Cancelled):  # the page asks, or, for a large folder, lists it
        pass
    except DatasetError as error:
        st.error(plain(str(error)), icon=":material/folder_off:")
        return
    choose(str(folder))
    st.rerun()


def _go(path: str | Path) -> None:
    if isinstance(path, str):
        path = Path(typed_path(path) or "/")
    folder = path.absolute()
    if not is_archive(folder) and os.path.isfile(folder):  # of an image, its folder is meant
        folder = folder.parent
    session().browsed_folder = folder
    typed = session().typed_folder
    if typed.current() != (text := shown(str(folder))):  # else the field stays, with the keyboard's focus
        typed.replace(text)


def _contents(folder: Path) -> tuple[list[str], int]:
    """The names of the folders inside, without hidden ones, and the number of image files beside them."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    names = sorted((entry.name for entry in entries if entry.is_dir()), key=str.casefold)
    return names, sum(looks_like_image(entry.name) for entry in entries)
