"""The entry point: streamlit run dashboard.py. Page frame and menu, nothing else.

Streamlit runs this file once for the server, to get the routes in addition to the pages, and then as a script for every
session.
"""

import importlib
import logging
from typing import NamedTuple

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from cnn.errors import UserError
from cnn.system.log import went_wrong
from pages.server import warm
from pages.server.routes import all_routes
from pages.server.turns import turns
from pages.shared import base_choice, glossary, sidebar, view
from pages.shared.clicks import finish_callbacks
from pages.shared.session import session

log = logging.getLogger("pages")

STYLE = """<style>
/* Smaller margins leave more room for the pictures: a projector has 720 lines. */
.stMainBlockContainer { padding: 2.6rem 2rem 3rem }
h1 { padding-top: 0 !important }
/* What is said and what can be pressed is readable in light and in dark. */
[data-testid="stCaptionContainer"] { opacity: 0.8 !important }
[data-testid^="stBaseButton-primary"] { color: light-dark(#fff, #0b1016) }
:has(> .st-key-glossary) { position: fixed; top: 0.75rem; right: 4rem; width: auto; z-index: 999991 }
@media (max-width: 1000px) { /* on a phone or a tablet, a run comes before the settings of a new one */
  .st-key-run_and_settings > div > [data-testid="stHorizontalBlock"] { flex-wrap: wrap-reverse }
  .st-key-run_and_settings > div > div > [data-testid="stColumn"] { min-width: 100% }
}
.st-key-pinned { position: sticky; top: 2.4rem; z-index: 5; background: var(--st-background-color) }
</style>"""

# A 3 x 3 kernel that finds vertical edges. An SVG is part of the page. An array of pixels would be fetched from the
# server, where a click that interrupts the page removes it.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3">
<path fill="#1e1e1e" d="M0 0h1v3H0z"/><path fill="#808080" d="M1 0h1v3H1z"/><path fill="#ebebeb" d="M2 0h1v3H2z"/>
</svg>"""


class Page(NamedTuple):
    """A page in the menu. name: its file in pages/, and its address."""

    name: str
    title: str
    icon: str

    def draw(self) -> None:
        # Import late: some pages load torch, and a new server should answer at once.
        importlib.import_module(f"pages.{self.name}").draw()


MENU = {
    "Build": [
        Page("data", "Data", ":material/photo_library:"),
        Page("network", "Network", ":material/layers:"),
        Page("train", "Train", ":material/show_chart:"),
    ],
    "Look inside": [
        Page("filters", "Filters", ":material/grid_on:"),
        Page("activations", "Activations", ":material/visibility:"),
        Page("explain", "Explain", ":material/center_focus_strong:"),
        Page("take_apart", "Take apart", ":material/content_cut:"),
        Page("change_image", "Change the image", ":material/tune:"),
        Page("neighbours", "Neighbours", ":material/scatter_plot:"),
    ],
    "Keep": [
        Page("storage", "Storage", ":material/hard_drive:"),
    ],
}
FIRST = MENU["Build"][0]


def draw() -> None:
    """Draws the chosen page in its frame, when it is this session's turn."""
    try:
        with turns.taken():
            draw_page()
    finally:  # a page that has nothing more to show ends with an exception
        warm.page_drawn()


def draw_page() -> None:
    st.set_page_config("How convolutional networks see", ICON, layout="wide", initial_sidebar_state=220)
    st.html(STYLE)
    page, name = choose_page()
    view.load(name)
    try:
        base_choice.load()
        sidebar.draw()
        glossary.draw()
        page.run()
    except UserError as error:  # such as a damaged run, or a run store that cannot be used
        st.error(str(error), icon=":material/error:")
    except Exception:
        log.exception("The page %r", page.title)
        st.error(went_wrong("this page"), icon=":material/bug_report:")
    view.close()


def choose_page() -> tuple[st.Page, str]:
    """Draws the menu; returns the chosen page (from the address or a click) and its name."""
    pages = session().pages
    for entry in (entry for group in MENU.values() for entry in group):
        pages[entry.name] = st.Page(
            entry.draw, title=entry.title, icon=entry.icon, url_path=entry.name, default=entry is FIRST
        )
    page = st.navigation({group: [pages[entry.name] for entry in entries] for group, entries in MENU.items()})
    return page, page.url_path or FIRST.name


if __name__ == "__main__":
    draw()
else:
    # Streamlit treats the folder `pages` specially: until a script calls st.navigation, it would run a page's file
    # without this frame. For the first page of a new server, that is too late.
    PagesManager.uses_pages_directory = False
    finish_callbacks()
    app = st.App(__file__, routes=all_routes(), lifespan=warm.while_serving)
