"""For tests of a trainer.

The small run (see `create_run`) has 20 images to train on in batches of 4: 5 steps an epoch, 15 in all, and 4 to
validate with.
"""

import pytest

from cnn.engine import recorder
from cnn.engine.trainer import train_run


@pytest.fixture
def report_every_step(monkeypatch):
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)


@pytest.fixture
def undisturbed(store, create_run, outcome):
    """The outcome of an uninterrupted run with these settings."""

    def train(**settings) -> dict:
        run_id = create_run(**settings)
        assert train_run(store, run_id) == "finished"
        return outcome(store, run_id)

    return train
