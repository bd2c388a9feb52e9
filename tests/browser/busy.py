"""What keeps a demo's server busy."""

import threading
import time

import streamlit as st


@st.cache_resource
def keep_busy() -> None:
    """Computes in pieces that let no other thread run, each as long as a browser waits before it asks again."""

    def compute() -> None:
        while True:
            sum(range(20_000_000))
            time.sleep(0.05)

    threading.Thread(target=compute, daemon=True).start()
