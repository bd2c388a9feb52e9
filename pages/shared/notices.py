"""Short messages in a corner of the window, for callbacks, and before a rerun.

Streamlit loses what a callback of a fragment draws, and sometimes what is drawn just before a rerun. So what is to be
said waits until something is drawn.
"""

import streamlit as st

from pages.shared.session import session


def tell(text: str, icon: str) -> None:
    """Shows a message for some seconds, as soon as the page, or the fragment of the callback, is drawn."""
    session().notices.append((text, icon))


def draw() -> None:
    """Call where something is drawn: shows the messages that wait."""
    waiting, session().notices = session().notices, []
    for text, icon in waiting:
        st.toast(text, icon=icon, duration="long")  # it is a sentence to read
