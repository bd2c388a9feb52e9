"""Uploading a dataset: the browser sends a folder or a .zip in pieces; then it is unpacked in the background."""

from collections.abc import Callable

import streamlit as st

from cnn.data import incoming
from cnn.data.archive import Unpacked
from cnn.data.archive_members import CLOSED
from cnn.data.images import SUFFIXES
from cnn.data.incoming import Incoming
from pages.components.upload import upload as upload_field
from pages.server import sending
from pages.server.work import Progress, Wait
from pages.shared import jobs
from pages.shared.run_choice import store
from pages.shared.session import session
from pages.shared.text import count, plain

KIND = "upload"


def upload(choose: Callable[[str], None]) -> None:
    """Lets the user upload a folder or an archive; calls `choose` with the folder where the images are. For use in a
    dialog."""
    if (arrived := session().arrived) is not None:
        _watch(arrived, choose)
    else:
        _field()


def take() -> None:
    """Takes what the browser has sent; the next `upload` unpacks it."""
    ticket = session().ticket
    if ticket is not None and (arrived := sending.take(ticket)) is not None:
        session().arrived, session().ticket = arrived, None


def cancel() -> None:
    """Stops receiving and unpacking, when the dialog is closed."""
    if (ticket := session().ticket) is not None:
        sending.end(ticket)
    jobs.leave(KIND)
    if (arrived := session().arrived) is not None:
        arrived.drop()
    session().ticket = session().arrived = None


def show_notes(folder: str) -> None:
    """What the user may not expect of the last upload, if it is in this folder."""
    unpacked = session().unpacked
    if unpacked is not None and str(unpacked.folder) == folder:
        for note in unpacked.notes:
            st.caption(f":material/folder_zip: {plain(note)}")


def _field() -> None:
    ticket = session().ticket = session().ticket or sending.new_ticket(store().uploads)
    upload_field(
        key="upload_field",
        address=f"sending/{ticket.id}",
        images=SUFFIXES,
        tables=incoming.TABLES,
        archives=(incoming.ARCHIVE,),
        closed=CLOSED,
        on_sent=take,
    )
    st.caption(
        "A folder for each class, files named like cat.0.jpg, or a table of labels. Only images and tables are sent "
        "and unpacked."
    )


def _watch(arrived: Incoming, choose: Callable[[str], None]) -> None:
    wait = _wait_for_contents(arrived)
    if not wait.ended:
        jobs.draw(wait)
        return
    session().arrived = None
    arrived.drop()  # if it was cancelled before it began
    if wait.error:
        jobs.leave(KIND)
        text = "Cancelled; nothing was saved." if wait.was_cancelled else wait.error
        st.error(text, icon=":material/folder_zip:")
        _field()
        return
    unpacked: Unpacked = jobs.take(wait)
    session().unpacked = unpacked
    choose(str(unpacked.folder))
    st.toast(_summary(unpacked), icon=":material/unarchive:")
    st.rerun()


def _wait_for_contents(arrived: Incoming) -> Wait:
    def finish(progress: Progress) -> Unpacked:
        def report(done: int, total: int) -> None:
            text = f"Unpacking: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
            progress(done / total if total else 0.0, detail=text)

        return arrived.finish(report, progress.cancelled)

    return jobs.wait_for((KIND, str(arrived.folder)), finish, "Unpacking")


def _summary(unpacked: Unpacked) -> str:
    images = count(unpacked.images, "image", "images")
    text = f"{images} {'was' if unpacked.images == 1 else 'were'} uploaded"
    if not unpacked.others:
        return f"{text}."
    return f"{text}; {unpacked.others:,} other {'file was' if unpacked.others == 1 else 'files were'} left out."
