"""Uploading a dataset as a .zip, which is unpacked in the background, with its progress and a button to cancel."""

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnn.data.archive import Unpacked, free_target, unpack
from pages.server.work import Progress, Wait
from pages.shared import jobs
from pages.shared.run_choice import store
from pages.shared.session import session

MOST_MEGABYTES = 500  # of the archive: the server keeps it in memory until it is unpacked
KIND = "archive"


def upload(choose: Callable[[str], None]) -> None:
    """Lets the user upload an archive; calls `choose` with the folder it was unpacked into. For use in a dialog."""
    if session().archive is None:
        session().archive = _sent()
    if (file := session().archive) is not None:
        _watch(file, choose)


def cancel() -> None:
    """Stops unpacking, when the dialog is closed."""
    session().archive = None
    jobs.leave(KIND)


def _sent() -> UploadedFile | None:
    """The archive that was just uploaded; before that, draws the upload field and returns None."""
    field, placeholder = session().archives, st.empty()
    with placeholder.container():
        file = st.file_uploader(
            "A folder of images, packed as a .zip", type="zip", max_upload_size=MOST_MEGABYTES, key=field.key
        )
        st.caption("A folder for each class, or files named like cat.0.jpg. Only the images in it are unpacked.")
    if file is not None:
        placeholder.empty()
        field.replace(None)  # the next upload field starts empty
    return file


def _watch(file: UploadedFile, choose: Callable[[str], None]) -> None:
    wait = _wait_for_contents(file)
    if not wait.ended:
        jobs.draw(wait)
        return
    session().archive = None
    if wait.error:
        jobs.leave(KIND)
        text = "Cancelled; nothing was saved." if wait.was_cancelled else wait.error
        st.error(text, icon=":material/folder_zip:")
        _sent()
        return
    unpacked: Unpacked = jobs.take(wait)
    choose(str(unpacked.folder))
    st.toast(_summary(unpacked), icon=":material/unarchive:")
    st.rerun()


def _wait_for_contents(file: UploadedFile) -> Wait:
    uploads = store().uploads

    def unpack_it(progress: Progress) -> Unpacked:
        def report(done: int, total: int) -> None:
            text = f"Unpacking: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
            progress(done / total if total else 0.0, detail=text)

        return unpack(file, free_target(uploads, file.name), report, progress.cancelled)

    return jobs.wait_for((KIND, file.file_id), unpack_it, "Unpacking")


def _summary(unpacked: Unpacked) -> str:
    text = f"{unpacked.images:,} images were unpacked"
    if not unpacked.others:
        return f"{text}."
    return f"{text}; {unpacked.others:,} other {'file was' if unpacked.others == 1 else 'files were'} left out."
