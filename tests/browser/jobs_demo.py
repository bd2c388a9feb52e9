"""A page that waits for two pieces of slow work, in a fragment and with more below them: streamlit run
tests/browser/jobs_demo.py

`name` in its address tells one opening from another, `seconds` how long the work takes. With the environment
variable BUSY, the server is kept busy besides.
"""

import os
import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.server.routes import all_routes
from pages.shared import jobs
from tests.browser.busy import keep_busy


def work_for(seconds: float):
    def work(progress) -> str:
        begun = time.monotonic()
        while (done := (time.monotonic() - begun) / seconds) < 1:
            progress(done)
            time.sleep(0.01)
        return "done"

    return work


def look(name: str, seconds: float) -> None:
    st.markdown("Above the work")
    results = []
    for which in ("first", "second"):
        st.markdown(f"Above the {which}")
        results.append(jobs.result((which, name), work_for(seconds), f"Doing the {which}"))
        st.markdown(f"The {which} of {name}: {results[-1]}")
    st.markdown(f"Below the work of {name}")


def draw() -> None:
    if os.environ.get("BUSY"):
        keep_busy()
    st.title("Slow work", anchor=False)
    st.fragment(look)(st.query_params.get("name", ""), float(st.query_params.get("seconds", 1)))
    st.markdown("At the end")


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=all_routes())
