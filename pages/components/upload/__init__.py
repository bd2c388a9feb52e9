"""A field that takes a folder of images or an archive, and sends it in pieces (see pages/server/sending.py)."""

from collections.abc import Callable, Sequence

from pages.components.common.modules import component

_component = component("upload", "common/progress_bar.css", "upload/upload.css")


def upload(
    *,
    key: str,
    address: str,
    images: Sequence[str],
    tables: Sequence[str],
    archives: Sequence[str],
    sets: str,
    closed: Sequence[str],
    takes_single: bool = False,
    on_sent: Callable[[], None],
) -> None:
    """Draws the field.

    address: of this server, where the files are sent. images, tables, archives: endings of the names of files that are
    sent, in small letters; of a folder, all images and tables. sets: the same for files of published sets, as a regular
    expression of their names. closed: endings of archives that cannot be opened. takes_single: also offers to choose
    or to paste single images. on_sent: called when all files have arrived.
    """
    kinds = {
        "images": list(images),
        "tables": list(tables),
        "archives": list(archives),
        "sets": sets,
        "closed": list(closed),
    }
    _component(key=key, data={"address": address, "kinds": kinds, "single": takes_single}, on_sent_change=on_sent)
