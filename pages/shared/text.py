"""Formats numbers and names, in the same way on every page."""

import re

from cnn.percent import NO_BREAK_SPACE


def count(number: int, one: str, many: str) -> str:
    """'1 run', '1,234 runs', or 'runs' for 0."""
    return f"{number:,} {one if number == 1 else many}" if number else many


def amount(number: float) -> str:
    """'1,234', '1.48 M' (million) or '2.3 G' (billion)."""
    if number < 100_000:
        return f"{number:,}"
    return f"{number / 1e6:.3g} M" if number < 1e9 else f"{number / 1e9:.3g} G"


def unbroken(text: str) -> str:
    """A text in which no line breaks within a size such as 3 × 3, or between a number and its percent sign."""
    return text.replace(" × ", f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}").replace(" %", f"{NO_BREAK_SPACE}%")


def without_markup(text: str) -> str:
    """A Markdown text as its reader sees it, for pictures: without stars and escapes."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*+", "", text))


def plain(text: str) -> str:
    """A name, escaped so that Markdown shows it unchanged. Files and classes can have any name."""
    visible = (c if c.isprintable() or c == NO_BREAK_SPACE else "·" for c in text)
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~$:&" else c for c in visible)
