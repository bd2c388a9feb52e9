"""Logistic regression, against scikit-learn and by hand."""

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from cnn.errors import Cancelled
from cnn.training.logistic import fit_output


@pytest.fixture
def points():
    """150 points with four features of different size and mean, of three classes that overlap."""
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    features = rng.normal(size=(150, 4)) * (0.01, 1, 1, 30) + labels[:, None] * (0.01, 0, 1, -20) + (0, 5, 0, 400)
    return features.astype(np.float32), labels.astype(np.int64)


def test_the_output_layer_is_that_of_scikit_learn(points):
    features, labels = points
    weights, biases = fit_output(features, labels, 3)
    assert weights.dtype == biases.dtype == np.float32 and weights.shape == (3, 4) and biases.shape == (3,)
    scaler = StandardScaler().fit(features.astype(np.float64))
    expected = LogisticRegression(C=1, tol=1e-9, max_iter=10_000).fit(scaler.transform(features), labels)
    scores = features @ weights.T + biases
    found = np.exp(scores - scores.max(1, keepdims=True))
    probabilities = expected.predict_proba(scaler.transform(features))
    assert found / found.sum(1, keepdims=True) == pytest.approx(probabilities, abs=1e-4)


def test_features_that_never_change_leave_the_shares_of_the_classes():
    weights, biases = fit_output(np.full((8, 2), 3, np.float32), np.array([0, 1, 1, 1, 1, 1, 1, 0]), 2)
    assert not weights.any() and biases[1] - biases[0] == pytest.approx(logit(6 / 8), abs=1e-6)


def test_classes_without_an_overlap_get_finite_weights():
    weights, biases = fit_output(np.array([[-1], [-2], [1], [2]], np.float32), np.array([0, 0, 1, 1]), 2)
    assert np.isfinite(weights).all() and 0 < weights[1, 0] < 10 and abs(biases).max() < 1e-6


def test_it_can_be_cancelled(points):
    def cancel(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fit_output(*points, 3, cancel)
