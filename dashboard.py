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
from pages.shared import base_choice, glossary, path, sidebar, view
from pages.shared.clicks import finish_callbacks
from pages.shared.session import session

log = logging.getLogger("pages")

STYLE = """<style>
/* Smaller margins leave more room for the pictures: a projector has 720 lines. */
.stMainBlockContainer { padding: 0.6rem 2rem 3rem }
h1 { padding: 0 0 0.5rem !important }
.st-key-pinned { position: sticky; top: 3.75rem; z-index: 5; background: var(--st-background-color) }

/* The path stands in Streamlit's empty header, between the button that opens the menu and the one for the settings. */
[data-testid="stLayoutWrapper"]:has(> .st-key-path) { position: sticky; top: 0.6rem; z-index: 999991 }
.st-key-path { min-height: 2.4rem; margin: 0 6rem -0.2rem 0; flex-wrap: nowrap; width: auto; gap: 0 0.25rem }
.stApp:has([data-testid="stExpandSidebarButton"]) .st-key-path { margin-left: 2rem }
.st-key-path a { padding: 0.1rem 0.5rem; min-height: 0; font-size: 0.875rem }
.st-key-path p { font-size: 0.875rem; white-space: nowrap }
.st-key-path [class*="st-key-path_here"] p { font-weight: 700 }
.st-key-path [class*="st-key-path_here"] a { background: rgb(130 150 180 / 14%) }

/* The menu fits 720 lines, with room for three more pages. */
[data-testid="stSidebarHeader"] { height: 2.25rem; margin-bottom: 0; padding-block: 0.25rem }
[data-testid="stSidebarNavItems"] { padding-top: 0 }
[data-testid="stSidebarNavItems"] li { margin-block: 0 }
[data-testid="stSidebarNavItems"] div:has(> [data-testid="stNavSectionHeader"]) { margin-top: 0.375rem }
[data-testid="stNavSectionHeader"] { margin-top: 0 }
[data-testid="stSidebarNavLink"] { padding-block: 0; margin-block: 0; line-height: 1.625rem; min-height: 1.625rem }
[data-testid="stSidebarNavSeparator"] { padding-top: 0.5rem }
[data-testid="stSidebarUserContent"] { padding-block: 0.5rem }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.25rem }
[data-testid="stSidebarUserContent"] { margin-inline: -0.9rem } /* so that the name of a run is seen whole */
[data-testid="stSidebarUserContent"] [data-testid="stSelectbox"] input { font-size: 0.8125rem }

/* The Start page fits 720 lines, too. */
.st-key-start { gap: 0.5rem }

.st-key-example { position: relative; z-index: 7 } /* above the line that is pinned below it */
@media (min-width: 1101px) { /* there is room for it beside the title */
  .st-key-example { margin-top: -3.5rem; min-height: 2.5rem; justify-content: flex-end }
}
/* On a tablet, columns too narrow for a picture wrap; on a phone, all do. */
@media (min-width: 641px) and (max-width: 1100px) {
  [data-testid="stMain"] [data-testid="stColumn"] { min-width: min(100%, 15.75rem) }
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]:nth-child(4)) > [data-testid="stColumn"] {
    min-width: calc(50% - 1rem)
  }
}
@media (min-width: 641px) and (max-width: 1240px) { /* four pictures */
  .st-key-start [data-testid="stColumn"] { min-width: calc(50% - 1rem) }
  .st-key-start [data-testid="stColumn"]:has(.st-key-start_image, .st-key-first_on_phone) { order: -1 }
}
[data-testid="stMain"] .st-key-side_by_side [data-testid="stColumn"] { min-width: 0 }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-inline: 1rem }
  .st-key-path { gap: 0 }
  .st-key-path p { display: none } /* only the icons: the title below names this step */
  .st-key-path a { padding: 0.1rem 0.2rem }
  [data-testid="stColumn"]:has(.st-key-first_on_phone) { order: -1 }
  .st-key-snapshot, :has(> .st-key-snapshot) { width: 11rem; min-width: 0 } /* one line with its buttons */
}

/* What is said and what can be pressed is readable in light and in dark. */
[data-testid="stCaptionContainer"] { opacity: 0.8 !important }
[data-testid^="stBaseButton-primary"] { color: light-dark(#fff, #0b1016) }
:has(> .st-key-glossary) { position: fixed; top: 0.75rem; right: 4rem; width: auto; z-index: 999991 }
@media (max-width: 640px) { :has(> .st-key-glossary) { right: 1rem } }
@media (max-width: 1100px) { /* on a phone or a tablet, a run comes before the settings of a new one */
  .st-key-run_and_settings > div > [data-testid="stHorizontalBlock"] { flex-wrap: wrap-reverse }
  .st-key-run_and_settings > div > div > [data-testid="stColumn"] { min-width: 100% }
}
</style>"""

# A 3 x 3 kernel that finds vertical edges. An SVG is part of the page. An array of pixels would be fetched from the
# server, where a click that interrupts the page removes it.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3">
<path fill="#1e1e1e" d="M0 0h1v3H0z"/><path fill="#808080" d="M1 0h1v3H1z"/><path fill="#ebebeb" d="M2 0h1v3H2z"/>
</svg>"""


class Page(NamedTuple):
    """A page in the menu. name: its file in pages/, and its address. step: the step of the path that it belongs to."""

    name: str
    title: str
    icon: str
    step: str = ""

    def draw(self) -> None:
        # Import late: some pages load torch, and a new server should answer at once.
        importlib.import_module(f"pages.{self.name}").draw()


MENU = {
    "": [
        Page("start", "Start", ":material/home:"),
    ],
    "Build": [
        Page("data", "Data", ":material/photo_library:", "Data"),
        Page("network", "Network", ":material/layers:", "Network"),
        Page("train", "Train", ":material/show_chart:", "Train"),
    ],
    "Judge": [
        Page("results", "Results", ":material/fact_check:", "Results"),
    ],
    "Look inside": [
        Page("filters", "Filters", ":material/grid_on:", "Look inside"),
        Page("activations", "Activations", ":material/visibility:", "Look inside"),
        Page("explain", "Explain", ":material/center_focus_strong:", "Look inside"),
        Page("take_apart", "Take apart", ":material/content_cut:", "Look inside"),
        Page("change_image", "Change the image", ":material/tune:", "Look inside"),
        Page("neighbours", "Neighbours", ":material/scatter_plot:", "Look inside"),
    ],
    "Keep": [
        Page("storage", "Storage", ":material/hard_drive:"),
    ],
}
PAGES = {page.name: page for group in MENU.values() for page in group}
FIRST = PAGES["start"]
OLD_FIRST = PAGES["data"]


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
        path.draw(steps(), name)
        glossary.draw()
        page.run()
        path.draw_next(steps(), name)
    except UserError as error:  # such as a damaged run, or a run store that cannot be used
        st.error(str(error), icon=":material/error:")
    except Exception:
        log.exception("The page %r", page.title)
        st.error(went_wrong("this page"), icon=":material/bug_report:")
    view.close()


def choose_page() -> tuple[st.Page, str]:
    """Draws the menu; returns the chosen page (from the address or a click) and its name."""
    pages = session().pages
    for entry in PAGES.values():
        pages[entry.name] = st.Page(
            entry.draw, title=entry.title, icon=entry.icon, url_path=entry.name, default=entry is FIRST
        )
    groups = {group: [pages[entry.name] for entry in entries] for group, entries in MENU.items()}
    page = st.navigation(groups, expanded=True)
    name = page.url_path or FIRST.name
    if (target := session().next_page) and target != name:  # a button asked for it
        session().next_page = ""
        st.switch_page(pages[target])
    session().next_page = ""
    if name == FIRST.name and view.is_of_old_first_page():
        st.switch_page(pages[OLD_FIRST.name], query_params=st.query_params.to_dict())
    return page, name


def steps() -> path.Steps:
    """The steps of the path with their pages, from the menu."""
    found: dict[str, list[str]] = {}
    for page in PAGES.values():
        if page.step:
            found.setdefault(page.step, []).append(page.name)
    return found


if __name__ == "__main__":
    draw()
else:
    # Streamlit treats the folder `pages` specially: until a script calls st.navigation, it would run a page's file
    # without this frame. For the first page of a new server, that is too late.
    PagesManager.uses_pages_directory = False
    finish_callbacks()
    app = st.App(__file__, routes=all_routes(), lifespan=warm.while_serving)
