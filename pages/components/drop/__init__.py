"""Notices a folder or an archive that is dropped anywhere on the page, and keeps it for the upload field."""

from pages.components.common.modules import component

_component = component("drop", "drop/drop.css")


def dropped(text: str, *, key: str) -> bool:
    """Draws the text; True in the run after something was dropped. The next `upload` field takes it."""
    return bool(_component(key=key, data={"text": text}, on_dropped_change=lambda: None).dropped)
