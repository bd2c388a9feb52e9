"""Decodes the images of a published set: reads them in one pass over its files, then resizes them one by one.

Imports neither torch nor Streamlit.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from cnn.data.cache import Row
from cnn.data.content import content_hash
from cnn.data.images import resized
from cnn.data.listing import ImageFile
from cnn.data.progress import Watch
from cnn.data.published.sets import PublishedSet
from cnn.specs import DatasetSpec


def decode_published(
    published: PublishedSet, files: Sequence[ImageFile], spec: DatasetSpec, watch: Watch
) -> Iterator[tuple[Row, np.ndarray]]:
    """Yields the facts about each image and its pixels, uint8 (S, S, C), in this order. An image is identified by its
    pixels, so it is the same image in every format of the set.

    Raises SetError, and Cancelled if cancelled.
    """
    watch.total = len(files)
    pictures = published.read([file.path for file in files], watch.tick)
    height, width, _ = pictures.shape[1:]
    for file, picture in zip(files, pictures, strict=True):
        content = content_hash(picture.tobytes())
        yield Row(*file, width, height, content), resized(picture, spec.image_size, spec.channels)
        watch.done += 1
        watch.tick()
    watch.tick(now=True)
