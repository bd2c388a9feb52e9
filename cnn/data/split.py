"""Which images of a folder are held out. A split that the folder itself makes (train, val) is not drawn here.

Both functions take the label of each image, int64 (N,), draw for each class, and return bool (N,): True is held out.
"""

from collections.abc import Sequence

import numpy as np


def held_out_by_content(labels: np.ndarray, hashes: Sequence[str], share: float, seed: int) -> np.ndarray:
    """Holds an image out if a hash of the seed and its content, as a number from 0 to 1, falls below `share` (0-0.9).

    So about, not exactly, this share of a class is held out; one more image moves no other; and files with the same
    content are always on the same side. Where a class would have an empty side, its lowest number is held out, or its
    highest is trained on, if it has two images of different content. (Then, and only then, one more image can move
    another.)

    hashes: of the content of each image (`cnn.data.content`), N of them.
    """
    numbers = _numbers(hashes, seed)
    held_out = numbers < np.uint64(int(share * 2**64))
    if share == 0:
        return held_out
    images = np.bincount(labels)
    # Sides are filled by content, in all classes at once: a picture may lie in two of them. Training comes last: a
    # class that is not trained on is worse than one that is not held out.
    for label in np.flatnonzero((np.bincount(labels, held_out) == 0) & (images > 1)):
        different = np.unique(numbers[labels == label])
        if len(different) > 1:
            held_out[numbers == different[0]] = True
    for label in np.flatnonzero((np.bincount(labels, held_out) == images) & (images > 0)):
        held_out[numbers == numbers[labels == label].max()] = False
    return held_out


def _numbers(hashes: Sequence[str], seed: int) -> np.ndarray:
    """A uint64 for each hash, spread evenly and another for each seed."""
    contents = np.frombuffer(bytes.fromhex("".join(content[:16] for content in hashes)), ">u8").astype(np.uint64)
    return _mixed(contents + _mixed(np.array([seed], np.uint64)))


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """SplitMix64 (Steele, Lea and Flood 2014): a change of one bit changes half of the others. uint64, like numbers."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def held_out_by_order(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Holds out exactly this share of each class, by a permutation of its images in their order; where there is a
    choice no side is left empty. One more image draws its class anew: only runs from before the split by content are
    split like this, so that they keep the images they were trained on."""
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if share > 0 and len(members) >= 2:
            count = min(max(round(len(members) * share), 1), len(members) - 1)
            # A generator for each class: images added to one class leave the draw of the others as it was.
            order = np.random.default_rng([seed, label]).permutation(len(members))
            held_out[members[order[:count]]] = True
    return held_out
