"""The identity of an image: a hash of its file's content, independent of the file's name and place."""

import hashlib


def content_hash(data: bytes) -> str:
    """32 hex digits (BLAKE2b, 16 bytes): the same for the same bytes, and in practice different for different files."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
