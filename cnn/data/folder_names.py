"""What the name of a folder says: part of a split (train, Testing, seg_test), masks, or nothing (images, part 2).

Imports neither torch nor Streamlit.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

TRAIN, VAL, TEST, UNLABELLED = "train", "val", "test", "unlabelled"

_SPLIT_WORDS = {
    TRAIN: {"train", "training", "trainset", "trn"},
    VAL: {"val", "valid", "validation", "valset", "dev", "holdout", "heldout", "eval", "evaluation"},
    TEST: {"test", "testing", "testset", "tst"},
    UNLABELLED: {"pred", "preds", "predict", "prediction", "predictions", "unlabelled", "unlabeled", "inference"},
}
_SPLIT_OF = {word: split for split, words in _SPLIT_WORDS.items() for word in words}

# Words that say nothing about the class of the images in a folder.
_NEUTRAL = {
    *("set", "data", "dataset", "image", "images", "img", "imgs", "jpg", "jpeg", "jpegimages", "png", "photo"),
    *("photos", "picture", "pictures", "pics", "folder", "files", "all", "raw", "part", "batch", "fold", "v"),
}
_MASKS = {
    *("masks", "labels", "annotations", "annotation", "segmentations", "segmentation", "groundtruth", "gt"),
    *("trimaps", "trimap", "bboxes", "contours", "labelmaps"),
}
_MASK = {"mask", "label", "seg", "labelmap"}  # as a folder's name, these may also be a class
_OF_MASKS = {"class", "object", "instance", "semantic"}  # "SegmentationClass"
_MASK_ENDING = re.compile(r"^(.+?)[._\- ]+(?:mask|masks|label|labels|seg|segmentation|gt|groundtruth)(?:[._\- ]*\d+)?$")


def words_of(name: str) -> list[str]:
    """The words of a name in lower case, numbers apart: "seg_Train2017" gives ["seg", "train", "2017"]."""
    name = re.sub(r"([a-z])([A-Z])", r"\1 \2", unicodedata.normalize("NFKC", name))
    words = re.findall(r"[^\W\d_]+|\d+", name.casefold())
    text = " ".join(words).replace("hold out", "holdout").replace("held out", "heldout")
    return text.replace("ground truth", "groundtruth").split()


class _Part(NamedTuple):
    """split: which. rest: the words besides those for the split and those that say nothing."""

    split: str
    rest: tuple[str, ...]


def _part(name: str) -> _Part | None:
    words = words_of(name)
    if not words:
        return None
    # The word of a split stands first or last: not "speed test track", but "test_seg" and "seg_test".
    meaning = [word for word in words if word not in _NEUTRAL and not word.isdigit()]
    for word in (meaning[0], meaning[-1]) if meaning else ():
        if word in _SPLIT_OF:
            rest = list(meaning)
            rest.remove(word)
            return _Part(_SPLIT_OF[word], tuple(rest))
    return None


def splits_of(names: Iterable[str]) -> dict[str, str]:
    """The folders that are parts of a split, of folders that lie side by side: name -> split.

    A name with further words ("seg_train") counts if it is the only one, or if another part of the split has the same
    words ("seg_test"): "steam_train" beside "bus" is a class.
    """
    names = list(names)
    parts = {name: part for name in names if (part := _part(name))}
    found = {}
    for name, part in parts.items():
        others = [other for key, other in parts.items() if key != name]
        paired = any(other.rest == part.rest and other.split != part.split for other in others)
        if not part.rest or paired or len(names) == 1:
            found[name] = part.split
    return found


def is_neutral(name: str) -> bool:
    """Whether the name says nothing about the images in a folder: "images", "data set", "part 2"."""
    words = words_of(name)
    return any(word in _NEUTRAL for word in words) and all(word in _NEUTRAL or word.isdigit() for word in words)


def are_numbered_parts(names: Iterable[str]) -> bool:
    """Whether the folders are parts of one set: their names differ only in numbers, and say "part", "images", ..."""
    all_words = [words_of(name) for name in names]
    without_numbers = {tuple(word for word in words if not word.isdigit()) for words in all_words}
    return len(all_words) > 1 and len(without_numbers) == 1 and any(word in _NEUTRAL for word in without_numbers.pop())


def is_masks(name: str) -> bool:
    """Whether a folder of this name holds masks or labels, not images of a class."""
    words = [word for word in words_of(name) if word not in _NEUTRAL and not word.isdigit()]
    return any(word in _MASKS for word in words) and all(word in _MASKS | _MASK | _OF_MASKS for word in words)


def may_be_masks(name: str, beside: Iterable[str]) -> bool:
    """Whether a folder may hold masks or be a class. Beside "no_mask", "mask" is a class."""
    words = [word for word in words_of(name) if word not in _NEUTRAL and not word.isdigit()]
    if len(words) != 1 or words[0] not in _MASK:
        return False
    return not any(words[0] in " ".join(words_of(other)) for other in beside if other != name)


def masked(stem: str) -> str | None:
    """The name of the image whose mask a file is, by the file's name without its ending: "a_mask" gives "a"."""
    match = _MASK_ENDING.match(stem) or _MASK_ENDING.match(stem.casefold())
    return stem[: len(match[1])] if match else None
