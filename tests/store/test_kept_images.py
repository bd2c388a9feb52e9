"""Uploaded images: stored and found under the hash of their content only, and deletable."""

import os

import pytest

from cnn.data.content import content_hash
from cnn.store import kept_images
from cnn.store.database import StoreError
from cnn.store.kept_images import delete_image, keep_image, kept_image
from cnn.store.runs import RunError
from tests.conftest import needs_links


def test_an_image_is_kept_once_under_its_hash(store):
    image = keep_image(store, b"pixels")
    assert image == content_hash(b"pixels") == keep_image(store, b"pixels")
    assert kept_image(store, image) == b"pixels"
    assert [(one.id, one.size) for one in kept_images.kept_images(store)] == [(image, 6)]


def test_images_are_listed_newest_first_and_deleted_one_by_one(store):
    old, new = keep_image(store, b"old"), keep_image(store, b"newer")
    os.utime(store.images / old, (1, 1))
    assert [one.id for one in kept_images.kept_images(store)] == [new, old]
    assert delete_image(store, new) == 5
    assert kept_image(store, new) is None and kept_image(store, old) == b"old"
    with pytest.raises(RunError, match="has already been deleted"):
        delete_image(store, new)


@pytest.mark.parametrize("name", ["", "../runs.sqlite", "0" * 31, "0" * 32, "x" * 32, "/etc/passwd"])
def test_only_its_hash_finds_a_kept_image(store, name):
    keep_image(store, b"pixels")
    assert kept_image(store, name) is None
    with pytest.raises(RunError):
        delete_image(store, name)


def test_an_image_that_was_changed_on_disk_is_not_found(store):
    image = keep_image(store, b"pixels")
    (store.images / image).write_bytes(b"others")
    assert kept_image(store, image) is None


@needs_links
def test_links_in_the_folder_are_neither_listed_nor_deleted(store, tmp_path):
    keep_image(store, b"pixels")
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    name = content_hash(b"mine")
    (store.images / name).symlink_to(outside)
    assert name not in [one.id for one in kept_images.kept_images(store)]
    with pytest.raises(RunError):
        delete_image(store, name)
    assert outside.exists()


def test_an_image_that_is_too_large_or_cannot_be_written_gives_an_error_message(store, monkeypatch):
    monkeypatch.setattr(kept_images, "MAX_BYTES", 5)
    with pytest.raises(StoreError, match="The image has 6 bytes; at most 5 are allowed"):
        keep_image(store, b"pixels")
    store.images.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="could not be saved in"):
        keep_image(store, b"tiny")
