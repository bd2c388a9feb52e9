"""What one sees: a page, the settings, and the parts of the view named below. As an address, this is what a link holds
and what Back returns to.

A page asks for a part with `part` or `among` when it draws the widget that edits it; all parts that it has asked for
stand in its address. It is at that moment, too, that a part takes up what a link or Back says of it: some pages can ask
for an image or a layer only when their dataset has been read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnn.errors import UserError
from cnn.fields import Choice, Setting, Switch, Whole
from pages.components.address import address
from pages.shared import settings
from pages.shared.address import Text, from_text, to_text
from pages.shared.session import Versioned, session


@dataclass(frozen=True)
class Part:
    """A part of the view.

    default: its value as long as nobody has chosen; None: the page decides. is_sight: whether another value is a new
    sight, from which Back returns, or the same one adjusted.
    """

    described: Setting
    default: Any = None
    is_sight: bool = False


def one_of(label: str, *options: str) -> Choice:
    return Choice(label=label, options={option: option for option in options})


# By their names in the address, after those of the settings.
PARTS: dict[str, Part] = {
    "step": Part(Whole(label="Snapshot", low=0, high=10**12)),
    "source": Part(one_of("Source", "dataset", "upload", "camera"), "dataset", is_sight=True),
    "image": Part(Text(label="Image", pattern="[0-9a-f]{32}", expected="32 hex digits"), is_sight=True),
    "class": Part(Text(label="Class"), ""),
    "which": Part(one_of("Images", "all", "wrong ones", "right ones"), "all"),
    "order": Part(one_of("Order", "worst first", "best first", "as in the folder"), "worst first"),
    "side": Part(one_of("Images", "all", "training", "held-out"), "all"),
    "layer": Part(Text(label="Layer"), is_sight=True),
    "unit": Part(Whole(label="Unit", low=0, high=10**9), is_sight=True),
    "one_scale": Part(Switch(label="One scale"), True),
    "guess": Part(Whole(label="Your guess", low=0, high=100), 0),
}
_NEW_SIGHTS = ("folder", "run")  # of the settings


@dataclass(frozen=True)
class View:
    """page: the name of its file. values: all that is not at its default, by name, as texts of the address."""

    page: str
    values: Mapping[str, str]

    @property
    def query(self) -> str:
        """With its question mark; empty if all is at its default."""
        return f"?{urlencode(self.values)}" if self.values else ""


def load(page: str) -> None:
    """For the frame, before it draws a page: brings what the session remembers up to date. On the session's first run,
    and when the browser went back or forward, that is what the address says."""
    remembered = session()
    if not remembered.settings or came_back():
        link = st.query_params.to_dict()
        settings.restore(link, report)
        remembered.link, remembered.asked = link, set()
    elif remembered.page != page:
        remembered.link = None
    settings.look()
    remembered.page, remembered.shown = page, {}


def came_back() -> bool:
    """Whether this run answers the browser's Back or Forward: the address is then that of the entry."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def report(name: str, text: str, error: UserError) -> None:
    """Says what the address says wrongly."""
    st.toast(f"The link says {name} = {text!r}, which cannot be. {error}", icon=":material/link_off:")


def part(name: str, *scope: str) -> Versioned:
    """What a widget edits. scope: what the value is remembered for, such as a run."""
    described, remembered = PARTS[name], session()
    kept = remembered.parts.setdefault((name, *scope), Versioned(" ".join((name, *scope)), described.default))
    value = kept.current()
    if remembered.link is not None and name not in remembered.asked:
        remembered.asked.add(name)
        linked = _linked(name, described)
        if linked != value:
            kept.replace(linked)
    show(name, kept.value)
    return kept


def among(name: str, options: Iterable, default: Any, *scope: str) -> tuple[Versioned, Any]:
    """What a widget edits, and its value among those that the page offers; the default as long as none is chosen."""
    kept, options = part(name, *scope), list(options)
    if kept.value is not None and kept.value not in options:
        text = to_text(kept.value)
        if (session().link or {}).get(name) == text:
            report(name, text, UserError(f"It is one of {', '.join(map(str, options))}."))
        kept.value = None
    value = kept.start_at(default)
    show(name, value)
    return kept, value


def show(name: str, value: Any) -> None:
    """Has the address say what the page shows of a part, chosen or not."""
    shown = session().shown
    if value is None or value == PARTS[name].default:
        shown.pop(name, None)
    else:
        shown[name] = to_text(value)


def current() -> View:
    """What is seen on the page that was drawn last."""
    remembered = session()
    return View(remembered.page, settings.texts() | remembered.shown)


def save() -> None:
    """Writes the view into the address: at the end of all that is drawn, so that one click makes one entry at most."""
    values = current().values
    if session().is_open and st.query_params.to_dict() != values:
        st.query_params.from_dict(values)


def close() -> None:
    """For the frame, after it has drawn a page."""
    save()
    remembered = session()
    chosen = [*_NEW_SIGHTS, *(name for name, part in PARTS.items() if part.is_sight and part.default is not None)]
    shown = [name for name, part in PARTS.items() if part.is_sight and part.default is None]
    address(chosen=chosen, shown=shown, query=None if remembered.is_open else current().query)
    remembered.is_open = True


def _linked(name: str, described: Part) -> Any:
    """What the link says of a part."""
    text = (session().link or {}).get(name)
    if text is None:
        return described.default
    try:
        return from_text(text, described.described)
    except UserError as error:
        report(name, text, error)
        return described.default
