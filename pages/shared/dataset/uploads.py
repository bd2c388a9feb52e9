"""Uploading a dataset: the browser sends a folder or an archive in pieces; then it is unpacked in the background."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from cnn.data import incoming
from cnn.data.archive import Unpacked
from cnn.data.archive_members import CLOSED, OPENED
from cnn.data.images import SUFFIXES
from cnn.data.incoming import Incoming
from cnn.data.local_archive import LocalArchive
from cnn.data.published.names import IN_BROWSER
from cnn.size import size_text
from pages.components.upload import upload as upload_field
from pages.server import sending
from pages.server.work import Progress, Wait
from pages.shared import jobs, notices
from pages.shared.run_choice import store
from pages.shared.session import session
from pages.shared.text import count, plain

KIND = "upload"
ICON = ":material/unarchive:"
NO_SETS = "(?!)"  # matches no file's name


def finish(arrived: Incoming | LocalArchive, *watch) -> Unpacked:
    return arrived.finish(*watch)


@dataclass(frozen=True)
class Kind:
    """What may be uploaded. text: says so. receive: makes a folder of what has arrived, as its own `finish` does.
    any_images: single images, also pasted ones, will do; otherwise it must be a dataset."""

    text: str
    receive: Callable[..., Unpacked] = finish
    any_images: bool = False


DATASET = Kind(
    "A folder for each class, files named like cat.0.jpg, or a table of labels; or a published set, such as "
    "mnist.npz; also as an archive (.zip, .tar). Only images, tables and sets are sent and unpacked."
)


def upload(choose: Callable[[str], None], kind: Kind = DATASET) -> None:
    """Lets the user upload a folder or an archive; calls `choose` with the folder where the images are. For use in a
    dialog."""
    if not is_unpacking(choose, kind):
        show_error(is_here=False)
        _field(kind)


def unpack(archive: LocalArchive) -> None:
    """Lets the next `is_unpacking` unpack an archive that is on this machine."""
    session().arrived, session().not_unpacked = archive, (False, "")


def take() -> None:
    """Takes what the browser has sent; the next `upload` unpacks it."""
    ticket = session().ticket
    if ticket is not None and (arrived := sending.take(ticket)) is not None:
        session().arrived, session().ticket, session().not_unpacked = arrived, None, (False, "")


def cancel() -> None:
    """Stops receiving and unpacking, when the dialog is closed."""
    if (ticket := session().ticket) is not None:
        sending.end(ticket)
    jobs.leave(KIND)
    if (arrived := session().arrived) is not None:
        arrived.drop()
    session().ticket = session().arrived = None
    session().not_unpacked = False, ""


def show_error(is_here: bool) -> None:
    """Shows why the last upload could not be unpacked, or the last archive of this machine; until the next one."""
    was_here, text = session().not_unpacked
    if text and was_here == is_here:
        st.error(text, icon=":material/folder_zip:")


def show_notes(folder: str) -> None:
    """What the user may not expect of the last upload, if it is in this folder."""
    unpacked = session().unpacked
    if unpacked is not None and str(unpacked.folder) == folder:
        for note in unpacked.notes:
            st.caption(f":material/folder_zip: {plain(note)}")


def _field(kind: Kind) -> None:
    ticket = session().ticket = session().ticket or sending.new_ticket(store().uploads)
    upload_field(
        key="upload_field",
        address=f"sending/{ticket.id}",
        images=SUFFIXES,
        tables=incoming.TABLES,
        archives=OPENED,
        sets=NO_SETS if kind.any_images else IN_BROWSER,
        closed=CLOSED,
        takes_single=kind.any_images,
        on_sent=take,
    )
    st.caption(kind.text)


def is_unpacking(choose: Callable[[str], None], kind: Kind = DATASET) -> bool:
    """Whether an archive is being unpacked; draws the progress. At the end, calls `choose`, or keeps for `show_error`
    why it could not be."""
    arrived = session().arrived
    if arrived is None:
        return False
    wait = _wait_for_contents(arrived, kind)
    if not wait.ended:
        jobs.draw(wait)
        return True
    session().arrived = None
    arrived.drop()  # if it was cancelled before it began
    if wait.error:
        jobs.leave(KIND)
        text = "Cancelled; nothing was saved." if wait.was_cancelled else plain(wait.error)
        session().not_unpacked = isinstance(arrived, LocalArchive), text
        return False
    unpacked: Unpacked = jobs.take(wait)
    session().unpacked = unpacked
    choose(str(unpacked.folder))
    notices.tell(_summary(unpacked, "unpacked" if isinstance(arrived, LocalArchive) else "uploaded"), ICON)
    st.rerun()


def _wait_for_contents(arrived: Incoming | LocalArchive, kind: Kind) -> Wait:
    def finish(progress: Progress) -> Unpacked:
        def report(done: int, total: int) -> None:
            text = f"Unpacking: {size_text(done)} of {size_text(total)}"
            progress(done / total if total else 0.0, detail=text)

        return kind.receive(arrived, report, progress.cancelled)

    return jobs.wait_for((KIND, str(arrived.folder)), finish, "Unpacking")


def _summary(unpacked: Unpacked, done: str) -> str:
    if not unpacked.images:
        return f"The files of a published set were {done}."
    images = count(unpacked.images, "image", "images")
    text = f"{images} {'was' if unpacked.images == 1 else 'were'} {done}"
    if not unpacked.others:
        return f"{text}."
    return f"{text}; {unpacked.others:,} other {'file was' if unpacked.others == 1 else 'files were'} left out."
