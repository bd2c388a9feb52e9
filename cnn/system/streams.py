"""Standard output and standard error, which cannot show every character on every system."""

import io
import sys
from typing import TextIO


def escape_unknown_characters() -> None:
    """Makes standard output and error escape the characters that their encoding does not have (\\u732b for 猫), instead
    of raising an error. On Windows, that is most characters when the output goes to a file or a pipe."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def can_show(stream: TextIO, text: str) -> bool:
    """Whether the encoding of the stream has all characters of the text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
