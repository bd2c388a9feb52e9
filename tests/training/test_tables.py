"""The tables, read back and compared with scikit-learn."""

import csv

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from cnn.training.accuracy import Accuracy
from cnn.training.csv_table import table_csv
from cnn.training.evaluation import Predictions
from cnn.training.learned import Story
from cnn.training.tables import calibration_csv, classes_csv, confusion_csv, images_csv, story_csv

CLASSES = ("cat", "dog, small", "=1+1", "none")


@pytest.fixture
def predictions() -> Predictions:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 60)
    return Predictions(rng.normal(0, 2, (60, 4)).astype(np.float32), labels, np.arange(60)[::-1].copy(), 32)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_calibration_is_that_of_scikit_learn(predictions):
    head, *rows = read(calibration_csv(predictions.calibration()))
    right, sure = calibration_curve(predictions.right, predictions.probabilities.max(1), n_bins=10)
    assert head == ["images", "mean probability", "right"] and sum(int(row[0]) for row in rows) == len(predictions)
    assert np.allclose([[float(one) for one in row[1:]] for row in rows], np.stack([sure, right], 1))


def test_the_confusion_matrix_is_that_of_scikit_learn(predictions):
    head, *rows = read(confusion_csv(CLASSES, predictions.confusion))
    assert head == ["true class", "cat", "dog, small", "'=1+1", "none"]  # a spreadsheet must not compute it
    expected = confusion_matrix(predictions.labels, predictions.predicted, labels=range(4))
    assert [[int(cell) for cell in row[1:]] for row in rows] == expected.tolist()


def test_recall_and_precision_are_those_of_scikit_learn(predictions):
    _, *rows = read(classes_csv(CLASSES, predictions.confusion))
    precision, recall, _, images = precision_recall_fscore_support(
        predictions.labels, predictions.predicted, labels=range(4), zero_division=np.nan
    )
    assert [int(row[1]) for row in rows] == images.tolist()
    assert [float(row[3]) for row in rows[:3]] == pytest.approx(recall[:3]) and rows[3][3:6] == ["", "", ""]
    assert [float(row[7]) for row in rows] == pytest.approx(precision)
    low, high = Accuracy(int(rows[0][2]), int(rows[0][1])).interval
    assert [float(one) for one in rows[0][4:6]] == [low, high]


def test_each_image_has_its_name_and_probabilities(predictions):
    names = [f"{i}.png" for i in range(60)]
    head, *rows = read(images_csv(names, CLASSES, predictions, np.array([7, 0])))
    assert head[4:7] == ["probability of its class", "probability of the answer", "probability of cat"]
    assert [row[0] for row in rows] == ["52.png", "59.png"]
    assert [float(one) for one in rows[0][6:]] == pytest.approx(predictions.probabilities[7], rel=1e-5)
    assert [float(row[4]) for row in rows] == pytest.approx(predictions.of_truth[[7, 0]], rel=1e-5)
    assert [float(row[5]) for row in rows] == pytest.approx(predictions.probabilities[[7, 0]].max(1), rel=1e-5)
    assert rows[1][3] == str(int(predictions.right[0]))
    assert len(read(images_csv(names, CLASSES, predictions, np.array([], int)))) == 1


def test_with_many_classes_only_the_probabilities_of_class_and_answer_are_written():
    many = Predictions(np.zeros((1, 21), np.float32), np.array([3]), np.array([0]), 32)
    _, row = read(images_csv(["a.png"], [f"{i}" for i in range(21)], many, np.array([0])))
    assert row == ["a.png", "3", "0", "0", "0.047619", "0.047619"]


def test_the_story_of_each_image_is_told_step_by_step():
    answers = np.array([[0, 1], [1, 1], [0, 0]], np.int16)
    told = Story(np.array([0, 5, 10]), answers, np.full((3, 2), 0.5), np.array([0, 1]), np.array([1, 0]))
    head, *rows = read(story_csv(["a.png", "b.png"], CLASSES, told))
    assert head[4:] == ["step 0", "step 5", "step 10"]
    assert rows == [
        ["b.png", "cat", "late", "1", "cat", "dog, small", "cat"],
        ["a.png", "dog, small", "forgotten", "1", "dog, small", "dog, small", "cat"],
    ]


def test_a_table_keeps_texts_numbers_and_gaps():
    assert read(table_csv(("run", "=loss"), [("=1+1", 0.25), ("b, c", None)])) == [
        ["run", "'=loss"],
        ["'=1+1", "0.25"],
        ["b, c", ""],
    ]
