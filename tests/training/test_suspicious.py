"""Suspicious labels, against values by hand."""

import numpy as np
import pytest

from cnn.training.suspicious import suspicious, thresholds

# Cats (0) and dogs (1). The thresholds are the means of the first three first columns and of the last three second
# ones: (0.9 + 0.7 + 0.2) / 3 = 0.6 and (0.8 + 0.6 + 0.1) / 3 = 0.5.
PROBABILITIES = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.2, 0.8], [0.4, 0.6], [0.9, 0.1]])
LABELS = np.array([0, 0, 0, 1, 1, 1])


def test_a_threshold_is_the_mean_probability_of_a_class_over_its_own_images():
    assert thresholds(PROBABILITIES, LABELS).tolist() == pytest.approx([0.6, 0.5])


def test_images_are_suspicious_if_another_class_reaches_its_threshold_most_suspicious_first():
    found = suspicious(PROBABILITIES, LABELS)
    assert found.rows.tolist() == [5, 2]
    assert found.suggested.tolist() == [0, 1]
    assert found.of_given.tolist() == [0.1, 0.2]
    assert found.of_suggested.tolist() == [0.9, 0.8]


def test_the_likelier_class_is_no_answer_below_its_threshold():
    # Thresholds: (0.95 + 0.95 + 0.4) / 3 = 0.77 and 0.45. The last image is likelier a cat, but not by a cat's measure.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.4, 0.6], [0.55, 0.45]])
    found = suspicious(probabilities, np.array([0, 0, 0, 1]))
    assert found.rows.tolist() == [2]


def test_no_image_is_suspected_of_a_class_without_images():
    probabilities = np.array([[0.3, 0.1, 0.6], [0.2, 0.7, 0.1]])
    assert thresholds(probabilities, np.array([0, 1])).tolist() == [0.3, 0.7, np.inf]
    assert len(suspicious(probabilities, np.array([0, 1])).rows) == 0
