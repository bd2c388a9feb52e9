"""A drawing as SVG or HTML. Unlike in an image, text has the page's colour and font, and titles show on hover."""

from collections.abc import Mapping, Sequence

from pages.components.common.modules import component

_component = component("drawing", "drawing/drawing.css")


def drawing(markup: str | Mapping[int, str], *, key: str, notes: Sequence[str] = ()) -> None:
    """Shows SVG or HTML, in which names from users must be escaped. A drawing wider than the page scrolls.

    markup: the drawing, or one for each width in pixels: the widest that fits is shown, else the narrowest.
    notes: HTML. Pointing at, focusing or tapping an element with the attribute data-note shows the note of that number
        beside it. These elements are options of a list box: arrow keys move between them.
    """
    widths = {0: markup} if isinstance(markup, str) else markup
    _component(key=key, data={"drawings": sorted(widths.items()), "notes": list(notes)})
