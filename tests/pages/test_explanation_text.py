import numpy as np
import pytest

from cnn.explain.cover_test import CoverTest
from cnn.explain.pointing import Overlap
from cnn.explain.trust import Alike, Trust
from cnn.training.accuracy import Accuracy
from pages.shared.inside.explanation_text import answer, outcome, overlap_text, verdict_of, worth


def test_a_network_that_knows_little_is_said_to_know_little_with_its_interval():
    text = worth(Trust.LITTLE, Accuracy(58, 100), 0.5, "")
    assert (
        "knows little" in text
        and "58\xa0% of 100" in text
        and "48\xa0% to 67\xa0%" in text
        and "guessing gets 50\xa0%" in text
    )


def test_the_class_that_guessing_names_is_said_if_one_is_larger():
    assert "guessing (always naming cat) gets 75\xa0%" in worth(Trust.MUCH, Accuracy(97, 100), 0.75, "cat")


def test_the_answer_says_whether_it_is_right_and_how_often_such_answers_are():
    assert answer("cat", 0.934, False, None) == "It wrongly calls this image cat, with a probability of 93.4\xa0%."
    known = answer("cat", 0.934, True, Alike(Accuracy(44, 50), 0.879, 0.961))
    assert "rightly" in known
    assert "Of the 50 held-out answers about as sure (88\xa0% to 96\xa0%), 44 are right." in known
    assert "about as sure (> 99\xa0%), 9" in answer("cat", 0.9999, True, Alike(Accuracy(9, 9), 0.998, 1))
    assert answer("cat", 0.5, None, None) == "It calls this image cat, with a probability of 50.0\xa0%."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Overlap(0.38, 0.12), "12\xa0% of the image): 3.2 times as much as by chance."),
        (Overlap(0.13, 0.12), "12\xa0% of the image): about as much as by chance."),
        (Overlap(0.03, 0.12), "12\xa0% of the image): only 0.2 times as much as by chance."),
        (Overlap(0.02, 0.004), "(0.4\xa0% of the image): 5.0 times as much as by chance."),
    ],
)
def test_the_overlap_is_compared_with_the_size_of_the_mark(found, words):
    text = overlap_text("Grad-CAM", found)
    assert f"{100 * found.inside:.0f}\xa0% of what Grad-CAM points at lies in your mark" in text
    assert words in text


def test_an_explanation_without_anything_says_so():
    assert overlap_text("saliency", None) == "Saliency points at nothing."


@pytest.mark.parametrize(
    ("covered", "elsewhere", "words"),
    [
        (0.2, [0.8] * 20, "passes"),
        (0.2, [0.1, *[0.8] * 19], "could be chance"),
        (0.8, [0.7] * 20, "All of them lower it as much: the explanation fails"),
        (0.95, [*[0.8] * 14, *[0.96] * 6], "lowers nothing: the explanation fails"),
    ],
)
def test_the_verdict_depends_on_how_many_random_places_are_as_good(covered, elsewhere, words):
    assert words in verdict_of(CoverTest(0.9, covered, np.array(elsewhere)))


def test_the_outcome_compares_the_probability_with_that_of_random_places():
    text = outcome("cat", 0.1, CoverTest(0.9, 0.25, np.linspace(0.7, 0.8, 20)))
    assert "Covering this 10\xa0% of the image takes cat from 90\xa0% to 25\xa0%" in text
    assert "at 20 random places takes it to 75\xa0% on average (70\xa0% to 80\xa0%)" in text
