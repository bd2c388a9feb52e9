from dataclasses import replace

import pytest

from cnn.data.dataset import TEST, read_dataset
from cnn.engine import experiment, queue
from cnn.engine.foresight import foresee, foresee_waiting, images_to_use
from cnn.engine.launch import START_SECONDS
from cnn.engine.trainer import train_run
from cnn.errors import UserError
from cnn.specs.experiment_spec import ExperimentSpec, vary
from cnn.store import disk, experiments, waiting
from cnn.store.lengths import lengths
from tests.conftest import SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING, STEP

pytestmark = pytest.mark.usefixtures("begun")


def spec(seeds=(0, 1), **settings) -> ExperimentSpec:
    variants = vary(settings or {"dense_activation": [True, False]})
    return ExperimentSpec("ReLU", variants, seeds, SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING)


def statuses(store, experiment_id) -> list[str]:
    return [run.status for run in experiment.runs(store, experiment_id).values()]


def train_all(store) -> None:
    """Trains the whole queue in this process."""
    while (run_id := waiting.reserve(store, 1, lambda *_: True)) is not None:
        assert train_run(store, run_id) == "finished"


def test_all_runs_are_queued_pair_by_pair_with_their_settings(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec(), guess="no idea", seconds=[5.0, None])
    runs = experiment.runs(store, one)
    assert list(runs) == [(0, 0), (1, 0), (0, 1), (1, 1)] and begun == [runs[0, 0].id]
    assert statuses(store, one) == ["starting", "queued", "queued", "queued"]
    run = runs[1, 1]
    assert (run.training_spec.seed, run.network_spec.dense_activation) == (1, False)
    assert run.name == "activation after dense layers off, seed 1"
    assert [run.facts.get("foreseen_seconds") for run in runs.values()] == [5.0, None, 5.0, None]
    assert experiments.of_run(store, run.id) == one and experiments.get(store, one).guess == "no idea"


def test_the_outcome_follows_from_the_last_epochs_of_finished_runs(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec())
    assert experiment.outcome(store, one).sentences() == ["No run has finished yet."]
    train_run(store, begun[0])
    train_all(store)
    found = experiment.outcome(store, one)
    for variant, result in enumerate(found.results):
        for seed, accuracy in result.accuracies.items():
            run = experiment.runs(store, one)[variant, seed]
            assert accuracy == store.history(run.id).epochs()[-1].val_accuracy
    assert [len(result.accuracies) for result in found.results] == [2, 2]


def test_a_paused_experiment_holds_its_runs_and_no_others(store, image_folder, create_run, begun):
    one = experiment.start(store, str(image_folder), spec())
    with store.lock(begun[0]):
        experiment.pause(store, one)
        assert store.requests(begun[0])[0] == "yield"
        waiting.come_back(store, begun[0])
    other = create_run()
    queue.start(store, other)
    assert begun[1:] == [other] and statuses(store, one) == ["queued"] * 4
    store.set_status(other, "finished")
    assert queue.advance(store) == []
    experiment.resume(store, one)
    assert begun[2:] == [begun[0]]  # the run that had begun goes on first


def test_a_cancelled_experiment_keeps_what_was_trained_and_can_go_on(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec())
    store.set_status(begun[0], "running")
    store.history(begun[0]).add_steps([STEP])
    with store.lock(begun[0]):
        experiment.cancel(store, one)
        assert store.requests(begun[0])[0] == "stop"
    store.set_status(begun[0], "stopped")
    assert statuses(store, one) == ["stopped"] and len(store.all()) == 1
    assert len(disk.stored_runs(store)) == 1
    experiment.resume(store, one)
    assert statuses(store, one) == ["starting", "queued", "queued", "queued"] and begun[1] == begun[0]


def test_cancelling_or_deleting_a_paused_experiment_starts_none_of_its_runs(store, image_folder, begun):
    first = experiment.start(store, str(image_folder), spec())
    store.set_status(begun[0], "running")
    with store.lock(begun[0]):
        experiment.pause(store, first)
        waiting.come_back(store, begun[0])
    store.history(begun[0]).add_steps([STEP])
    experiment.delete(store, first)
    assert begun == [begun[0]] and [run.id for run in store.all()] == begun
    assert store.get(begun[0]).status == "stopped" and experiments.all_experiments(store) == []


def test_a_run_that_lost_its_trainer_does_not_come_back_after_a_cancel(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec())
    store.set_status(begun[0], "running")
    assert statuses(store, one)[0] == "interrupted"
    experiment.cancel(store, one)
    assert queue.advance(store) == [] and statuses(store, one) == ["stopped"]


def test_an_extended_experiment_trains_more_seeds_only(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec(seeds=(0, 3)))
    experiment.extend(store, one, 2)
    assert experiments.get(store, one).spec.seeds == (0, 3, 4, 5) and len(experiment.runs(store, one)) == 8
    with pytest.raises(UserError, match="up to 500 runs"):
        experiment.extend(store, one, 500)
    assert len(experiment.runs(store, one)) == 8


def test_a_deleted_run_is_missing_and_the_experiment_goes_on_without_it(store, image_folder, begun):
    one = experiment.start(store, str(image_folder), spec())
    gone = experiment.runs(store, one)[1, 1].id
    disk.delete_run(store, gone)
    assert experiments.get(store, one).missing == [(1, 1)]
    experiment.resume(store, one)
    assert experiments.get(store, one).missing == []
    experiments.forget(store, one)
    assert experiments.all_experiments(store) == [] and len(store.all()) == 4


def test_two_experiments_take_turns(store, image_folder, begun):
    first, second = (experiment.start(store, str(image_folder), spec()) for _ in range(2))
    for _ in range(6):
        store.set_status(begun[-1], "finished")
        queue.advance(store)
    assert [experiments.of_run(store, run) for run in begun[1:7]] == [first, second] * 3 or [
        experiments.of_run(store, run) for run in begun[1:7]
    ] == [second, first] * 3


def test_time_and_disk_are_foreseen(store, image_folder, begun, monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "2")
    asked = spec(seeds=(0, 1, 2), epochs=[2, 4])

    def speed(dataset, network, training, classes):
        return {"train": 10.0, "evaluate": 5.0}

    found = foresee(asked, [12, 12], speed)
    # 24 images, of which 20 % are held out: 19.2 / 10 + 4.8 / 5 = 2.88 seconds an epoch.
    starting = found.seconds[0] - 2 * 2.88
    assert found.runs == 6 and abs(found.seconds[1] - starting - 4 * 2.88) < 1e-9
    assert found.total_seconds == pytest.approx(3 * sum(found.seconds) / 2)
    measured = foresee(asked, [12, 12], lambda *_: {"train": 10.0, "evaluate": 5.0, "start": 3.5})
    assert measured.seconds[0] == pytest.approx(3.5 + 2 * 2.88)
    assert foresee(asked, [12, 12], lambda *_: None).total_seconds is None
    assert foresee(asked, [12, 12], lambda *_: {"error": "too large"}).problems[0] == "epochs 2: too large"


def test_all_images_of_the_folder_are_foreseen_whatever_was_read_of_it(store, image_folder, tmp_path):
    few = read_dataset(image_folder, replace(SMALL_DATA, max_per_class=3), tmp_path)
    assert list(few.counts().values()) == [3, 3] and images_to_use(few) == [12, 12]
    asked = spec(max_per_class=[6, 1000])
    found = foresee(asked, images_to_use(few), lambda *_: {"train": 10.0, "evaluate": 10.0})
    epochs = SMALL_TRAINING.epochs
    assert found.seconds[1] - found.seconds[0] == pytest.approx(epochs * (24 - 12) / 10)


def test_a_waiting_run_is_foreseen_once_its_speed_is_measured(store, image_folder, create_run, begun):
    missing, run_id = create_run(folder="/nowhere"), create_run(epochs=4)
    waiting.add(store, missing), waiting.add(store, run_id)
    foresee_waiting(store, lambda *_: None)
    foresee_waiting(store, lambda *_: {"error": "too large"})
    assert lengths(store) == {missing: None, run_id: None}
    foresee_waiting(store, lambda dataset, network, training, classes: {"train": 10.0, "evaluate": 5.0 * classes})
    # 24 images, of which 20 % are held out: 19.2 / 10 + 4.8 / 10 = 2.4 seconds an epoch.
    assert lengths(store) == {missing: None, run_id: pytest.approx(START_SECONDS + 4 * 2.4)}


def test_test_images_are_not_foreseen(make_dataset):
    dataset = make_dataset(train=12, val=6)
    splits = dataset.splits.copy()
    splits[:6] = TEST
    assert images_to_use(replace(dataset, splits=splits)) == [6, 6]
    assert images_to_use(replace(dataset, splits=splits, listed=(90, 9))) == [60, 6]


def test_the_foreseen_disk_is_about_what_runs_take(store, image_folder, begun):
    one = ExperimentSpec("x", vary({"epochs": [5]}), (0,), SMALL_DATA, SMALL_NETWORK.__class__(), SMALL_TRAINING)
    experiment.start(store, str(image_folder), one)
    train_run(store, begun[0])
    (stored,) = disk.stored_runs(store)
    assert stored.size == pytest.approx(foresee(one, [12, 12], lambda *_: None).disk, rel=0.35)
