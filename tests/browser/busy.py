"""Keeps the server of a demo busy."""

import threading
import time

import streamlit as st

PIECE = 0.35  # seconds, a little longer than between two requests of a browser


@st.cache_resource
def keep_busy() -> None:
    """Computes in pieces of constant time that let no other thread run."""

    def compute() -> None:
        size = 1_000_000
        while True:
            begun = time.monotonic()
            sum(range(size))
            size = max(1, int(size * min(2.0, PIECE / (time.monotonic() - begun))))
            time.sleep(0.05)

    threading.Thread(target=compute, daemon=True).start()
