"""Ablation, against the same computed by hand."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from cnn.explain.ablation import rank_units, with_filter, without
from cnn.explain.activations import activations
from cnn.explain.cut import layers_of_units
from cnn.explain.kernels import classic
from cnn.model.layers import NetworkError, lay_out
from cnn.model.model import Model
from cnn.specs import NetworkSpec
from cnn.training.accuracy import sign_test
from cnn.training.evaluation import predict
from tests.models import model_of

SPECS = {
    "batch norm, sigmoid": NetworkSpec(filters=(4, 3), batch_norm=True, activation="sigmoid", dropout=0.25),
    "leaky, average, same": NetworkSpec(filters=(3, 4), padding="same", pooling="average", activation="leaky_relu"),
    "two a block, no dense": NetworkSpec(filters=(5,), convs_per_block=2, activation="tanh", pooling="none", dense=()),
}


@pytest.fixture(params=SPECS)
def model(request):
    return as_trained(model_of(lay_out(SPECS[request.param], 16, 3, 4), seed=1))


def as_trained(model: Model) -> Model:
    """The model with norms as after training, and with logits such that each class is predicted for some images."""
    torch.manual_seed(0)
    network, images = model.network, torch.rand(20, 3, 16, 16)
    network.train()
    network(images)
    network.eval()
    with torch.no_grad():
        for module in network:
            if isinstance(module, torch.nn.BatchNorm2d):
                module.bias.uniform_(-1, 1)
        logits = network(images)
        network.logits.weight.div_(logits.std(0)[:, None])
        network.logits.bias[:] = (network.logits.bias - logits.mean(0)) / logits.std(0)
    return model


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(train=40, val=20, classes=4, channels=3)


def by_hand(model, images, layer, filters) -> np.ndarray:
    """The logits with some filters' maps replaced by zeros on their way."""
    values, pending = model.batch(images), False
    with torch.no_grad():
        for name, module in model.network.named_children():
            values = module(values)
            pending |= name == layer
            if pending and not isinstance(module, torch.nn.Conv2d | torch.nn.BatchNorm2d):
                values[:, filters] = 0
                pending = False
    return values.numpy()


def logits(model, images) -> np.ndarray:
    with torch.no_grad():
        return model.network.eval()(model.batch(images)).numpy()


def test_a_filter_that_is_off_gives_later_layers_a_map_of_zeros(model, dataset):
    images = dataset.images[:5]
    changed = without(model, {"conv2": [0, 2]})
    assert logits(changed, images) == pytest.approx(by_hand(model, images, "conv2", [0, 2]), abs=1e-6)
    assert not np.allclose(logits(changed, images), logits(model, images))


def test_filters_of_several_layers_are_off_together_and_their_maps_shown_as_zero(dataset):
    model = model_of(lay_out(NetworkSpec(filters=(3, 4), activation="tanh"), 16, 3, 4), seed=1)
    image = dataset.images[0]
    found = activations(without(model, {"conv1": [1], "conv2": [0, 3]}), image)
    assert list(found) == list(activations(model, image))
    assert [bool(values.any()) for values in found["tanh1"]] == [True, False, True]
    assert [bool(values.any()) for values in found["tanh2"]] == [False, True, True, False]
    stepwise = activations(without(without(model, {"conv2": [0, 3]}), {"conv1": [1]}), image)
    assert all((found[name] == stepwise[name]).all() for name in found)


def test_with_no_filter_off_nothing_changes(model, dataset):
    images = dataset.images[:3]
    assert (logits(without(model, {"conv1": []}), images) == logits(model, images)).all()


def test_new_weights_of_a_filter_change_only_its_map(model, dataset):
    image, weights = dataset.images[0], classic("Sobel x", 3, 3)
    before, after = activations(model, image), activations(with_filter(model, "conv1", 1, weights, 0.25), image)
    assert (after["conv1"][[0, 2]] == before["conv1"][[0, 2]]).all()
    gray = image.astype(float).mean(2) / 255
    top, left = (1, 1) if before["conv1"].shape[1] == 16 else (0, 0)  # with padding, the map starts a pixel earlier
    patch = gray[:3, :3]
    expected = 0.25 + sum((patch[r, 2] - patch[r, 0]) * weight for r, weight in enumerate((1, 2, 1)))
    assert after["conv1"][1, top, left] == pytest.approx(expected, abs=1e-5)


def test_without_a_new_bias_the_old_one_stays(model, dataset):
    changed = with_filter(model, "conv1", 0, np.zeros((3, 3, 3), np.float32))
    found = activations(changed, dataset.images[0])["conv1"][0]
    assert found == pytest.approx(np.full_like(found, model.network.conv1.bias[0].item()))


def test_weights_of_another_shape_are_refused(model):
    with pytest.raises(ValueError, match=r"A filter of conv1 has the shape \(3, 3, 3\), not \(3, 3\)."):
        with_filter(model, "conv1", 0, np.zeros((3, 3), np.float32))


def test_the_original_is_unchanged(model, dataset):
    images, state = dataset.images[:3], {name: value.clone() for name, value in model.network.state_dict().items()}
    before = logits(model, images)
    changed = with_filter(without(model, {"conv1": [0], "conv2": [1]}), "conv2", 0, np.ones(shape_of(model)), 9.0)
    predict(changed, dataset.images, dataset.labels, dataset.val)
    rank_units(model, "conv1", dataset.images, dataset.labels, dataset.val)
    assert not np.allclose(logits(changed, images), before)
    assert (logits(model, images) == before).all()
    assert all(torch.equal(state[name], value) for name, value in model.network.state_dict().items())


def shape_of(model) -> tuple[int, ...]:
    return tuple(model.network.conv2.weight.shape[1:])


@pytest.mark.parametrize("layer", ["conv1", "conv2"])
def test_a_ranking_is_the_accuracy_lost_without_each_filter(model, dataset, layer, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 7)
    images, labels, chosen = dataset.images, dataset.labels, dataset.val
    fractions = []
    found = rank_units(model, layer, images, labels, chosen, fractions.append)
    assert len(fractions) == 3 * (len(found.order) + 1)
    assert fractions == sorted(fractions) and fractions[-1] == pytest.approx(1)
    whole = predict(model, images, labels, chosen)
    assert (found.accuracy, found.loss) == pytest.approx((whole.accuracy, whole.loss))
    each = [
        predict(without(model, {layer: [i]}), images, labels, chosen)
        for i in range(model.network.get_submodule(layer).out_channels)
    ]
    assert found.accuracy_without.tolist() == pytest.approx([one.accuracy for one in each])
    assert found.loss_without.tolist() == pytest.approx([one.loss for one in each], rel=1e-4)
    expected = sorted(range(len(each)), key=lambda i: (each[i].accuracy, -each[i].loss))
    assert found.order.tolist() == expected
    right, truth = whole.predicted == labels[chosen], labels[chosen]
    assert found.broken.tolist() == [int((right & (one.predicted != truth)).sum()) for one in each]
    assert found.mended.tolist() == [int((~right & (one.predicted == truth)).sum()) for one in each]
    assert found.worth.tolist() == [round(len(chosen) * (whole.accuracy - one.accuracy)) for one in each]
    assert found.chance.tolist() == [sign_test(*pair) for pair in zip(found.broken, found.mended, strict=True)]


@given(spec=...)
@settings(max_examples=25)
def test_every_network_can_be_taken_apart(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 1, 100)
    except NetworkError:
        assume(False)
    model = model_of(layers)
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (6, 24, 24, 1), dtype=np.uint8), np.arange(94, 100)
    for layer in layers_of_units(layers):
        found = rank_units(model, layer, images, labels, np.arange(6))
        last = len(found.loss_without) - 1
        expected = predict(without(model, {layer: [last]}), images, labels, np.arange(6))
        assert found.loss_without[last] == pytest.approx(expected.loss, abs=1e-4)
