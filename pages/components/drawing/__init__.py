"""A drawing on the page, as SVG or HTML; unlike in an image, its text has the page's colour and font, and titles show
on hover."""

from pages.components.common.modules import component

_component = component("drawing", "drawing/drawing.css")


def drawing(markup: str, *, key: str) -> None:
    """Shows SVG or HTML, in which every name that a user gave must be escaped; what is wider than the page scrolls."""
    _component(key=key, data={"markup": markup})
