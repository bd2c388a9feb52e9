from dataclasses import replace

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run_summary import differences, network_text, short_summary, summary


@pytest.fixture
def run(store, create_run):
    return replace(store.get(create_run()), folder="/images/pets", classes=("cat", "dog"), status="finished")


def epoch(number: int, accuracy: float | None) -> EpochRecord:
    return EpochRecord(number, number, 0.5, 0.5, accuracy, accuracy, seconds=1, images_per_second=1)


def test_a_run_in_a_line(run):
    run = replace(run, dataset_spec=DatasetSpec(), network_spec=NetworkSpec(), training_spec=TrainingSpec())
    line = (
        "pets at 50 × 50 in grayscale · 16, 16 filters of 3 × 3, ReLU, dense 16 · 33,506 parameters · Adam, learning "
    )
    line += "rate 0.001, 10 epochs"
    assert summary(run, []) == summary(run, [epoch(1, None)]) == line
    epochs = [epoch(1, 0.5), epoch(2, 0.75), epoch(3, 0.7)]
    assert summary(run, epochs) == f"{line} · best accuracy 75.0\xa0%, after epoch 2"
    assert summary(replace(run, status="running"), epochs) == line
    assert "parameters" not in summary(replace(run, classes=()), [])  # its images are not read yet


def test_a_single_epoch_is_called_one_epoch(run):
    once, twice = (replace(run, training_spec=TrainingSpec(epochs=number)) for number in (1, 2))
    assert short_summary(once, []).endswith(" · 1 epoch") and summary(once, []).endswith(", 1 epoch")
    assert short_summary(twice, []).endswith(" · 2 epochs") and summary(twice, []).endswith(", 2 epochs")


def test_networks_in_words():
    assert network_text(NetworkSpec(filters=(), dense=(8, 4))) == "no convolution, ReLU, dense 8, 4"
    plain = NetworkSpec(filters=(3,), convs_per_block=2, kernel_size=5, dense=(), activation="none")
    assert network_text(plain) == "twice 3 filters of 5 × 5, no hidden dense layer"


def test_settings_that_differ_from_those_of_a_run_are_named(run):
    specs = (run.dataset_spec, run.network_spec, run.training_spec)
    assert differences(run, "/images/pets", specs) == []
    other = (run.dataset_spec, replace(run.network_spec, filters=(5,)), replace(run.training_spec, learning_rate=0.5))
    assert differences(run, "/images/birds", other) == ["dataset", "filters per block", "learning rate"]
    assert differences(run, "/images/pets", (replace(run.dataset_spec, split="order"), *specs[1:])) == []
