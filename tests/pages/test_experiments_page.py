import pytest

from cnn.data.dataset import read_dataset
from cnn.engine import experiment
from cnn.engine.trainer import train_run
from cnn.specs.experiment_spec import ExperimentSpec, Variant, vary
from cnn.specs.ready_experiments import READY
from cnn.store import experiments, waiting
from cnn.store.records import Progress
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from pages.shared.compare.compared_runs import names_of
from tests.app import control, sentences
from tests.conftest import EPOCH, SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING, STEP

pytestmark = pytest.mark.usefixtures("begun")


@pytest.fixture
def started(store, image_folder) -> str:
    spec = ExperimentSpec(
        "ReLU", vary({"dense_activation": [True, False]}), (0, 1), SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING
    )
    return experiment.start(store, str(image_folder), spec, "activation after dense layers on")


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def text(app) -> str:
    return "\n".join([*(one.value for one in app.markdown), *(one.value for one in app.caption)])


def test_a_ready_experiment_starts_once_the_user_has_guessed(open_page, store, image_folder, begun):
    app = open_page("experiments", folder=image_folder, image_size=16, plan="Kernel size")
    assert "“7 × 7” cannot be trained" in sentences(app)  # 16 pixels are too few for two blocks
    app = open_page("experiments", folder=image_folder, filters="", plan="Kernel size")
    assert "“3 × 3” and “5 × 5” would be the same as “7 × 7”" in sentences(app)
    app = open_page("experiments", folder=image_folder, image_size=32, plan="Kernel size")
    assert button(app, "Start 9 runs").disabled
    control(app.selectbox, "Your guess: which is best?").select("5 × 5")
    app.run()
    button(app, "Start 9 runs").click().run()
    assert not app.exception and not app.error
    (one,) = experiments.all_experiments(store)
    runs = experiment.runs(store, one.id).values()
    assert one.guess == "5 × 5" and sorted(run.network_spec.kernel_size for run in runs) == [3, 3, 3, 5, 5, 5, 7, 7, 7]
    assert all(run.dataset_spec.image_size == 32 for run in runs) and len(begun) == 1
    assert "0 of 9 runs have finished" in text(app)


def test_what_would_be_the_same_is_trained_once(open_page, store, image_folder, begun):
    app = open_page("experiments", folder=image_folder, image_size=16, plan="Augmentation and number of images")
    assert "no class has more than 12 images" in sentences(app)
    control(app.selectbox, "Your guess: which is best?").select("all, plain")
    app.run()
    button(app, "Start 6 runs").click().run()
    (one,) = experiments.all_experiments(store)
    assert [variant.label for variant in one.spec.variants] == ["all, plain", "all, augmented"]


def test_any_setting_can_be_varied(open_page, store, image_folder):
    app = open_page("experiments", folder=image_folder, image_size=16, plan="Vary a setting", vary="epochs", seeds=2)
    control(app.text_input, "Values").set_value("1, 2")
    app.run()
    control(app.selectbox, "Your guess: which is best?").select("I cannot say")
    app.run()
    button(app, "Start 4 runs").click().run()
    (one,) = experiments.all_experiments(store)
    assert [run.training_spec.epochs for run in experiment.runs(store, one.id).values()] == [1, 2, 1, 2]
    assert one.guess == ""
    control(app.text_input, "Values").set_value("1, many")
    app.run()
    assert "Epochs must be a whole number" in sentences(app) and not app.exception


def test_results_are_compared_as_they_come_and_held_against_the_guess(open_page, store, started, begun):
    for place, (pair, run) in enumerate(experiment.runs(store, started).items()):
        store.history(run.id).add_epoch(EPOCH._replace(val_accuracy=0.9 - 0.3 * pair[0] + 0.01 * place))
        store.set_status(run.id, "finished")
    app = open_page("experiments")
    assert "more than chance would explain" in text(app) or "could be chance" in text(app)
    assert "You guessed it" in text(app) and "4 of 4 runs have finished" in text(app)


def test_two_values_are_compared_image_by_image_with_the_same_seed(open_page, store, started, begun):
    for run in experiment.runs(store, started).values():
        store.set_status(run.id, "starting")
        assert train_run(store, run.id) == "finished"
    app = open_page("experiments")
    now = experiment.standing(store, started)
    *values, seed = now.outcome.leaders
    chosen, right = [now.runs[now.outcome.results.index(one), seed] for one in values], []
    for run in chosen:
        dataset = read_dataset(run.folder, run.dataset_spec, store.cache)
        model = load_model(store, run, store.history(run.id).best_step())
        right.append(predict(model, dataset.images, dataset.labels, dataset.val).right)
    won, lost = (int((one & ~two).sum()) for one, two in (right, right[::-1]))
    said, (best, other) = text(app).replace("\\", ""), (one.label for one in values)
    assert f"with seed {seed}, on {len(right[0])} held-out images" in said
    counted = f"{won} {'image' if won == 1 else 'images'} only “{best}” gets right, {lost} only “{other}”."
    assert (counted if won or lost else "Both are right on exactly the same images.") in said
    button(app, "Compare").click().run()
    assert app.session_state.session.page == "compare"
    assert set(app.session_state.session.shown["runs"].split(",")) == {run.id for run in chosen}
    assert "of the same" in text(app)


def test_an_experiment_is_paused_continued_extended_and_cancelled(open_page, store, started, begun):
    app = open_page("experiments")
    button(app, "Pause").click().run()
    assert experiments.get(store, started).paused and store.requests(begun[0])[0] == "yield"
    waiting.come_back(store, begun[0])
    app.run()
    assert "Paused." in text(app)
    button(app, "Continue").click().run()
    assert not experiments.get(store, started).paused and begun == [begun[0]] * 2
    button(app, "Add 2 seeds").click().run()
    assert len(experiment.runs(store, started)) == 8
    button(app, "Cancel").click().run()
    assert len(experiment.runs(store, started)) == 1 and not app.exception


def test_a_deleted_experiment_is_gone_and_its_trained_runs_stay(open_page, store, started, begun):
    store.set_status(begun[0], "finished")
    store.history(begun[0]).add_epoch(EPOCH)
    store.history(begun[0]).add_steps([STEP])
    app = open_page("experiments")
    button(app, "Delete the experiment").click().run()
    assert not app.exception and not app.error
    assert experiments.all_experiments(store) == [] and [run.id for run in store.all()] == begun
    assert "What can be found out" in [one.value for one in app.header]


def test_a_guess_about_luck_is_held_against_the_outcome(open_page, store, image_folder):
    spec = ExperimentSpec("luck", (Variant("same", {}),), (0, 1), SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING)
    one = experiment.start(store, str(image_folder), spec, "up to 1 point")
    for accuracy, run in zip((0.8, 0.83), experiment.runs(store, one).values(), strict=True):
        store.history(run.id).add_epoch(EPOCH._replace(val_accuracy=accuracy))
        store.set_status(run.id, "finished")
    assert "You guessed: up to 1 point. It is 1 to 3 points." in text(open_page("experiments")).replace("\\", "")


def test_without_a_dataset_the_page_says_what_can_be_found_out(open_page):
    app = open_page("experiments")
    offered = "\n".join(one.label for one in app.button).replace("\\", "")
    assert all(name in offered for name in READY)
    next(one for one in app.button if "Kernel size" in one.label).click().run()
    assert app.session_state.session.parts[("plan",)].value == "Kernel size" and not app.exception
    button(app, "Cats and dogs").click().run()
    assert not app.exception


def test_the_queue_tells_its_runs_apart_and_says_when_each_starts(open_page, store, started, begun):
    with store.lock(begun[0]):
        store.set_status(begun[0], "running")
        store.history(begun[0]).set_progress(Progress(1, 3, 5, 15, 100.0, 40.0, 0.01))
        app = open_page("experiments")
    (table,) = (frame.value for frame in app.dataframe if "starts" in frame.value)
    assert [name.partition(". ")[0] for name in table["run"]] == ["1", "2", "3"]
    assert len({name.partition(". ")[2] for name in table["run"]}) == 3
    assert table["starts"].tolist() == ["in about 40 s", "when its turn comes", "when its turn comes"]


def test_waiting_runs_are_moved_and_taken_off(open_page, store, started, begun):
    app = open_page("experiments")
    first, *_, last = (run.id for run in waiting.waiting(store))
    control(app.selectbox, "Waiting run").select(last)
    app.run()
    button(app, "To the front").click().run()
    assert [run.id for run in waiting.waiting(store)][:2] == [last, first]
    box = control(app.selectbox, "Waiting run")
    assert box.value == last and box.options[0] == f"1. {names_of(waiting.waiting(store))[last]}"
    store.set_status(last, "finished")
    assert control(app.run().selectbox, "Waiting run").value == first
    control(app.selectbox, "Waiting run").select(first)
    app.run()
    button(app, "Take off the queue").click().run()
    assert store.get(first).status == "stopped" and not app.exception


def test_the_train_page_shows_where_a_waiting_run_stands(open_page, store, started):
    from pages.server import live

    run_id = waiting.waiting(store)[1].id
    app = open_page("train", run=run_id)
    assert live.status(run_id)["progress"]["text"].startswith("Waiting: number 2 of 3 in the queue")
    button(app, "Take off the queue").click().run()
    assert store.get(run_id).status == "stopped" and not app.exception and not app.error[1:]
