"""Classes from the names of files: cat.0.jpg, cat_001.jpg, 001_cat.jpg, cat (1).jpg, class0_0000.jpg.

Imports neither torch nor Streamlit.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from cnn.data.class_names import class_key
from cnn.data.folder_names import words_of

# Names that cameras, phones and programs give; they say nothing about the picture.
_GENERIC = {
    *("img", "image", "images", "dsc", "dscn", "dscf", "dcim", "pxl", "mvi", "photo", "pic", "picture", "screenshot"),
    *("whatsapp", "frame", "scan", "file", "download", "unnamed", "untitled", "copy", "vid", "p", "wa", "at", "from"),
}
_SEPARATORS = "._- ()[]"
# Hexadecimal names and UUIDs, and words in which letters and digits alternate: no text of a person.
_RANDOM = re.compile(r"(?=.*\d)[0-9a-f-]{16,}|(?=(?:.*?\d[a-z]){3})[0-9a-z]{8,}", re.IGNORECASE)
# How Google Drive and macOS name copies.
_COPY = re.compile(r"(copy|kopie|copie|copia) (\(\d+\) )?(of|von|de|di) ", re.IGNORECASE)
MANY_SINGLES = 3  # from this many classes on, a class for each file is doubted


@dataclass(frozen=True)
class Pattern:
    """A place of the class in a file's name. name: as in `reading.Reading`. about: the place, in words."""

    name: str
    about: str
    class_of: Callable[[str], str]


def _before_number(stem: str) -> str:
    before, *numbered = re.split(r"[0-9]", stem, maxsplit=1)
    return before.rstrip(_SEPARATORS) if numbered else re.split(r"[._\- ]", stem, maxsplit=1)[0]


def _up_to_last_number(stem: str) -> str:
    match = re.fullmatch(r"(.*[^0-9])[0-9]+[)\]]?", stem, re.DOTALL)
    return match[1].rstrip(_SEPARATORS) if match else ""


def _after_number(stem: str) -> str:
    stem = re.sub(r" ?\(\d+\)$", "", stem)  # Windows and browsers number copies: 001_cat (2)
    match = re.fullmatch(r".*?[0-9][._\- ]+([^0-9]+?)[0-9]{0,2}", stem, re.DOTALL)
    return match[1].strip(_SEPARATORS) if match else ""


PATTERNS = (
    Pattern("before number", "the text before the number", _before_number),
    Pattern("after number", "the text after the number", _after_number),
    Pattern("up to number", "the text before the last number", _up_to_last_number),
)


def stem_of(path: str) -> str:
    return _COPY.sub("", os.path.splitext(PurePosixPath(path).name)[0])


def class_in(pattern: Pattern, path: str) -> str:
    """The class in the name of a file; "" if it has none."""
    return "" if _is_random(stem := stem_of(path)) else pattern.class_of(stem)


def best_first(paths: Iterable[str]) -> list[Pattern]:
    """The patterns that give at least two classes, the one that explains most files by classes of several images
    first."""
    paths = list(paths)
    scores = {}
    for pattern in PATTERNS:
        counts = Counter(class_key(name) for path in paths if (name := class_in(pattern, path)))
        if len(counts) > 1:
            several = {name: count for name, count in counts.items() if count > 1}
            scores[pattern.name] = (sum(several.values()) if len(several) > 1 else 0, sum(counts.values()))
    order = [pattern for pattern in PATTERNS if pattern.name in scores]
    return sorted(order, key=lambda pattern: scores[pattern.name], reverse=True)


def doubt(counts: dict[str, int]) -> str:
    """Why classes from file names may be wrong, as a sentence; "" if nothing speaks against them. counts: images per
    class."""
    singles = sum(count == 1 for count in counts.values())
    if len(counts) >= MANY_SINGLES and 2 * singles > len(counts):
        which = "Each" if singles == len(counts) else f"{singles:,}"
        return f"{which} of the {len(counts):,} names has only one image. Is each of these images a class of its own?"
    if generic := sorted(name for name in counts if _is_generic(name)):
        return f"Cameras and programs use names such as “{generic[0]}”. Are they classes?"
    if any(len(number) > 4 for name in counts for number in re.findall(r"\d+", name)):
        return "The names contain long numbers, such as dates. Are they classes?"
    return ""


def _is_generic(name: str) -> bool:
    words = words_of(name)
    return bool(words) and all(word in _GENERIC or word.isdigit() for word in words)


def _is_random(stem: str) -> bool:
    return _RANDOM.fullmatch(stem) is not None
