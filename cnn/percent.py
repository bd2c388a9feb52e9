"""How a share is written."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"  # str.isprintable() is false for it


def percent(share: float, digits: int = 0) -> str:
    """A share, 0..1, as "96 %", which no line breaks in two. digits: after the decimal point."""
    return f"{100 * share:.{digits}f}{NO_BREAK_SPACE}%"
