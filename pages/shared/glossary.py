"""The words of the pages and what they mean, from pages/lessons/glossary.md."""

import re
from functools import cache
from typing import NamedTuple

import streamlit as st

from cnn.fields import Choice
from cnn.specs import SPECS
from pages.components.words import encoded, words
from pages.shared.navigation import LESSONS

_ENTRY = re.compile(r"\*\*(?P<word>[^*]+)\*\*(?: \((?P<others>[^)]+)\))?: (?P<text>.+)")


class Entry(NamedTuple):
    """word: as a title. names: all that the entry explains, the word first. text: sentences."""

    word: str
    names: tuple[str, ...]
    text: str


def draw() -> None:
    """A button at the top of the page, which lists the words that the page uses. It needs nothing from the page."""
    with st.container(key="glossary"):
        words(_encoded(), key="words")


@cache
def _encoded() -> bytes:
    """All of it for the browser."""
    return encoded([entry._asdict() for entry in entries()], behind_labels())


@cache
def entries() -> list[Entry]:
    """All entries, in the order of the alphabet."""
    found = []
    for paragraph in (LESSONS / "glossary.md").read_text("utf-8").split("\n\n"):
        match = _ENTRY.fullmatch(paragraph.strip())
        if match is None:
            raise ValueError(f"Not an entry of the glossary: {paragraph!r}")
        others = match["others"].split(", ") if match["others"] else []
        found.append(Entry(match["word"], (match["word"], *others), match["text"]))
    return found


@cache
def behind_labels() -> dict[str, str]:
    """The label of a setting -> its help and its options, which a page shows only on demand."""
    described = (one for spec in SPECS for one in spec.settings().values())
    return {
        one.label: " ".join([one.help, *map(str, one.options.values() if isinstance(one, Choice) else ())])
        for one in described
    }
