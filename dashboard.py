"""The entry point: streamlit run dashboard.py. Page frame and menu, nothing else.

Streamlit runs this file once for the server, to get the routes in addition to the pages, and then as a script for every
session.
"""

import logging
from typing import NamedTuple

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from cnn.errors import UserError
from cnn.system.log import went_wrong
from pages.server import warm
from pages.server.delivery import send_in_batches
from pages.server.downloads import keep_replaced_files
from pages.server.routes import all_routes
from pages.server.turns import turns
from pages.shared import glossary, notices, path, style, view
from pages.shared.clicks import finish_callbacks
from pages.shared.fragments import find_lost_clicks
from pages.shared.navigation import PageEnded
from pages.shared.report import offers
from pages.shared.runs import sidebar
from pages.shared.session import session
from pages.shared.training import base_choice

log = logging.getLogger("pages")

# A 3 x 3 kernel that finds vertical edges. An SVG is part of the page. An array of pixels would be fetched from the
# server, where a click that interrupts the page removes it.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3">
<path fill="#1e1e1e" d="M0 0h1v3H0z"/><path fill="#808080" d="M1 0h1v3H1z"/><path fill="#ebebeb" d="M2 0h1v3H2z"/>
</svg>"""


class Page(NamedTuple):
    """A page in the menu. name: its file in pages/, and its address. step: the step of the path that it belongs to.
    is_listed: whether the menu shows it; buttons lead to the others."""

    name: str
    title: str
    icon: str
    step: str = ""
    is_listed: bool = True

    def draw(self) -> None:
        # Import late: some pages load torch, and a new server should answer at once.
        warm.page(self.name).draw()


MENU = {
    "": [
        Page("start", "Start", ":material/home:"),
        Page("learn", "Lessons", ":material/lightbulb:"),
    ],
    "Build": [
        Page("data", "Data", ":material/photo_library:", "Data"),
        Page("cleaning", "Wrong labels", ":material/label_off:", is_listed=False),
        Page("network", "Network", ":material/layers:", "Network"),
        Page("train", "Train", ":material/show_chart:", "Train"),
    ],
    "Judge": [
        Page("results", "Results", ":material/fact_check:", "Results"),
        Page("compare", "Compare", ":material/compare_arrows:"),
        Page("experiments", "Experiments", ":material/science:"),
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
        Page("report", "Report", ":material/edit_note:", "Report"),
        Page("hand_ins", "Hand-ins", ":material/inventory_2:"),
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
    style.draw()
    page, name = choose_page()
    view.load(name)
    notices.draw()
    try:
        base_choice.load()
        sidebar.draw()
        offers.forget()
        path.draw(steps(), name)
        button = st.container(key="evidence")
        glossary.draw()
        page.run()
        if (PAGES[name].step and name != "report") or offers.is_offered():
            with button:
                offers.draw_button(beside(name))
        path.draw_next(steps(), name, list(PAGES))
    except PageEnded:  # the page has said why
        pass
    except UserError as error:  # such as a damaged run, or a run store that cannot be used
        st.error(str(error), icon=":material/error:")
    except Exception:
        log.exception("The page %r", page.title)
        st.error(went_wrong("this page"), icon=":material/bug_report:")
    notices.draw()
    view.close()


def choose_page() -> tuple[st.Page, str]:
    """Draws the menu; returns the chosen page (from the address or a click) and its name."""
    pages = session().pages
    for entry in PAGES.values():
        pages[entry.name] = st.Page(
            entry.draw,
            title=entry.title,
            icon=entry.icon,
            url_path=entry.name,
            default=entry is FIRST,
            visibility="visible" if entry.is_listed else "hidden",
        )
    groups = {group: [pages[entry.name] for entry in entries] for group, entries in MENU.items()}
    page = st.navigation(groups, expanded=True)
    name = page.url_path or FIRST.name
    if (target := session().next_page) and target != name:  # a button asked for it
        session().next_page = ""
        # The address of the page that is left stays whole: Streamlit would empty it, and Back would lead to that.
        st.switch_page(pages[target], query_params=st.query_params.to_dict())
    session().next_page = ""
    if name == FIRST.name and view.is_of_old_first_page():
        st.switch_page(pages[OLD_FIRST.name], query_params=st.query_params.to_dict())
    return page, name


def beside(name: str) -> list[str]:
    """The pages of the same step of the path."""
    return [page.name for page in PAGES.values() if page.step and page.step == PAGES[name].step]


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
    find_lost_clicks()
    send_in_batches()
    keep_replaced_files()
    app = st.App(__file__, routes=all_routes(), lifespan=warm.while_serving)
