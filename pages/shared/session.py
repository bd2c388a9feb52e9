"""Everything that one browser session remembers, in one typed record. Only this folder uses st.session_state.

Streamlit forgets the values of widgets when another page is shown, and the browser can be ahead of the server.
`Versioned` solves both: it keeps the value, and gives the widget its key and its start value.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import uuid4

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnn.data.archive import Unpacked
from cnn.data.incoming import Incoming
from cnn.data.local_archive import LocalArchive
from cnn.store.base import Base
from pages.server.sending import Ticket
from pages.server.work import Wait

if TYPE_CHECKING:
    from cnn.report.hand_in import HandIn

T = TypeVar("T")


@dataclass
class Versioned(Generic[T]):
    """A value that both a widget and the program can set.

    A user may move a slider again before the server has answered the last move. So the program never sets the value of
    a widget: the widget starts at the value, and from then on the widget is the source of truth. To set the value, the
    program replaces the widget by one of the next version, with another key. A late move of the replaced widget still
    counts.
    """

    name: str
    value: T
    version: int = 0
    start: Any = None  # the start value of this version's widget
    seen: Any = None  # the widget's value when last read
    seen_before: Any = None  # the previous widget's value when it was replaced
    is_drawn: bool = False  # whether this version's widget was ever on a page: else it has no value
    was_drawn: bool = False  # whether the previous version's was
    texts: dict | None = None  # the last labels of a selectbox's options

    def __post_init__(self):
        self.start = self.seen = self.value

    @property
    def key(self) -> str:
        """The key of this version's widget, for drawing it."""
        self.is_drawn = True
        return self._key(self.version)

    def _key(self, version: int) -> str:
        return f"{self.name} {version}"

    def current(self) -> T:
        """The value, after reading the widgets."""
        if self.was_drawn:
            before = widget(self._key(self.version - 1))
            if before is not None and before != self.seen_before:  # moved on a page that does not show this version
                self.replace(before)
        if self.is_drawn and self.moved(now := widget(self._key(self.version))):
            self.value = now
        return self.value

    def moved(self, now: Any) -> bool:
        """Whether the widget's value changed. now: its value; None if the widget is not on the page or its field is
        empty."""
        if now is None or now == self.seen:
            return False
        self.seen = now
        return True

    def start_at(self, start: T) -> T:
        """The value; if it is None, `start`, which does not count as chosen."""
        if self.value is not None:
            return self.value
        if self.seen != start:
            self.restart(start)
        return start

    def replace(self, value: T) -> None:
        """Sets the value; a new widget starts with it. Reads no session state, so no click can interrupt it."""
        self.value = value
        self.restart(value)

    def restart(self, start: Any) -> None:
        """Makes a new widget that starts with `start`, which does not count as chosen; the value stays."""
        self.version += 1
        self.was_drawn, self.is_drawn = self.is_drawn, False
        self.seen_before, self.start, self.seen = self.seen, start, start

    def bound(self, argument: str = "value") -> dict:
        """The key and the start value for the widget. argument: the widget's name for its start value."""
        self.current()
        return {argument: self.seen, "key": self.key}

    def bound_choice(self, texts: dict) -> dict:
        """The arguments for a selectbox. texts: value -> label."""
        self.current()
        # Streamlit identifies an option by its label: if labels change, it could lose the choice or choose another.
        if self.texts is not None and self.texts != texts:
            self.restart(self.seen)
        self.texts, values = texts, list(texts)
        index = values.index(self.seen) if self.seen in texts else 0
        return {"options": values, "index": index, "format_func": texts.get, "key": self.key}


def versioned(name: str, value: Any = None) -> Any:
    """A factory for a field that holds a Versioned."""
    return partial(Versioned, name, value)


@dataclass
class Session:
    """The user's choices, and what this session waits for."""

    # Work in the background
    id: str = field(default_factory=lambda: uuid4().hex)  # identifies this session to the speedometer
    waits: dict[str, Wait] = field(default_factory=dict)  # kind of work -> the session's wait
    ticket: Ticket | None = None  # allows the browser to send a folder or an archive
    arrived: Incoming | LocalArchive | None = None  # what it has sent, or an archive here, while it is unpacked
    not_unpacked: tuple[bool, str] = (False, "")  # whether the last one was here; why it could not be unpacked

    # The view: see pages.shared.view
    page: str = ""  # the last page drawn
    parts: dict[tuple[str, ...], Versioned] = field(default_factory=dict)  # name of a part, scope -> its value
    link: dict[str, str] | None = None  # the address when the session started, or after Back
    next_link: dict[str, str] | None = None  # what the page that a button asked for is to show
    read_from_link: set[str] = field(default_factory=set)  # parts that have read their value from the link
    shown: dict[str, str] = field(default_factory=dict)  # part on the page -> its value, as in the address
    is_drawn: bool = False  # whether the page in the address has been drawn to its end

    # The frame
    pages: dict[str, Any] = field(default_factory=dict)  # name of a page -> the argument of st.page_link
    next_page: str = ""  # the page that a button asked for
    seen: set[str] = field(default_factory=set)  # the pages that have been drawn
    notices: list[tuple[str, str]] = field(default_factory=list)  # messages that wait, each with its icon
    no_example: str = ""  # why the example could not be added
    settings: dict[str, Versioned] = field(default_factory=dict)  # see pages.shared.settings
    listed: dict[str, str] = field(default_factory=dict)  # run -> its status and name, as the sidebar shows them
    base: Base | None = None  # the run that the new network starts from,
    no_base: str = ""  # or why it cannot: see pages.shared.training.base_choice

    # Report
    typed: dict[str, int] = field(default_factory=dict)  # field -> the number of its last report that was saved
    saving: dict[str, tuple[bool, str]] = field(default_factory=dict)  # field -> whether saving failed; a sentence
    # (report, field) -> a value that could not be saved, and what saves it again
    unsaved: dict[tuple[str, str], tuple[str | float, Callable[[], object]]] = field(default_factory=dict)
    offers: list[Any] = field(default_factory=list)  # what the page offers as evidence: see pages.shared.report.offers
    choosing_offer: bool = False  # whether to ask which of them to add to the report
    reports: set[str] = field(default_factory=set)  # the ids of the reports that were opened
    waiting: Any = None  # a piece of evidence that waits until a report is chosen
    removed: tuple[str, str] | None = None  # the report and the piece of evidence that was removed last
    not_opened: str = ""  # why an assignment could not be opened

    # Data and Storage
    decided: tuple[str, tuple] = ("", ())  # a folder, and the decisions about labels that apply to its images
    draws_held_out: dict[str, bool] = field(default_factory=dict)  # folder -> as in `Dataset`, when it was read last
    not_decided: str = ""  # why the last decision about a label was not kept
    folder_dialog: tuple[str, str] = ("", "")  # what the dialog of folders is open for, and its tab
    browsed_folder: Path = field(default_factory=Path.home)  # the folder that the dialog "Open a folder" shows
    typed_folder: Versioned[str] = field(default_factory=versioned("typed folder", str(Path.home())))
    choosing_classes: bool = False  # whether the dialog of classes is open
    drafted_classes: set[str] = field(default_factory=set)  # chosen in the dialog of classes, not yet used
    class_pills: Versioned[None] = field(default_factory=versioned("class pills"))  # new after All and None
    unpacked: Unpacked | None = None  # the last upload
    runs_by_name: Versioned[list[str]] = field(default_factory=versioned("runs by name", []))  # the chosen ones
    ticked_runs: Versioned[tuple[str, ...]] = field(default_factory=versioned("ticked runs", ()))  # on Storage
    deletions: Versioned[None] = field(default_factory=versioned("deletions"))  # the tables; new after each deletion

    # A run's images: see pages.shared.dataset.lost_images
    places: dict[str, str] = field(default_factory=dict)  # run -> the folder where the user says its images are now
    unread: dict[str, str] = field(default_factory=dict)  # run -> why its images could not be read

    # Train
    rate: Versioned[float] = field(default_factory=versioned("rate", 0.0))  # of the run that is shown
    labelling: Versioned[None] = field(default_factory=versioned("labelling"))  # the popover for a run's name and note
    tested_rates: tuple | None = None  # the images, network and settings for which a learning rate was to be found
    testing: tuple[str, int] | None = None  # the run and the step whose test accuracy was asked for
    not_started: str = ""  # why the last click on Train or Continue started nothing
    not_labelled: str = ""  # why a new name or new tags are invalid

    # Experiments
    waiting_run: Versioned[str] = field(default_factory=versioned("waiting run", ""))  # the one chosen in the queue
    deleted_experiment: bool = False  # whether the page is to be drawn again, without one that was just deleted

    # Look inside
    playing: bool = False  # whether snapshots are shown one after another
    choosing_image: bool = False  # whether the gallery is open
    choosing_run: bool = False  # whether the list of runs is open
    not_uploaded: str = ""  # why the last uploaded image was not taken
    uploaded: dict[str, tuple[str, str]] = field(default_factory=dict)  # id of a file -> its name and image id
    behind: Versioned[int] = field(default_factory=versioned("behind"))  # gallery of Results: the image clicked last
    only_one_right: dict[str, Versioned] = field(default_factory=dict)  # the galleries of Compare: the last click
    behind_story: Versioned[int] = field(default_factory=versioned("behind story"))  # the same, of learned early, ...
    stories: set[tuple[str, str]] = field(default_factory=set)  # runs and images whose snapshots are to be compared
    set_dialog: str = ""  # the dialog of new images that is open: "add", "label" or ""
    labelled: Versioned[int] = field(default_factory=versioned("labelled"))  # gallery: the image labelled last
    changes: dict[str, tuple[int, Any]] = field(default_factory=dict)  # run -> the changes on Take apart
    changing: Versioned[None] = field(default_factory=versioned("apart"))  # controls of Take apart; new after Reset
    ranked: tuple | None = None  # the model, layer and images for which a ranking was requested
    paintings: dict[str, np.ndarray] = field(default_factory=dict)  # image -> the painting on it
    fooled: dict[tuple, Any] = field(default_factory=dict)  # network and image -> the least change that fooled it
    marks: dict[str, np.ndarray] = field(default_factory=dict)  # image -> where the user would look, as a painting

    # Report and Hand-ins
    opened_step: tuple[str, str, float] = ("", "", 0.0)  # the report and the step that are shown, and since when
    opened_steps: int = 0  # how often a step was opened from the end of the page
    exporting: tuple[str, str] | None = None  # the report that was asked for as a file, and the format
    handed_in: dict[str, bytes] = field(default_factory=dict)  # name of a file that was sent -> its content
    hand_ins: "list[HandIn]" = field(default_factory=list)  # those that are open, whose pictures the server serves
    wants_hand_ins: bool = False  # whether an example of hand-ins was asked for
    not_marked: str = ""  # why the last mark was not saved


_known = threading.local()  # `context` and `session`: the last one of this thread


def session() -> Session:
    """The record of the current session, made by the first call."""
    context = get_script_run_ctx(suppress_warning=True)  # one for all runs of a script's thread
    if context is None or getattr(_known, "context", None) is not context:
        found = st.session_state.get("session")
        _known.session = st.session_state.setdefault("session", Session()) if found is None else found
        _known.context = context
    return _known.session


def widget(key: str, default: Any = None) -> Any:
    """The value of the widget or component with that key; the default if it is not on the page."""
    return st.session_state.get(key, default)
