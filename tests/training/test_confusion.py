"""Confusion, against counts by hand."""

from itertools import pairwise

import numpy as np
import pytest

from cnn.training.accuracy import Accuracy
from cnn.training.confusion import (
    Cell,
    best,
    confused_together,
    most_frequent_mistake,
    most_unsure,
    precision,
    recall,
    shares_of_columns,
    shares_of_rows,
    surest_mistakes,
    worst,
)
from cnn.training.evaluation import Predictions

# Of 10 cats 7 are called cat and 3 dog; of 5 dogs 1 is called cat; there are no birds, but one dog is called bird.
PETS = np.array([[7, 3, 0], [1, 3, 1], [0, 0, 0]])


@pytest.fixture
def predictions() -> Predictions:
    rows = [(0.7, 0.2, 0.1), (0.1, 0.6, 0.3), (0.2, 0.5, 0.3), (0.9, 0.04, 0.06), (0.45, 0.4, 0.15)]
    return Predictions(np.log(np.array(rows, np.float32)), np.array([0, 1, 0, 1, 1]), np.arange(5), 2)


def test_recall_and_precision_are_those_counted_by_hand():
    assert recall(PETS) == [Accuracy(7, 10), Accuracy(3, 5), None]
    assert precision(PETS) == [Accuracy(7, 8), Accuracy(3, 6), Accuracy(0, 1)]


def test_shares_are_of_the_true_class_or_of_the_answer():
    assert shares_of_rows(PETS) == pytest.approx(np.array([[0.7, 0.3, 0], [0.2, 0.6, 0.2], [0, 0, 0]]))
    assert shares_of_columns(PETS) == pytest.approx(np.array([[7 / 8, 1 / 2, 0], [1 / 8, 1 / 2, 1], [0, 0, 0]]))
    assert shares_of_rows(PETS).dtype == shares_of_columns(PETS).dtype == np.float32


def test_the_most_frequent_mistake_is_never_on_the_diagonal():
    assert most_frequent_mistake(PETS) == Cell(0, 1)
    assert most_frequent_mistake(np.diag([3, 4])) == Cell(None, None)


def test_a_part_of_the_matrix_holds_the_images_with_its_class_and_answer(predictions):
    assert Cell(1, 0).holds(predictions).tolist() == [False, False, False, True, True]
    assert Cell(0).holds(predictions).tolist() == [True, False, True, False, False]
    assert Cell(answer=1).holds(predictions).tolist() == [False, True, True, False, False]
    assert Cell().holds(predictions).all()


def test_every_cell_holds_as_many_images_as_the_matrix_counts(predictions):
    counted = [[int(Cell(i, j).holds(predictions).sum()) for j in range(3)] for i in range(3)]
    assert counted == predictions.confusion.tolist()


def test_classes_that_are_confused_stand_side_by_side():
    """Three groups of classes, spread over the matrix: each is confused only within itself, 2 and 5 most of all."""
    confusion = np.diag(np.full(7, 20))
    for group in ((0, 3, 6), (2, 5), (1, 4)):
        for i in group:
            for j in group:
                confusion[i, j] += 5 if i != j else 0
    confusion[2, 5] = 15
    order = confused_together(confusion)
    assert sorted(order) == list(range(7))
    for group in ((0, 3, 6), (2, 5), (1, 4)):
        places = sorted(order.index(i) for i in group)
        assert places == list(range(places[0], places[0] + len(group)))


def test_ends_that_are_alike_touch():
    """A chain of classes, each confused with the next: the order follows the chain."""
    chain, confusion = [3, 0, 4, 1, 2], np.diag(np.full(5, 50))
    for strength, (a, b) in zip((9, 8, 7, 6), pairwise(chain), strict=True):
        confusion[a, b] = strength
    order = confused_together(confusion)
    assert order in (chain, chain[::-1])


@pytest.mark.parametrize("classes", [1, 2, 100])
def test_without_mistakes_every_class_is_in_the_order_once(classes):
    assert sorted(confused_together(np.diag(np.arange(classes)))) == list(range(classes))


def test_images_are_sorted_by_how_sure_and_how_right_the_answer_is(predictions):
    # probabilities of the true class: 0.7, 0.6, 0.2, 0.04, 0.4; gaps to the next class: 0.5, 0.3, 0.2, 0.84, 0.05
    assert worst(predictions).tolist() == [3, 2, 4, 1, 0]
    assert best(predictions).tolist() == [0, 1, 4, 2, 3]
    assert most_unsure(predictions).tolist() == [4, 2, 1, 0, 3]
    assert surest_mistakes(predictions).tolist() == [3, 2, 4]
