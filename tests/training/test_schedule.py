"""Learning-rate schedules, against PyTorch's own where there is one."""

import pytest
import torch

from cnn.training.schedule import share_of_rate

STEPS = 200


def shares(schedule: str, steps: int = STEPS) -> list[float]:
    return [share_of_rate(schedule, step, steps) for step in range(1, steps + 1)]


def test_a_constant_rate_stays():
    assert shares("constant") == [1] * STEPS


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
@pytest.mark.parametrize("steps", [1, 2, 7, 200, 10_000])
def test_every_step_changes_something_and_none_more_than_the_highest_rate(schedule, steps):
    assert all(0 < share <= 1 for share in shares(schedule, steps))


@pytest.mark.parametrize(("schedule", "highest"), [("cosine", 0.05), ("one_cycle", 0.3)])
def test_the_rate_rises_then_falls_to_almost_nothing(schedule, highest):
    found = shares(schedule)
    top = found.index(max(found))
    assert found[:top] == sorted(found[:top]) and found[top:] == sorted(found[top:], reverse=True)
    assert top + 1 == pytest.approx(highest * STEPS, abs=2)
    assert found[top] == pytest.approx(1, abs=0.02) and found[-1] < 0.001


def test_one_cycle_is_about_that_of_pytorch():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=STEPS, cycle_momentum=False)
    for share in shares("one_cycle"):
        assert share == pytest.approx(optimizer.param_groups[0]["lr"], abs=0.02)
        optimizer.step()
        theirs.step()


def test_steps_beyond_the_last_stay_at_the_rate_of_the_last():
    assert share_of_rate("cosine", STEPS + 5, STEPS) == share_of_rate("cosine", STEPS, STEPS)
