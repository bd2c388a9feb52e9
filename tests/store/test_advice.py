"""The advice after a run, on trainings made to show each rule, and on trainings that must not trigger it."""

from pathlib import Path

import pytest

from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.advice import advice as advice_for
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from cnn.store.verdict import Verdict

pytestmark = pytest.mark.hardening

IMAGES = Path(__file__).resolve().parents[2] / "sample_data" / "cats_dogs"
RULES = ("better than guessing", "are dead", "overfits", "still getting better", "remembers its", "help with others")


@pytest.fixture
def advice(tmp_path):
    """Trains on the drawn cats and dogs; returns how that ended, and the advice."""

    def advice(per_class: int = 2500, network: dict | None = None, **training) -> tuple[str, str]:
        store, run_id = RunStore(tmp_path / "runs"), new_id()
        data = DatasetSpec(image_size=32, max_per_class=per_class)
        spec = TrainingSpec(**{"epochs": 10, "batch_size": 16, **training})
        assert store.create(run_id, str(IMAGES), data, NetworkSpec(**(network or {})), spec)
        status = train_run(store, run_id)
        run = store.get(run_id)
        epochs = store.history(run_id).epochs()
        return status, " ".join(advice_for(Verdict(run, epochs))) if status == "finished" else run.message

    return advice


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"learning_rate": 1e-6}, "To get better than guessing, try a larger learning rate"),
        ({"learning_rate": 0.3, "network": {"activation": "tanh"}}, "try a smaller learning rate"),
        ({"learning_rate": 0.03, "network": {"dense_bias": 0.0}}, "are dead"),
        ({"learning_rate": 0.0002, "epochs": 3}, "steps are few, and it was still getting better"),
        ({"per_class": 90, "epochs": 60}, "remembers its"),
        ({"per_class": 150, "epochs": 60}, "overfits"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_training_made_to_show_a_rule_gets_its_advice(advice, settings, shown):
    status, text = advice(**settings)
    assert status == "finished" and shown in text, text


def test_a_training_that_diverges_says_so(advice):
    status, text = advice(learning_rate=10.0, optimizer="sgd", network={"activation": "none"})
    assert status == "failed" and "Try a smaller learning rate (it was 10)" in text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_good_training_gets_no_advice_that_it_does_not_need(advice, seed):
    """Enough epochs for the loss to settle; weight decay and augmentation keep it from overfitting."""
    status, text = advice(epochs=20, seed=seed, mirror=True, shift=0.1, schedule="one_cycle")
    assert status == "finished"
    assert not [rule for rule in RULES if rule in text], text


def test_batch_normalisation_does_not_lag_after_a_few_steps(advice, tmp_path):
    """Its running averages are right from the first step, so that held-out images are judged like training images."""
    advice(per_class=60, network={"batch_norm": True}, epochs=2)
    store = RunStore(tmp_path / "runs")
    last = store.history(store.all()[0].id).epochs()[-1]
    assert last.train_accuracy - last.val_accuracy < 0.35
