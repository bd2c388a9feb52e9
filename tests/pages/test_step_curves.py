import numpy as np
import pytest

from pages.shared.compare.step_curves import places

EPOCHS = {"step": np.array([10.0, 20.0]), "epoch": np.array([1.0, 2.0]), "seconds": np.array([5.0, 6.0])}


@pytest.mark.parametrize(
    ("along", "expected"), [("step", [5, 10, 15, 30]), ("epoch", [0.5, 1, 1.5, 3]), ("seconds", [2.5, 5, 5.5, 7])]
)
def test_steps_lie_between_the_ends_of_epochs_and_go_on_at_the_pace_of_the_last(along, expected):
    assert places(np.array([5.0, 10.0, 15.0, 30.0]), along, EPOCHS).tolist() == expected


def test_before_the_first_epoch_ends_nobody_knows_when_a_step_was():
    assert not len(places(np.array([1.0]), "seconds", {})) and len(places(np.array([1.0]), "step", {}))
