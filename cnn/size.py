"""How a number of bytes is written."""


def size_text(size: float) -> str:
    """Bytes, at least 0, as "0.4 kB", "35 kB", "3.5 MB" or "1.2 GB"."""
    for unit, bytes_in_it in (("kB", 1e3), ("MB", 1e6)):
        if round(size / bytes_in_it) < 1000:
            return f"{_short(size / bytes_in_it)} {unit}"
    return f"{_short(size / 1e9)} GB"


def _short(number: float) -> str:
    return f"{round(number, 1):g}" if number < 9.95 else f"{number:,.0f}"
