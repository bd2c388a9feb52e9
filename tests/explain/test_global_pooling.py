"""Global average pooling in place of flatten, against torch and NumPy."""

import numpy as np
import pytest
import torch

from cnn.explain.global_pooling import Ending, ending, with_global_pooling
from cnn.model.kinds import Activation, Conv, Dense, Flatten
from cnn.model.layers import lay_out, stack
from cnn.specs import NetworkSpec
from cnn.training.evaluation import predict, probabilities
from cnn.training.logistic import fit_output
from tests.models import model_of

SPEC = NetworkSpec(filters=(4, 5), padding="same", batch_norm=True, dropout=0.3, block_dropout=0.2, dense=(6,))


@pytest.fixture
def model():
    return model_of(lay_out(SPEC, 16, 3, 3))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(train=60, val=12, classes=3, channels=3)


def test_the_output_layer_gets_the_mean_of_each_map(model, dataset):
    done = []
    pooled = with_global_pooling(model, dataset, done.append)
    convolutions = torch.nn.Sequential(*list(model.network.eval())[:-5])  # dropout, dense, activation, dropout, dense
    assert isinstance(convolutions[-1], torch.nn.Flatten)
    with torch.no_grad():
        maps = convolutions[:-1](model.batch(dataset.images)).numpy()
    means = maps.reshape(72, 5, 16).mean(2)
    weights, biases = fit_output(means[dataset.train], dataset.labels[dataset.train], 3)
    found = predict(pooled, dataset.images, dataset.labels, np.arange(72))
    assert found.logits == pytest.approx(means @ weights.T + biases, abs=1e-3)
    assert done == sorted(done) and 0 < done[0] <= done[-1] <= 1


def test_the_layers_describe_the_network_and_the_model_stays_as_it_was(model, dataset):
    before, key = probabilities(model, dataset.images), model.key
    pooled = with_global_pooling(model, dataset)
    assert [layer.name for layer in pooled.layers[1:]] == [name for name, _ in pooled.network.named_children()]
    assert [layer.name for layer in pooled.layers[-3:]] == ["pool3", "flatten", "logits"]
    assert pooled.layers[-3].shape == (5, 1, 1) and ending(pooled) == Ending.POOLED
    values = pooled.batch(dataset.images[:2])
    for layer, module in zip(pooled.layers[1:], pooled.network, strict=True):
        values = module(values)
        assert values.shape[1:] == layer.shape
    assert model.key == key != pooled.key and (probabilities(model, dataset.images) == before).all()


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (lay_out(NetworkSpec(), 50, 1, 2), Ending.PLACES),
        (lay_out(NetworkSpec(global_average=True), 50, 1, 2), Ending.POOLED),
        (stack([Conv(3, 4), Activation("relu"), Flatten(), Dense(2)], (1, 4, 4)), Ending.ONE_PLACE),
        (stack([Flatten(), Dense(2)], (1, 4, 4)), Ending.NO_MAPS),
    ],
)
def test_only_a_network_that_keeps_places_apart_changes(layers, expected):
    assert ending(model_of(layers)) == expected
