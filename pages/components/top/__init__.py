"""Scrolls the page back to its top, after a click at its end has changed what stands there. Browsers stay where they
were."""

from pages.components.common.modules import component

# As in `rerun`, whose style hides the empty space.
_component = component("top", "rerun/rerun.css", html='<div class="again"></div>', isolate_styles=False)


def scroll_to_top(times: int, *, key: str) -> None:
    """times: how often this was asked for; the page scrolls when the number has changed. Draws nothing."""
    _component(key=key, data={"times": times})
