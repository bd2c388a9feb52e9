"""Converts values to texts in the page's address, and back."""

from typing import Any
from urllib.parse import unquote

from cnn.errors import UserError
from cnn.fields import Choice, Names, Number, Setting, Switch, Whole, Widths


def to_text(value) -> str:
    """'8,24' for a list, 'on' or 'off' for a switch."""
    if isinstance(value, tuple):
        return ",".join(str(part).replace("%", "%25").replace(",", "%2C") for part in value)  # a name may have commas
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def from_text(text: str, described: Setting) -> Any:
    """The value of a text in the address. Raises UserError if the setting cannot have it."""
    match described:
        case Switch():
            if text not in ("on", "off"):
                raise UserError("It is on or off.")
            return text == "on"
        case Widths():
            return described.check(tuple(_number(part, int) for part in text.split(",")) if text else ())
        case Names():
            return described.check(tuple(map(unquote, text.split(","))) if text else ())
        case Whole():
            return described.check(_number(text, int))
        case Number():
            return described.check(_number(text, float))
        case Choice():
            kind = type(next(iter(described.options)))
            return described.check(_number(text, kind) if kind is int else text)
    return described.check(text)


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """The number; the text itself if it is not a number: the setting's check then says what it expects."""
    try:
        return kind(text)
    except ValueError:
        return text
