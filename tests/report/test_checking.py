"""Questions held against images and a network: right, wrong, and which mistake leads there."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.report import facts
from cnn.report.assignment import Need, Option, Question
from cnn.report.case import Case, case_before
from cnn.report.checking import Check, check, is_count, options, outcome
from cnn.report.needs import status
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run import Run

NETWORK = NetworkSpec(filters=(4,), kernel_size=3, padding="none", dense=(8,))
RUN = Run(
    "r", 1000.0, "/images", DatasetSpec(image_size=18, channels=3), NETWORK, TrainingSpec(batch_size=32), "finished",
    "", ("cat", "dog", "eel"), None, {"train_images": 100, "val_images": 20, "val_per_class": [10, 6, 4]}, (),
)  # fmt: skip
EPOCHS = [
    EpochRecord(1, 4, 1.0, 0.5, 1.0, 0.5, 1, 1, (10, 6, 4), (5, 3, 2)),
    EpochRecord(2, 8, 0.5, 0.9, 1.2, 0.65, 1, 1, (10, 6, 4), (9, 3, 1)),
]
CASE = Case(RUN, EPOCHS, None, np.array([[9, 1, 0], [3, 3, 0], [0, 3, 1]]))
# Counted by hand: 4 filters of 3 x 3 x 3 and a bias; maps of 16 x 16, pooled 8 x 8, 256 values; 8 units; 3 units.
CONV, DENSE, LOGITS = 4 * (27 + 1), 8 * (256 + 1), 3 * (8 + 1)


def number(fact, **more):
    return Question("q", "number", "?", fact=fact, **more)


@pytest.mark.parametrize(
    "key, value",
    [
        ("parameters", CONV + DENSE + LOGITS),
        ("conv1 parameters", CONV),
        ("dense 1 parameters", DENSE),
        ("first dense parameters", DENSE),
        ("last dense parameters", LOGITS),
        ("logits parameters", LOGITS),
        ("largest layer", "dense1"),
        ("classes", 3),
        ("training images", 100),
        ("guessing level", 50),
        ("held-out accuracy", 65),
        ("training accuracy", 90),
        ("epochs", 2),
        ("best epoch", 1),
        ("batch size", 32),
        ("steps per epoch", 4),
        ("hardest class", ("eel",)),
        ("most confused", ("dog taken for cat", "eel taken for dog")),
        ("overfitting", "yes"),
    ],
)
def test_a_fact_is_that_of_the_network(key, value):
    found = facts.find(key).value(CASE)
    assert found == (value if isinstance(value, str | tuple) else pytest.approx(value))


def test_the_accuracy_is_that_of_the_network_which_the_pages_show():
    shown = replace(CASE, step=4)  # after the first epoch, where the held-out loss is lowest
    assert check(number("held-out accuracy"), 50, shown).right
    assert "after the last epoch" in check(number("held-out accuracy"), 65, shown).feedback
    assert facts.find("hardest class").value(shown) == ("cat", "dog", "eel")  # half of each


def test_frozen_layers_are_not_trainable():
    case = replace(CASE, run=replace(RUN, network_spec=replace(NETWORK, base="another")))
    assert facts.find("parameters").value(case) == DENSE + LOGITS
    found = check(number("parameters"), CONV + DENSE + LOGITS, case)
    assert found.right is False and "The frozen layers" in found.feedback
    assert "what the frozen layers have" in check(number("parameters"), CONV, case).feedback
    assert facts.find("conv1 parameters").value(case) == CONV


def test_the_facts_of_a_network_without_convolutions():
    dense = NetworkSpec(filters=(), dense=(3, 3))
    case = replace(CASE, run=replace(RUN, dataset_spec=DatasetSpec(image_size=16, channels=1), network_spec=dense))
    assert facts.find("largest layer").value(case) == "dense1"
    assert facts.find("first conv parameters").value(case) is None
    assert facts.find("parameters").value(case) == 3 * (256 + 1) + 3 * (3 + 1) + 3 * (3 + 1)
    assert "bias" in check(number("first dense parameters"), 3 * 256, case).feedback


def test_a_fact_that_is_not_there_is_no_key():
    assert not facts.is_key("colour of the cat") and facts.is_key("conv 2 parameters")
    assert facts.find("conv2 parameters").value(CASE) is None


@pytest.mark.parametrize(
    "question, expected",
    [
        (number("parameters"), True),
        (number("first dense parameters"), True),
        (number("epochs"), True),
        (number("held-out accuracy"), False),
        (number("learning rate"), False),
        (Question("q", "number", "?", answer=25818), True),
        (Question("q", "number", "?", answer=2, tolerance=1), False),
        (Question("q", "number", "?", answer=1234.5), False),
        (Question("q", "guess", "?", unit="%"), False),
    ],
)
def test_only_whole_numbers_answer_a_question_that_counts(question, expected):
    assert is_count(question) == expected


@pytest.mark.parametrize(
    "key, answer, mistake",
    [
        ("dense1 parameters", 8 * 256, "bias"),
        ("dense1 parameters", 8 * 256 + 1, "bias of its own"),
        ("dense1 parameters", 256 + 1, "one unit"),
        ("dense1 parameters", 8 * (4 + 1), "inputs is wrong"),
        ("conv1 parameters", 4 * 27, "bias"),
        ("conv1 parameters", 4 * (9 + 1), "each map or colour"),
        ("parameters", DENSE + LOGITS, "left out conv1"),
        ("parameters", 4 * 27 + 8 * 256 + 3 * 8, "weights only"),
        ("guessing level", 33.3, "equally many"),
        ("held-out accuracy", 90, "training images"),
        ("held-out accuracy", 0.65, "percent"),
    ],
)
def test_a_typical_mistake_is_named_without_the_answer(key, answer, mistake):
    found = check(number(key), answer, CASE, tries=1)
    right = facts.find(key).value(CASE)
    assert (found.right, found.page != "") == (False, True)
    assert mistake in found.feedback and f"{right:,.0f}" not in found.feedback


@pytest.mark.parametrize(
    "key, answer, said",
    [
        ("held-out accuracy", -4, "−4 is not possible: it is a number from 0 to 100, in percent."),
        ("guessing level", 1000, "1,000 is not possible: it is a number from 0 to 100, in percent."),
        ("parameters", -1, "−1 is not possible: it is not below 0."),
    ],
)
def test_a_number_that_no_network_has_is_told_and_not_judged(key, answer, said):
    assert check(number(key), answer, None) == Check(None, said)
    found, fact = check(number(key), answer, CASE), facts.find(key)
    assert (found.right, found.page) == (None, fact.page)
    assert found.feedback == f"{said} Look at {fact.where}."
    assert check(number(key), 0, CASE).right is False


def test_the_reckoning_is_shown_after_the_third_try_and_for_a_right_answer():
    assert "8 × (256 + 1)" not in check(number("dense1 parameters"), 7, CASE, tries=2).feedback
    assert "8 × (256 + 1) = 2,056" in check(number("dense1 parameters"), 7, CASE, tries=3).feedback
    right = check(number("dense1 parameters"), DENSE, CASE, tries=1)
    assert right.right and "8 × (256 + 1) = 2,056" in right.feedback
    given = Question("q", "number", "?", answer=1200, why="12 × 100.")
    assert check(given, 7, None, tries=2).feedback == "Not quite. Try again."
    assert check(given, 7, None, tries=3).feedback == "Not quite. It is 1,200. 12 × 100."


def test_an_accuracy_may_be_rounded():
    assert check(number("held-out accuracy"), 65.4, CASE).right
    assert not check(number("held-out accuracy"), 67, CASE).right


@pytest.mark.parametrize(
    "key, page", [("images per class", "data"), ("parameters", "data"), ("held-out accuracy", "train")]
)
def test_without_images_and_a_run_nothing_is_judged(key, page):
    found = check(number(key), 7, None)
    assert (found.right, found.page) == (None, page) and "It is checked once you have" in found.feedback


def test_what_training_has_not_given_yet_is_not_judged():
    assert check(number("held-out accuracy"), 7, replace(CASE, epochs=[])).right is None


def before_training(image_folder, tmp_path, network=NETWORK):
    """The case of two classes of twelve images, two of each held out."""
    spec = DatasetSpec(image_size=18, channels=3, val_fraction=0.25)
    return case_before(read_dataset(image_folder, spec, tmp_path), network, TrainingSpec(batch_size=6))


@pytest.mark.parametrize(
    "key, value",
    [
        ("classes", 2),
        ("training images", 20),
        ("held-out images", 4),
        ("images per class", 12),
        ("guessing level", 50),
        ("conv1 parameters", CONV),
        ("parameters", CONV + DENSE + 2 * (8 + 1)),
    ],
)
def test_questions_about_images_and_layers_are_checked_before_training(image_folder, tmp_path, key, value):
    case = before_training(image_folder, tmp_path)
    assert check(number(key), value, case).right is True
    assert check(number(key), value + 1, case).right is False


def test_before_training_the_page_of_a_wrong_answer_about_images_is_the_data_page(image_folder, tmp_path):
    found = check(number("guessing level"), 80, before_training(image_folder, tmp_path), tries=3)
    assert (found.right, found.page) == (False, "data")
    assert "The largest class has 2 of the 4 held-out images: 50.0\xa0%." in found.feedback


@pytest.mark.parametrize("key", ["held-out accuracy", "batch size", "learning rate", "steps per epoch", "overfitting"])
def test_questions_about_training_wait_for_a_run(image_folder, tmp_path, key):
    case = before_training(image_folder, tmp_path)
    found = check(number(key), 6, case)
    assert (found.right, found.page) == (None, "train")
    assert options(Question("q", "choice", "?", fact="hardest class"), case) == []
    assert outcome(Question("q", "guess", "?", fact="held-out accuracy"), 80, 900.0, case) == ""


def test_a_network_that_does_not_fit_the_images_is_not_judged(image_folder, tmp_path):
    too_deep = replace(NETWORK, filters=(4, 4, 4, 4))
    case = before_training(image_folder, tmp_path, too_deep)
    found = check(number("parameters"), 0, case)
    assert (found.right, found.page) == (None, "network") and "once your network fits" in found.feedback
    assert check(number("classes"), 2, case).right is True


def test_the_largest_layer_can_be_chosen_before_training(image_folder, tmp_path):
    question, case = Question("q", "choice", "?", fact="largest layer"), before_training(image_folder, tmp_path)
    assert options(question, case) == ["conv1", "dense1", "logits"]
    assert check(question, "dense1", case).right is True


def test_a_choice_offers_the_classes_of_the_network():
    question = Question("q", "choice", "?", fact="most confused")
    assert len(options(question, CASE)) == 6 and "eel taken for cat" in options(question, CASE)
    assert check(question, "dog taken for cat", CASE).right
    assert not check(question, "cat taken for dog", CASE, 1).right


def test_a_choice_of_the_file_explains_the_chosen_answer():
    question = Question("q", "choice", "?", options=(Option("a", True), Option("b", False, "Think.")), why="So.")
    assert (check(question, "a", None).right, check(question, "a", None).feedback) == (True, "So.")
    assert check(question, "b", None).feedback == "Not quite. Think."


def test_a_guess_is_held_against_the_outcome():
    question = Question("q", "guess", "?", fact="held-out accuracy", unit="%")
    assert outcome(question, 80, 900.0, CASE) == "You guessed 80\xa0%; it is 65\xa0%: 15\xa0points too high."
    assert outcome(question, 65, 900.0, CASE).endswith("Well guessed.")
    assert "older than your guess" in outcome(question, 80, 1100.0, CASE)
    assert outcome(question, 80, 900.0, None) == ""


def test_a_guess_about_new_images_waits_for_them_and_may_be_younger_than_the_network():
    question = Question("q", "guess", "?", fact="new images accuracy", unit="%")
    assert outcome(question, 80, 1100.0, CASE) == ""
    judged = replace(CASE, new_images=(34, 40))
    assert outcome(question, 80, 1100.0, judged) == "You guessed 80\xa0%; it is 85\xa0%: 5\xa0points too low."
    asked = number("new images accuracy")
    assert check(asked, 85, judged).right and check(asked, 85, CASE).page == "results"
    assert check(asked, 85, None).page == "train"


@pytest.mark.parametrize(
    "need, is_met, missing",
    [
        (Need("3 to 10 classes", "classes", 3, 10), True, ""),
        (Need("4 classes", "classes", 4), False, "your network has 3"),
        (Need("a trained network", "network"), True, ""),
        (Need("5 epochs", "epochs", 5), False, "2 so far"),
        (Need("1 piece of evidence", "pieces", 1), False, "0 so far"),
        (Need("10 new images per class", "new images", 10), False, "dog has 3, eel has 0"),
        (Need("10 images each", "images", 10), None, ""),
    ],
)
def test_a_need_says_what_is_missing(need, is_met, missing):
    found = status(need, CASE, 0, {"cat": 12, "dog": 3})
    assert (found.is_met, found.missing) == (is_met, missing)
    without = status(need, None)
    assert without.missing and without.is_met is (False if need.what in ("network", "pieces") else None)


@pytest.mark.parametrize(
    "need, is_met, missing",
    [
        (Need("at least 3 classes", "classes", 3), False, "your dataset has 2"),
        (Need("2 classes", "classes", 2), True, ""),
        (Need("50 images each", "images", 50), False, "dark has 12, light has 12"),
        (Need("12 images each", "images", 12), True, ""),
    ],
)
def test_the_open_dataset_counts_until_there_is_a_network(image_folder, tmp_path, need, is_met, missing):
    found = status(need, before_training(image_folder, tmp_path))
    assert (found.is_met, found.missing) == (is_met, missing)
    assert "Data page" in status(need, None).missing


@pytest.mark.parametrize("what", ["network", "epochs", "new images"])
def test_before_training_a_step_that_needs_a_network_says_so(image_folder, tmp_path, what):
    found = status(Need("", what), before_training(image_folder, tmp_path), new_images={"light": 5, "dark": 5})
    assert found.is_met is not True and "train" in found.missing
