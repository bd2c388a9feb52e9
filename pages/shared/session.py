"""What one browser session remembers, in one typed record. Nothing outside this folder names st.session_state.

Streamlit loses the values of widgets when another page is shown, and the browser can be ahead of the server.
`Versioned` solves both: it keeps the value, and gives the widget its key and its start value.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.server.work import Wait

T = TypeVar("T")


@dataclass
class Versioned(Generic[T]):
    """A value that a widget edits and that the program can set, too.

    A user may move a slider again before the answer to the last move arrives. So the program never sets the value of a
    widget: the widget starts at the value, and from then on the widget is the source of truth. To set the value, the
    program replaces the widget by one of the next version, which has another key. A late move of the replaced widget
    still counts.
    """

    name: str
    value: T
    version: int = 0
    start: Any = None  # the start value of this version's widget
    stood: Any = None  # the widget's value when it was last read
    stood_before: Any = None  # the value of the previous version's widget when it was replaced
    texts: dict | None = None  # the last labels of a selectbox's options

    def __post_init__(self):
        self.start = self.stood = self.value

    @property
    def key(self) -> str:
        """The key of this version's widget."""
        return f"{self.name} {self.version}"

    def current(self) -> T:
        """The value, after reading its widgets."""
        if self.version:
            before = widget(f"{self.name} {self.version - 1}")
            if before is not None and before != self.stood_before:  # moved on a page that does not show this version
                self.replace(before)
        now = widget(self.key)
        if self.moved(now):
            self.value = now
        return self.value

    def moved(self, now: Any) -> bool:
        """Whether the widget's value changed. now: its value; None if it is not on the page, or its field is empty."""
        if now is None or now == self.stood:
            return False
        self.stood = now
        return True

    def start_at(self, start: T) -> T:
        """The value; if there is none (None), the start, which counts as not chosen."""
        if self.value is not None:
            return self.value
        if self.stood != start:
            self.restart(start)
        return start

    def replace(self, value: T) -> None:
        """Sets the value; a new widget starts there. Reads no session state, so no click can interrupt it."""
        self.value = value
        self.restart(value)

    def restart(self, start: Any) -> None:
        """Makes a new widget start at `start`, which counts as not chosen; the value stays."""
        self.version += 1
        self.stood_before, self.start, self.stood = self.stood, start, start

    def bound(self, argument: str = "value") -> dict:
        """The widget's arguments. argument: its name for the start value."""
        self.current()
        return {argument: self.stood, "key": self.key}

    def bound_choice(self, texts: dict) -> dict:
        """The arguments of a selectbox. texts: value -> label."""
        self.current()
        # Streamlit identifies an option by its label: if labels change, the choice could be lost or become another.
        if self.texts is not None and self.texts != texts:
            self.restart(self.stood)
        self.texts, values = texts, list(texts)
        index = values.index(self.stood) if self.stood in texts else 0
        return {"options": values, "index": index, "format_func": texts.get, "key": self.key}


def kept(name: str, value: Any = None) -> Any:
    """Makes the Versioned of a field."""
    return partial(Versioned, name, value)


@dataclass
class Session:
    """One field for each thing that the user chose or that this session waits for."""

    # Work in the background
    id: str = field(default_factory=lambda: uuid4().hex)  # identifies this session to the speedometer
    waits: dict[str, Wait] = field(default_factory=dict)  # kind of work -> what this session waits for
    archive: UploadedFile | None = None  # the .zip that is being unpacked

    # The view: see pages.shared.view
    page: str = ""  # the last page drawn
    parts: dict[tuple[str, ...], Versioned] = field(default_factory=dict)  # name of a part, scope -> its value
    link: dict[str, str] | None = None  # the address at the start of the session, or after Back
    asked: set[str] = field(default_factory=set)  # parts that have read their value from the link
    shown: dict[str, str] = field(default_factory=dict)  # the value of each part on the page, as in its address
    is_open: bool = False  # whether a page has been drawn

    # The frame
    pages: dict[str, Any] = field(default_factory=dict)  # name of a page -> the argument of st.page_link
    settings: dict[str, Versioned] = field(default_factory=dict)  # see pages.shared.settings
    listed: dict[str, str] = field(default_factory=dict)  # run -> its status and name, as the sidebar shows them

    # Data and Storage
    browsed_folder: Path = field(default_factory=Path.cwd)  # the folder that the dialog "Open a folder" shows
    typed_folder: Versioned[str] = field(default_factory=kept("typed folder", str(Path.cwd())))
    archives: Versioned[None] = field(default_factory=kept("archive"))  # the field for a .zip, a new one after each
    deletions: Versioned[None] = field(default_factory=kept("deletions"))  # the tables, new ones after each deletion

    # Train
    changing_rate: Versioned[None] = field(default_factory=kept("changing rate"))  # the popover; a new rate closes it
    labelling: Versioned[None] = field(default_factory=kept("labelling"))  # the popover for a run's name and tags
    not_started: str = ""  # why the last click on Train or Continue started nothing
    not_labelled: str = ""  # why a new name or new tags are invalid

    # Look inside
    playing: bool = False  # whether snapshots are shown one after another
    brought: dict[str, tuple[str, str]] = field(default_factory=dict)  # file a user brought -> its name and image id
    changes: dict[str, tuple[int, Any]] = field(default_factory=dict)  # run -> the changes on Take apart
    changing: Versioned[None] = field(default_factory=kept("apart"))  # the controls of Take apart, new after a reset
    ranked: tuple | None = None  # the model, layer and images for which a ranking was requested
    paintings: dict[str, np.ndarray] = field(default_factory=dict)  # image -> the painting on it


def session() -> Session:
    """The record of the current session; made on the first call."""
    return st.session_state.setdefault("session", Session())


def widget(key: str, default: Any = None) -> Any:
    """The value of the widget or component with that key; the default if it is not on the page."""
    return st.session_state.get(key, default)
