"""What the lessons measure, as far as nothing has to be trained for it."""

import math
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from cnn.data.dataset import read_dataset
from cnn.lessons import cheating, dense_only, kept_in_weights, sobel, two_linear, undivided
from cnn.lessons.demonstration import Trained, Training
from cnn.lessons.demonstrations import DEMONSTRATIONS
from cnn.model.build import build
from cnn.model.layers import lay_out
from cnn.model.model import Model
from cnn.specs import DatasetSpec, NetworkSpec
from cnn.store import example
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model


def untrained(dataset, **changes) -> Trained:
    """A network with random weights on some images."""
    layers = lay_out(NetworkSpec(**changes), 50, 1, len(dataset.classes))
    model = Model(layers, build(layers, seed=3), dataset.classes)
    return Trained(model, model, dataset, (), ())


def some_images(tmp_path, per_class: int = 15):
    return read_dataset(example.IMAGES, DatasetSpec(max_per_class=per_class, val_fraction=0.5), tmp_path / "cache")


def test_sobels_filter_gives_what_torch_computes_and_opposite_numbers_at_opposite_edges():
    image = sobel.square()
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    expected = nn.functional.conv2d(torch.from_numpy(image)[None, None], kernel[None, None])[0, 0]
    np.testing.assert_array_equal(sobel.filtered(image, "Sobel x"), expected)
    found = DEMONSTRATIONS["01_filter"].measure({})
    assert found == {"left": 4, "inside": 0, "right": -4}
    assert all(claim.holds(found) for claim in DEMONSTRATIONS["01_filter"].claims.values())


def test_parameters_are_counted_as_torch_counts_them(tmp_path):
    for trained in (untrained(some_images(tmp_path)), untrained(some_images(tmp_path), filters=())):
        assert dense_only.parameters(trained) == sum(p.numel() for p in trained.model.network.parameters())
    assert sum(p.numel() for p in nn.Linear(50 * 50, 16).parameters()) == 40_016
    assert sum(p.numel() for p in nn.Conv2d(1, 16, 3).parameters()) == 160


def test_two_dense_layers_are_one_only_without_an_activation_in_between(tmp_path):
    dataset = some_images(tmp_path)
    assert two_linear.collapsed_difference(untrained(dataset, dense_activation=False)) < 1e-5
    assert two_linear.collapsed_difference(untrained(dataset, dense_bias=0)) > 0.01


def test_the_forgotten_division_multiplies_the_input_by_255(tmp_path):
    trained = untrained(some_images(tmp_path))
    images = trained.held_out[:4]
    for factor, largest in ((1, 1.0), (255, 255.0)):
        pixels = torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2) * (largest / 255)
        expected = torch.softmax(trained.model.network(pixels), 1)[:, 0].detach()
        np.testing.assert_allclose(undivided.cat_probabilities(trained.model, images, factor), expected, atol=1e-5)


def test_rounding_the_answers_of_the_example_down_makes_nearly_all_of_them_dog(tmp_path):
    store = RunStore(tmp_path / "runs")
    example.add(store)
    model = load_model(store, store.get(example.ID))
    images = np.asarray(some_images(tmp_path, 100).images)
    probability = undivided.cat_probabilities(model, images)
    assert (np.round(probability) == 0).mean() < 0.65  # right pixels and round(): cats and dogs
    assert (np.floor(probability) == 0).mean() > 0.95
    raw = undivided.cat_probabilities(model, images, 255)
    assert (np.maximum(raw, 1 - raw) > 0.99).mean() > 0.95


def test_a_file_of_weights_holds_the_weights_and_answering_changes_none(tmp_path):
    trained = untrained(some_images(tmp_path))
    found = kept_in_weights.measure({"few images": trained})
    assert found["changed"] == 0
    assert found["numbers"] == sum(p.numel() for p in trained.model.network.parameters())
    assert 0 < 1000 * found["file"] - 4 * found["numbers"] < 10_000
    files = [example.IMAGES / path for path in trained.dataset.paths]
    assert math.isclose(1000 * found["pictures"], sum(file.stat().st_size for file in files))


def test_covering_the_animal_hides_the_middle_and_leaves_the_corners(tmp_path):
    disc = cheating.middle(50)
    assert disc[25, 25] and not disc[0, 0] and not disc[49, 49]
    dataset = some_images(tmp_path)
    blank = replace(dataset, images=np.where(disc[None, ..., None], 77, dataset.images))
    one, other = untrained(dataset), untrained(blank)
    assert cheating.accuracy_covered(one) == cheating.accuracy_covered(other)


def test_trainings_with_the_same_seed_hold_out_the_same_images_whatever_their_repeat():
    first, second = (Training("cats_dogs", {"epochs": 3}, repeat).specs(7) for repeat in (0, 1))
    assert first[0] == second[0] and first[0].seed == 7
    assert first[2].seed == 7 != second[2].seed
    assert first[2].epochs == 3
