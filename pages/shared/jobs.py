"""Work that may take longer than a moment: done beside the page, with its progress on it and a way to cancel."""

import time
from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.components import picture
from pages.server.work import Background
from pages.shared.text import duration

AT_ONCE = 0.4  # seconds that work may take before its progress is shown
UNDISTURBED = 2.0  # seconds for the session that gave work up to draw what it asked for instead

# Takes a function to tell its progress to: the share (0..1) that is done, and what it has so far if that can be shown.
Work = Callable[[Callable[..., None]], object]
# Makes an image (uint8) and a sentence of what it has so far.
Preview = Callable[[object], tuple[np.ndarray, str]]


class _Cancelled(Exception):
    pass


class _Job(Background):
    """Does the work once; several sessions may wait for the same."""

    def __init__(self, work: Work, text: str = "", preview: Preview | None = None):
        super().__init__()
        self.work, self.text, self.make_preview = work, text, preview
        self.share, self.so_far, self.started = 0.0, None, time.monotonic()
        self.result, self.error = None, ""
        self.given_up: float | None = None  # when
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work(self._note)
        except _Cancelled:
            self.error = "It was cancelled."
        except (ValueError, RuntimeError, MemoryError, OSError) as error:
            self.error = f"It could not be done: {error}"

    def give_up(self) -> None:
        """Ends it where nobody said "Cancel"; whoever still waits for it begins it anew."""
        if self.is_alive():
            self.given_up = time.monotonic()
        self.cancelled.set()

    def _note(self, share: float, so_far: object = None) -> None:
        self.share, self.so_far = share, so_far
        if self.cancelled.is_set():
            raise _Cancelled

    @property
    def ended(self) -> bool:
        # The browser of the session that gave it up asks, too, until it draws something else: it would only begin anew.
        disturbs = self.given_up is not None and time.monotonic() - self.given_up < UNDISTURBED
        return super().ended and not disturbs

    def progress(self) -> dict:
        left = self.seconds_left
        return {
            "share": min(self.share, 1.0),
            "text": self.text if left is None else f"{self.text} · {duration(left)} left",
        }

    def preview(self) -> dict | None:
        if self.make_preview is None or self.so_far is None:
            return None
        image, caption = self.make_preview(self.so_far)
        return {"image": picture.address(image), "caption": caption}

    @property
    def seconds_left(self) -> float | None:
        seconds = time.monotonic() - self.started
        return seconds / self.share - seconds if self.share > 0.02 else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _job(key: tuple, _work: Work, _text: str, _preview: Preview | None) -> _Job:
    return _Job(_work, _text, _preview)


def result(key: tuple, work: Work, text: str, preview: Preview | None = None, again: bool = False):
    """What `work(progress)` returns, done once for each key; None while it is under way, with its progress (`text`
    says what is being done), what it has so far (as `preview` makes it) and a way to cancel in its place, and None
    after it was cancelled or went wrong, unless it is to be tried `again`. When the work has ended, the page (or the
    fragment that this is called in) runs again.

    The first part of the key says what kind of work it is. Each session waits for one of a kind: when it asks for
    another, the one before is given up, so that moving on quickly leaves no pile of work behind.
    """
    asked = key, work, text, preview
    job = _job(*asked)
    if job.given_up is not None or (again and job.error):
        _job.clear(*asked)
        job = _job(*asked)
    waited_for = st.session_state.setdefault("jobs", {})
    if waited_for.get(key[0], job) is not job:
        waited_for[key[0]].give_up()
    waited_for[key[0]] = job
    job.join(AT_ONCE)
    if job.is_alive():
        job.draw()
        return None
    if job.error:
        st.warning(job.error, icon=":material/cancel:")
        if st.button("Try again", key=f"again_{key}"):
            _job.clear(*asked)
            st.rerun()
        return None
    return job.result
