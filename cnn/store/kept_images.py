"""Images that users uploaded or took. Each is stored under the hash of its content, so a link to it works for everyone
who uses the store."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cnn.data.content import content_hash
from cnn.store.database import StoreError
from cnn.store.runs import RunError, RunStore
from cnn.system.files import atomic_write, delete

MAX_BYTES = 50_000_000  # of a file
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredImage:
    """id: the hash of the content. size: bytes. kept: when the image was stored."""

    id: str
    size: int
    kept: datetime


def keep_image(store: RunStore, content: bytes) -> str:
    """Stores the content of an image file; returns its id. Raises StoreError if it is too large or the disk is full."""
    if len(content) > MAX_BYTES:
        raise StoreError(f"The image has {len(content):,} bytes; at most {MAX_BYTES:,} are allowed.")
    image = content_hash(content)
    path = store.images / image
    try:
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with atomic_write(path) as file:
                file.write(content)
    except OSError as error:
        raise StoreError(f"The image could not be saved in {store.images}: {error.strerror or error}.") from error
    return image


def kept_image(store: RunStore, image: str) -> bytes | None:
    """The content of the image with that id; None if there is none, or it is damaged."""
    if not _NAME.fullmatch(image):
        return None
    try:
        content = (store.images / image).read_bytes()
    except OSError:
        return None
    return content if content_hash(content) == image else None


def kept_images(store: RunStore) -> list[StoredImage]:
    """All stored images, newest first."""
    found = []
    for path in store.images.glob("*") if not store.images.is_symlink() else ():
        if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            status = path.stat()
            found.append(StoredImage(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)))
    return sorted(found, key=lambda image: image.kept, reverse=True)


def delete_image(store: RunStore, image: str) -> int:
    """Deletes an image; returns the number of bytes freed. Raises RunError if there is none with that id."""
    sizes = {stored.id: stored.size for stored in kept_images(store)}
    if image not in sizes:
        raise RunError("This image has already been deleted.")
    delete(store.images / image)
    return sizes[image]
