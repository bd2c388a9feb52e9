"""The entry: streamlit run dashboard.py. Page frame and navigation, nothing else.

Streamlit comes here twice: once for the server, which is given what it answers besides the pages, and then for every
session, as for any script.
"""

import logging

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from cnn.errors import UserError
from cnn.system.log import went_wrong
from pages.server.routes import all_routes
from pages.shared import settings, sidebar

log = logging.getLogger("pages")

STYLE = """<style>
/* The frame's generous margins are taken from the pictures: a projector has 720 lines. */
.stMainBlockContainer { padding: 2.6rem 2rem 3rem }
h1 { padding-top: 0 !important }
.st-key-pinned { position: sticky; top: 2.4rem; z-index: 5; background: var(--st-background-color) }
</style>"""

# A 3 x 3 kernel that finds vertical edges. As a drawing it travels with the page itself: pixels Streamlit leaves on the
# server for the browser to fetch, and a click that interrupts the page takes them away again.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3">
<path fill="#1e1e1e" d="M0 0h1v3H0z"/><path fill="#808080" d="M1 0h1v3H1z"/><path fill="#ebebeb" d="M2 0h1v3H2z"/>
</svg>"""


def draw() -> None:
    settings.load()
    st.set_page_config("How convolutional networks see", ICON, layout="wide", initial_sidebar_state=220)
    st.html(STYLE)

    page = st.navigation(
        {
            "Build": [
                st.Page("pages/data.py", title="Data", icon=":material/photo_library:", default=True),
                st.Page("pages/network.py", title="Network", icon=":material/layers:"),
                st.Page("pages/train.py", title="Train", icon=":material/show_chart:"),
            ],
            "Look inside": [
                st.Page("pages/filters.py", title="Filters", icon=":material/grid_on:"),
                st.Page("pages/activations.py", title="Activations", icon=":material/visibility:"),
                st.Page("pages/explain.py", title="Explain", icon=":material/center_focus_strong:"),
                st.Page("pages/take_apart.py", title="Take apart", icon=":material/content_cut:"),
                st.Page("pages/change_image.py", title="Change the image", icon=":material/tune:"),
                st.Page("pages/neighbours.py", title="Neighbours", icon=":material/scatter_plot:"),
            ],
            "Keep": [
                st.Page("pages/storage.py", title="Storage", icon=":material/hard_drive:"),
            ],
        }
    )
    try:
        sidebar.draw()
        page.run()
    except UserError as error:  # such as a damaged run, or a run store that cannot be used
        st.error(str(error), icon=":material/error:")
    except Exception:
        log.exception("The page %r", page.title)
        st.error(went_wrong("this page"), icon=":material/bug_report:")
    settings.save()


if __name__ == "__main__":
    draw()
else:
    # st.navigation says so, but only when the first session comes: that would see a list of files first.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=all_routes())
