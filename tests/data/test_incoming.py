import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data import space
from cnn.data.archive_members import ArchiveError
from cnn.data.images import to_png
from cnn.data.incoming import Incoming, OffsetError
from cnn.data.listing import list_images
from cnn.data.space import SpaceError
from cnn.data.staging import clear_leftovers
from cnn.errors import Cancelled

PNG = to_png(np.zeros((2, 2, 1), np.uint8))
FOLDER = {"pets/cat/1.png": PNG, "pets/cat/2.png": PNG, "pets/dog/1.png": PNG, "pets/labels.csv": b""}


@pytest.fixture
def uploads(tmp_path):
    return tmp_path / "uploads"


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def receive(uploads, contents, piece=7):
    incoming = Incoming(uploads, [(path, len(data)) for path, data in contents.items()])
    stream = b"".join(contents.values())
    for offset in range(0, len(stream), piece):
        incoming.write(offset, stream[offset : offset + piece])
    return incoming


def zipped(contents):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return file.getvalue()


@pytest.mark.parametrize("piece", [1, 7, len(PNG), 1000])
def test_a_folder_sent_in_pieces_becomes_a_dataset(uploads, piece):
    unpacked = receive(uploads, FOLDER, piece).finish()
    assert (unpacked.folder, unpacked.images) == (uploads / "pets", 3)
    assert files(uploads) == ["pets/cat/1.png", "pets/cat/2.png", "pets/dog/1.png", "pets/labels.csv"]
    assert (uploads / "pets/dog/1.png").read_bytes() == PNG
    assert list_images(unpacked.folder).classes == ("cat", "dog")


def test_an_archive_sent_in_pieces_is_unpacked(uploads):
    unpacked = receive(uploads, {"My pets.zip": zipped(FOLDER)}).finish()
    assert (unpacked.folder, unpacked.images) == (uploads / "My pets", 3)
    assert "My pets/dog/1.png" in files(uploads) and len(files(uploads)) == 4


def test_loose_images_become_a_dataset(uploads):
    assert receive(uploads, {"cat.0.png": PNG, "dog.0.png": PNG}).finish().folder == uploads / "images"


def test_a_piece_that_does_not_continue_the_stream_is_refused(uploads):
    incoming = receive(uploads, FOLDER | {"pets/x.csv": b"more"})
    incoming = Incoming(uploads, [("pets/cat.0.png", 3), ("pets/dog.0.png", 3)])
    incoming.write(0, b"abcd")
    for offset, data in ((0, b"abcd"), (3, b"d"), (5, b"f"), (4, b"efg")):
        with pytest.raises(OffsetError) as error:
            incoming.write(offset, data)
        assert error.value.received == 4
    incoming.write(4, b"ef")
    assert incoming.is_whole
    assert [path.read_bytes() for path in sorted(incoming.folder.rglob("*.png"))] == [b"abc", b"def"]


def test_what_has_arrived_of_dropped_files_is_removed_and_nothing_more_is_taken(uploads):
    incoming = Incoming(uploads, [("pets.zip", 100)])
    incoming.write(0, b"abc")
    incoming.drop()
    assert files(uploads) == []
    with pytest.raises(OffsetError):
        incoming.write(3, b"def")


def test_files_that_still_arrive_are_no_leftovers(uploads):
    incoming = Incoming(uploads, [("pets/cat.0.png", 6)])
    incoming.write(0, b"abc")
    clear_leftovers(uploads)
    incoming.write(3, b"def")
    assert incoming.is_whole and len(files(uploads)) == 2  # and a lock


@pytest.mark.parametrize("contents", [{"pets.zip": b"no archive"}, {"pets/1.png": PNG}, {"pets/cat/1.png": PNG}])
def test_what_is_no_dataset_is_removed(uploads, contents):
    with pytest.raises(ArchiveError):
        receive(uploads, contents).finish()
    assert files(uploads) == []


def test_an_archive_whose_unpacking_is_cancelled_is_removed(uploads):
    with pytest.raises(Cancelled):
        receive(uploads, {"pets.zip": zipped(FOLDER)}).finish(cancelled=lambda: True)
    assert files(uploads) == []


@pytest.mark.parametrize(
    "paths",
    [
        *(["../1.png"], ["/1.png"], ["C:/1.png"], ["cat/nul.png"], ["cat/1.png:x.png"], ["cat./1.png"], [""]),
        *(["run.exe"], ["cat/1.png", "more.zip"], ["cat/1.png", "cat//1.png"], []),
    ],
)
def test_paths_and_files_that_do_not_belong_are_refused(uploads, paths):
    with pytest.raises(ArchiveError):
        Incoming(uploads, [(path, 3) for path in paths])
    assert not uploads.exists()


@pytest.mark.parametrize("size", [-1, 200_000_000])
def test_sizes_that_no_image_has_are_refused(uploads, size):
    with pytest.raises(ArchiveError):
        Incoming(uploads, [("cat.1.png", size)])


def test_files_that_do_not_fit_the_disk_are_refused_before_and_while_they_come(uploads, monkeypatch):
    free = type("Usage", (), {"free": space.KEPT_FREE + 1000})
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: free)
    with pytest.raises(SpaceError):
        Incoming(uploads, [("pets.zip", 10_000)])
    assert files(uploads) == []
    monkeypatch.setattr("cnn.data.incoming.CHECK_EVERY", 100)
    incoming = Incoming(uploads, [("pets.zip", 500)])
    incoming.write(0, bytes(100))
    free.free = space.KEPT_FREE + 300
    with pytest.raises(SpaceError):
        incoming.write(100, bytes(100))


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=9), min_size=1, max_size=6), st.data())
def test_any_files_in_any_pieces_arrive_as_they_are(tmp_path_factory, contents, data):
    uploads = tmp_path_factory.mktemp("uploads")
    stream = b"".join(contents)
    incoming = Incoming(uploads, [(f"{i}.png", len(content)) for i, content in enumerate(contents)])
    at = 0
    while not incoming.is_whole:
        length = data.draw(st.integers(1, len(stream) - at))
        incoming.write(at, stream[at : at + length])
        at += length
    if stream:
        assert [(incoming.folder / f"{i}.png").read_bytes() for i in range(len(contents))] == contents
    incoming.drop()
