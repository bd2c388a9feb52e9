"""Values as they stand in the page's address, and back."""

from typing import Any

from cnn.errors import UserError


def to_text(value) -> str:
    """'8,24' for a list, 'on' or 'off' for a switch."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def from_text(text: str, default) -> Any:
    """The value that a text of the address means, of the default's type.

    What is no number stays a text: the check of the setting then says what it should be. Raises UserError for a switch
    that is neither on nor off.
    """
    match default:
        case tuple():
            return tuple(_number(part, int) for part in text.split(",")) if text else ()
        case bool():
            if text not in ("on", "off"):
                raise UserError("It is on or off.")
            return text == "on"
        case int() | float():
            return _number(text, type(default))
    return text


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        return kind(text)
    except ValueError:
        return text
