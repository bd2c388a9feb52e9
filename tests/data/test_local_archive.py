import os
import shutil
import tarfile

import pytest

from cnn.data.archive_members import ArchiveError
from cnn.data.dataset import read_dataset
from cnn.data.listing import DatasetError, list_images
from cnn.data.local_archive import LocalArchive, is_archive
from cnn.data.version import DatasetVersion
from cnn.specs import DatasetSpec
from tests.conftest import draw_images
from tests.published import cifar_10, write_archive, write_pickles


@pytest.fixture
def uploads(tmp_path):
    return tmp_path / "runs" / "uploads"


@pytest.fixture
def archive(tmp_path):
    draw_images(tmp_path / "by hand" / "my pets")
    return shutil.make_archive(tmp_path / "My pets", "gztar", tmp_path / "by hand", "my pets")


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar", "bztar", "xztar"])
def test_an_archive_is_the_same_dataset_as_the_folder_unpacked_by_hand(tmp_path, uploads, kind):
    draw_images(tmp_path / "by hand" / "pets")
    file = shutil.make_archive(tmp_path / "pets", kind, tmp_path / "by hand", "pets")
    unpacked = LocalArchive(tmp_path / os.path.basename(file), uploads).finish()
    spec = DatasetSpec(image_size=16)
    versions = [
        DatasetVersion.of(read_dataset(folder, spec, tmp_path / "cache")).id
        for folder in (tmp_path / "by hand" / "pets", unpacked.folder)
    ]
    assert versions[0] == versions[1] and unpacked.images == 24


def test_an_archive_is_unpacked_once_and_again_when_it_has_changed(tmp_path, uploads, archive):
    file = tmp_path / os.path.basename(archive)
    one = LocalArchive(file, uploads)
    assert not one.is_unpacked
    assert one.finish().folder == one.folder and one.folder.name.startswith("My pets ")
    again = LocalArchive(file, uploads)
    assert again.is_unpacked and again.folder == one.folder and again.finish().images == 0
    os.utime(file, ns=(0, 0))
    assert LocalArchive(file, uploads).folder != one.folder


def test_what_another_session_has_unpacked_meanwhile_is_used(tmp_path, uploads, archive, monkeypatch):
    one, other = (LocalArchive(tmp_path / os.path.basename(archive), uploads) for _ in range(2))

    def late(*_) -> None:
        monkeypatch.undo()
        other.finish()
        raise ArchiveError("The folder is there.")

    monkeypatch.setattr("cnn.data.local_archive.unpack", late)
    assert one.finish().folder == other.folder and one.is_unpacked


def test_a_damaged_archive_leaves_nothing(tmp_path, uploads):
    (tmp_path / "pets.tar.gz").write_bytes(b"\x1f\x8b\x08 and no more")
    with pytest.raises(ArchiveError):
        LocalArchive(tmp_path / "pets.tar.gz", uploads).finish()
    assert [path.name for path in uploads.iterdir()] == [".unpacking"] and not any((uploads / ".unpacking").iterdir())


def test_the_archive_of_a_published_set_is_read_as_it_is(tmp_path, uploads):
    folder = write_archive(tmp_path / "x" / "cifar-10-python.tar.gz", write_pickles(tmp_path / "cifar", cifar_10()))
    unpacked = LocalArchive(folder / "cifar-10-python.tar.gz", uploads).finish()
    assert list_images(unpacked.folder).reading == "CIFAR-10" and (folder / "cifar-10-python.tar.gz").exists()


def test_an_archive_that_is_only_named_like_a_published_set_is_unpacked(tmp_path, uploads):
    draw_images(tmp_path / "cifar")
    with tarfile.open(tmp_path / "cifar-own.tgz", "w:gz") as file:
        file.add(tmp_path / "cifar", "cifar")
    unpacked = LocalArchive(tmp_path / "cifar-own.tgz", uploads).finish()
    assert list_images(unpacked.folder).classes == ("dark", "light")


def test_what_is_an_archive(tmp_path):
    for name in ("a.zip", "a.TAR.GZ", "a.txz"):
        (tmp_path / name).write_bytes(b"")
        assert is_archive(tmp_path / name)
    (tmp_path / "b.zip").mkdir()
    (tmp_path / "c.png").write_bytes(b"")
    assert not any(is_archive(tmp_path / name) for name in ("b.zip", "c.png", "gone.zip", "x" * 5000 + ".zip"))


def test_a_folder_of_nothing_but_archives_is_answered_with_what_to_do(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("pets.zip", "birds.tar.gz", "notes.txt"):
        (folder / name).write_bytes(b"")
    with pytest.raises(
        DatasetError, match=r"but “birds.tar.gz” and “pets.zip”. If each .* open an archive by its own path"
    ):
        list_images(folder)


def test_the_path_of_a_file_that_needs_a_folder_is_answered_with_what_to_do(tmp_path, archive):
    with pytest.raises(DatasetError, match=r"is an archive\. Choose it with “Open a folder” on the Data page, or"):
        list_images(archive)
    (tmp_path / "1.png").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"1.png” is not a folder. Choose the folder of the images, "):
        list_images(tmp_path / "1.png")
