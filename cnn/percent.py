"""How a share is written."""


def percent(share: float, digits: int = 0) -> str:
    """A share, 0..1, as "96 %", which no line breaks in two. digits: after the decimal point."""
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
