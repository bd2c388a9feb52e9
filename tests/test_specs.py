import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.errors import UserError
from cnn.fields import Choice
from cnn.model.kinds import Activation, Dense
from cnn.model.layers import lay_out, sequence_of, total_parameters
from cnn.specs import PRESETS, DatasetSpec, NetworkSpec, TrainingSpec

datasets = st.builds(
    DatasetSpec,
    image_size=st.integers(16, 128),
    channels=st.sampled_from((1, 3)),
    max_per_class=st.integers(1, 1_000_000),
    val_fraction=st.floats(0, 0.9),
    seed=st.integers(0, 2**31 - 1),
    split=st.sampled_from(("content", "order")),
)
networks = st.builds(
    NetworkSpec,
    filters=st.lists(st.integers(1, 256), min_size=1, max_size=4),
    convs_per_block=st.sampled_from((1, 2)),
    kernel_size=st.sampled_from((3, 5, 7)),
    padding=st.sampled_from(("none", "same")),
    pooling=st.sampled_from(("max", "average", "none")),
    activation=st.sampled_from(("relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "none")),
    batch_norm=st.booleans(),
    dropout=st.floats(0, 0.9),
    dense=st.lists(st.integers(1, 256), max_size=3),
    dense_activation=st.booleans(),
    global_average=st.booleans(),
)
trainings = st.builds(
    TrainingSpec,
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 4096),
    learning_rate=st.floats(1e-7, 10),
    optimizer=st.sampled_from(("adam", "sgd", "rmsprop")),
    weight_decay=st.floats(0, 1),
    seed=st.integers(0, 2**31 - 1),
)


def test_the_defaults_are_those_of_the_assignment():
    assert DatasetSpec() == DatasetSpec(
        image_size=50, channels=1, max_per_class=2500, val_fraction=0.2, seed=0, split="content"
    )
    assert NetworkSpec() == NetworkSpec(
        filters=(16, 16),
        convs_per_block=1,
        kernel_size=3,
        padding="none",
        pooling="max",
        activation="relu",
        batch_norm=False,
        dropout=0.0,
        dense=(16,),
        dense_activation=True,
    )
    assert TrainingSpec() == TrainingSpec(
        epochs=10, batch_size=32, learning_rate=0.001, optimizer="adam", weight_decay=0.0, seed=0
    )


@given(st.one_of(datasets, networks, trainings))
def test_a_spec_survives_the_round_trip_through_json(spec):
    again = type(spec).from_dict(json.loads(json.dumps(spec.to_dict(), allow_nan=False)))
    assert again == spec and hash(again) == hash(spec)


def test_fields_left_out_take_their_defaults():
    assert NetworkSpec.from_dict({"kernel_size": 5}) == NetworkSpec(kernel_size=5)
    assert TrainingSpec.from_dict({}) == TrainingSpec()


def test_an_error_names_the_unknown_field_and_the_known_ones():
    message = r"Unknown setting 'pool'\. Known settings: activation, base, .*, preprocessing\.$"
    with pytest.raises(UserError, match=message):
        NetworkSpec.from_dict({"pool": "max"})


@pytest.mark.parametrize("values", [None, [], "epochs", 3])
def test_settings_that_are_not_an_object_are_refused(values):
    with pytest.raises(UserError, match="must be an object with names and values"):
        TrainingSpec.from_dict(values)


WRONG = [
    (DatasetSpec, "image_size", 15, "Image size must be a whole number from 16 to 128, not 15."),
    (DatasetSpec, "image_size", 129, "Image size must be a whole number from 16 to 128, not 129."),
    (DatasetSpec, "image_size", 50.0, "Image size must be a whole number from 16 to 128, not 50.0."),
    (DatasetSpec, "image_size", "50", "Image size must be a whole number from 16 to 128, not '50'."),
    (DatasetSpec, "channels", 2, "Channels must be one of 1, 3, not 2."),
    (DatasetSpec, "channels", True, "Channels must be one of 1, 3, not True."),
    (DatasetSpec, "max_per_class", 0, "Images per class must be a whole number from 1 to 1,000,000, not 0."),
    (DatasetSpec, "val_fraction", 0.91, "Held-out images must be a number from 0 to 0.9, not 0.91."),
    (DatasetSpec, "val_fraction", -0.1, "Held-out images must be a number from 0 to 0.9, not -0.1."),
    (DatasetSpec, "val_fraction", math.nan, "Held-out images must be a number from 0 to 0.9, not nan."),
    (DatasetSpec, "val_fraction", False, "Held-out images must be a number from 0 to 0.9, not False."),
    (DatasetSpec, "seed", -1, "Seed must be a whole number from 0 to 2,147,483,647, not -1."),
    (DatasetSpec, "seed", True, "Seed must be a whole number from 0 to 2,147,483,647, not True."),
    (NetworkSpec, "filters", (8,) * 5, "Filters per block must be a list of 0 to 4 whole numbers, not"),
    (NetworkSpec, "filters", 16, "Filters per block must be a list of 0 to 4 whole numbers, not 16."),
    (NetworkSpec, "filters", (16, 0), "Each of the filters per block must be a whole number from 1 to 256, not 0."),
    (NetworkSpec, "filters", (257,), "Each of the filters per block must be a whole number from 1 to 256, not 257."),
    (NetworkSpec, "filters", [True], "Each of the filters per block must be a whole number from 1 to 256, not True."),
    (NetworkSpec, "convs_per_block", 3, "Convolutions per block must be one of 1, 2, not 3."),
    (NetworkSpec, "kernel_size", 4, "Kernel size must be one of 3, 5, 7, not 4."),
    (NetworkSpec, "padding", "valid", "Padding must be one of none, same, not 'valid'."),
    (NetworkSpec, "pooling", None, "Pooling must be one of max, average, none, not None."),
    (
        NetworkSpec,
        "activation",
        ["relu"],
        "Activation must be one of relu, leaky_relu, tanh, sigmoid, gelu, silu, none, not ['relu'].",
    ),
    (NetworkSpec, "batch_norm", 1, "Batch normalisation must be one of True, False, not 1."),
    (NetworkSpec, "dropout", 0.95, "Dropout must be a number from 0 to 0.9, not 0.95."),
    (NetworkSpec, "dense", (1, 2, 3, 4), "Dense widths must be a list of 0 to 3 whole numbers, not (1, 2, 3, 4)."),
    (NetworkSpec, "dense_activation", "yes", "Activation after dense layers must be one of True, False, not 'yes'."),
    (NetworkSpec, "global_average", 1, "Global average pooling must be one of True, False, not 1."),
    (TrainingSpec, "epochs", 0, "Epochs must be a whole number from 1 to 10,000, not 0."),
    (TrainingSpec, "epochs", 3.5, "Epochs must be a whole number from 1 to 10,000, not 3.5."),
    (TrainingSpec, "batch_size", 4097, "Batch size must be a whole number from 1 to 4,096, not 4097."),
    (TrainingSpec, "learning_rate", 0, "Learning rate must be a number from 1e-07 to 10, not 0."),
    (TrainingSpec, "learning_rate", 10.1, "Learning rate must be a number from 1e-07 to 10, not 10.1."),
    (TrainingSpec, "learning_rate", math.inf, "Learning rate must be a number from 1e-07 to 10, not inf."),
    (TrainingSpec, "learning_rate", math.nan, "Learning rate must be a number from 1e-07 to 10, not nan."),
    (TrainingSpec, "learning_rate", 10**400, "Learning rate must be a number from 1e-07 to 10, not 1000"),
    (TrainingSpec, "optimizer", "Adam", "Optimiser must be one of adam, adamw, sgd, rmsprop, not 'Adam'."),
    (TrainingSpec, "weight_decay", 1.5, "Weight decay must be a number from 0 to 1, not 1.5."),
]


@pytest.mark.parametrize(
    ("spec", "name", "value", "sentence"), WRONG, ids=[f"{name} {str(value)[:9]}" for _, name, value, _ in WRONG]
)
def test_an_invalid_value_is_refused_with_what_is_valid(spec, name, value, sentence):
    with pytest.raises(UserError) as refused:
        spec.from_dict({name: value})
    assert str(refused.value).startswith(sentence)


def test_the_ends_of_the_ranges_are_allowed():
    DatasetSpec(16, 1, 1, 0, 0), DatasetSpec(128, 3, 1_000_000, 0.9, 2**31 - 1)
    NetworkSpec(filters=(1,), dropout=0, dense=()), NetworkSpec(filters=(256,) * 4, dropout=0.9, dense=(256,) * 3)
    TrainingSpec(1, 1, 1e-7, "sgd", 0, 0), TrainingSpec(10_000, 4096, 10, "adam", 1, 2**31 - 1)


def test_a_spec_is_immutable():
    with pytest.raises(AttributeError):
        TrainingSpec().epochs = 5


def test_every_preset_fits_the_default_images_and_is_the_published_one():
    for preset in PRESETS.values():
        lay_out(preset.network_spec, DatasetSpec().image_size, preset.channels or 1, 2)
    assert (PRESETS["Assignment"].network_spec, PRESETS["Assignment"].training_spec) == (NetworkSpec(), TrainingSpec())
    filmed = PRESETS["Filmed tutorial"].network_spec
    assert (filmed.filters, filmed.dense, filmed.dense_activation) == ((256, 256), (64,), False)
    assert (filmed.preprocessing, filmed.initial_weights) == ("unit", "glorot")  # as in Keras
    lenet = PRESETS["LeNet-5"].network_spec
    assert (lenet.filters, lenet.dense, lenet.kernel_size) == ((6, 16), (120, 84), 5)
    assert (lenet.activation, lenet.pooling) == ("tanh", "average")
    tiny = PRESETS["TinyVGG"].network_spec
    assert (tiny.filters, tiny.convs_per_block, tiny.kernel_size, tiny.dense) == ((10, 10), 2, 3, ())


def test_the_networks_of_the_cifar_tutorial_have_the_tutorials_sizes():
    # By hand, for 32 x 32 colour images and 10 classes: the first is 896 + 9,248 + 1,048,704 + 1,290.
    for blocks, parameters in ((1, 1_060_138), (2, 591_274), (3, 550_570)):
        network = PRESETS[f"VGG, {blocks} block{'s' * (blocks > 1)}"].network_spec
        assert total_parameters(lay_out(network, 32, 3, 10)) == parameters


@pytest.mark.parametrize(
    ("spec", "name", "value", "text"),
    [
        (NetworkSpec, "kernel_size", 5, "5 × 5"),
        (NetworkSpec, "batch_norm", True, "on"),
        (NetworkSpec, "filters", (3, 4), "3, 4"),
        (NetworkSpec, "dense", (), "none"),
        (DatasetSpec, "reading", "", "none"),
        (DatasetSpec, "seed", 2**31 - 1, "2147483647"),
        (TrainingSpec, "learning_rate", 1e-5, "1e-05"),
    ],
)
def test_a_setting_says_its_value_in_words(spec, name, value, text):
    assert spec.settings()[name].text(value) == text


def made_of(network: NetworkSpec) -> tuple:
    """What the settings make: the layers, and what is added to the biases of those dense ones that ReLU follows."""
    sequence = sequence_of(network, 3)
    active = [isinstance(one, Dense) and after == Activation("relu") for one, after in pairwise(sequence)]
    return sequence, [network.dense_bias for one in active if one]


@given(st.one_of(networks, networks.map(lambda network: replace(network, filters=()))))
def test_a_setting_has_no_effect_exactly_if_none_of_its_values_changes_the_network(network):
    choices = {name: tuple(one.options) for name, one in NetworkSpec.settings().items() if isinstance(one, Choice)}
    for name in ("preprocessing", "initial_weights", "fine_tune"):  # they change no layer
        del choices[name]
    for name, values in (choices | dict.fromkeys(("dropout", "block_dropout", "dense_bias"), (0.25, 0.5))).items():
        changes = any(made_of(replace(network, **{name: value})) != made_of(network) for value in values)
        assert changes == (name not in network.without_effect), name
