"""What came of each run, read in one query."""

from dataclasses import replace

from cnn.store.records import EpochRecord, Snapshot
from cnn.store.run_results import Result, accuracy_of, results
from tests.conftest import execute_sql


def add(store, run_id: str, *epochs: tuple[float | None, float | None], saved=None) -> None:
    """epochs: held-out loss and accuracy of each. saved: the epochs with a snapshot; all, if None."""
    history = store.history(run_id)
    for number, (loss, accuracy) in enumerate(epochs, 1):
        history.add_epoch(EpochRecord(number, 10 * number, 0.5, 0.5, loss, accuracy, 1.5, 80.0))
        if saved is None or number in saved:
            history.add_snapshot(Snapshot(10 * number, number))


def test_the_result_is_that_of_the_snapshot_which_pages_show_first(store, create_run):
    ended, active, without, new = (create_run() for _ in range(4))
    add(store, ended, (0.6, 0.7), (0.4, 0.8), (0.5, 0.9))
    add(store, active, (0.4, 0.8), (0.5, 0.9))
    add(store, without, (None, None))
    store.set_status(ended, "finished")
    store.set_status(without, "finished")
    found = results(store, store.all())
    assert found == {
        ended: Result(3, 4.5, best=0.9, accuracy=0.8, loss=0.4, last=0.9),
        active: Result(2, 3.0, best=0.9, accuracy=0.9, loss=0.5, last=0.9),
        without: Result(1, 1.5),
        new: Result(),
    }
    for run in store.all():
        step = store.history(run.id).step_to_show(run.active)
        judged = {epoch.step: epoch.val_accuracy for epoch in store.history(run.id).epochs()}
        assert found[run.id].accuracy == judged.get(step)


def test_an_epoch_without_a_snapshot_is_not_shown(store, create_run):
    run_id = create_run()
    add(store, run_id, (0.6, 0.7), (0.4, 0.8), saved={1})
    store.set_status(run_id, "finished")
    assert results(store, store.all())[run_id] == Result(2, 3.0, best=0.8, accuracy=0.7, loss=0.6, last=0.8)


def test_the_accuracy_of_a_run_is_a_count_of_images(store, create_run):
    run = replace(store.get(create_run()), facts={"val_images": 40})
    assert accuracy_of(run, Result(accuracy=0.75)) == (30, 40)
    assert accuracy_of(run, Result()) is None
    assert accuracy_of(replace(run, facts={}), Result(accuracy=0.75)) is None


def test_a_damaged_history_hides_no_other_result(store, create_run):
    broken, whole = create_run(), create_run()
    add(store, broken, (0.6, 0.7))
    add(store, whole, (0.6, 0.7))
    execute_sql(store, "UPDATE epochs SET val_accuracy = 'high' WHERE run = ?", broken)
    assert set(results(store, store.all())) == {whole}
