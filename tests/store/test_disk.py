import errno
import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from cnn.data.dataset import read_dataset
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec
from cnn.store import disk
from cnn.store.disk import decoded_datasets, delete_decoded, delete_run, delete_upload, stored_runs, uploads
from cnn.store.records import Live
from cnn.store.runs import RunError, RunStore
from tests.conftest import draw_images, execute_sql, needs_links

LOST = "20250101-120000-abcd"


@pytest.fixture
def refused(monkeypatch):
    """A block in which no file can be deleted, as on Windows while another process has it open."""

    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, "Access is denied", path)

    @contextmanager
    def block():
        with monkeypatch.context() as patch:
            patch.setattr(os, "unlink", refuse)
            patch.setattr("cnn.system.files.PATIENCE", 0.1)
            yield

    return block()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def decoded_size(store: RunStore) -> int:
    return sum(map(len, files(store.cache).values()))


def delete_all_decoded(store: RunStore) -> int:
    return sum(delete_decoded(store, decoded.key) for decoded in decoded_datasets(store))


@pytest.fixture
def trained(store, create_run):
    def train(**settings) -> str:
        run_id = create_run(**settings)
        assert train_run(store, run_id) == "finished"
        return run_id

    return train


@pytest.fixture
def upload(store) -> Path:
    return draw_images(store.uploads / "pets")


@pytest.fixture
def lost(store) -> Path:
    folder = store.folder(LOST)
    folder.mkdir()
    (folder / "snapshot-00000000.pt").write_bytes(b"12345")
    os.utime(folder, (1, 1))
    return folder


# Runs


def test_a_run_is_listed_with_the_size_of_its_folder(store, trained):
    run_id = trained(epochs=1)
    [stored] = stored_runs(store)
    assert (stored.id, stored.damage, stored.active) == (run_id, "", False)
    assert stored.size == sum(map(len, files(store.folder(run_id)).values())) > 5000
    assert stored.run == store.get(run_id)


def test_damaged_runs_and_orphaned_folders_are_listed_with_the_damage(store, trained, lost):
    whole, incomplete, broken = trained(epochs=1), trained(epochs=1), trained(epochs=1)
    store.snapshot_path(incomplete, 2).unlink()
    execute_sql(store, "UPDATE runs SET network_spec = '{' WHERE id = ?", broken)
    listed = {stored.id: stored for stored in stored_runs(store)}
    assert set(listed) == {whole, incomplete, broken, LOST}
    assert listed[whole].damage == ""
    assert listed[incomplete].damage == "Snapshots missing: 1 of 5, the first is snapshot-00000002.pt."
    assert listed[broken].damage.startswith(f"Run {broken} is damaged: ") and listed[broken].size > 5000
    assert listed[LOST].damage == "This folder belongs to no run. It was left by a crash."
    assert (listed[LOST].size, listed[LOST].run) == (5, None)


def test_a_run_that_is_being_created_is_not_listed_as_orphaned(store):
    store.folder(LOST).mkdir()
    assert stored_runs(store) == []


def test_only_folders_named_like_runs_are_listed_as_orphaned(store):
    for name in ("my notes", "datasets", "uploads", f"{LOST}.old", ".hidden"):
        store.folder(name).mkdir()
        os.utime(store.folder(name), (1, 1))
    assert stored_runs(store) == []


def test_deleting_a_run_removes_its_rows_and_its_folder_and_nothing_else(store, trained, lost):
    kept, gone = trained(epochs=1), trained(epochs=1)
    before = files(store.folder(kept)) | {"epochs": store.history(kept).epochs()}
    size = next(stored.size for stored in stored_runs(store) if stored.id == gone)
    assert delete_run(store, gone) == size
    assert not store.folder(gone).exists() and lost.exists()
    assert [run.id for run in store.all()] == [kept]
    history = store.history(gone)
    assert (history.steps(), history.epochs(), history.snapshots(), history.live()) == ([], [], [], Live())
    assert files(store.folder(kept)) | {"epochs": store.history(kept).epochs()} == before


def test_damaged_runs_and_orphaned_folders_can_be_deleted(store, trained, lost):
    broken = trained(epochs=1)
    execute_sql(store, "UPDATE runs SET classes = '3' WHERE id = ?", broken)
    delete_run(store, broken)
    assert delete_run(store, LOST) == 5
    assert stored_runs(store) == [] and not lost.exists() and store.damaged() == []


def test_a_run_whose_folder_is_gone_can_be_deleted(store, create_run):
    run_id = create_run()
    store.set_status(run_id, "stopped")
    (store.folder(run_id)).rmdir()
    assert delete_run(store, run_id) == 0 and store.all() == []


@pytest.mark.parametrize("status", ["starting", "running", "paused"])
def test_a_run_that_is_being_trained_is_not_deleted(store, create_run, status):
    run_id = create_run()
    store.set_status(run_id, status)
    with store.lock(run_id).acquire(), pytest.raises(RunError, match=r"is being trained\. Stop it first"):
        delete_run(store, run_id)
    assert store.get(run_id).id == run_id and store.folder(run_id).exists()


def test_a_run_whose_trainer_is_starting_is_not_deleted(store, create_run):
    run_id = create_run()
    with pytest.raises(RunError, match=r"is being trained\. Stop it first"):
        delete_run(store, run_id)
    assert store.get(run_id).status == "starting"


@pytest.mark.parametrize("status", ["stopped", "broken"])
def test_a_run_whose_lock_is_held_is_not_deleted_in_any_status(store, create_run, status):
    run_id = create_run()
    store.set_status(run_id, status)
    with store.lock(run_id).acquire(), pytest.raises(RunError, match="is being trained"):
        delete_run(store, run_id)
    assert store.folder(run_id).exists() and len(store.all()) + len(store.damaged()) == 1


def test_an_interrupted_run_can_be_deleted(store, create_run):
    run_id = create_run()
    store.set_status(run_id, "running")
    delete_run(store, run_id)
    assert store.all() == []


# Nothing outside


@pytest.mark.parametrize(
    "name", ["..", ".", "", "/", "../outside", "datasets", "uploads", "runs.sqlite", "nowhere", "%", "' OR 1=1 --"]
)
def test_names_that_are_not_runs_are_not_deleted(store, create_run, name, tmp_path):
    create_run()
    (tmp_path / "outside").mkdir()
    (store.cache).mkdir()
    before = set(tmp_path.rglob("*"))
    with pytest.raises(RunError, match="There is no run"):
        delete_run(store, name)
    assert set(tmp_path.rglob("*")) == before and len(store.all()) == 1


@pytest.mark.parametrize("name", ["..", ".", "../outside", "/", "a/../../outside", "datasets", "uploads"])
def test_a_row_whose_name_is_a_path_elsewhere_is_deleted_alone(store, create_run, name, tmp_path, upload):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").touch()
    store.cache.mkdir()
    run_id = create_run()
    execute_sql(store, "UPDATE runs SET id = ?, status = 'stopped'", name)
    before = files(tmp_path).keys()
    assert delete_run(store, name) == 0
    assert store.all() == [] and store.damaged() == []
    assert files(tmp_path).keys() == before and store.folder(run_id).exists()


@needs_links
def test_links_are_removed_and_not_followed(store, trained, tmp_path):
    outside = draw_images(tmp_path / "outside")
    before = files(outside)
    within, instead = trained(epochs=1), trained(epochs=1)
    (store.folder(within) / "link").symlink_to(outside)
    (store.folder(within) / "snapshot-00000099.pt").symlink_to(outside / "dark" / "0.png")
    moved = store.folder(instead).rename(tmp_path / "moved")
    store.folder(instead).symlink_to(moved)
    assert {stored.size for stored in stored_runs(store) if stored.id == instead} == {0}
    delete_run(store, within)
    assert delete_run(store, instead) == 0
    assert files(outside) == before and len(files(moved)) > 3
    assert not store.folder(within).exists() and not store.folder(instead).is_symlink()


@needs_links
def test_linked_uploads_and_caches_are_left_alone(store, tmp_path):
    outside = draw_images(tmp_path / "outside")
    store.uploads.mkdir()
    (store.uploads / "pets").symlink_to(outside)
    store.cache.symlink_to(outside)
    before = files(outside)
    assert uploads(store) == [] and decoded_datasets(store) == [] and delete_all_decoded(store) == 0
    with pytest.raises(RunError, match="There is no upload"):
        delete_upload(store, "pets")
    (store.uploads / "pets").unlink()
    store.uploads.rmdir()
    store.uploads.symlink_to(tmp_path)
    assert uploads(store) == []
    with pytest.raises(RunError, match="There is no upload"):
        delete_upload(store, "outside")
    assert files(outside) == before


# Decoded images

leaves_open = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete images that are open.")


@leaves_open
def test_decoded_images_are_deleted_and_read_again(store, image_folder):
    spec = DatasetSpec(image_size=16)
    dataset = read_dataset(image_folder, spec, store.cache)
    before, size = dataset.images.copy(), decoded_size(store)
    assert size > before.nbytes
    assert delete_all_decoded(store) == size and decoded_size(store) == 0
    assert (dataset.images == before).all()  # open arrays stay valid
    assert (read_dataset(image_folder, spec, store.cache).images == before).all()


@leaves_open
def test_the_decoded_images_of_one_dataset_are_listed_and_deleted_alone(store, image_folder, own_folder):
    small, colour = DatasetSpec(image_size=16), DatasetSpec(image_size=20, channels=3)
    kept = [read_dataset(image_folder, small, store.cache), read_dataset(image_folder, colour, store.cache)]
    gone = read_dataset(own_folder, small, store.cache)
    before, all_files = gone.images.copy(), set(files(store.cache))
    for age, index in enumerate(sorted(store.cache.glob("*.json"), key=lambda path: path.stat().st_mtime)):
        os.utime(index, (0, 1000 + age))
        os.utime(store.cache / next(name for name in all_files if name.startswith(f"{index.stem}-")), (0, 900))
    newest, middle, oldest = decoded_datasets(store)
    assert [decoded.folder for decoded in (newest, middle, oldest)] == [str(own_folder), *[str(image_folder)] * 2]
    assert [decoded.shape for decoded in (newest, middle, oldest)] == [(16, 16, 1), (20, 20, 3), (16, 16, 1)]
    assert [decoded.used for decoded in (newest, middle, oldest)] == [1002, 1001, 1000] and newest.images == 24
    assert newest.size + middle.size + oldest.size == decoded_size(store)
    read_dataset(image_folder, small, store.cache)  # from what is kept
    assert decoded_datasets(store)[0].key == oldest.key and time.time() - decoded_datasets(store)[0].used < 60
    assert delete_decoded(store, newest.key) == newest.size
    assert all_files - set(files(store.cache)) == {path.name for path in newest.files} and len(newest.files) == 2
    assert (gone.images == before).all() and len(files(own_folder)) == 24  # open arrays stay valid
    for dataset, spec in zip(kept, (small, colour), strict=True):
        assert (read_dataset(image_folder, spec, store.cache).images == dataset.images).all()
    assert len(decoded_datasets(store)) == 2
    with pytest.raises(RunError, match="have already been deleted"):
        delete_decoded(store, newest.key)


@leaves_open
def test_a_run_continues_while_its_decoded_images_are_deleted(store, create_run, outcome):
    expected, run_id = create_run(), create_run()
    train_run(store, expected)

    def report(event):
        if event["event"] == "started":
            assert delete_all_decoded(store) > 0 and decoded_size(store) == 0

    assert train_run(store, run_id, report) == "finished"
    assert outcome(store, run_id) == outcome(store, expected)


def test_images_that_windows_does_not_delete_because_they_are_open_stay(store, image_folder, refused):
    read_dataset(image_folder, DatasetSpec(image_size=16), store.cache)
    (decoded,) = decoded_datasets(store)
    with refused, pytest.raises(RunError, match="These decoded images are in use"):
        delete_decoded(store, decoded.key)
    assert delete_all_decoded(store) == decoded.size and decoded_datasets(store) == []


def test_a_run_whose_file_is_open_elsewhere_can_be_deleted_later(store, trained, refused, monkeypatch):
    run_id, kept = trained(epochs=1), trained(epochs=1)
    monkeypatch.setattr(disk, "CREATION_TIME", 0)
    with refused, pytest.raises(RunError, match="Close it, and delete the rest here"):
        delete_run(store, run_id)
    assert [run.id for run in stored_runs(store)] == [kept, run_id]
    delete_run(store, run_id)
    assert [run.id for run in stored_runs(store)] == [kept] and not store.folder(run_id).exists()


def test_decoded_images_of_an_older_version_and_damaged_ones_can_be_deleted(store, image_folder, own_folder):
    for folder in (image_folder, own_folder):
        read_dataset(folder, DatasetSpec(image_size=16), store.cache)
    older, damaged = sorted(store.cache.glob("*.json"))
    index = json.loads(older.read_text())
    del index["folder"], index["shape"]
    older.write_text(json.dumps(index))
    damaged.write_text("{")
    alone = store.cache / f"{'c' * 32}-{'d' * 32}.npy"
    alone.write_bytes(b"12345")
    assert [(decoded.folder, decoded.shape, decoded.images) for decoded in decoded_datasets(store)] == [("", (), 0)] * 3
    assert delete_all_decoded(store) > 5 and decoded_size(store) == 0


@pytest.mark.parametrize("key", ["", "..", "../outside", "*", "a" * 32, "/", "notes"])
def test_files_that_are_not_decoded_images_are_not_deleted(store, image_folder, tmp_path, key):
    read_dataset(image_folder, DatasetSpec(image_size=16), store.cache)
    (store.cache / "notes.json").write_text("Mine.")
    (store.cache / f"{'a' * 32}.json").symlink_to(image_folder / "dark" / "0.png")
    (store.cache / ("b" * 32 + ".npy")).mkdir()
    before = set(tmp_path.rglob("*"))
    with pytest.raises(RunError, match="have already been deleted"):
        delete_decoded(store, key)
    assert set(tmp_path.rglob("*")) == before
    assert delete_all_decoded(store) > 1000
    assert sorted(path.name[:2] for path in store.cache.iterdir()) == ["aa", "bb", "no"]


def test_decoded_images_that_are_being_written_stay(store):
    store.cache.mkdir()
    young, old = (store.cache / f"{key * 32}-{key * 32}.npy.part" for key in "ab")
    for path in (young, old):
        path.write_bytes(b"123")
    os.utime(old, (time.time() - 2 * disk.PART_LIFETIME,) * 2)
    assert delete_all_decoded(store) == 3
    assert young.exists() and not old.exists()


# Uploads


def test_an_upload_is_listed_with_its_images_and_the_runs_trained_on_it(store, trained, upload):
    run_id = trained(folder=upload, epochs=1)
    trained(epochs=1)
    [found] = uploads(store)
    assert (found.name, found.folder, found.images, found.runs) == ("pets", upload, 24, (run_id,))
    assert found.size == sum(map(len, files(upload).values()))


def test_an_upload_is_deleted_and_the_runs_trained_on_it_stay(store, trained, upload):
    run_id = trained(folder=upload, epochs=1)
    draw_images(store.uploads / "others")
    assert delete_upload(store, "pets") > 1000
    assert not upload.exists() and [found.name for found in uploads(store)] == ["others"]
    assert store.get(run_id).status == "finished"


def test_an_upload_that_a_run_is_trained_on_is_not_deleted(store, create_run, upload):
    create_run(folder=upload)
    with pytest.raises(RunError, match=r"needs these images: it trains, or waits in the queue\. Stop it first"):
        delete_upload(store, "pets")
    assert len(files(upload)) == 24


@pytest.mark.parametrize("name", ["..", ".", "", "../datasets", "/", ".unpacking", "pets/dark", "nowhere"])
def test_folders_that_are_not_uploads_are_not_deleted(store, upload, name):
    (store.uploads / ".unpacking").mkdir()
    with pytest.raises(RunError, match="There is no upload"):
        delete_upload(store, name)
    assert len(files(upload)) == 24 and (store.uploads / ".unpacking").exists()


def test_an_empty_store_is_small(store):
    assert (stored_runs(store), uploads(store), decoded_datasets(store), delete_all_decoded(store)) == ([], [], [], 0)
    assert 0 < disk.other_size(store) < 1_000_000
