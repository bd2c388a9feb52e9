"""What in a dataset spoils a training, or makes its accuracy look better than it is.

Imports neither torch nor Streamlit.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from cnn.data.dataset import TEST, TRAIN, VAL, Dataset
from cnn.data.near_copies import Copies, blank, find_copies
from cnn.percent import percent
from cnn.training.accuracy import Accuracy

UNEQUAL = 3  # the largest class has this many times as many images as the smallest
FEW_HELD_OUT = 100  # with fewer images, one image is more than a point
MANY_COPIES = 0.1  # of all images
EXAMPLE = 0.8  # the accuracy for which a warning states the uncertainty
MOST_IMAGES = 200  # behind a warning


class DatasetWarning(NamedTuple):
    """text: a sentence or two. images: the indices of the images behind it, at most MOST_IMAGES."""

    text: str
    images: tuple[int, ...] = ()


def dataset_warnings(
    dataset: Dataset, progress: Callable[[float], None] = lambda fraction: None
) -> list[DatasetWarning]:
    """The warnings for a dataset, the worst first. Takes seconds for 60,000 images. progress: called with the fraction
    done, 0..1, and may raise Cancelled."""
    copies = find_copies(dataset.images, dataset.hashes, progress)
    return [
        *_on_both_sides(dataset, copies),
        *_in_two_classes(dataset, copies),
        *_repeated(dataset, copies),
        *_single(dataset),
        *_unequal(dataset),
        *_few_held_out(dataset),
        *_blank(dataset),
    ]


def _on_both_sides(dataset: Dataset, copies: Copies) -> Iterator[DatasetWarning]:
    in_training = dataset.splits[copies.pairs] == TRAIN
    for split, name in ((VAL, "held-out"), (TEST, "test")):
        chosen = in_training.any(axis=1) & (dataset.splits[copies.pairs] == split).any(axis=1)
        pairs = copies.pairs[chosen]
        others, hashes = np.flatnonzero(dataset.splits == split), np.array(dataset.hashes)
        exact = others[np.isin(hashes[others], hashes[dataset.train])]
        seen = np.union1d(exact, pairs[~in_training[chosen]])
        if len(seen):
            exactly, total = len(exact), len(others)
            yield DatasetWarning(
                f"{len(seen):,} of the {total:,} {name} images {_are(len(seen))} also among the training images"
                f"{_how(exactly, len(seen))}. The network knows them, so the {name} accuracy will be too high. "
                f"{_advice(dataset, 'Delete one image of each pair.')}",
                _some(pairs),
            )


def _in_two_classes(dataset: Dataset, copies: Copies) -> Iterator[DatasetWarning]:
    labels = dataset.labels[copies.pairs]
    pairs = copies.pairs[labels[:, 0] != labels[:, 1]]
    images = np.union1d(pairs, _exact_in_two_classes(dataset))
    if len(images):
        yield DatasetWarning(
            f"{len(images):,} images are in two classes, the same or nearly the same picture in each. The "
            f"network cannot be right about both. {_advice(dataset, 'Keep the one in the right class.')}",
            _some(pairs),
        )


def _exact_in_two_classes(dataset: Dataset) -> np.ndarray:
    """The indices (int64) of the images of which another class has an exact copy. `find_copies` has not every pair of
    many that are alike."""
    _, content = np.unique(np.array(dataset.hashes), return_inverse=True)
    of = np.unique(np.stack([content, dataset.labels]), axis=1)[0]  # each content once for each of its classes
    return np.flatnonzero(np.bincount(of)[content] > 1)


def _repeated(dataset: Dataset, copies: Copies) -> Iterator[DatasetWarning]:
    total, different = len(dataset.hashes), len(set(dataset.hashes))
    if total - different >= MANY_COPIES * total:
        yield DatasetWarning(
            f"These {total:,} images are {'all the same' if different == 1 else f'only {different:,} different ones'}. "
            "Copies teach the network nothing new.",
            _some(copies.pairs[copies.exact]),
        )


def _single(dataset: Dataset) -> Iterator[DatasetWarning]:
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    singles = np.flatnonzero(counts == 1)
    if 2 * len(singles) > len(counts):
        each = len(singles) == len(counts)
        which = "Each" if each else f"{len(singles):,}"
        yield DatasetWarning(
            f"{which} of the {len(counts):,} classes {'has' if each else 'have'} only one image. Is each of these "
            "images a class of its own? If not, choose another folder.",
            tuple(np.flatnonzero(np.isin(dataset.labels, singles))[:MOST_IMAGES].tolist()),
        )


def _unequal(dataset: Dataset) -> Iterator[DatasetWarning]:
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    large, small = int(counts.argmax()), int(counts.argmin())
    if counts[large] >= UNEQUAL * counts[small]:
        yield DatasetWarning(
            f"The classes differ in size: {counts[large]:,} images of “{dataset.classes[large]}”, {counts[small]:,} of "
            f"“{dataset.classes[small]}”. Always answering “{dataset.classes[large]}” would be right for "
            f"{percent(counts[large] / counts.sum())} of the images, so compare the accuracy with that.",
            tuple(np.flatnonzero(dataset.labels == small)[:MOST_IMAGES].tolist()),
        )


def _few_held_out(dataset: Dataset) -> Iterator[DatasetWarning]:
    images = len(dataset.val)
    if not images:
        yield DatasetWarning("No images are held out, so the accuracy on new images will be unknown.")
    elif images < FEW_HELD_OUT:
        accuracy = Accuracy(round(EXAMPLE * images), images)
        low, high = accuracy.interval
        yield DatasetWarning(
            f"Few images are held out: of {images}, one image is {round(100 / images, 1):g} points. If "
            f"{accuracy.right} {_are(accuracy.right)} right ({percent(accuracy.value)}), the accuracy on new images "
            f"may lie anywhere from {percent(low)} to {percent(high)}. "
            "Hold out more images, or add some.",
            tuple(dataset.val.tolist()),
        )


def _blank(dataset: Dataset) -> Iterator[DatasetWarning]:
    found = blank(dataset.images)
    if len(found):
        what = "1 image has" if len(found) == 1 else f"{len(found):,} images have"
        yield DatasetWarning(
            f"{what} the same colour everywhere: there is nothing to see.", tuple(found[:MOST_IMAGES].tolist())
        )


def _advice(dataset: Dataset, advice: str) -> str:
    """What to do about images that should not be there; the images of a published set cannot be deleted one by one."""
    return f"{dataset.published.name} was published so." if dataset.published else advice


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _how(exactly: int, total: int) -> str:
    """How the copies were recognised, for a sentence."""
    if exactly == total:
        return ", as exact copies"
    return f", {exactly:,} exactly and {total - exactly:,} nearly the same" if exactly else ", nearly the same"


def _some(pairs: np.ndarray) -> tuple[int, ...]:
    """The first images of the pairs, copies side by side, without repetitions."""
    return tuple(dict.fromkeys(pairs[: MOST_IMAGES // 2].ravel().tolist()))
