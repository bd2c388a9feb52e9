"""Does mirroring change what an image shows? Measured on the training images, before any network is trained.

A mirrored cat still resembles other cats, but a mirrored 3 resembles an 8 or nothing at all. So the test looks, for
each image and for its mirror image, for the most similar other image: is it of the same class?
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from cnn.percent import percent

MOST_IMAGES = 1000
SIDE = 16  # images are compared at 16 to 31 pixels a side, in grayscale
# Mirroring counts as a change if this share of all tested images no longer resembles its own class,
LEAST_LOSS = 0.1
LEAST_Z = 4.0  # and this many standard errors more than chance would


@dataclass(frozen=True)
class Resemblance:
    """How many images resemble another one of their own class most: as they are, and mirrored.

    lost, gained: of how many images only the one or only the other does.
    """

    images: int
    right: int
    lost: int
    gained: int

    @property
    def as_it_is(self) -> float:
        return self.right / self.images

    @property
    def mirrored(self) -> float:
        return (self.right - self.lost + self.gained) / self.images

    @property
    def is_lost(self) -> bool:
        """Whether mirroring loses the class of many images, more than by chance (McNemar's test)."""
        surplus = self.lost - self.gained
        return surplus >= LEAST_LOSS * self.images and surplus >= LEAST_Z * sqrt(self.lost + self.gained) > 0


@dataclass(frozen=True)
class MirrorTest:
    """overall: of all tested images. classes: of those of each class, by its name."""

    overall: Resemblance
    classes: dict[str, Resemblance]

    @property
    def worst(self) -> str:
        """The class that loses the largest share of its images."""
        return max(self.classes, key=lambda name: self.classes[name].as_it_is - self.classes[name].mirrored)

    @property
    def changes_classes(self) -> bool:
        """Whether mirrored images of some class are no longer of that class."""
        return self.overall.is_lost or self.classes[self.worst].is_lost

    @property
    def sentence(self) -> str:
        """What was measured."""
        whole, worst = self.overall, self.classes[self.worst]
        text = (
            f"{percent(whole.as_it_is)} of {whole.images:,} training images resemble another one of their own class "
            f"most; of their mirror images, {percent(whole.mirrored)}"
        )
        detail = (
            f" (class {self.worst}: {percent(worst.as_it_is)} and {percent(worst.mirrored)})" if worst.is_lost else ""
        )
        return f"{text}{detail}."


def mirror_test(
    images: np.ndarray, labels: np.ndarray, chosen: np.ndarray, classes: tuple[str, ...]
) -> MirrorTest | None:
    """The test, on at most MOST_IMAGES of the images at `chosen` (int64 indices), as many of each class.

    images: uint8 (N, H, W, C). labels: int64 (N,), indices into classes. None with fewer than two images.
    """
    tested = _some_of_each_class(labels, chosen)
    if len(tested) < 2:
        return None
    small, own = _small(images, tested), labels[tested]
    before, after = (_most_similar(_direction(shown), _direction(small)) for shown in (small, small[:, :, ::-1]))
    was_right, is_right = own[before] == own, own[after] == own

    def counted(some: np.ndarray) -> Resemblance:
        lost, gained = was_right & ~is_right, is_right & ~was_right
        return Resemblance(int(some.sum()), *(int((one & some).sum()) for one in (was_right, lost, gained)))

    everything = np.ones(len(own), bool)
    return MirrorTest(counted(everything), {classes[label]: counted(own == label) for label in np.unique(own).tolist()})


def _some_of_each_class(labels: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Ascending indices, a random sample of each class."""
    random, present = np.random.default_rng(0), np.unique(labels[chosen])
    each = max(2, MOST_IMAGES // max(1, len(present)))
    samples = [random.permutation(chosen[labels[chosen] == label])[:each] for label in present]
    return np.sort(np.concatenate(samples)) if samples else chosen


def _small(images: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """float32 (n, side, side): in grayscale, each value the mean of a square of pixels. What does not fit into squares
    is cut off at the edges."""
    _, height, width, channels = images.shape
    square = max(1, min(height, width) // SIDE)
    rows, columns = height // square, width // square
    top, left = (height - rows * square) // 2, (width - columns * square) // 2
    small = np.empty((len(tested), rows, columns), np.float32)
    for row, index in enumerate(tested):
        inner = images[index, top : top + rows * square, left : left + columns * square]
        small[row] = inner.reshape(rows, square, columns, square, channels).mean((1, 3, 4))
    return small


def _direction(small: np.ndarray) -> np.ndarray:
    """float32 (n, values): each image without its brightness and contrast."""
    values = small.reshape(len(small), -1)
    values = values - values.mean(1, keepdims=True)
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-6)


def _most_similar(shown: np.ndarray, known: np.ndarray) -> np.ndarray:
    """int64 (n,): for each image of `shown`, the most similar of `known` that is not the same image."""
    similarity = shown @ known.T
    np.fill_diagonal(similarity, -np.inf)
    return similarity.argmax(1)
