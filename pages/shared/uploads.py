"""A dataset as a .zip, through the browser: unpacked in the background, with its progress and a way to cancel."""

from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from cnn.data.archive import ArchiveError, Unpacked, free_target, unpack
from cnn.errors import Cancelled
from pages.server.work import Background
from pages.shared.run_choice import store
from pages.shared.session import session

MOST_MEGABYTES = 500  # of the archive: the server keeps it in memory until it is unpacked
AT_ONCE = 0.2  # seconds that unpacking may take before its progress is shown


class Unpacking(Background):
    """Unpacks one archive into the uploads of the run store."""

    def __init__(self, file: BinaryIO, name: str):
        super().__init__()
        self.file, self.uploads, self.name_of_file = file, store().uploads, name
        self.done = self.total = 0
        self.unpacked: Unpacked | None = None
        self.error = ""
        self.start()

    def run(self) -> None:
        try:
            target = free_target(self.uploads, self.name_of_file)
            self.unpacked = unpack(self.file, target, self._told, self.cancelled.is_set)
        except ArchiveError as error:
            self.error = str(error)
        except Cancelled:
            self.error = "Cancelled: nothing of the upload was kept."

    def _told(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def progress(self) -> dict:
        done, total = self.done, self.total
        text = f"Unpacking: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        return {"share": done / total if total else 0.0, "text": text}


def upload(choose: Callable[[str], None]) -> None:
    """Lets the user send an archive; calls `choose` with the folder it was unpacked into. For use in a dialog."""
    if "unpacking" in st.session_state:
        _watch(choose)
    else:
        _ask()


def cancel() -> None:
    """Ends what is being unpacked: the dialog was closed."""
    if unpacking := st.session_state.pop("unpacking", None):
        unpacking.cancelled.set()


def _ask() -> None:
    field = session().archives
    file = st.file_uploader(
        "A folder of images, packed as a .zip", type="zip", max_upload_size=MOST_MEGABYTES, key=field.key
    )
    st.caption("A folder for each class, or files named like cat.0.jpg. Only the images in it are unpacked.")
    if file is not None:
        field.replace(None)  # the next one begins empty
        st.session_state.unpacking = Unpacking(file, file.name)
        st.rerun(scope="fragment")


def _watch(choose: Callable[[str], None]) -> None:
    unpacking: Unpacking = st.session_state.unpacking
    unpacking.join(AT_ONCE)
    if unpacking.is_alive():
        unpacking.draw()
    elif unpacking.unpacked is not None:
        del st.session_state.unpacking
        choose(str(unpacking.unpacked.folder))
        st.toast(_summary(unpacking.unpacked), icon=":material/unarchive:")
        st.rerun()
    else:
        st.error(unpacking.error or "The archive could not be unpacked.", icon=":material/folder_zip:")
        _ask()


def _summary(unpacked: Unpacked) -> str:
    text = f"{unpacked.images:,} images were unpacked"
    if not unpacked.others:
        return f"{text}."
    return f"{text}; {unpacked.others:,} other {'file was' if unpacked.others == 1 else 'files were'} left out."
