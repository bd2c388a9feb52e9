import numpy as np
import pytest

from cnn.model.layers import lay_out
from cnn.model.model import Preprocessing
from cnn.specs import NetworkSpec
from cnn.training.batches import batch_starts, batches, images_at_once
from tests.models import model_of

LAYERS = lay_out(NetworkSpec(filters=(3,)), 16, 1, 2)


def test_batches_cover_all_images_once_and_only_the_last_is_smaller():
    assert batch_starts(10, 4) == [(0, 4), (4, 8), (8, 10)]
    assert batch_starts(8, 4) == [(0, 4), (4, 8)]
    assert batch_starts(3, 4) == [(0, 3)]
    assert batch_starts(0, 4) == []


def test_the_widest_layer_limits_the_batch_size():
    assert images_at_once(LAYERS, 10 * 3 * 14 * 14) == 10
    assert images_at_once(LAYERS, 10 * 3 * 14 * 14 - 1) == 9
    assert images_at_once(LAYERS, 1) == 1
    assert images_at_once(LAYERS) == 128


def test_batches_hold_network_inputs_in_the_given_order(make_dataset, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 4)
    model = model_of(LAYERS, preprocessing=Preprocessing((0.5,), (0.5,)))
    model.network.train()
    images, chosen, fractions = make_dataset().images, np.array([9, 0, 4, 4, 7, 2]), []
    found = list(batches(model, images, chosen, progress=fractions.append))
    assert [part.tolist() for part, _ in found] == [[9, 0, 4, 4], [7, 2]]
    assert fractions == [4 / 6, 1] and not model.network.training
    for part, batch in found:
        assert batch.numpy()[:, 0] == pytest.approx(images[part, :, :, 0] / 127.5 - 1, abs=1e-6)


def test_no_images_give_no_batches(make_dataset):
    assert list(batches(model_of(LAYERS), make_dataset().images, np.array([], int))) == []
