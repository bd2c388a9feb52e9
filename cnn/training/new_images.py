"""A model's answers for new image files, which are prepared exactly as its own images were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnn.data.images import ImageError, read_image
from cnn.data.labelled_files import labels_of
from cnn.model.model import Model
from cnn.training.evaluation import Predictions, predict

READING = 0.8  # reading takes about this share of the time


@dataclass(frozen=True, eq=False)
class NewImages:
    """N new images and the model's answers.

    images: uint8 (N, S, S, C), the network's inputs. rows: int64 (N,), their places among the files. sizes: int32
    (N, 2), width and height of the originals. logits: float32 (N, classes). unread: the places of the files that could
    not be read, with the reasons.
    """

    images: np.ndarray
    rows: np.ndarray
    sizes: np.ndarray
    logits: np.ndarray
    batch_size: int
    unread: tuple[tuple[int, str], ...]

    def predictions(self, names: Sequence[str], classes: Sequence[str]) -> Predictions:
        """The predictions for the images that have a class of the model. names: of the classes of all files. The
        indices are places in `images`."""
        labels = labels_of([names[row] for row in self.rows], classes)
        known = np.flatnonzero(labels >= 0)
        return Predictions(self.logits[known], labels[known], known, self.batch_size)


def answers(model: Model, files: Sequence[Path], progress: Callable[[float], object] | None = None) -> NewImages:
    """Reads the files, in the size, the channels and the decoding of the model, and predicts them. progress: called
    with the share that is done, 0..1; may raise Cancelled."""
    pictures, rows, sizes, unread = [], [], [], []
    for row, file in enumerate(files):
        try:
            picture, size = read_image(file, model.image_size, model.channels, model.decoding)
        except ImageError as error:
            unread.append((row, str(error)))
        else:
            pictures.append(picture)
            rows.append(row)
            sizes.append(size)
        if progress:
            progress(READING * (row + 1) / len(files))
    shape = (len(pictures), model.image_size, model.image_size, model.channels)
    images = np.stack(pictures) if pictures else np.empty(shape, np.uint8)

    def rest(share: float) -> None:
        if progress:
            progress(READING + (1 - READING) * share)

    unknown = np.full(len(images), -1, np.int64)
    found = predict(model, images, unknown, np.arange(len(images)), progress=rest)
    all_sizes = np.array(sizes, np.int32).reshape(-1, 2)
    return NewImages(images, np.array(rows, np.int64), all_sizes, found.logits, found.batch_size, tuple(unread))
