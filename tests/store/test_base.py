import json
from dataclasses import replace

import pytest

from cnn.errors import UserError
from cnn.model.code import prediction_script
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.store.base import BaseError, check_given, origin
from cnn.store.disk import delete_run
from cnn.store.records import Snapshot
from tests.conftest import SMALL_NETWORK, execute_sql
from tests.models import model_of

OTHER = NetworkSpec(filters=(9,), kernel_size=5, dense=(7,), initial_weights="he")
GUESSES = {"guess": 60, "transfer_guess": "both are better"}
PIXELS = {"mean": [0.5], "spread": [0.25]}


@pytest.fixture
def base(store, create_run) -> str:
    """The id of a run with snapshots at steps 0 and 7."""
    run_id = create_run()
    store.set_dataset(run_id, ("dark", "light"), "as in memory", {"preprocessing": PIXELS}, ())
    store.set_status(run_id, "stopped")
    store.label(run_id, "shapes")
    for step in (0, 7):
        layers = snapshots.untrained_model(store.get(run_id)).layers
        snapshots.save(model_of(layers, 100 + step).network.state_dict(), store.snapshot_path(run_id, step))
        store.history(run_id).add_snapshot(Snapshot(step, step / 5))
    return run_id


def test_a_new_run_takes_from_its_base_what_the_weights_fit_and_the_rest_from_its_own_settings(store, base):
    data = DatasetSpec(image_size=40, channels=3, seed=8)
    assert store.create("new", "/images", data, replace(OTHER, base=base, fine_tune=True), TrainingSpec(), **GUESSES)
    run = store.get("new")
    assert run.dataset_spec == DatasetSpec(image_size=16, seed=8)
    taken = ("filters", "kernel_size", "batch_norm")
    assert [getattr(run.network_spec, name) for name in taken] == [getattr(SMALL_NETWORK, name) for name in taken]
    assert (run.network_spec.dense, run.network_spec.initial_weights) == ((7,), "he")
    assert (run.network_spec.base, run.network_spec.base_step) == (base, 7)  # the last: no image is held out
    fact = {"run": base, "step": 7, "name": "shapes"}
    assert run.facts == GUESSES | {"base": fact, "preprocessing": PIXELS}
    start = f"The convolutions are those of the run “shapes” ({base}) after step 7, "
    assert origin(run) == start + "fine-tuned with 0.1 of the learning rate."
    assert origin(store.get(base)) == ""


def test_the_run_starts_with_the_weights_of_the_chosen_snapshot_also_when_the_base_is_deleted(store, base):
    weights = snapshots.load_model(store, store.get(base), 0).weights("conv1")
    store.create("new", "/images", DatasetSpec(), replace(OTHER, base=base, base_step=0), TrainingSpec(seed=3))
    delete_run(store, base)
    store.set_dataset("new", ("a", "b", "c"), "as in memory", {}, ())
    model = snapshots.start_model(store, store.get("new"))
    assert (model.weights("conv1") == weights).all() and model.classes == ("a", "b", "c")
    assert model.preprocessing.to_dict() == PIXELS
    assert "after step 0, frozen." in origin(store.get("new"))


def test_weights_of_the_base_that_are_lost_or_damaged_are_an_error(store, base):
    store.create("new", "/images", DatasetSpec(), replace(OTHER, base=base), TrainingSpec())
    store.set_dataset("new", ("a", "b"), "as in memory", {}, ())
    other = model_of(snapshots.untrained_model(store.get(base)).layers).network.state_dict()
    snapshots.save({name: value[:1] for name, value in other.items() if value.ndim}, store.base_path("new"))
    with pytest.raises(UserError, match="What run new starts from does not fit its network"):
        snapshots.start_model(store, store.get("new"))
    store.base_path("new").unlink()
    with pytest.raises(UserError, match=r"The weights base\.pt of run new are missing"):
        snapshots.start_model(store, store.get("new"))


def refused(store, **changed) -> str:
    with pytest.raises(BaseError) as error:
        store.create("new", "/images", DatasetSpec(), NetworkSpec(**changed), TrainingSpec())
    assert [run.id for run in store.all() if run.id == "new"] == []
    return str(error.value)


def test_a_run_that_cannot_be_a_base_is_refused_with_the_reason(store, base, create_run):
    assert refused(store, base="nowhere").endswith("It may have been deleted. Choose another run as its base.")
    assert refused(store, base=base, base_step=3).endswith("it has no snapshot at step 3. It has: 0, 7.")
    untrained = create_run()
    assert "it has no weights yet" in refused(store, base=untrained)
    flat = create_run(network=NetworkSpec(filters=()))
    assert refused(store, base=flat).endswith("has no convolutions. Choose a run with convolutions as the base.")
    execute_sql(store, "UPDATE runs SET network_spec = ? WHERE id = ?", json.dumps({"filters": "many"}), untrained)
    assert "is damaged" in refused(store, base=untrained)


def test_a_setting_that_contradicts_the_base_is_refused(store, base):
    found = store.find_base(NetworkSpec(base=base))
    check_given(found, NetworkSpec, {"kernel_size": 3, "filters": [3], "dense": [9]})
    with pytest.raises(
        UserError, match=r"The base gives the setting “kernel size”: 3 × 3\. Its weights fit no other value"
    ):
        check_given(found, NetworkSpec, {"kernel_size": 5})
    with pytest.raises(UserError, match="“filters per block”: 3"):
        check_given(found, NetworkSpec, {"filters": [3, 3]})
    with pytest.raises(UserError, match="“image size”: 16"):
        check_given(found, DatasetSpec, {"image_size": 50})


def test_a_base_of_a_base_passes_its_settings_and_pixels_on(store, base):
    store.create("second", "/images", DatasetSpec(), replace(OTHER, base=base), TrainingSpec())
    store.set_dataset("second", ("a", "b"), "as in memory", {}, ())
    model = snapshots.start_model(store, store.get("second"))
    snapshots.save(model.network.state_dict(), store.snapshot_path("second", 0))
    store.history("second").add_snapshot(Snapshot(0, 0))
    store.create("third", "/images", DatasetSpec(), replace(OTHER, base="second"), TrainingSpec())
    third = store.get("third")
    assert third.facts["preprocessing"] == PIXELS and third.network_spec.filters == SMALL_NETWORK.filters
    assert third.facts["base"] == {"run": "second", "step": 0, "name": "images"}


def test_the_exported_program_says_where_the_weights_come_from(store, base):
    store.create("new", "/images", DatasetSpec(), replace(OTHER, base=base), TrainingSpec())
    store.label(base, 'an """ odd name')
    store.create("odd", "/images", DatasetSpec(), replace(OTHER, base=base), TrainingSpec())
    model = snapshots.load_model(store, store.get(base))
    for run_id in ("new", "odd"):
        program = prediction_script(model, "pets.pt", origin(store.get(run_id)))
        compile(program, "predict.py", "exec")
        assert f"\n# {origin(store.get(run_id))}\n" in program
    strange = prediction_script(model, "pets.pt", "from “a\nb\udce9”")
    compile(strange, "predict.py", "exec")
    assert "# from “a\\nb\\udce9”\n" in strange
