"""The dashboard as a script, without a browser: its pages, and what is on one."""

import re

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

TITLES = dict(re.findall(r'st\.Page\("pages/(\w+)\.py", title="([^"]+)"', (ROOT / "dashboard.py").read_text("utf-8")))
PAGES = tuple(TITLES)
NEEDS_A_RUN = [page for page in PAGES if "chosen_with_weights()" in (ROOT / f"pages/{page}.py").read_text("utf-8")]


def control(kind, label: str):
    """The one control of a kind, as app.slider, with that label."""
    (found,) = [one for one in kind if one.label == label]
    return found


def sentences(app: AppTest) -> str:
    """All that the page tells: information, warnings, errors and the notes that pop up."""
    told = [*app.info, *app.warning, *app.error, *app.success, *app.toast]
    return "\n".join(element.value for element in told)
