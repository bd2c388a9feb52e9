"""From page to page: links, the lesson of a page, and the end of one that cannot go on."""

from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages.shared import view
from pages.shared.session import session

LESSONS = Path(__file__).resolve().parents[1] / "lessons"


def link_to(page: str) -> None:
    """A link to another page, known by the name of its file."""
    target = session().pages[page]
    st.page_link(target, label=f"To the {target.title} page", icon=":material/arrow_forward:")


def lesson(page: str) -> None:
    """Why one would look at a page, and what to try on it: the text in pages/lessons, folded."""
    with st.expander("Why / try this", icon=":material/lightbulb:"):
        st.markdown((LESSONS / f"{page}.md").read_text("utf-8"))


def end_page() -> NoReturn:
    """Ends the page here: what follows cannot be drawn."""
    view.close()  # the frame does not get to it
    st.stop()
