import pytest

from cnn.errors import UserError
from cnn.specs.distinct_variants import distinct
from cnn.specs.experiment_spec import ExperimentSpec, vary
from cnn.specs.ready_experiments import READY
from tests.conftest import SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING

SPECS = SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING


def experiment(network=SMALL_NETWORK, **settings) -> ExperimentSpec:
    return ExperimentSpec("x", vary(settings), (0, 1), SMALL_DATA, network, SMALL_TRAINING)


def labels(spec: ExperimentSpec) -> list[str]:
    return [variant.label for variant in spec.variants]


def test_numbers_of_images_that_no_class_has_are_tried_once():
    spec = READY["Augmentation and number of images"].spec("x", SPECS)
    assert distinct(spec, 301, 1000) == (spec, "") and len(spec.variants) == 6
    found, said = distinct(spec, 300, 1000)
    assert labels(found) == ["100, plain", "100, augmented", "all, plain", "all, augmented"] and found.runs == 12
    assert "“300, plain” would be the same as “all, plain”" in said and "no class has more than 300 images" in said
    found, said = distinct(spec, 80, 1000)
    assert labels(found) == ["all, plain", "all, augmented"]
    assert "“100, augmented” and “300, augmented” would be the same as “all, augmented”" in said and "80 images" in said


@pytest.mark.parametrize(
    "network, settings, name",
    [
        (SMALL_NETWORK.__class__(dense=()), {"dense_activation": [True, False]}, "Activation after dense layers"),
        (SMALL_NETWORK.__class__(filters=()), {"kernel_size": [3, 5, 7]}, "Kernel size"),
    ],
)
def test_a_setting_that_changes_nothing_is_nothing_to_compare(network, settings, name):
    with pytest.raises(UserError, match=f"nothing to compare.*“{name}” changes nothing in this network"):
        distinct(experiment(network, **settings), 1000, 1000)
    assert distinct(experiment(**settings), 1000, 1000)[1] == ""


def test_only_what_changes_nothing_is_left_out():
    network = SMALL_NETWORK.__class__(dense=())
    found, said = distinct(experiment(network, dense_activation=[True, False], epochs=[1, 2]), 1000, 1000)
    assert sorted(found.specs(one, 0)[2].epochs for one in found.variants) == [1, 2]
    assert said.count("would be the same") == 2
    found, said = distinct(experiment(network, dense_activation=[True, False], max_per_class=[20, 50, 60]), 40, 1000)
    assert len(found.variants) == 2
    assert "no class has more than 40 images and “Activation after dense layers” changes nothing" in said


def test_batch_sizes_that_hold_all_training_images_are_tried_once():
    found, said = distinct(experiment(batch_size=[8, 32, 64, 128]), 1000, 50)
    assert [found.specs(one, 0)[2].batch_size for one in found.variants] == [8, 32, 128]
    assert "“batch size 64” would be the same as “batch size 128”, because one batch holds all 50 training" in said
    assert distinct(experiment(batch_size=[50, 64]), 1000, 51)[1] == ""
    of_other_images = experiment(batch_size=[64, 128], val_fraction=[0.1, 0.3])  # trained on other numbers of images
    assert distinct(of_other_images, 1000, 50) == (of_other_images, "")
