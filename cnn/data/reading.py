"""A reading: one way to take a folder of images, with the class and the split of each image.

Imports neither torch nor Streamlit.
"""

import posixpath
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cnn.data.class_names import class_key, one_name_each
from cnn.data.published.sets import PublishedSet
from cnn.data.walk import FoundImage, Skipped, natural_key, shown

ROLES = {"train": "to train on", "val": "held out", "test": "to test on"}
SHOWN_NAMES = 4
_UNLABELLED = "without a label, not used"


class Group(NamedTuple):
    """The images of one class and split, at least one. split: train, val, test or None."""

    class_name: str
    split: str | None
    images: list[FoundImage]


@dataclass(frozen=True)
class Reading:
    """One way to read a folder.

    name: identifies it among the readings of the folder; settings keep it. layout: as in `listing.Listing`.
    text: what was read, one or two sentences that begin with "Read". doubt: a sentence for the user who has to confirm
    the reading; "" if it is certain. groups: of at least two classes; no name occurs in two forms. skipped: what was
    left out, with reasons. notes: sentences about what the user may not expect. published: the set that the images
    belong to; None if they are files. val_is_test: whether the images of the split "val" are test images, because the
    folder has no others to hold out.
    """

    name: str
    layout: str
    text: str
    groups: tuple[Group, ...]
    skipped: tuple[Skipped, ...] = ()
    doubt: str = ""
    notes: tuple[str, ...] = ()
    val_is_test: bool = False
    published: PublishedSet | None = None

    @property
    def counts(self) -> dict[str, int]:
        """The number of images of each class, in natural order of the classes."""
        names = sorted({group.class_name for group in self.groups}, key=natural_key)
        return {
            shown(name): sum(len(group.images) for group in self.groups if group.class_name == name) for name in names
        }

    def examples(self, most: int) -> list[str]:
        """Paths of a few images, the classes in turn."""
        by_class: dict[str, list[str]] = {}
        for group in self.groups:
            paths = by_class.setdefault(group.class_name, [])
            paths += sorted(path for path, _ in group.images)[: most - len(paths)]
        names = sorted(by_class, key=natural_key)
        in_turn = [by_class[name][i] for i in range(most) for name in names if i < len(by_class[name])]
        return in_turn[:most]

    def is_like(self, other: "Reading") -> bool:
        """Whether both give the same images the same classes and splits."""
        return self._sides == other._sides

    @property
    def labels(self) -> dict[str, str]:
        """The class of each image, by its path."""
        return {path: class_key(group.class_name) for group in self.groups for path, _ in group.images}

    @property
    def _sides(self) -> dict[str, tuple[str, str | None]]:
        return {path: (group.class_name, group.split) for group in self.groups for path, _ in group.images}


def make_reading(
    name: str,
    layout: str,
    text: str,
    groups: Iterable[Group],
    skipped: Sequence[Skipped] = (),
    doubt: str = "",
    notes: Sequence[str] = (),
) -> Reading | None:
    """The reading with these groups; None if they have fewer than two classes.

    Different forms of a name ("Cat", "cat") become one class. The images of split folders must be in "train"; classes
    without training images are left out. Where there is no "val", the images of "test" become "val", and `val_is_test`
    says so; where there is only "train", there is no split.
    """
    groups = list(groups)
    use, merged = one_name_each((group.class_name, len(group.images)) for group in groups)
    groups = [group._replace(class_name=use[group.class_name]) for group in groups]
    notes = [*notes, *(_one_class(sorted(names)) for names in merged)]
    skipped = list(skipped)
    notes += [f"“{skip.path}” {skip.reason}." for skip in skipped if skip.reason.endswith(_UNLABELLED)][:SHOWN_NAMES]
    val_is_test = False
    if any(group.split for group in groups):
        trained = {group.class_name for group in groups if group.split in ("train", None)}
        for group in groups:
            if group.class_name not in trained:
                skipped.append(Skipped(shown(common_folder(group.images)), "is a class without training images"))
        groups = [group for group in groups if group.class_name in trained]
        groups, layout, val_is_test = _with_split(groups, layout)
    if len({group.class_name for group in groups}) < 2:
        return None
    return Reading(name, layout, text, tuple(groups), tuple(skipped), doubt, tuple(notes), val_is_test)


def _one_class(names: list[str]) -> str:
    if len({unicodedata.normalize("NFC", name) for name in names}) == 1:
        return f"“{shown(names[0])}”, written with different Unicode characters, is one class."
    return f"{quoted(names)} are one class."


def _with_split(groups: list[Group], layout: str) -> tuple[list[Group], str, bool]:
    splits = {group.split for group in groups}
    if splits <= {"train", None}:
        return [group._replace(split=None) for group in groups], layout, False
    val_is_test = "val" not in splits
    roles = {None: "train", "train": "train", "val": "val", "test": "val" if val_is_test else "test"}
    return [group._replace(split=roles[group.split]) for group in groups], "split folders", val_is_test


def common_folder(images: Sequence[FoundImage]) -> str:
    """The innermost folder that holds all images of a group; the path of the first, if it is the root."""
    folder = posixpath.commonpath([posixpath.dirname(path) for path, _ in images])
    return folder or min(path for path, _ in images)


def unlabelled(folder: str, count: int) -> Skipped:
    images = "1 image" if count == 1 else f"{count:,} images"
    return Skipped(shown(folder) or ".", f"contains {images} {_UNLABELLED}")


def quoted(names: Sequence[str]) -> str:
    """“a”, “b” and “c”; of many names, the first few."""
    texts = [f"“{shown(name)}”" for name in names[:SHOWN_NAMES]]
    if len(names) > SHOWN_NAMES:
        return f"{', '.join(texts)} and {len(names) - SHOWN_NAMES:,} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
