"""Finds images of a dataset that are the same or nearly the same: copied, saved again, resized, a little brighter.

Imports neither torch nor Streamlit.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

SIDE = 8  # frequencies in each direction
BANDS = 6  # parts of a perceptual hash; two of them must be equal
SAME = 0.985  # the least correlation of the pixels of two images that are nearly the same
MOST_BITS = 10  # of 63 bits of the hash that may differ
NEIGHBOURS = 4  # of its bucket, with which an image is compared; most buckets hold two, frames of a film many more
AT_ONCE = 4096  # images whose pixels are in memory at the same time


class Copies(NamedTuple):
    """Pairs of images. pairs: int64 (P, 2), indices, the smaller first, without repetitions. exact: bool (P,), whether
    the files have the same content."""

    pairs: np.ndarray
    exact: np.ndarray


def find_copies(
    images: np.ndarray, hashes: Sequence[str], progress: Callable[[float], None] = lambda fraction: None
) -> Copies:
    """The pairs of equal or nearly equal images; of many that are all alike, not every pair.

    images: uint8 (N, S, S, C). hashes: of the content of the N files. progress: called with the fraction done, 0..1.

    Images are equal if their files are. Nearly equal ones are found by a perceptual hash (the signs of the lowest
    frequencies, as in pHash: Zauner 2010, "Implementation and benchmarking of perceptual image hash functions") of
    which two of six parts must be equal, and then compared pixel by pixel. Images of a single colour are
    copies only if their files are equal.
    """
    keys, contrast = _perceptual(images, lambda fraction: progress(0.7 * fraction))
    found = [_neighbours(np.unique(np.array(hashes, dtype="U32"), return_inverse=True)[1], np.arange(len(images)))]
    varied = np.flatnonzero(contrast > 0)
    for bands in combinations(range(BANDS), 2):
        same = keys[varied][:, bands[0]] * np.int64(1 << 16) + keys[varied][:, bands[1]]
        found.append(_neighbours(same, varied))
    exact = len(found[0])
    pairs, first = np.unique(np.concatenate(found), axis=0, return_index=True)
    is_exact = first < exact
    bits = np.bitwise_count(keys[pairs[:, 0]] ^ keys[pairs[:, 1]]).sum(axis=1)
    near = np.flatnonzero(~is_exact & (bits <= MOST_BITS))
    is_copy = is_exact.copy()
    for start in range(0, len(near), AT_ONCE):
        part = near[start : start + AT_ONCE]
        is_copy[part] = _correlation(images, pairs[part]) >= SAME
        progress(0.7 + 0.3 * start / len(near))
    return Copies(pairs[is_copy], is_exact[is_copy])


def blank(images: np.ndarray) -> np.ndarray:
    """The indices (int64) of the images, uint8 (N, S, S, C), in which all pixels have the same colour."""
    found = [np.flatnonzero((part == part[:, :1, :1]).all(axis=(1, 2, 3))) + start for start, part in _parts(images)]
    return np.concatenate([np.empty(0, np.int64), *found])


def _parts(images: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    for start in range(0, len(images), AT_ONCE):
        yield start, np.asarray(images[start : start + AT_ONCE])


def _perceptual(images: np.ndarray, progress: Callable[[float], None]) -> tuple[np.ndarray, np.ndarray]:
    """The hash of each image in BANDS parts, int64 (N, BANDS), and the largest of its frequencies, float32 (N,)."""
    waves = _cosines(images.shape[1])
    keys, contrast = np.empty((len(images), BANDS), np.int64), np.empty(len(images), np.float32)
    for start, part in _parts(images):
        rows = _gray(part) @ waves.T  # (n, S, SIDE)
        frequencies = rows.transpose(0, 2, 1) @ waves.T
        signs = frequencies.reshape(len(part), -1)[:, 1:]  # without the mean brightness
        bits = signs > np.median(signs, axis=1, keepdims=True)
        for band, columns in enumerate(np.array_split(np.arange(bits.shape[1]), BANDS)):
            keys[start : start + len(part), band] = bits[:, columns] @ (1 << np.arange(len(columns)))
        contrast[start : start + len(part)] = np.abs(signs).max(axis=1)
        progress(start / len(images))
    return keys, contrast


def _cosines(size: int) -> np.ndarray:
    """float32 (SIDE, size): the first basis functions of the discrete cosine transform."""
    return np.cos(np.pi / size * np.outer(np.arange(SIDE), np.arange(size) + 0.5)).astype(np.float32)


def _gray(images: np.ndarray) -> np.ndarray:
    """uint8 (N, S, S, C) -> float32 (N, S, S), 0..255: the mean of the channels."""
    total = images[..., 0].astype(np.float32)
    for channel in range(1, images.shape[3]):  # much faster than mean(axis=3)
        total += images[..., channel]
    return total / images.shape[3]


def _neighbours(keys: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Pairs of indices (int64) with the same key: each with the next few of its bucket."""
    order = np.argsort(keys, kind="stable")
    keys, indices = keys[order], indices[order]
    found = [
        np.stack([indices[:-step], indices[step:]], axis=1)[keys[:-step] == keys[step:]]
        for step in range(1, min(NEIGHBOURS, len(keys) - 1) + 1)
    ]
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _correlation(images: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """float32 (P,): the correlation of the pixels of two images, -1..1, from about 25 x 25 pixels of each."""
    step = max(1, images.shape[1] // 25)
    left, right = (_normalised(images[pairs[:, side], ::step, ::step]) for side in (0, 1))
    return np.einsum("pi,pi->p", left, right)


def _normalised(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
