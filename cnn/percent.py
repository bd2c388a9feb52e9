"""How numbers are written for people. Not for code, JSON or CSV."""

import re

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"  # str.isprintable() is false for it
MINUS = "\N{MINUS SIGN}"  # as wide as a plus
_HYPHEN = re.compile(r"(?<![\w.)\]])-(?=\.?\d)")  # before a number


def percent(share: float, digits: int = 0) -> str:
    """A share, 0..1, as "96 %", which no line breaks in two. digits: after the decimal point."""
    return f"{100 * share:.{digits}f}{NO_BREAK_SPACE}%"


def probability(share: float, digits: int = 1) -> str:
    """A probability of a network, 0..1, as "96.3 %". A softmax is never quite sure: "> 99.9 %", "< 0.1 %"."""
    least = 10.0**-digits / 100
    if share > 1 - least:
        return f"> {percent(1 - least, digits)}"
    return f"< {percent(least, digits)}" if share < least else percent(share, digits)


def with_minus(text: str) -> str:
    """The text of a number, with a minus sign instead of a hyphen."""
    return _HYPHEN.sub(MINUS, text)


def singular(unit: str) -> str:
    """A unit as it follows 1: “epoch” for “epochs”, “class” for “classes”; others, such as “%”, stay as they are."""
    return re.sub("(?<=ss)es$|(?<=[^s])s$", "", unit)


def with_unit(number: str, unit: str) -> str:
    """“93.4 %”, “12 epochs”, “1 epoch”, which no line breaks in two; the number alone if unit is ""."""
    return f"{number}{NO_BREAK_SPACE}{singular(unit) if number == '1' else unit}" if unit else number
