"""A drawing as SVG or HTML. Unlike in an image, text has the page's colour and font, and titles show on hover."""

from pages.components.common.modules import component

_component = component("drawing", "drawing/drawing.css")


def drawing(markup: str, *, key: str) -> None:
    """Shows SVG or HTML, in which names from users must be escaped. A drawing wider than the page scrolls."""
    _component(key=key, data={"markup": markup})
