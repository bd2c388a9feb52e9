import errno
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cnn.engine import launch, queue
from cnn.engine.trainer import train_run
from cnn.specs import NetworkSpec
from cnn.store import waiting
from cnn.store.lengths import lengths
from cnn.store.records import Progress
from cnn.store.run import new_id
from cnn.store.runs import RunError, RunStore
from tests.conftest import EPOCH, SMALL_DATA, SMALL_TRAINING, execute_sql, in_threads


@pytest.fixture(autouse=True)
def one_place(monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "1")


@pytest.fixture
def begun(monkeypatch) -> list[str]:
    """The runs for which a trainer is started; there is none."""
    runs: list[str] = []
    monkeypatch.setattr(launch, "start", lambda store, run_id: runs.append(run_id))
    return runs


def test_a_run_starts_at_once_if_there_is_a_place_and_waits_otherwise(store, create_run, begun):
    first = create_run()
    queue.start(store, first, "ann")
    second = create_run()
    queue.start(store, second, "bob")
    assert begun == [first]
    assert [store.get(run).status for run in (first, second)] == ["starting", "queued"]
    store.set_status(first, "finished")
    assert queue.advance(store) == [second] and queue.advance(store) == []


def test_a_run_that_started_at_once_stays_interrupted_when_its_trainer_is_lost(store, create_run, begun):
    run_id = create_run()
    queue.start(store, run_id)
    execute_sql(store, "UPDATE runs SET launched = 0")
    assert queue.advance(store) == [] and store.get(run_id).status == "interrupted"


def test_as_many_runs_train_as_there_are_pairs_of_cores_unless_the_environment_says_otherwise(monkeypatch):
    for text, cores, expected in (("", 8, 4), ("", 1, 1), ("", None, 1), ("3", 8, 3), ("0", 4, 2), ("many", 4, 2)):
        monkeypatch.setenv("CNN_AT_ONCE", text)
        monkeypatch.setattr(queue.os, "cpu_count", lambda cores=cores: cores)
        assert queue.places() == expected


def test_memory_of_runs_that_have_not_taken_theirs_yet_is_reserved(store, create_run, begun, monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "9")
    runs = [create_run() for _ in range(3)]
    each = queue.memory_of(store.get(runs[0]))
    monkeypatch.setattr(queue, "available", lambda: 2.5 * each)
    for run_id in runs:
        queue.start(store, run_id)
    assert begun == runs[:2]
    with store.lock(runs[0]):
        store.set_status(runs[0], "running")  # it has its memory: what is available is without it
        assert queue.advance(store) == runs[2:]


def test_memory_of_the_gpu_is_reserved_before_a_start(store, create_run, begun, monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "30")
    runs = [create_run() for _ in range(20)]
    each = queue.gpu_memory_of(store.get(runs[0]))
    gpu = {"free": 3.5 * each}
    monkeypatch.setattr(queue, "available", lambda: 10**12)
    monkeypatch.setattr(queue, "free_gpu_memory", lambda: gpu["free"])
    for run_id in runs:
        waiting.add(store, run_id)
    started = in_threads(20, lambda: queue.advance(RunStore(store.directory)))
    assert sorted(one for some in started for one in some) == sorted(runs[:3]) == sorted(begun)
    with store.lock(runs[0]):
        store.set_status(runs[0], "running")
        gpu["free"] = 2.5 * each  # what is free is now without what it has taken
        assert queue.advance(store) == []
        gpu["free"] = 3.5 * each
        assert queue.advance(store) == [runs[3]]
        gpu["free"] = 0
        execute_sql(store, """UPDATE runs SET facts = '{"device": "cpu"}' WHERE id = ?""", runs[0])
        assert queue.advance(store) == runs[4:]  # torch cannot use this GPU
    monkeypatch.setattr(queue, "free_gpu_memory", lambda: None)
    assert queue.has_memory(store.get(runs[0]), [store.get(runs[1])])


def test_larger_networks_need_more_memory(store, create_run):
    small, large = (store.get(create_run(network=NetworkSpec(filters=filters))) for filters in ((4,), (256, 256)))
    assert queue.TRAINER_MEMORY < queue.memory_of(small) < queue.memory_of(large)
    assert queue.TRAINER_GPU_MEMORY < queue.gpu_memory_of(small) < queue.gpu_memory_of(large)


def test_if_no_process_can_be_started_a_new_run_has_failed_and_waiting_ones_wait(store, create_run, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(launch, "start_process", refuse)
    monkeypatch.setattr(launch, "_spares", {})
    run_id = create_run()
    with pytest.raises(RunError, match="No training process could be started: Resource temporarily unavailable"):
        queue.start(store, run_id)
    run = store.get(run_id)
    assert run.status == "failed" and run.message.startswith("No training process could be started")
    queued = create_run()
    waiting.add(store, queued)
    for _ in range(2):
        with pytest.raises(RunError):
            queue.advance(store)
        assert store.get(queued).status == "queued"
    assert store.reopen(run_id)


def test_expected_starts_follow_from_what_trains_and_what_was_foreseen(store, create_run, begun):
    runs = []
    for _ in range(4):
        runs.append(create_run())
        queue.start(store, runs[-1])
    assert queue.starts_in(store) == {runs[1]: None, runs[2]: None, runs[3]: None}
    with store.lock(runs[0]):
        store.set_status(runs[0], "running")
        store.history(runs[0]).set_progress(Progress(1, 3, 5, 15, 100.0, 40.0, 0.01))
        execute_sql(store, """UPDATE runs SET facts = '{"foreseen_seconds": 25}' WHERE id IN (?, ?)""", *runs[1:3])
        assert queue.starts_in(store) == {runs[1]: 40.0, runs[2]: 65.0, runs[3]: 90.0}
        execute_sql(store, "UPDATE runs SET facts = '{}' WHERE id = ?", runs[1])
        assert queue.starts_in(store) == {runs[1]: 40.0, runs[2]: None, runs[3]: None}


def test_a_run_is_expected_to_take_as_long_as_one_like_it(store, create_run):
    done, same, other = create_run(), create_run(seed=8), create_run(epochs=9)
    waiting.add(store, same)
    waiting.add(store, other)
    store.history(done).add_epoch(EPOCH)
    store.history(done).add_epoch(EPOCH._replace(epoch=2, seconds=2.0))
    store.set_status(done, "finished")
    assert lengths(store) == {same: EPOCH.seconds + 2, other: 9 * (EPOCH.seconds + 2) / 2}
    store.history(same).add_epoch(EPOCH)
    assert lengths(store)[same] == 2


# With trainers


def test_the_trainer_that_ends_starts_the_next_one(store, create_run, trainers, wait):
    runs = []
    for _ in range(2):
        runs.append(create_run())
        queue.start(store, runs[-1])
    assert [store.get(run).status for run in runs] == ["starting", "queued"]
    wait(lambda: all(store.get(run).status == "finished" for run in runs))
    assert len(trainers) == 1  # this process has started one; the other followed from it


def test_a_short_run_is_let_through_by_the_one_that_has_longest_to_go(store, create_run, begun, monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "2")
    runs = []
    for _ in range(4):
        runs.append(create_run())
        queue.start(store, runs[-1])
    with store.lock(runs[0]), store.lock(runs[1]):
        for run_id, seconds in zip(runs[:2], (10.0, 99.0), strict=True):
            store.set_status(run_id, "running")
            store.history(run_id).set_progress(Progress(1, 3, 5, 15, 100.0, seconds, 0.01))
        assert queue.let_through(store, runs[3]) == runs[1]
        assert [store.requests(run)[0] for run in runs[:2]] == ["", "yield"]
        waiting.come_back(store, runs[1])
        assert [run.id for run in waiting.waiting(store)] == [runs[3], runs[1], runs[2]]


def test_a_run_that_gave_way_ends_as_if_it_had_not(store, create_run, outcome):
    run_id = create_run(epochs=40)
    waiting.add(store, run_id)
    assert waiting.reserve(store, 1, queue.has_memory) == run_id
    with ThreadPoolExecutor(1) as pool:
        trained = pool.submit(train_run, store, run_id)
        while len(store.history(run_id).epochs()) < 3:
            assert not trained.done()
        waiting.give_way(store, run_id)
        assert trained.result() == "queued"
    assert 3 <= len(store.history(run_id).epochs()) < 40 and store.get(run_id).status == "queued"
    assert waiting.reserve(store, 1, queue.has_memory) == run_id and train_run(store, run_id) == "finished"
    undisturbed = create_run(epochs=40)
    assert train_run(store, undisturbed) == "finished" and outcome(store, run_id) == outcome(store, undisturbed)


def test_a_process_that_comes_too_late_trains_nothing(store, trained, outcome):
    before = outcome(store, trained)
    assert train_run(store, trained) == "finished" and outcome(store, trained) == before
    run_id = new_id()
    store.create(run_id, store.get(trained).folder, SMALL_DATA, NetworkSpec(), replace(SMALL_TRAINING, epochs=1))
    waiting.add(store, run_id)
    assert train_run(store, run_id) == "queued" and not store.history(run_id).snapshots()
