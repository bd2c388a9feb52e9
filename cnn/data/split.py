"""Chooses the held-out images of a folder that does not define a split (train, val) itself.

Both functions take the label of each image, int64 (N,), choose separately for each class, and return bool (N,): True
means held out.
"""

from collections.abc import Sequence

import numpy as np


def held_out_by_content(
    labels: np.ndarray, hashes: Sequence[str], fraction: float, seed: int, fold: int = 0
) -> np.ndarray:
    """Holds out an image if the hash of the seed and its content, as a number in 0..1, is below `fraction` (0-0.9).

    So about this fraction of a class is held out, not exactly; adding an image moves no other; and files with the same
    content are always on the same side. If no image of a class would be held out and it has two of different content,
    the one with the lowest number is; if none would be trained on, the one with the highest number is. (Only in these
    cases can a new image move another.)

    fold: shifts the numbers by so many fractions: folds 0 to k - 1 of a fraction 1/k hold out each image once.
    hashes: N hashes of the images' content (`cnn.data.content`).
    """
    part = int(fraction * 2**64)
    numbers = _numbers(hashes, seed) - np.uint64(fold * part % 2**64)  # below zero, it wraps around
    held_out = numbers < np.uint64(part)
    if fraction == 0:
        return held_out
    images = np.bincount(labels)
    # Fill empty sides by content, in all classes at once, because the same picture may be in two classes. Training
    # comes last: a class without training images is worse than one without held-out images.
    for label in np.flatnonzero((np.bincount(labels, held_out) == 0) & (images > 1)):
        different = np.unique(numbers[labels == label])
        if len(different) > 1:
            held_out[numbers == different[0]] = True
    for label in np.flatnonzero((np.bincount(labels, held_out) == images) & (images > 0)):
        held_out[numbers == numbers[labels == label].max()] = False
    return held_out


def _numbers(hashes: Sequence[str], seed: int) -> np.ndarray:
    """A uint64 per hash, uniformly distributed and different for each seed."""
    contents = np.frombuffer(bytes.fromhex("".join(content[:16] for content in hashes)), ">u8").astype(np.uint64)
    return _mix(contents + _mix(np.array([seed], np.uint64)))


def _mix(numbers: np.ndarray) -> np.ndarray:
    """SplitMix64 (Steele, Lea and Flood 2014), uint64 -> uint64: changing one bit changes about half of the bits."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def held_out_by_order(labels: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Holds out exactly this fraction of each class, by a random permutation of its images; neither side is left empty
    if the class has two images. One more image changes the split of its whole class. Used only for runs older than the
    split by content, so that they keep the images they were trained on."""
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if fraction > 0 and len(members) >= 2:
            count = min(max(round(len(members) * fraction), 1), len(members) - 1)
            # One generator per class, so that adding images to a class does not change the others.
            order = np.random.default_rng([seed, label]).permutation(len(members))
            held_out[members[order[:count]]] = True
    return held_out
