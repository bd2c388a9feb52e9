"""A button that lists the words of a glossary which the page uses, each with its meaning."""

from collections.abc import Mapping, Sequence

from pages.components.common.modules import component

_component = component("words", "words/words.css")


def words(entries: Sequence[Mapping], behind: Mapping[str, str], *, key: str) -> None:
    """entries: each with its word, its names and its text. behind: a label on the page -> the text behind it."""
    _component(key=key, data={"entries": list(entries), "behind": dict(behind)})
