from dataclasses import replace

import pytest

from cnn.errors import UserError
from cnn.model.layers import lay_out
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.experiment_spec import ExperimentSpec, Variant, value_from_text, vary
from cnn.specs.ready_experiments import READY

OWN = DatasetSpec(), NetworkSpec(), TrainingSpec()


AS_IT_IS = Variant("as it is", {})


def experiment(variants=(AS_IT_IS,), seeds=(0,), specs=OWN) -> ExperimentSpec:
    return ExperimentSpec("a name", tuple(variants), tuple(seeds), *specs)


def test_every_combination_of_values_is_a_variant():
    variants = vary({"dense_activation": [True, False], "learning_rate": [0.01, 1]})
    assert [one.changes for one in variants] == [
        {"dense_activation": True, "learning_rate": 0.01},
        {"dense_activation": True, "learning_rate": 1.0},
        {"dense_activation": False, "learning_rate": 0.01},
        {"dense_activation": False, "learning_rate": 1.0},
    ]
    assert variants[1].label == "activation after dense layers on, learning rate 1"


def test_a_run_has_the_settings_of_its_variant_and_its_seed_and_the_rest_of_the_experiment():
    own = DatasetSpec(seed=7), NetworkSpec(filters=(4,)), TrainingSpec(epochs=2, seed=9)
    spec = experiment(vary({"kernel_size": [5], "filters": [[8, 8]], "split_seed": [3]}), (0, 4), own)
    dataset, network, training = spec.specs(spec.variants[0], 4)
    assert (dataset, network, training) == (
        DatasetSpec(seed=3),
        NetworkSpec(filters=(8, 8), kernel_size=5),
        TrainingSpec(epochs=2, seed=4),
    )
    assert spec.runs == 2


def test_an_experiment_survives_json():
    for name, ready in READY.items():
        spec = ready.spec(name, OWN)
        again = ExperimentSpec.from_dict(spec.to_dict())
        assert [again.specs(one, 1) for one in again.variants] == [spec.specs(one, 1) for one in spec.variants]


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        (lambda: experiment([]), "at least one value"),
        (lambda: experiment(seeds=()), "at least one seed"),
        (lambda: experiment(seeds=(1, 1)), "each seed once"),
        (lambda: experiment(seeds=range(501)), "up to 500 runs, not 501"),
        (lambda: experiment([Variant("a", {}), Variant("a", {})]), "a is there twice"),
        (lambda: experiment([Variant("a", {"kernel_size": 4})]), "Kernel size must be one of 3, 5, 7, not 4"),
        (lambda: experiment([Variant("a", {"kernels": 4})]), "no setting 'kernels'"),
        (lambda: vary({"seed": [1, 2]}), "seed cannot be varied"),
        (lambda: vary({}), "Choose a setting"),
        (lambda: ExperimentSpec.from_dict({"name": "x"}), "damaged"),
        (lambda: ExperimentSpec.from_dict(experiment().to_dict() | {"variants": [3]}), "damaged"),
    ],
)
def test_an_impossible_experiment_is_refused(wrong, sentence):
    with pytest.raises(UserError, match=sentence):
        wrong()


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("dense_activation", "on", True),
        ("dense_activation", "False", False),
        ("channels", "3", 3),
        ("channels", "grayscale", 1),
        ("preprocessing", "0 to 1", "unit"),
        ("preprocessing", "unit", "unit"),
        ("learning_rate", "1e-3", 0.001),
        ("epochs", "20", 20),
        ("patience", "never", 0),
        ("filters", "16+32", (16, 32)),
        ("dense", "", ()),
        ("shift", "0", 0.0),
    ],
)
def test_values_are_read_from_text(name, text, value):
    assert value_from_text(name, text) == value and type(value_from_text(name, text)) is type(value)


@pytest.mark.parametrize("name, text", [("epochs", "many"), ("epochs", "0"), ("filters", "a"), ("activation", "cos")])
def test_impossible_values_are_refused(name, text):
    with pytest.raises(UserError, match="must be"):
        value_from_text(name, text)


@pytest.mark.parametrize("name", READY)
def test_ready_experiments_have_networks_that_fit_and_vary_what_they_say(name):
    spec = READY[name].spec(name, OWN)
    all_specs = [spec.specs(one, 0) for one in spec.variants]
    for dataset, network, _ in all_specs:
        assert lay_out(network, dataset.image_size, dataset.channels, 2)
    assert len({str(one) for one in all_specs}) == len(all_specs) and spec.question.endswith("?")


def test_ready_experiments_do_not_mirror_where_that_changes_the_class_and_start_from_no_other_run():
    based = OWN[0], replace(OWN[1], base="some run"), OWN[2]
    for name, ready in READY.items():
        spec = ready.spec(name, based, may_mirror=False)
        for _, network, training in (spec.specs(one, 0) for one in spec.variants):
            assert not training.mirror and not network.base
