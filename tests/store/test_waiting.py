import time

import pytest

from cnn.store import waiting
from cnn.store.runs import RunError, RunStore
from tests.conftest import execute_sql, in_threads


@pytest.fixture
def queue(store, create_run):
    """Puts new runs into the queue; returns their ids."""

    def put(*owners: str) -> list[str]:
        runs = [create_run() for _ in owners]
        for run_id, owner in zip(runs, owners, strict=True):
            waiting.add(store, run_id, owner)
        return runs

    return put


def order(store) -> list[str]:
    return [run.id for run in waiting.waiting(store)]


def always(run, trained) -> bool:
    return True


def lose_trainer(store, run_id: str, progress: bool = False) -> None:
    """As if the trainer of a run had been killed, a while after its start."""
    execute_sql(store, "UPDATE runs SET status = 'running', launched = ? WHERE id = ?", time.time() - 1000, run_id)
    if progress:
        store.checkpoint_path(run_id).write_bytes(b"")


def test_a_waiting_run_is_queued_and_neither_active_nor_interrupted(store, queue):
    (run_id,) = queue("ann")
    execute_sql(store, "UPDATE runs SET launched = 0")
    run = store.get(run_id)
    assert run.status == "queued" and run.ongoing and not run.active


def test_owners_take_turns_and_the_runs_of_one_owner_keep_their_order(store, queue):
    a1, a2, a3 = queue("ann", "ann", "ann")
    b1, b2 = queue("bob", "bob")
    assert order(store) == [a1, b1, a2, b2, a3]
    assert waiting.reserve(store, 1, always) == a1
    assert order(store) == [b1, a2, b2, a3]
    (c1,) = queue("cleo")
    assert order(store) == [b1, c1, a2, b2, a3] or order(store) == [c1, b1, a2, b2, a3]


def test_the_order_can_be_changed(store, queue):
    a, b, c = queue("ann", "ann", "ann")
    waiting.move(store, c, 1)
    assert order(store) == [c, a, b]
    waiting.move(store, c, 2)
    assert order(store) == [a, c, b]
    waiting.move(store, a, 99)
    assert order(store) == [c, b, a]
    waiting.reserve(store, 1, always)
    with pytest.raises(RunError, match="does not wait"):
        waiting.move(store, c, 1)


def test_twenty_starters_at_once_fill_each_place_once(store, queue):
    runs = queue(*["ann"] * 6)
    taken = in_threads(20, lambda: waiting.reserve(RunStore(store.directory), 3, always))
    assert sorted(run for run in taken if run) == sorted(runs[:3])
    assert [store.get(run).status for run in runs] == ["starting"] * 3 + ["queued"] * 3


def test_a_run_that_does_not_fit_waits_unless_it_would_be_alone(store, queue):
    a, b = queue("ann", "ann")
    assert waiting.reserve(store, 5, lambda run, trained: False) == a
    assert waiting.reserve(store, 5, lambda run, trained: False) is None
    assert waiting.reserve(store, 5, lambda run, trained: [one.id for one in trained] == [a]) == b


def test_a_paused_run_takes_no_place(store, queue):
    a, b = queue("ann", "ann")
    waiting.reserve(store, 1, always)
    with store.lock(a):
        store.set_status(a, "paused")
        assert waiting.reserve(store, 1, always) == b


def test_a_run_that_lost_its_trainer_waits_again_in_its_place(store, queue):
    a, b = queue("ann", "ann")
    waiting.reserve(store, 1, always)
    lose_trainer(store, a)
    waiting.recover(store)
    assert order(store) == [a, b]


def test_a_run_whose_trainer_lives_is_not_started_again(store, queue):
    (a,) = queue("ann")
    waiting.reserve(store, 1, always)
    lose_trainer(store, a)
    with store.lock(a):
        waiting.recover(store)
    assert store.get(a).status == "interrupted" and order(store) == []


def test_a_run_that_never_gets_anywhere_is_not_started_for_ever(store, queue):
    (a,) = queue("ann")
    for _ in range(waiting.MOST_LOSSES):
        assert waiting.reserve(store, 1, always) == a
        lose_trainer(store, a)
        waiting.recover(store)
    assert store.get(a).status == "interrupted" and waiting.is_idle(store)


def test_losses_with_progress_in_between_do_not_count(store, queue):
    (a,) = queue("ann")
    for _ in range(waiting.MOST_LOSSES + 2):
        assert waiting.reserve(store, 1, always) == a
        lose_trainer(store, a, progress=True)
        waiting.recover(store)
    assert order(store) == [a]


def test_a_run_that_should_stop_and_lost_its_trainer_does_not_start_again(store, queue):
    (a,) = queue("ann")
    waiting.reserve(store, 1, always)
    lose_trainer(store, a)
    waiting.stop(store, a)
    waiting.recover(store)
    assert store.get(a).status == "stopped"


def test_a_run_taken_off_the_queue_is_stopped_or_as_it_had_ended(store, queue, trained):
    (a,) = queue("ann")
    assert waiting.leave(store, a) and not waiting.leave(store, a)
    assert (store.get(a).status, store.get(a).message) == ("stopped", waiting.TAKEN_OFF)
    store.reopen(trained, more_epochs=5)
    waiting.add(store, trained)
    waiting.stop(store, trained)
    run = store.get(trained)
    assert (run.status, run.message, run.training_spec.epochs) == ("finished", "", 3)


def test_a_run_that_gave_its_place_up_waits_unless_it_should_stop(store, queue):
    a, b = queue("ann", "ann")
    waiting.reserve(store, 2, always), waiting.reserve(store, 2, always)
    assert waiting.give_way(store, a) and waiting.give_way(store, b)
    assert store.requests(a)[0] == "yield"
    assert waiting.come_back(store, a) == "queued"
    waiting.stop(store, b)
    assert waiting.come_back(store, b) == "stopped"


def test_a_queued_run_can_be_trained_by_hand_and_the_queue_forgets_it(store, queue):
    (a,) = queue("ann")
    assert store.reopen(a) and store.get(a).status == "starting" and order(store) == []


def test_a_damaged_row_in_the_queue_does_not_hold_it_up(store, queue):
    a, b = queue("ann", "ann")
    execute_sql(store, "UPDATE runs SET training_spec = 'x' WHERE id = ?", a)
    assert order(store) == [b] and waiting.reserve(store, 1, always) == b
