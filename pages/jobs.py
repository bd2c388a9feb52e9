"""Work that may take longer than a moment: done beside the page, with its progress on it and a way to cancel."""

import threading
import time
from collections.abc import Callable

import streamlit as st

from pages.words import duration

AT_ONCE = 0.4  # seconds that work may take before its progress is shown

Work = Callable[[Callable[[float], None]], object]


class _Cancelled(Exception):
    pass


class _Job(threading.Thread):
    """Does the work once; several sessions may wait for the same. Work is given a function to tell its share to."""

    def __init__(self, work: Work):
        super().__init__(daemon=True)
        self.work = work
        self.share, self.started = 0.0, time.monotonic()
        self.result, self.error = None, ""
        self.cancelled = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work(self._told)
        except _Cancelled:
            self.error = "It was cancelled."
        except (ValueError, RuntimeError, MemoryError, OSError) as error:
            self.error = f"It could not be done: {error}"

    def _told(self, share: float) -> None:
        self.share = share
        if self.cancelled.is_set():
            raise _Cancelled

    @property
    def seconds_left(self) -> float | None:
        seconds = time.monotonic() - self.started
        return seconds / self.share - seconds if self.share > 0.02 else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _job(key: tuple, _work: Work) -> _Job:
    return _Job(_work)


def result(key: tuple, work: Work, text: str):
    """What `work(progress)` returns, done once for each key; None while it is under way, with its progress (`text`
    says what is being done) and a way to cancel in its place, and None after it was cancelled or went wrong."""
    job = _job(key, work)
    job.join(AT_ONCE)
    if job.is_alive():
        st.fragment(_show_progress, run_every=0.3)(job, text)
        return None
    if job.error:
        st.warning(job.error, icon=":material/cancel:")
        if st.button("Try again", key=f"again_{key}"):
            _job.clear(key, work)
            st.rerun()
        return None
    return job.result


def _show_progress(job: _Job, text: str) -> None:
    if not job.is_alive():
        st.rerun()
    if job.seconds_left is not None:
        text += f" · {duration(job.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(min(job.share, 1.0), text)
        cancel = st.button("Cancel", key=f"cancel_{id(job)}")
    if cancel:
        job.cancelled.set()
        job.join(2)
        st.rerun()
