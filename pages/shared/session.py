"""What one browser session remembers, in one typed record. Nothing outside this folder names st.session_state.

Streamlit keeps the values of widgets, but loses them when another page is shown; and browser and server are never quite
in step. `Versioned` answers both: it keeps the value, and gives the widget its key and its start.
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
    """A value that a widget edits and that the program may set, too.

    A slider may have moved on before the answer to its last move arrives, and a click may come from a page that does
    not show the answer to an earlier one yet. So the program never tells a widget to move: the widget starts at the
    value, and from then on it is the source of truth. To set the value, the program replaces the widget by one of the
    next version, which has another key. A move of the widget that was replaced still counts.
    """

    name: str
    value: T
    version: int = 0
    start: Any = None  # where the widget of this version started
    stood: Any = None  # where the widget stood when it was last looked at
    stood_before: Any = None  # where the widget of the version before stood when it was replaced
    texts: dict | None = None  # what a selectbox last called its options

    def __post_init__(self):
        self.start = self.stood = self.value

    @property
    def key(self) -> str:
        """Of the widget, in this version."""
        return f"{self.name} {self.version}"

    def current(self) -> T:
        """The value, after a look at where its widgets stand."""
        if self.version:
            before = widget(f"{self.name} {self.version - 1}")
            if before is not None and before != self.stood_before:  # moved on a page that does not show this version
                self.replace(before)
        now = widget(self.key)
        if self.moved(now):
            self.value = now
        return self.value

    def moved(self, now: Any) -> bool:
        """Whether the widget stands elsewhere than before. now: where it stands; None if it is not on the page, or its
        field was emptied."""
        if now is None or now == self.stood:
            return False
        self.stood = now
        return True

    def start_at(self, start: T) -> T:
        """The value; as long as there is none (None), the widget starts at a place that nobody chose."""
        if self.value is not None:
            return self.value
        if self.stood != start:
            self.restart(start)
        return start

    def replace(self, value: T) -> None:
        """Sets the value; a new widget starts there. Looks at no session state, so no click can interrupt it."""
        self.value = value
        self.restart(value)

    def restart(self, start: Any) -> None:
        """Has a new widget start at a place that nobody chose; the value stays."""
        self.version += 1
        self.stood_before, self.start, self.stood = self.stood, start, start

    def bound(self, argument: str = "value") -> dict:
        """What the widget is given. argument: what it calls the value that it starts with."""
        self.current()
        return {argument: self.stood, "key": self.key}

    def bound_choice(self, texts: dict) -> dict:
        """What a selectbox is given. texts: each value there is to choose -> what it is called."""
        self.current()
        # Streamlit knows an option by its text: if texts change, the choice could be lost, or become another one.
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
    """One field for each thing that a person chose or that this session waits for."""

    # Work beside the pages
    id: str = field(default_factory=lambda: uuid4().hex)  # tells who asks
    waits: dict[str, Wait] = field(default_factory=dict)  # kind of work -> what this session waits for
    archive: UploadedFile | None = None  # the .zip that is being unpacked

    # The view: see pages.shared.view
    page: str = ""  # the name of the page that was drawn last
    parts: dict[tuple[str, ...], Versioned] = field(default_factory=dict)  # name of a part, scope -> its value
    link: dict[str, str] | None = None  # the address that the session began with, or that Back brought
    asked: set[str] = field(default_factory=set)  # parts that took from it what it says of them
    shown: dict[str, str] = field(default_factory=dict)  # what the page shows of each part, as in its address
    is_open: bool = False  # whether a page has been drawn

    # The frame
    pages: dict[str, Any] = field(default_factory=dict)  # name of a page -> what st.page_link takes for it
    settings: dict[str, Versioned] = field(default_factory=dict)  # see pages.shared.settings
    marks: dict[str, str] = field(default_factory=dict)  # run -> the mark of its status, as the sidebar shows it

    # Data and Storage
    browsed_folder: Path = field(default_factory=Path.cwd)  # the folder that the dialog "Open a folder" shows
    typed_folder: Versioned[str] = field(default_factory=kept("typed folder", str(Path.cwd())))
    archives: Versioned[None] = field(default_factory=kept("archive"))  # the field for a .zip, a new one after each
    deletions: Versioned[None] = field(default_factory=kept("deletions"))  # the tables, new ones after each deletion

    # Train
    changing_rate: Versioned[None] = field(default_factory=kept("changing rate"))  # a popover, which a change closes
    labelling: Versioned[None] = field(default_factory=kept("labelling"))  # that for a run's name and tags
    not_started: str = ""  # why the last click on Train or Continue started nothing
    not_labelled: str = ""  # why a name or tags were refused
    labelled: bool = False  # whether the sidebar does not show a new name yet

    # Look inside
    playing: bool = False  # whether snapshots are shown one after another
    brought: dict[str, tuple[str, str]] = field(default_factory=dict)  # file a user brought -> its name and image id
    changes: dict[str, tuple[int, Any]] = field(default_factory=dict)  # run -> what Take apart changed in its network
    changing: Versioned[None] = field(default_factory=kept("apart"))  # its controls, new ones after a reset
    ranked: tuple | None = None  # run, step and layer whose filters are to be ranked
    paintings: dict[str, np.ndarray] = field(default_factory=dict)  # image -> what is painted on it


def session() -> Session:
    """The record of the session whose script runs; made when it is first asked for."""
    return st.session_state.setdefault("session", Session())


def widget(key: str, default: Any = None) -> Any:
    """Where the widget or component of that key stands; the default if it is not on the page."""
    return st.session_state.get(key, default)
