"""Parts of a page that rerun alone."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared import run_choice


def draw(part: Callable[..., None], *arguments: Any) -> None:
    """Draws a part that reruns alone, in a container of its own.

    If a fragment reruns just as its page has been drawn, Streamlit sends its elements after the browser has removed
    those that the page no longer has. Without the container, what stands below would have moved up, and be overwritten.
    """
    with st.container():
        st.fragment(run_choice.safely(part))(*arguments)
