"""What a run's history says: each rule on histories that show it, and on histories that must not trigger it."""

from dataclasses import replace

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.verdict import Verdict, steps_of

ASSIGNMENT = NetworkSpec()


@pytest.fixture
def judge(store, create_run):
    """The verdict on a run of these epochs. per_class: its held-out images of each class."""
    run = replace(store.get(create_run()), classes=("cat", "dog"), dataset_spec=DatasetSpec())

    def judge(*epochs: EpochRecord, per_class=(100, 100), train_images=800, network=ASSIGNMENT, **training) -> Verdict:
        facts = {"val_images": sum(per_class), "val_per_class": list(per_class), "train_images": train_images}
        spec = TrainingSpec(**{"epochs": epochs[-1].epoch, **training})
        settings = {"network_spec": network, "training_spec": spec}
        return Verdict(replace(run, facts=facts, status="finished", **settings), epochs)

    return judge


def epoch(number: int, val=(0.5, 0.8), train=(0.4, 0.85), steps=50, predicted=(), right=(), dead=()) -> EpochRecord:
    """val, train: (loss, accuracy)."""
    return EpochRecord(number, number * steps, *train, *val, 1.0, 100.0, predicted, right, dead)


def text(verdict: Verdict) -> str:
    return " ".join([*verdict.sentences(), *verdict.advice()]).replace("\N{NO-BREAK SPACE}", " ")


GOOD = [epoch(1, (0.6, 0.7), (0.6, 0.7), 200), epoch(2, (0.5, 0.79), (0.5, 0.8), 200), epoch(3, steps=200)]


def test_a_good_run_is_told_how_sure_its_accuracy_is_and_gets_no_advice(judge):
    verdict = judge(*GOOD, epoch(4, (0.495, 0.8), (0.4, 0.86), 200, (105, 95), (80, 80)))
    assert verdict.knows_something
    assert text(verdict) == (
        "It gets 80.0 % of the 200 held-out images right (one image is 0.5 points). On other images of this kind, "
        "expect 74 % to 85 %. Guessing (naming any one class for all of them) would get 50.0 %."
    )


@pytest.mark.parametrize(("accuracy", "per_class"), [(0.5, (100, 100)), (0.56, (100, 100)), (0.94, (190, 10))])
def test_what_is_not_clearly_better_than_naming_the_largest_class_is_no_success(judge, accuracy, per_class):
    verdict = judge(epoch(1, (0.7, accuracy)), per_class=per_class)
    assert not verdict.knows_something
    assert "not clearly better than guessing" in text(verdict) and "Try another learning rate" in text(verdict)


def test_guessing_is_judged_by_the_largest_class(judge):
    assert judge(epoch(1), per_class=(190, 10)).guess == 0.95


def test_one_class_that_gets_most_answers_is_named(judge):
    assert "It calls 85 % of all held-out images “cat”." in text(judge(epoch(1, predicted=(170, 30))))
    assert "It calls" not in text(judge(epoch(1, predicted=(110, 90))))
    assert "It calls" not in text(judge(epoch(1, predicted=(185, 15)), per_class=(180, 20)))  # most images are cats


def test_classes_that_differ_are_named(judge):
    assert "Of “cat” it gets 86 % right, of “dog” 30 %." in text(judge(epoch(1, predicted=(100, 100), right=(86, 30))))
    assert "Of “" not in text(judge(epoch(1, predicted=(100, 100), right=(80, 78))))


def test_a_layer_that_is_mostly_dead_is_named(judge):
    found = text(judge(*GOOD, epoch(4, dead=(("relu1", 1, 16), ("relu3", 9, 16)))))
    assert "9 of 16 units of relu3 are dead" in found and "relu1" not in found
    assert "dead" not in text(judge(*GOOD, epoch(4, dead=(("relu3", 7, 16),))))


@pytest.mark.parametrize(
    ("layer", "network", "training", "advice"),
    [
        ("relu3", {}, {}, "try a one-cycle schedule or Leaky ReLU."),
        ("relu3", {}, {"schedule": "one_cycle"}, "To have fewer of them, try Leaky ReLU."),
        (
            "relu3",
            {"dense_bias": 0},
            {},
            "try an initial bias of dense units of 3, a one-cycle",
        ),
        (
            "relu3",
            {"preprocessing": "unit"},
            {"learning_rate": 0.01, "schedule": "cosine"},
            "try a smaller learning rate (it was 0.01) or",
        ),
        ("relu3", {}, {"learning_rate": 1}, "try a smaller learning rate (it was 1), a one-cycle schedule or"),
        ("relu1", {"preprocessing": "unit", "dense_bias": 0}, {}, "try standardised pixels or Leaky ReLU."),
        ("relu1", {"base": "shapes"}, {}, "start from another network, or fine-tune its convolutions."),
        ("relu1", {"base": "shapes", "fine_tune": True}, {}, "To have fewer of them, try Leaky ReLU."),
        ("relu3", {"base": "shapes"}, {"schedule": "one_cycle"}, "To have fewer of them, try Leaky ReLU."),
    ],
)
def test_what_helps_against_dead_units_depends_on_the_layer_and_the_settings(judge, layer, network, training, advice):
    verdict = judge(*GOOD, epoch(4, dead=((layer, 9, 16),)), network=NetworkSpec(**network), **training)
    assert advice in verdict.dead() and verdict.dead().endswith(("Leaky ReLU.", "convolutions."))


def test_overfitting_is_dated(judge):
    epochs = [epoch(1, (0.6, 0.7)), epoch(2, (0.5, 0.75)), epoch(3, (0.6, 0.74)), epoch(4, (0.8, 0.74), (0.1, 0.97))]
    assert "From epoch 3 on it overfits: the held-out loss rose from 0.50 to 0.80" in text(judge(*epochs))
    assert "What helps: more images, augmentation or dropout. The snapshot of epoch 2" in text(judge(*epochs))
    assert "What helps: more images or dropout." in text(judge(*epochs, mirror=True))
    assert "overfits" not in text(judge(*epochs[:3], epoch(4, (0.8, 0.74), (0.5, 0.76))))  # both got worse
    assert "overfits" not in text(judge(*epochs[:3], epoch(4, (0.51, 0.78), (0.1, 0.97))))


def test_a_run_that_still_improves_is_to_go_on(judge):
    improving = [epoch(n, (1 - 0.1 * n, 0.5 + 0.05 * n), steps=10) for n in range(1, 5)]
    assert "40 steps are few, and it was still getting better when it ended: train more epochs." in text(
        judge(*improving)
    )
    longer = [epoch(n, (1 - 0.1 * n, 0.5 + 0.05 * n), steps=100) for n in range(1, 5)]
    assert "It was still getting better when it ended" in text(judge(*longer))
    flat = [*improving[:3], epoch(4, (improving[2].val_loss, 0.65))]
    assert "still getting better" not in text(judge(*flat))


def test_too_few_images_are_named_if_they_are_remembered(judge):
    remembered = epoch(1, (0.6, 0.7), (0.1, 0.99))
    found = text(judge(remembered, train_images=60))
    assert "remembers its 30 training images of each class" in found
    assert "More images, augmentation or starting from a network that was trained on more images" in found
    used = judge(remembered, train_images=60, mirror=True, network=NetworkSpec(base="cats"))
    assert text(used).endswith("than it understands them. More images would help.")
    assert "remembers" not in text(judge(remembered, train_images=2000))
    assert "remembers" not in text(judge(epoch(1, (0.6, 0.7), (0.6, 0.71)), train_images=60))


def test_early_stopping_is_told_apart_from_a_run_to_the_end(judge):
    assert judge(*GOOD, epochs=10, patience=2).ended_early
    assert not judge(*GOOD, patience=2).ended_early and not judge(*GOOD, epochs=10).ended_early


def test_a_run_of_an_older_version_has_a_verdict(judge):
    verdict = judge(epoch(1))
    older = replace(verdict.run, facts={"val_images": 200, "train_images": 800})
    assert Verdict(older, verdict.epochs).guess == 0.5 and "80.0 %" in text(Verdict(older, verdict.epochs))


def test_the_epochs_that_give_enough_steps_are_computed():
    assert steps_of(1000, 32, 10) == (320, 10)
    assert steps_of(100, 32, 10) == (40, 75)
