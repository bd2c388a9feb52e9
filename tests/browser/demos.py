"""The demos on one server, each at an address of its own: streamlit run tests/browser/demos.py"""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.server.routes import all_routes
from pages.shared.fragments import find_lost_clicks
from tests.browser import jobs_demo, layers_demo, maps_demo, rerun_demo

DEMOS = {"jobs": jobs_demo, "layers": layers_demo, "maps": maps_demo, "rerun": rerun_demo}


def contents() -> None:
    st.markdown("\n".join(f"- [{name}](/{name})" for name in DEMOS))


def draw() -> None:
    pages = [st.Page(contents, title="Demos")]
    pages += [st.Page(demo.draw, title=name, url_path=name) for name, demo in DEMOS.items()]
    st.navigation(pages, position="hidden").run()


if __name__ == "__main__":
    draw()
else:
    find_lost_clicks()
    app = st.App(__file__, routes=all_routes())
