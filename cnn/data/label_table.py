"""Labels in a table (CSV, TSV): a file that names the images in one column and their classes in another, or has a
column of 0 and 1 for each class.

Imports neither torch nor Streamlit.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from cnn.data.folder_names import UNLABELLED, splits_of, words_of
from cnn.data.images import looks_like_image
from cnn.data.layout import Layout
from cnn.data.reading import ROLES, Group, Reading, make_reading, quoted, unlabelled
from cnn.data.table import Table, is_number, read_table
from cnn.data.walk import FoundImage, Skipped, Tree, shown

MAX_TABLES = 20
_LABEL_WORDS = {
    *("label", "labels", "class", "classname", "category", "target", "breed", "species", "diagnosis", "dx", "tag"),
    *("disease", "variety", "genus", "emotion", "type", "kind", "style", "name", "classid", "y"),
    *("klasse", "kategorie", "classe", "clase", "categoría", "catégorie", "categoria"),
}
_SPLIT_COLUMNS = ("split", "subset", "set", "dataset", "partition", "fold", "usage", "phase")
_NOT_LABELS = ("submission", "submit", "prediction", "predictions")  # tables of answers, not of labels


ONE_HOT = "one column per class"


@dataclass(frozen=True)
class _Labels:
    """The class of some images by one column (or one-hot columns) of tables.

    column: its name. rank: how well that name fits labels (see `_rank`). class_of: path of an image -> class.
    split_of: path -> split, if a column gives one.
    """

    tables: tuple[str, ...]
    image_column: str
    column: str
    rank: float
    class_of: dict[str, str]
    split_of: dict[str, str]


def table_readings(tree: Tree, layout: Layout) -> Iterator[Reading]:
    """A reading for each column that may be the labels, the likeliest first; doubtful if several are as likely."""
    paths = _table_paths(tree, layout)
    if not paths:
        return
    images, _ = tree.below("")
    find = _Finder(images)
    found: list[_Labels] = []
    for path in paths:
        table = read_table(tree.root / path, path)
        if table is not None:
            found += _labels_in(table, find.preferring(_nearest(path, images, layout)))
    joined = sorted(_joined(found), key=lambda labels: labels.rank)
    likeliest = [labels for labels in joined if int(labels.rank) == int(joined[0].rank)]
    for labels in joined:
        doubt = ""
        if int(labels.rank) == UNKNOWN or any(not _same_classes(labels, other) for other in likeliest):
            columns = [f"“{shown(one.column)}”" for one in joined][:4]
            doubt = f"Are the classes in the column {' or '.join(columns)}?"
        reading = _reading(tree, layout, images, labels, doubt)
        if reading is not None:
            yield reading


def _table_paths(tree: Tree, layout: Layout) -> list[str]:
    """Tables in the folder and in its parts; if there are none, those beside the folder itself."""
    folders = dict.fromkeys(["", layout.base, *(folder for part in layout.parts for folder in part[:2])])
    paths = [path for folder in folders for path in tree.looked_into(folder).tables]
    if not paths:
        try:
            beside = sorted(entry.name for entry in os.scandir(tree.root.parent) if entry.is_file())
        except OSError:
            return []
        paths = [f"../{name}" for name in beside if name.lower().endswith((".csv", ".tsv"))]
    return [path for path in paths if not set(words_of(path)) & set(_NOT_LABELS)][:MAX_TABLES]


def _nearest(table: str, images: Sequence[FoundImage], layout: Layout) -> list[FoundImage]:
    """The images that a table more likely names than others of the same name: those in its folder, or, if its name is
    that of a part of a split ("train.csv"), those in that part."""
    folder, _, name = table.rpartition("/")
    split = splits_of([os.path.splitext(name)[0]]).values()
    folders = [folder] if folder.strip("./") else [part.folder for part in layout.parts if part.split in split]
    return [image for image in images if any(image[0].startswith(f"{near}/") for near in folders)]


# Which column names the images, and which their classes


class _Finder:
    """Finds the image that a cell names: by its path or the end of it, with or without the file's ending. A number
    without its leading zeros, as spreadsheets save it, is found if it is the number of only one image."""

    def __init__(self, images: Sequence[FoundImage]):
        self.count = len(images)
        self.paths, self.ambiguous = _by_name(images)
        self.numbers = _by_number(self.paths)
        self.paths |= {path.casefold(): path for path, _ in images}

    def preferring(self, images: Sequence[FoundImage]) -> "_Finder":
        """A finder that takes, of several images with a name, the one that is among these, if only one is."""
        if not (images and self.ambiguous):
            return self
        preferred = {name: path for name, path in _by_name(images)[0].items() if name in self.ambiguous}
        other = copy(self)
        other.paths = preferred | self.paths
        other.numbers = _by_number(other.paths)
        return other

    def __call__(self, cell: str) -> str | None:
        """The path of the image, or None."""
        parts = [part for part in cell.replace("\\", "/").casefold().split("/") if part not in ("", ".", "..")]
        for start in range(len(parts)):
            key = "/".join(parts[start:])
            # The table may have another ending than the file.
            keys = [key, os.path.splitext(key)[0]] if looks_like_image(key) else [key]
            for found in filter(None, map(self.paths.get, keys)):
                return found
        return self.numbers.get(cell) if cell.isdecimal() else None


def _by_name(images: Sequence[FoundImage]) -> tuple[dict[str, str], set[str]]:
    """(the path of each image, by its path and by each end of it, with and without the file's ending; those of several
    images, which are left out)."""
    paths: dict[str, str] = {}
    ambiguous = set()
    for path, _ in images:
        parts = path.casefold().split("/")
        for start in range(len(parts)):
            tail = "/".join(parts[start:])
            for key in (tail, os.path.splitext(tail)[0]):
                if paths.setdefault(key, path) != path:
                    ambiguous.add(key)
    for key in ambiguous:
        del paths[key]
    return paths, ambiguous


def _by_number(paths: dict[str, str]) -> dict[str, str]:
    """Number without leading zeros -> path, for names that are numbers with leading zeros, if no others have it."""
    names: dict[str, list[str]] = {}
    for name in paths:
        if name.isdecimal():
            names.setdefault(name.lstrip("0") or "0", []).append(name)
    return {number: paths[same[0]] for number, same in names.items() if len(same) == 1}


def _labels_in(table: Table, find: _Finder) -> list[_Labels]:
    columns = list(zip(*table.rows, strict=True))
    matches = [sum(find(cell) is not None for cell in column[:1000] if cell) for column in columns]
    image_column = max(range(len(columns)), key=lambda i: matches[i])
    if not matches[image_column]:
        return []
    rows = [(path, row) for row in table.rows if (path := find(row[image_column]))]
    if len({path for path, _ in rows}) < len(rows) / 2:  # a row for each object or annotation in an image
        return []
    if 2 * len(rows) < (find.count if table.path.startswith("../") else min(find.count, len(table.rows))):
        return []  # a table of something else, with a few numbers that are also names of images
    split_of = _splits_in(table, rows)
    found = []
    others = [i for i, name in enumerate(table.header) if i != image_column and not (split_of and _is_split(name))]
    if one_hot := _one_hot(table, rows, others):
        found.append(_Labels((table.path,), table.header[image_column], ONE_HOT, EXACT, one_hot, split_of))
        others = [i for i in others if not _is_flag(rows, i)]
    for i in others:
        class_of = {path: row[i] for path, row in rows if row[i]}
        rank = _rank(table.header[i])
        if _may_be_classes(class_of.values(), rank < UNKNOWN):
            if all(map(is_number, class_of.values())):
                rank += 0.5  # of a number and a word for the same class, take the word
            found.append(_Labels((table.path,), table.header[image_column], table.header[i], rank, class_of, split_of))
    return found


EXACT, PARTLY, UNKNOWN = 0, 1, 2


def _rank(column: str) -> float:
    """How well the name of a column fits labels: EXACT, PARTLY ("dog_breed"), or UNKNOWN."""
    words = words_of(column)
    if "".join(words) in _LABEL_WORDS:
        return EXACT
    return PARTLY if words and {words[0], words[-1]} & _LABEL_WORDS else UNKNOWN


def _may_be_classes(values: Collection[str], is_known: bool) -> bool:
    """Whether a column may hold classes: at least two, several images of most; if its name does not say so, texts."""
    counts = Counter(values)
    if not 2 <= len(counts) <= max(2, len(values) // 2):
        return False
    return is_known or not all(is_number(value) for value in counts)


def _one_hot(table: Table, rows: list[tuple[str, list[str]]], columns: list[int]) -> dict[str, str]:
    """The class of each image by columns of 0 and 1, of which one is 1; empty if there are no such columns."""
    flags = [i for i in columns if _is_flag(rows, i)]
    if len(flags) < 2:
        return {}
    class_of = {}
    for path, row in rows:
        ones = [i for i in flags if float(row[i]) == 1]
        if len(ones) == 1:
            class_of[path] = table.header[ones[0]]
    return class_of if len(class_of) >= 0.9 * len(rows) and len(set(class_of.values())) > 1 else {}


def _is_flag(rows: list[tuple[str, list[str]]], column: int) -> bool:
    return {row[column] for _, row in rows} <= {"0", "1", "0.0", "1.0"}


def _splits_in(table: Table, rows: list[tuple[str, list[str]]]) -> dict[str, str]:
    """The split of each image by a column such as "split"; empty if there is none."""
    for i, column in enumerate(table.header):
        if _is_split(column):
            splits = splits_of({row[i] for _, row in rows})
            if "train" in splits.values() and len(set(splits.values())) > 1:
                return {path: splits[row[i]] for path, row in rows if row[i] in splits}
    return {}


def _is_split(column: str) -> bool:
    return "".join(words_of(column)) in _SPLIT_COLUMNS


def _joined(found: list[_Labels]) -> list[_Labels]:
    """Tables with the same column name different images: Train.csv and Test.csv."""
    by_column: dict[str, _Labels] = {}
    for labels in found:
        if (known := by_column.get(labels.column)) is not None:
            labels = _Labels(
                (*known.tables, *labels.tables),
                known.image_column,
                known.column,
                known.rank,
                labels.class_of | known.class_of,
                labels.split_of | known.split_of,
            )
        by_column[labels.column] = labels
    return list(by_column.values())


def _same_classes(one: _Labels, other: _Labels) -> bool:
    """Whether two columns name the same classes differently: a number and a word."""
    pairs = {(one.class_of[path], other.class_of[path]) for path in one.class_of.keys() & other.class_of.keys()}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _reading(tree: Tree, layout: Layout, images: Sequence[FoundImage], labels: _Labels, doubt: str) -> Reading | None:
    groups: dict[tuple[str, str | None], list[FoundImage]] = {}
    without: Counter[str] = Counter()
    parts = [part for part in layout.parts if part.split != UNLABELLED]
    for image in images:
        path = image[0]
        if (name := labels.class_of.get(path)) is None:
            part = next((part.folder for part in layout.parts if path.startswith(f"{part.folder}/")), None)
            without[part if part is not None else path.rpartition("/")[0]] += 1
            continue
        split = next((part.split for part in parts if path.startswith(f"{part.folder}/")), None)
        groups.setdefault((name, split or labels.split_of.get(path)), []).append(image)
    tables = set(labels.tables)
    skipped: list[Skipped] = [skip for skip in tree.below("")[1] if skip.path not in tables]
    skipped += [unlabelled(folder, count) for folder, count in without.items()]
    found = [Group(name, split, members) for (name, split), members in groups.items()]
    text = f"Read with {quoted(labels.tables)}: the column “{shown(labels.image_column)}” names the image, "
    text += f"“{shown(labels.column)}” its class"
    if labels.column == ONE_HOT:
        text = f"Read with {quoted(labels.tables)}: a column with 1 for the class of each image"
    splits = {group.split for group in found if group.split}
    if len(splits) > 1:
        text += "; split as the folders or the table say: "
        text += ", ".join(f"{split} {ROLES[split]}" for split in sorted(splits))
    return make_reading(f"table {labels.column}", "table", f"{text}.", found, skipped, doubt)
