"""What the lessons say will happen, on networks trained for it: what held with every seed that was measured."""

import pytest
import torch

from cnn.lessons.demonstrations import DEMONSTRATIONS
from cnn.lessons.measured import held
from tests.benchmarks.lessons import measured

pytestmark = pytest.mark.hardening

TRAINED = [lesson for lesson, demonstration in DEMONSTRATIONS.items() if demonstration.trainings]
SEED = 0  # one of the ten that `python -m tests.benchmarks.lessons` measures


@pytest.fixture(autouse=True)
def threads():
    """The number of threads is that of the process; what is measured uses one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("lesson", TRAINED)
def test_what_always_held_holds_again(lesson):
    found = measured(lesson, SEED)
    broken = [
        claim.text
        for name, claim in DEMONSTRATIONS[lesson].claims.items()
        if len(set(held(lesson, name))) == 1 and not claim.holds(found)
    ]
    assert not broken, found
