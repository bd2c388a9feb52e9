"""The ready experiments: every run that they queue can be trained."""

from dataclasses import replace

import pytest

from cnn.engine import experiment
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.ready_experiments import READY
from cnn.store import waiting
from cnn.store.run import new_id


@pytest.mark.parametrize("name", READY)
def test_every_variant_is_queued_with_every_seed_and_its_network_learns(store, image_folder, begun, name):
    specs = DatasetSpec(image_size=32), NetworkSpec(filters=(4, 4)), TrainingSpec(epochs=2)
    spec = READY[name].spec(name, specs)
    started = experiment.start(store, str(image_folder), spec)
    runs = experiment.runs(store, started)
    assert set(runs) == {(variant, seed) for variant in range(len(spec.variants)) for seed in spec.seeds}
    assert [run.id for run in waiting.waiting(store)] == [run.id for run in list(runs.values())[1:]] and len(begun) == 1
    for variant in range(len(spec.variants)):
        run, short = runs[variant, 0], new_id()
        one_epoch = replace(run.training_spec, epochs=1)
        store.create(short, run.folder, run.dataset_spec, run.network_spec, one_epoch)
        assert train_run(store, short) == "finished", store.get(short).message
        (epoch,) = store.history(short).epochs()
        assert epoch.val_loss is not None and epoch.val_loss < 100
