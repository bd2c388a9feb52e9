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


def as_shown(stream: TextIO, text: str) -> str:
    """The text, with the characters escaped that the encoding of the stream does not have."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
