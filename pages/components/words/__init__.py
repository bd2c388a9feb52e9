"""A button that lists the words of a glossary which the page uses, each with its meaning."""

from collections.abc import Mapping, Sequence

from pages.components.common import message
from pages.components.common.modules import component

_component = component("words", "words/words.css")


def encoded(entries: Sequence[Mapping], behind: Mapping[str, str]) -> bytes:
    """The glossary for `words`. entries: each with its word, its names and its text. behind: a label on the page -> the
    text behind it."""
    return message.encode({"entries": list(entries), "behind": dict(behind)})


def words(glossary: bytes, *, key: str) -> None:
    """glossary: from `encoded`. It is long, and every page has it, so encode it once."""
    _component(key=key, data=glossary)
