import random
import re
from dataclasses import replace

import pytest
import torch

from cnn.model.build import build
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.store.records import Snapshot
from cnn.store.runs import Run, RunError


@pytest.fixture
def run(store, create_run) -> Run:
    """A run with snapshots at steps 0 and 7, of networks drawn from seeds 100 and 107."""
    run_id = create_run()
    store.set_dataset(run_id, ("dark", "light"), "as in memory", {}, ())
    store.set_status(run_id, "stopped")
    for step in (0, 7):
        model = snapshots.untrained_model(store.get(run_id))
        snapshots.save(build(model.layers, seed=100 + step).state_dict(), store.snapshot_path(run_id, step))
        store.history(run_id).add_snapshot(Snapshot(step, step / 5))
    return store.get(run_id)


@pytest.mark.parametrize(("step", "seed"), [(0, 100), (7, 107), (None, 107)])
def test_the_network_of_each_snapshot_loads_bit_for_bit(store, run, step, seed):
    model = snapshots.load_model(store, run, step)
    network, expected = model.network, build(model.layers, seed)
    assert (model.classes, model.image_size, model.channels) == (("dark", "light"), 16, 1)
    assert not network.training and network.conv1.weight.dtype == torch.float32
    assert all(torch.equal(network.state_dict()[name], value) for name, value in expected.state_dict().items())


def test_a_step_without_a_snapshot_gives_an_error_that_names_the_snapshots(store, run):
    with pytest.raises(RunError, match=r"no snapshot at step 3\. It has: 0, 7\."):
        snapshots.load_model(store, run, 3)


def test_a_run_that_has_not_started_has_neither_snapshots_nor_layers(store, create_run):
    run = store.get(create_run())
    with pytest.raises(RunError, match="has no snapshot of its weights yet"):
        snapshots.load_model(store, run)
    with pytest.raises(RunError, match="has not read its images yet"):
        snapshots.untrained_model(run)


def test_a_missing_file_is_an_error_that_names_file_and_run(store, run):
    store.snapshot_path(run.id, 7).unlink()
    with pytest.raises(RunError, match=rf"snapshot-00000007\.pt of run {run.id} are missing"):
        snapshots.load_model(store, run)
    snapshots.load_model(store, run, 0)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"PK\x03\x04 cut", b"<html></html>", b"\x80\x02}q\x00."])
def test_a_file_that_holds_something_else_is_an_error(store, run, content):
    store.snapshot_path(run.id, 7).write_bytes(content)
    with pytest.raises(RunError, match=run.id):
        snapshots.load_model(store, run)


def test_a_file_damaged_anywhere_is_an_error_or_still_loads(store, run):
    path, draw = store.snapshot_path(run.id, 7), random.Random(0)
    whole = path.read_bytes()
    errors = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 20))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged[: draw.choice((len(damaged), draw.randrange(len(damaged))))])
        try:
            snapshots.load_model(store, run)
        except RunError as error:
            errors += 1
            assert "\n" not in str(error)
    assert errors > 100


@pytest.mark.parametrize("content", [[1, 2], 5, "text", {"conv1.weight": 3}, torch.zeros(3)])
def test_a_file_of_another_kind_gives_an_error_that_says_it_does_not_fit(store, run, content):
    torch.save(content, store.snapshot_path(run.id, 7))
    with pytest.raises(RunError, match="does not fit its network"):
        snapshots.load_model(store, run)


def test_weights_of_another_network_are_an_error(store, run):
    with pytest.raises(RunError, match=rf"Snapshot 7 of run {run.id} does not fit its network"):
        snapshots.load_model(store, replace(run, network_spec=NetworkSpec()))


def test_code_in_a_file_is_never_run(store, run, tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path.joinpath("owned").touch, ())

    torch.save({"conv1.weight": Evil()}, store.snapshot_path(run.id, 7))
    with pytest.raises(RunError):
        snapshots.load_model(store, run)
    assert not (tmp_path / "owned").exists()


def test_an_interrupted_write_leaves_only_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "weights.pt"
    snapshots.save({"a": 1}, path)

    def save(state, file):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(OSError):
        snapshots.save({"a": 2}, path)
    assert snapshots.load(path) == {"a": 1} and list(tmp_path.iterdir()) == [path]


def test_numbers_and_strings_survive_saving_and_loading(tmp_path):
    state = {"a": [1, 2.5, None], "b": {"c": "d", 3: torch.arange(3)}, "e": TrainingSpec().to_dict()}
    snapshots.save(state, tmp_path / "state.pt")
    loaded = snapshots.load(tmp_path / "state.pt")
    assert loaded["b"].pop(3).tolist() == [0, 1, 2] and state["b"].pop(3) is not None
    assert loaded == state


def test_names_of_snapshots_sort_by_step(store):
    names = [store.snapshot_path("run", step).name for step in (2, 10, 12345678)]
    assert names == sorted(names) and all(re.fullmatch(r"snapshot-\d{8}\.pt", name) for name in names)
