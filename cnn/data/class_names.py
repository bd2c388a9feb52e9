"""Names that mean the same class: they differ only in capitals, in blanks, or in the form of their Unicode characters.

Imports neither torch nor Streamlit.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable


def class_key(name: str) -> str:
    """The same for all names of one class: "Cat", "cat" and " cat "; "é" as one character or as two."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).casefold().split()))


def one_name_each(named: Iterable[tuple[str, int]]) -> tuple[dict[str, str], list[list[str]]]:
    """The name to use for each name given, and the lists of names that became one class.

    named: names with their numbers of images; a name may occur several times. The form with the most images is used; if
    several have as many, the one with the fewest capitals, then the shortest.
    """
    counts: Counter[str] = Counter()
    for name, images in named:
        counts[name] += images
    by_key: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], sum(map(str.isupper, name)), len(name), name)):
        by_key.setdefault(class_key(name) or name, []).append(name)
    use = {name: names[0] for names in by_key.values() for name in names}
    return use, [names for names in by_key.values() if len(names) > 1]
