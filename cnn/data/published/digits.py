"""Which of the sets with the form of MNIST a set is: they have the same file names."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from cnn.data.published.sets import PublishedSet, Records
from cnn.data.walk import shown

MNIST, FASHION = "MNIST", "Fashion-MNIST"
FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
DIGITS = tuple("0123456789")
MAX_CLASSES = 1000
_FIRST_LABELS = {(5, 0, 4, 1, 9, 2, 1, 3, 1, 4): MNIST, (9, 0, 0, 3, 0, 2, 7, 2, 5, 5): FASHION}
_FOLDERS = {"mnist": MNIST, "fashion": FASHION, "fashionmnist": FASHION}
_WITHOUT_NAME = ("raw", "processed", "")  # folders that torchvision makes inside that of a set


def identify(root: Path, records: Sequence[Records], name: str = "") -> PublishedSet:
    """The set with these parts, by its first labels, the name in the names of its files, or its folder.

    Classes of an unknown set are named after their labels. Raises SetError if the parts do not make a set.
    """
    folders = [*root.parts, *PurePosixPath(records[0].source.file).parent.parts]
    named = name or next((folder for folder in reversed(folders) if folder.lower() not in _WITHOUT_NAME), "")
    key = "".join(filter(str.isalpha, named.lower()))
    known = _FIRST_LABELS.get(tuple(records[0].labels[:10].tolist())) or _FOLDERS.get(key)
    most = max((int(part.labels.max(initial=0)) for part in records), default=0)
    if most >= MAX_CLASSES:
        raise records[0].source.damaged(f"it has the label {most:,}, but at most {MAX_CLASSES:,} classes are possible")
    classes = DIGITS if known or most < 10 else tuple(map(str, range(most + 1)))
    if known == FASHION:
        classes = FASHION_CLASSES
    found = PublishedSet(known or shown(named).replace("/", " ") or "Images", classes, tuple(records))
    found.check()
    return found
