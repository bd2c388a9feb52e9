"""The sets of new images that an export shows, with the model's answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
from PIL import Image

from cnn.model.model import Model
from cnn.report.report import Report
from cnn.size import size_text
from cnn.store.image_sets import ImageSet, image_sets
from cnn.store.runs import RunStore
from cnn.training.evaluation import Predictions
from cnn.training.new_images import answers

MOST_IMAGES, MOST_BYTES = 1_000, 60_000_000  # of all sets in an export
# Files that Pillow decodes in a few lines, just as this program does.
PLAIN = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp", ".ppm", ".pgm", ".pbm")
_PLAIN_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


@dataclass(frozen=True, eq=False)
class ExportedSet:
    """n new images with a class of the model. root: the folder of all sets. paths: of each file below it, posix.
    images: uint8 (n, S, S, C), as the network takes them. predictions: for all of them, in the same order."""

    name: str
    root: Path
    paths: tuple[str, ...]
    images: np.ndarray
    predictions: Predictions

    @property
    def right(self) -> int:
        return int(self.predictions.right.sum())

    @property
    def is_plain(self) -> bool:
        """Whether Pillow alone decodes all its files as this program does."""
        return all(_is_plain(self.root / path) for path in self.paths)


def _is_plain(file: Path) -> bool:
    if file.suffix.lower() not in PLAIN:
        return False
    with Image.open(file) as image:
        return image.mode in _PLAIN_MODES


def sets_in(report: Report) -> frozenset[str]:
    """The names of the sets that the evidence in a report is of."""
    queries = [parse_qs(piece.query.lstrip("?")) for piece in report.evidence if piece.page == "results"]
    return frozenset(name for query in queries if query.get("judged") == ["new"] for name in query.get("set", ()))


def exported_sets(
    store: RunStore, model: Model, names: Collection[str] | None = None
) -> tuple[tuple[ExportedSet, ...], tuple[str, ...]]:
    """The sets with these names (None: all), without images that have no class of the model, or cannot be read; and the
    names of those that are too large."""
    found, too_large, room, size = [], [], MOST_IMAGES, MOST_BYTES
    for one in image_sets(store):
        if names is not None and one.name not in names:
            continue
        if len(one.files) > room or one.size > size:
            too_large.append(one.name)
            continue
        judged = _judged(one, model)
        if judged.paths:
            found.append(judged)
            room, size = room - len(one.files), size - one.size
    return tuple(found), tuple(too_large)


def too_large_text(names: Sequence[str]) -> str:
    """That these sets are not in an export; "" if there are none."""
    if not names:
        return ""
    sets = ", ".join(f"“{name}”" for name in names)
    what = f"The set of new images {sets} is" if len(names) == 1 else f"The sets of new images {sets} are"
    return (
        f"{what} too large for this file, which takes {MOST_IMAGES:,} such images of {size_text(MOST_BYTES)} together. "
        "Hand in those images beside it."
    )


def _judged(chosen: ImageSet, model: Model) -> ExportedSet:
    known = [row for row, label in enumerate(chosen.labels) if label and _is_text(chosen.files[row])]
    new = answers(model, [chosen.files[row] for row in known])
    with_class = new.predictions([chosen.labels[row] for row in known], model.classes)
    files = [chosen.files[known[new.rows[i]]] for i in with_class.indices]
    return ExportedSet(
        chosen.name,
        chosen.folder.parent,
        tuple(file.relative_to(chosen.folder.parent).as_posix() for file in files),
        new.images[with_class.indices],
        Predictions(with_class.logits, with_class.labels, np.arange(len(files)), with_class.batch_size),
    )


def _is_text(file: Path) -> bool:
    """Whether its name is a text, which can stand in a notebook; on Linux, it may be any bytes."""
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return False
    return True
