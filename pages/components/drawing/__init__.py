"""A drawing on the page, as SVG or HTML. Unlike an image, its text has the page's colour and font, and titles show on
hover."""

from pages.components.common.modules import component

_component = component("drawing", "drawing/drawing.css")


def drawing(markup: str, *, key: str) -> None:
    """Shows SVG or HTML; names given by users must be escaped in it. A drawing wider than the page scrolls."""
    _component(key=key, data={"markup": markup})
