"""Reruns the page when the browser changes between light and dark, for what Python draws in colours of its own.

Streamlit tells Python the theme of the last rerun, but does not rerun when it changes.
"""

from pages.components.common.modules import component

# As in `rerun`, whose style hides the empty space.
_component = component("theme", "rerun/rerun.css", html='<div class="again"></div>', isolate_styles=False)


def rerun_on_change(drawn: str, *, key: str) -> None:
    """drawn: the theme in which the page is drawn, light or dark. Draws nothing."""
    _component(key=key, data={"theme": drawn}, on_changed_change=lambda: None)
