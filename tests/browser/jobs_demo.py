"""A page with two pieces of slow work in a fragment, and more below it: streamlit run tests/browser/jobs_demo.py

In its address, `name` identifies the work: pages of the same name share it. The work ends when the file `until` exists.
The environment variable BUSY keeps the server busy.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.server import pool
from pages.server.routes import all_routes
from pages.shared import jobs
from tests.browser.busy import keep_busy

SECONDS = 60  # until the progress bar is almost full
pool.PATIENCE = 1.0  # seconds until a closed browser no longer counts


def work_until(file: Path):
    def work(progress) -> str:
        begun = time.monotonic()
        while not file.exists():
            seconds = time.monotonic() - begun
            progress(min(seconds / SECONDS, 0.99), int(seconds))
            time.sleep(0.01)
        return "done"

    return work


def preview(seconds: int) -> tuple[np.ndarray, str]:
    """A gray image and its caption."""
    return np.full((8, 8, 1), 128, np.uint8), f"After {seconds} s"


def two_results(name: str, file: Path) -> None:
    st.markdown("Above the work")
    results = []
    for which in ("first", "second"):
        st.markdown(f"Above the {which}")
        results.append(jobs.result((which, name), work_until(file), f"Doing the {which}", preview))
        st.markdown(f"The {which} of {name}: {results[-1]}")
    st.markdown(f"Below the work of {name}")


def draw() -> None:
    if os.environ.get("BUSY"):
        keep_busy()
    st.title("Slow work", anchor=False)
    st.fragment(two_results)(st.query_params.get("name", ""), Path(st.query_params.get("until", __file__)))
    st.markdown("At the end")


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=all_routes())
