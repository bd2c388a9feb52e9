"""Images that users brought, kept under the hash of their content: so a link to one opens for all who use the store."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cnn.data.content import content_hash
from cnn.store.database import StoreError
from cnn.store.runs import RunError, RunStore
from cnn.system.files import atomic_write

LARGEST = 50_000_000  # bytes of a file
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredImage:
    """id: the hash of its content. size: bytes. kept: when."""

    id: str
    size: int
    kept: datetime


def keep_image(store: RunStore, content: bytes) -> str:
    """Keeps the content of an image file; returns its id. Raises StoreError if it is too large or the disk is full."""
    if len(content) > LARGEST:
        raise StoreError(f"The image has {len(content):,} bytes; at most {LARGEST:,} are kept.")
    image = content_hash(content)
    path = store.images / image
    try:
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with atomic_write(path) as file:
                file.write(content)
    except OSError as error:
        raise StoreError(f"The image could not be kept in {store.images}: {error.strerror or error}.") from error
    return image


def kept_image(store: RunStore, image: str) -> bytes | None:
    """The content of the image with that id; None if there is none (any more)."""
    if not _NAME.fullmatch(image):
        return None
    try:
        content = (store.images / image).read_bytes()
    except OSError:
        return None
    return content if content_hash(content) == image else None


def kept_images(store: RunStore) -> list[StoredImage]:
    """All of them, newest first."""
    found = []
    for path in store.images.glob("*") if not store.images.is_symlink() else ():
        if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            status = path.stat()
            found.append(StoredImage(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)))
    return sorted(found, key=lambda image: image.kept, reverse=True)


def delete_image(store: RunStore, image: str) -> int:
    """Deletes an image; returns the bytes it frees. Raises RunError if there is none with that id."""
    known = {one.id: one.size for one in kept_images(store)}
    if image not in known:
        raise RunError("This image is gone already.")
    (store.images / image).unlink(missing_ok=True)
    return known[image]
