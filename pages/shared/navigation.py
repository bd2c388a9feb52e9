"""Going to another page, a page's lesson, and ending a page early."""

from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages.shared.session import session

LESSONS = Path(__file__).resolve().parents[1] / "lessons"


def go(page: str) -> None:
    """Shows another page next; for the `on_click` of a button. page: the name of its file."""
    session().next_page = page


def link_to(page: str) -> None:
    """A link to another page. page: the name of its file."""
    target = session().pages[page]
    st.page_link(target, label=f"To the {target.title} page", icon=":material/arrow_forward:")


def lesson(page: str) -> None:
    """What the page is for and what to try: the text in pages/lessons, in an expander."""
    with st.expander("Why / try this", icon=":material/lightbulb:"):
        st.markdown((LESSONS / f"{page}.md").read_text("utf-8"))


class PageEnded(BaseException):
    """The page ends here. Not an Exception: no `except Exception` on the way may hold it up."""


def end_page() -> NoReturn:
    """Ends the page (or the fragment) here, because the rest cannot be drawn.

    Not by st.stop: after it, Streamlit keeps the fragments of the page as it was before. If one of them
    then reruns, it draws into a place that the page no longer has, and the browser shows nothing any more.
    """
    raise PageEnded
