"""Paths as people type and paste them."""

import os
import re
import sys
from urllib.parse import unquote, urlsplit

# What surrounds a path: Windows' "Copy as path" gives quotes, its dialogs an invisible mark of direction.
_AROUND = " \t\r\n\u00a0\u200e\u200f\u202a\u202c"
_QUOTES = ('""', "''", "“”", "‘’", "„“", "«»", "``")
# As the shells of Unix, Windows and PowerShell write variables: $HOME, ${HOME}, %USERPROFILE%, $env:USERPROFILE
_VARIABLE = re.compile(r"\$env:(\w+)|\$\{(\w+)\}|\$(\w+)|%([^%/\\]+)%", re.IGNORECASE)


def typed_path(text: str) -> str:
    """The path that is meant: without quotes and blanks around it, with `~` and environment variables replaced, and
    from a file:// URL. A path that exists as it stands is taken as it stands; a variable that is not set stays."""
    if os.path.exists(text):  # a real name can end in a blank, or contain a %
        return text
    text = _bare(text)
    if text.lower().startswith("file:"):
        text = _from_url(text)
    if os.path.exists(text):
        return text
    text = os.path.expanduser(_VARIABLE.sub(_value, text))
    if sys.platform != "win32" and not os.path.exists(text):
        # A folder dropped on a terminal, or completed with Tab: My\ pets
        escaped = re.sub(r"\\(.)", r"\1", text)
        return escaped if os.path.exists(escaped) else text
    return text


def _bare(text: str) -> str:
    text = text.strip(_AROUND)
    while len(text) >= 2 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1].strip(_AROUND)
    return text


def _value(match: re.Match[str]) -> str:
    name = next(group for group in match.groups() if group is not None)
    return os.environ.get(name, match[0])


def _from_url(url: str) -> str:
    """The path in a file:// URL (RFC 8089); the text itself if it is on another computer that this system cannot
    name."""
    try:
        parts = urlsplit(url.replace("\\", "/"), allow_fragments=False)
    except ValueError:
        return url
    path = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    is_here = parts.netloc.lower() in ("", "localhost")
    if sys.platform == "win32":
        if is_here:
            return path.removeprefix("/") if re.match(r"/[A-Za-z]:", path) else path
        return f"//{parts.netloc}{path}"
    return path if is_here else url
