"""The learning rate is changed while a run trains."""

import time
from contextlib import suppress

import pytest

from cnn.engine.requests import POLL
from cnn.engine.trainer import train_run
from tests.engine.reports import at_step


def test_a_new_learning_rate_is_recorded_and_applies_from_the_next_step(
    store, create_run, undisturbed, outcome, report_every_step
):
    run_id = create_run()
    train_run(store, run_id, at_step(6, lambda: store.request_rate(run_id, 0.1)))
    assert store.history(run_id).learning_rates() == {7: 0.1}
    ours, unchanged = outcome(store, run_id)["steps"], undisturbed()["steps"]
    assert ours[:7] == unchanged[:7]  # the loss of step 7 is that before its weights moved
    assert all(changed.loss != same.loss for changed, same in zip(ours[7:], unchanged[7:], strict=True))


@pytest.mark.parametrize("ending", ["stop", "crash"])
def test_a_new_learning_rate_survives_the_end_of_its_trainer(store, create_run, outcome, report_every_step, ending):
    def change_at_step_8(run_id: str):
        return at_step(8, lambda: store.request_rate(run_id, 0.1))

    def end():
        if ending == "crash":
            raise KeyboardInterrupt
        store.request(run_id, "stop")

    def report(event):
        change_at_step_8(run_id)(event)
        at_step(9, end)(event)

    expected, run_id = create_run(), create_run()
    train_run(store, expected, change_at_step_8(expected))
    with suppress(KeyboardInterrupt):
        train_run(store, run_id, report)
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert store.history(run_id).learning_rates() == {9: 0.1}
    assert outcome(store, run_id) == outcome(store, expected)


def test_steps_after_the_checkpoint_are_dropped_when_a_crashed_run_continues_differently(
    store, create_run, report_every_step
):
    def change_and_crash(event):
        at_step(8, lambda: store.request_rate(run_id, 0.1))(event)
        if event["event"] == "epoch" and event["epoch"] == 2:
            raise KeyboardInterrupt

    run_id = create_run()
    with suppress(KeyboardInterrupt):
        train_run(store, run_id, change_and_crash)
    assert store.history(run_id).epochs() and store.history(run_id).learning_rates() == {9: 0.1}
    store.request_rate(run_id, 0.5)
    assert store.reopen(run_id)
    assert train_run(store, run_id, at_step(2, lambda: store.request(run_id, "stop"))) == "stopped"
    last = store.history(run_id).live().progress.step
    snapshots = {row.step for row in store.history(run_id).snapshots()}
    assert 2 <= last == store.history(run_id).steps()[-1].step == max(snapshots) < 5
    assert {path.name for path in store.folder(run_id).glob("snapshot-*")} == {
        store.snapshot_path(run_id, step).name for step in snapshots
    }
    assert store.history(run_id).epochs() == [] and store.history(run_id).learning_rates() == {1: 0.5}
    assert all(probe.step <= last for probe in store.history(run_id).probes())


def test_the_last_of_two_quick_learning_rate_changes_applies(store, create_run, report_every_step):
    def change_and_change_again():
        store.request_rate(run_id, 0.1)
        time.sleep(3 * POLL)
        store.request_rate(run_id, 0.2)

    def report(event):
        if event["event"] == "step" and event["step"] == 6:
            change_and_change_again()
        at_step(10, lambda: None)(event)

    run_id = create_run()
    train_run(store, run_id, report)
    assert store.history(run_id).live().progress.learning_rate == 0.2
