import numpy as np
import pytest

from cnn.errors import UserError
from cnn.store.records import StepRecord
from cnn.store.step_losses import last_step, losses
from tests.conftest import execute_sql

STEPS = 1003


@pytest.fixture
def recorded(store, create_run) -> tuple[str, np.ndarray]:
    run_id, found = create_run(), np.random.default_rng(0).random(STEPS)
    records = [StepRecord(step, 1, float(loss), float(loss) / 2) for step, loss in enumerate(found, 1)]
    store.history(run_id).add_steps(records)
    return run_id, found


def test_of_each_part_of_the_steps_the_lowest_and_the_highest_loss_are_kept(store, recorded):
    run_id, values = recorded
    found = losses(store, run_id, 10)
    expected = set()
    for part in range(10):
        own = [step for step in range(1, STEPS + 1) if (step - 1) * 10 // STEPS == part]
        expected |= {min(own, key=lambda step: values[step - 1]), max(own, key=lambda step: values[step - 1])}
    assert found.step.tolist() == sorted(expected)
    assert np.array_equal(found.loss, values[found.step.astype(int) - 1]) and np.array_equal(
        found.smooth, found.loss / 2
    )


def test_a_short_run_has_all_its_steps(store, recorded):
    run_id, values = recorded
    assert np.array_equal(losses(store, run_id, 5000).loss, values) and last_step(store, run_id) == STEPS


def test_a_run_without_steps_has_no_losses_and_a_damaged_one_says_so(store, create_run, recorded):
    empty = create_run()
    assert last_step(store, empty) == 0 and not len(losses(store, empty, 10).step)
    execute_sql(store, "UPDATE steps SET loss = 'high' WHERE step = 7")
    with pytest.raises(UserError, match="damaged: its steps cannot have 'high' as loss"):
        losses(store, recorded[0], 5000)
