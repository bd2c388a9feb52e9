"""Predictions, against PyTorch and counts by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from cnn.training.evaluation import Predictions, predict, probabilities
from tests.models import model_of

ALL_KINDS = NetworkSpec(filters=(3, 4), padding="same", batch_norm=True, dropout=0.3, dense=(5,))

# Probabilities for three classes, and the true class.
KNOWN = [
    ((0.7, 0.2, 0.1), 0),
    ((0.1, 0.6, 0.3), 1),
    ((0.2, 0.5, 0.3), 0),
    ((0.05, 0.9, 0.05), 1),
    ((0.4, 0.35, 0.25), 1),
]


@pytest.fixture
def known() -> Predictions:
    rows, labels = zip(*KNOWN, strict=True)
    logits = np.log(np.array(rows)).astype(np.float32) + 3  # a softmax does not see what is added to all
    return Predictions(logits, np.array(labels), np.array([8, 3, 5, 1, 0]), 2)


@pytest.fixture
def model():
    return model_of(lay_out(ALL_KINDS, 16, 3, 3), seed=2)


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(train=2, val=300, classes=3, channels=3)


def logits_of(model, images) -> torch.Tensor:
    pixels = torch.tensor(np.moveaxis(images, 3, 1).astype(np.float32) / 255)
    with torch.no_grad():
        return model.network.eval()(pixels)


def test_predictions_are_the_logits_of_the_given_images(model, dataset):
    fractions, chosen = [], dataset.val[::-1]
    found = predict(model, dataset.images, dataset.labels, chosen, progress=fractions.append)
    assert found.logits.dtype == np.float32 and found.labels.dtype == found.indices.dtype == np.int64
    assert found.logits == pytest.approx(logits_of(model, dataset.images[chosen]).numpy(), abs=1e-5)
    assert (found.labels == dataset.labels[chosen]).all() and (found.indices == chosen).all()
    assert fractions == [128 / 300, 256 / 300, 1] and len(found) == 300


def test_loss_and_accuracy_are_means_over_all_images_for_any_batch_size(model, dataset):
    logits, labels = logits_of(model, dataset.images[dataset.val]), torch.tensor(dataset.labels[dataset.val])
    found = predict(model, dataset.images, dataset.labels, dataset.val)
    assert found.loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert found.accuracy == (logits.argmax(1) == labels).sum().item() / 300


def test_the_loss_is_summed_batch_by_batch_to_the_last_bit(model, dataset):
    """As the training loop has always done it, so continued runs give the same numbers."""
    chosen, total = dataset.val, 0.0
    model.network.eval()
    for part in (chosen[:128], chosen[128:256], chosen[256:]):
        with torch.no_grad():
            logits = model.network(model.batch(dataset.images[part]))
        total += nn.functional.cross_entropy(logits, torch.from_numpy(dataset.labels[part]), reduction="sum").item()
    assert predict(model, dataset.images, dataset.labels, chosen).loss == total / 300


def test_without_images_there_is_neither_loss_nor_accuracy(model, dataset):
    found = predict(model, dataset.images, dataset.labels, np.array([], np.int64))
    assert np.isnan([found.loss, found.accuracy]).all() and np.isnan(found.per_class).all()
    assert found.logits.shape == (0, 3) and not found.confusion.any() and not len(found.worst_first)


def test_probabilities_are_the_softmax_of_the_logits(model, dataset):
    found = probabilities(model, dataset.images)
    assert found.dtype == np.float32 and found.shape == (302, 3)
    logits = logits_of(model, dataset.images).double().numpy()
    assert found == pytest.approx(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), abs=1e-6)
    known = predict(model, dataset.images, dataset.labels, dataset.val[:5])
    assert known.probabilities == pytest.approx(found[dataset.val[:5]], abs=1e-6)


def test_the_number_of_correct_predictions_is_that_counted_by_hand(known):
    assert known.probabilities == pytest.approx(np.array([row for row, _ in KNOWN]), abs=1e-6)
    assert known.predicted.tolist() == [0, 1, 1, 1, 0]
    assert known.right.tolist() == [True, True, False, True, False] and known.accuracy == 3 / 5
    assert known.of_truth == pytest.approx([0.7, 0.6, 0.2, 0.9, 0.35], abs=1e-6)
    assert known.loss == pytest.approx(-np.log([0.7, 0.6, 0.2, 0.9, 0.35]).mean(), rel=1e-6)


def test_confusion_has_a_row_for_each_true_class(known):
    assert known.confusion.tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]] and known.confusion.dtype == np.int64
    assert known.per_class[:2].tolist() == [1 / 2, 2 / 3] and np.isnan(known.per_class[2])


def test_the_worst_come_first_and_ties_are_in_order(known):
    assert known.worst_first.tolist() == [2, 4, 1, 0, 3]
    equal = Predictions(np.zeros((4, 2), np.float32), np.array([0, 1, 1, 0]), np.arange(4), 4)
    assert equal.worst_first.tolist() == [0, 1, 2, 3] and equal.predicted.tolist() == [0, 0, 0, 0]


def test_calibration_compares_confidence_with_accuracy(known):
    found = known.calibration(bins=5)  # confidences 0.7, 0.6, 0.5, 0.9, 0.4
    assert found.images.tolist() == [0, 0, 2, 2, 1]
    assert found.confidence[2:] == pytest.approx([0.45, 0.65, 0.9], abs=1e-6)
    assert found.accuracy[2:].tolist() == [0, 1, 1] and np.isnan(found.accuracy[:2]).all()


def test_full_confidence_is_in_the_last_bin():
    certain = Predictions(np.array([[100, 0]], np.float32), np.array([0]), np.array([0]), 1)
    assert certain.calibration().images.tolist() == [0] * 9 + [1]
