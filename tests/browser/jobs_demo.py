"""A page that waits for two pieces of slow work, in a fragment and with more below them: streamlit run
tests/browser/jobs_demo.py

In its address, `name` tells one opening from another, and `until` is a file: the work ends when it exists. Pages of the
same name share their work. With the environment variable BUSY, the server is kept busy besides.
"""

import os
import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.server import work
from pages.server.routes import all_routes
from pages.shared import jobs
from tests.browser.busy import keep_busy

SECONDS = 60  # until nearly all is done
work.PATIENCE = 1.0  # with a browser that was closed


def work_until(file: Path):
    def work(progress) -> str:
        begun = time.monotonic()
        while not file.exists():
            progress(min((time.monotonic() - begun) / SECONDS, 0.99))
            time.sleep(0.01)
        return "done"

    return work


def look(name: str, file: Path) -> None:
    st.markdown("Above the work")
    results = []
    for which in ("first", "second"):
        st.markdown(f"Above the {which}")
        results.append(jobs.result((which, name), work_until(file), f"Doing the {which}"))
        st.markdown(f"The {which} of {name}: {results[-1]}")
    st.markdown(f"Below the work of {name}")


def draw() -> None:
    if os.environ.get("BUSY"):
        keep_busy()
    st.title("Slow work", anchor=False)
    st.fragment(look)(st.query_params.get("name", ""), Path(st.query_params.get("until", __file__)))
    st.markdown("At the end")


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=all_routes())
