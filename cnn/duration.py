"""How a time is written."""


def duration_text(seconds: float) -> str:
    """Seconds, at least 0, as "0.4 s", "12 s", "3:20 min" or "1:05:00 h"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"
