"""A page with a fragment that reruns at intervals, and more below it: streamlit run tests/browser/rerun_demo.py

In its address: `times`, how often the fragment runs; `every`, the seconds between runs; `takes`, the seconds of one
run. The environment variable BUSY keeps the server busy.
"""

import os
import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.components.rerun import rerun_every
from pages.server.routes import all_routes
from pages.shared.fragments import find_lost_clicks
from tests.browser.busy import keep_busy


def one_run(times: int, every: float, takes: float) -> None:
    time.sleep(takes)
    st.session_state.runs = number = st.session_state.get("runs", 0) + 1
    st.markdown("Above the number")
    st.markdown(f"Run {number}")
    st.button("Of the part")
    if number < times:
        rerun_every(every, key="rerun")


def draw() -> None:
    if os.environ.get("BUSY"):
        keep_busy()
    st.title("Over and over", anchor=False)
    st.markdown("Clicked" if st.button("Of the page") else "Not clicked")
    settings = {"times": 1_000_000, "every": 0.1, "takes": 0} | st.query_params.to_dict()
    st.fragment(one_run)(int(settings["times"]), float(settings["every"]), float(settings["takes"]))
    st.markdown("At the end")


if __name__ == "__main__":
    draw()
else:
    find_lost_clicks()
    app = st.App(__file__, routes=all_routes())
