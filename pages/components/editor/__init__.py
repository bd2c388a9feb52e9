"""A field for text that is saved at every pause in typing, and that keeps its text when the server does not answer.

The browser keeps what is not saved yet, so it survives a reload, a closed window and a killed server.
"""

import time
from dataclasses import dataclass

from pages.components.common import message, reports
from pages.components.common.modules import component

_component = component("editor", "editor/editor.css")


@dataclass(frozen=True)
class Typed:
    """A text that the browser reports. number: of the report. writer: names the browser's window. seen: the version of
    the text that the window had; None before the first. age: how long ago it was typed when it was sent, in seconds.
    when: the earliest time at which it can have been typed, in seconds since 1970."""

    number: int
    text: str
    writer: str
    seen: float | None
    age: float
    when: float


def typed(state: dict | None) -> list[Typed]:
    """The texts of the last report in a component's state, the field's last: before it, those that other windows could
    not save before they were closed. Without those that are not ours."""
    number, value = reports.last_report(state)
    left = value.get("left") if isinstance(value, dict) else None
    found = [_typed(number, one) for one in (*(left if isinstance(left, list) else ()), value)]
    return [one for one in found if one is not None]


def _typed(number: int, value: object) -> Typed | None:
    match value:
        case {
            "text": str(text),
            "writer": str(writer),
            "seen": float() | int() | None as seen,
            "age": float() | int() as age,
            "when": float() | int() as when,
        }:
            return Typed(number, text, writer[:40], seen, float(age), float(when))
    return None


def editor(
    name: str,
    text: str,
    version: float | None,
    state: dict | None,
    *,
    key: str,
    label: str,
    rows: int = 4,
    status: str = "",
    is_error: bool = False,
    placeholder: str = "",
) -> None:
    """Draws the field. Call it after the last report (`typed`) was saved.

    name: identifies the text, also to the browser's memory. text, version: what is saved, and which version that is.
    status: a sentence below the field: that it is saved or, if is_error, why not.
    """
    header = {
        "name": name,
        "text": text,
        "version": version,
        "answered": reports.last_report(state)[0],
        "label": label,
        "rows": rows,
        "status": status,
        "is_error": is_error,
        "placeholder": placeholder,
        "now": time.time(),
    }
    _component(key=key, data=message.encode(header), on_report_change=lambda: None)
