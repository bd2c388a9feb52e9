"""A field that takes a folder of images or a .zip, and sends it in pieces (see pages/server/sending.py)."""

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
    closed: Sequence[str],
    on_sent: Callable[[], None],
) -> None:
    """Draws the field.

    address: of this server, where the files are sent. images, tables, archives: endings of the names of files that are
    sent, in small letters; of a folder, all images and tables. closed: endings of archives that cannot be opened.
    on_sent: called when all files have arrived.
    """
    kinds = {"images": list(images), "tables": list(tables), "archives": list(archives), "closed": list(closed)}
    _component(key=key, data={"address": address, "kinds": kinds}, on_sent_change=on_sent)
