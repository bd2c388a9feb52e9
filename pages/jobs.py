"""Work that may take longer than a moment: done beside the page, with its progress on it and a way to cancel."""

import threading
import time
from collections.abc import Callable

import streamlit as st

from pages.words import duration

AT_ONCE = 0.4  # seconds that work may take before its progress is shown

# Takes a function to tell its progress to: the share (0..1) that is done, and what it has so far if that can be shown.
Work = Callable[[Callable[..., None]], object]


class _Cancelled(Exception):
    pass


class _Job(threading.Thread):
    """Does the work once; several sessions may wait for the same."""

    def __init__(self, work: Work):
        super().__init__(daemon=True)
        self.work = work
        self.share, self.so_far, self.started = 0.0, None, time.monotonic()
        self.result, self.error = None, ""
        self.cancelled, self.given_up = threading.Event(), False
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work(self._told)
        except _Cancelled:
            self.error = "It was cancelled."
        except (ValueError, RuntimeError, MemoryError, OSError) as error:
            self.error = f"It could not be done: {error}"

    def give_up(self) -> None:
        """Ends it where nobody said "Cancel"; whoever still waits for it begins it anew."""
        self.given_up = self.is_alive()
        self.cancelled.set()

    def _told(self, share: float, so_far: object = None) -> None:
        self.share, self.so_far = share, so_far
        if self.cancelled.is_set():
            raise _Cancelled

    @property
    def seconds_left(self) -> float | None:
        seconds = time.monotonic() - self.started
        return seconds / self.share - seconds if self.share > 0.02 else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _job(key: tuple, _work: Work) -> _Job:
    return _Job(_work)


def result(key: tuple, work: Work, text: str, preview: Callable[[object], None] | None = None, again: bool = False):
    """What `work(progress)` returns, done once for each key; None while it is under way, with its progress (`text`
    says what is being done), what it has so far (drawn by `preview`) and a way to cancel in its place, and None after
    it was cancelled or went wrong, unless it is to be tried `again`.

    The first part of the key says what kind of work it is. Each session waits for one of a kind: when it asks for
    another, the one before is given up, so that moving on quickly leaves no pile of work behind.
    """
    job = _job(key, work)
    if job.given_up or (again and job.error):
        _job.clear(key, work)
        job = _job(key, work)
    waited_for = st.session_state.setdefault("jobs", {})
    if waited_for.get(key[0], job) is not job:
        waited_for[key[0]].give_up()
    waited_for[key[0]] = job
    job.join(AT_ONCE)
    if job.is_alive():
        st.fragment(_show_progress, run_every=0.3)(job, text, preview)
        return None
    if job.error:
        st.warning(job.error, icon=":material/cancel:")
        if st.button("Try again", key=f"again_{key}"):
            _job.clear(key, work)
            st.rerun()
        return None
    return job.result


def _show_progress(job: _Job, text: str, preview: Callable[[object], None] | None) -> None:
    if not job.is_alive():
        st.rerun()
    if job.seconds_left is not None:
        text += f" · {duration(job.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(min(job.share, 1.0), text)
        cancel = st.button("Cancel", key=f"cancel_{id(job)}")
    if preview is not None and job.so_far is not None:
        preview(job.so_far)
    if cancel:
        job.cancelled.set()
        job.join(2)
        st.rerun()
