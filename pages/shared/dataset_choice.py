"""The dataset chosen on the Data page: read in the background, with its progress on the page and a way to cancel."""

import os
from pathlib import Path

import streamlit as st

from cnn.data import version
from cnn.data.dataset import Dataset, read_dataset
from cnn.data.listing import DatasetError
from cnn.data.progress import Progress
from cnn.data.version import read_version
from cnn.errors import Cancelled
from cnn.specs import DatasetSpec
from cnn.store.runs import Run
from pages.server.work import Background
from pages.shared import settings
from pages.shared.run_choice import store
from pages.shared.text import duration

AT_ONCE = 0.4  # seconds that a reading may take before its progress is shown


class Reading(Background):
    """Reads one dataset; several sessions may wait for the same one."""

    def __init__(self, folder: Path, spec: DatasetSpec):
        super().__init__()
        self.folder, self.spec = folder, spec
        self.cache = store().cache
        self.so_far = Progress(0, 0, 0.0)
        self.dataset: Dataset | None = None
        self.error = ""
        self.start()

    def run(self) -> None:
        try:
            self.dataset = read_dataset(self.folder, self.spec, self.cache, self._note, self.cancelled.is_set)
        except Cancelled:
            self.error = "Reading was cancelled."
        except DatasetError as error:
            self.error = str(error)
        except OSError as error:
            self.error = f"{self.folder} could not be read: {error}"

    def _note(self, so_far: Progress) -> None:
        self.so_far = so_far

    def progress(self) -> dict:
        now = self.so_far  # the next may come meanwhile
        text = f"Reading {now.done:,} of {now.total:,} images" if now.total else "Looking through the folder…"
        if now.done:
            text += f" · {now.rate:,.0f} images/s"
        if now.seconds_left is not None:
            text += f" · {duration(now.seconds_left)} left"
        return {"share": now.done / now.total if now.total else 0.0, "text": text}


@st.cache_resource(max_entries=16, ttl=600, show_spinner=False)
def _reading(folder: Path, spec: DatasetSpec) -> Reading:
    return Reading(folder, spec)


def forget() -> None:
    """Has folders read again: one may have changed, or a reading was cancelled."""
    _reading.clear()


def dataset(folder: Path, spec: DatasetSpec) -> Dataset:
    """The dataset of a folder; while it is being read, the page ends here with its progress, and after an error with
    what went wrong."""
    reading = _reading(folder, spec)
    if reading.error and reading is not st.session_state.get("reading"):  # another session's, or before a reload
        _reading.clear(folder, spec)
        reading = _reading(folder, spec)
    st.session_state.reading = reading
    reading.join(AT_ONCE if reading.so_far.total == 0 else 0)
    if reading.is_alive():
        reading.draw()
        _end_page()
    if reading.dataset is None:
        st.error(reading.error or "The folder could not be read.", icon=":material/folder_off:")
        if st.button("Read again", icon=":material/refresh:"):
            forget()
            st.rerun()
        _end_page()
    return reading.dataset


@st.cache_resource(max_entries=16, ttl=600, show_spinner=False)
def _of_run(run_id: str, folder: str, spec: DatasetSpec, fingerprint: str) -> Dataset:
    return read_version(store().folder(run_id) / version.NAME, fingerprint, folder, spec, store().cache)


def of_run(run: Run) -> Dataset | None:
    """The images a run was trained on; None if one of them is not in its folder any more."""
    if run.fingerprint is None:
        return None
    # The folder may have been moved: then the one on the Data page may be it.
    moved = settings.folder() if not os.path.isdir(run.folder) else None
    try:
        return _of_run(run.id, str(moved or run.folder), run.dataset_spec, run.fingerprint)
    except (DatasetError, OSError):  # which is not kept: the folder may come back
        return None


def chosen() -> Dataset:
    """The dataset of the settings, or a page that asks for one."""
    folder = settings.folder()
    if folder is None:
        st.info("Choose a dataset first.", icon=":material/photo_library:")
        st.page_link("pages/data.py", label="To the Data page", icon=":material/arrow_forward:")
        _end_page()
    return dataset(folder, settings.dataset_spec())


def _end_page() -> None:
    settings.save()  # the page's script ends here, before the frame would do it
    st.stop()
