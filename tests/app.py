"""Helpers for tests that run the dashboard as a script, without a browser."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import MENU
from pages.start import NAME
from tests.conftest import ROOT

TITLES = {page.name: page.title for group in MENU.values() for page in group} | {"start": NAME}
PAGES = tuple(TITLES)
NEEDS_A_RUN = [page for page in PAGES if "chosen_with_weights()" in (ROOT / f"pages/{page}.py").read_text("utf-8")]


def go_to(app: AppTest, page: str) -> AppTest:
    """Selects another page for the app's next run, as a click in the menu does."""
    # AppTest.switch_page takes only files. Streamlit identifies a page by the hash of its address.
    app._page_hash = calc_hash(page)
    return app


def control(kind, label: str):
    """The control with that label. kind: such as app.slider."""
    (found,) = [one for one in kind if one.label == label]
    return found


def sentences(app: AppTest) -> str:
    """All messages on the page: information, warnings, errors and toasts."""
    messages = [*app.info, *app.warning, *app.error, *app.success, *app.toast]
    return "\n".join(element.value for element in messages)


def add_to_report(app: AppTest, title: str) -> None:
    """Adds what the page shows; the picture with that title, if the page asks which one."""
    control(app.button, "Add to report").click().run()
    for asked in [one for one in app.button if one.label == title]:
        asked.click().run()
