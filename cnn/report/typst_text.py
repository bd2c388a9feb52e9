"""Texts in the source of a Typst document: always as string literals, so none of them is read as markup or code."""


def literal(text: str) -> str:
    """A text as a Typst string."""
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\u{{{ord(c):x}}}" if c in "\n\t\u200b" else " "
