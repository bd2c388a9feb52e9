"""What a run's history says: each rule on histories that show it, and on histories that must not trigger it."""

from dataclasses import replace

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.advice import advice, dead, stuck
from cnn.store.records import EpochRecord
from cnn.store.verdict import Verdict, steps_of

ASSIGNMENT = NetworkSpec()


@pytest.fixture
def judge(store, create_run):
    """The verdict on a run of these epochs. per_class: its held-out images of each class."""
    run = replace(store.get(create_run()), classes=("cat", "dog"), dataset_spec=DatasetSpec())

    def judge(
        *epochs: EpochRecord, per_class=(100, 100), train_per_class=(400, 400), network=ASSIGNMENT, **training
    ) -> Verdict:
        facts = {"val_images": sum(per_class), "train_images": sum(train_per_class)}
        facts |= {"val_per_class": list(per_class), "train_per_class": list(train_per_class)}
        spec = TrainingSpec(**{"epochs": epochs[-1].epoch, **training})
        settings = {"network_spec": network, "training_spec": spec}
        return Verdict(replace(run, facts=facts, status="finished", **settings), epochs)

    return judge


def epoch(number: int, val=(0.5, 0.8), train=(0.4, 0.85), steps=50, predicted=(), right=(), dead=()) -> EpochRecord:
    """val, train: (loss, accuracy)."""
    return EpochRecord(number, number * steps, *train, *val, 1.0, 100.0, predicted, right, dead)


def text(verdict: Verdict) -> str:
    return " ".join([*verdict.sentences(), *advice(verdict)]).replace("\N{NO-BREAK SPACE}", " ")


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
    verdict = judge(epoch(1, (0.7, accuracy), (0.7, accuracy)), per_class=per_class)
    assert not verdict.knows_something
    assert "not clearly better than guessing" in text(verdict) and "To get better than guessing, try" in text(verdict)


def test_guessing_is_judged_by_the_largest_class(judge):
    verdict = judge(epoch(1, (0.3, 0.95)), per_class=(190, 10))
    assert verdict.guess == 0.95 and "always naming “cat” gets 95.0 %." in text(verdict)


def test_one_class_that_gets_most_answers_is_named(judge):
    assert "It calls 85 % of all held-out images “cat”." in text(judge(epoch(1, predicted=(170, 30))))
    assert "It calls" not in text(judge(epoch(1, predicted=(110, 90))))
    assert "It calls" not in text(judge(epoch(1, predicted=(185, 15)), per_class=(180, 20)))  # most images are cats


def test_classes_that_differ_are_named(judge):
    assert "Of the 100 held-out images of “cat” it gets 86 % right, of the 100 of “dog” 30 %." in text(
        judge(epoch(1, predicted=(100, 100), right=(86, 30)))
    )
    assert "Of the" not in text(judge(epoch(1, predicted=(100, 100), right=(80, 78))))
    assert "Of the" not in text(judge(epoch(1, predicted=(100, 4), right=(100, 0)), per_class=(100, 4)))  # too few dogs
    only_cats = text(judge(epoch(1, (0.7, 0.5), predicted=(200, 0), right=(100, 0))))
    assert "It calls 100 % of all held-out images “cat”." in only_cats and "Of the" not in only_cats


def test_a_layer_that_is_mostly_dead_is_named(judge):
    found = text(judge(*GOOD, epoch(4, dead=(("relu1", 1, 16), ("relu3", 9, 16)))))
    assert "9 of 16 units of relu3 are dead" in found and "relu1" not in found
    assert "dead" not in text(judge(*GOOD, epoch(4, dead=(("relu3", 7, 16),))))
    silent = epoch(4, dead=(("relu3", 16, 16),))
    assert "dead" not in text(judge(*GOOD, silent, per_class=(3, 3)))  # for 6 images, a living unit may be 0


@pytest.mark.parametrize(
    ("layer", "network", "training", "helps"),
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
        ("relu3", {}, {"learning_rate": 1}, "revives them. Try a smaller learning rate (it was 1)."),
        (
            "relu3",
            {},
            {"learning_rate": 1, "optimizer": "sgd"},
            "try a smaller learning rate (it was 1), a one-cycle schedule or",
        ),
        ("relu1", {"preprocessing": "unit", "dense_bias": 0}, {}, "try standardised pixels or Leaky ReLU."),
        ("relu1", {"base": "shapes"}, {}, "start from another network, or fine-tune its convolutions."),
        ("relu1", {"base": "shapes", "fine_tune": True}, {}, "To have fewer of them, try Leaky ReLU."),
        ("relu3", {"base": "shapes"}, {"schedule": "one_cycle"}, "To have fewer of them, try Leaky ReLU."),
    ],
)
def test_what_helps_against_dead_units_depends_on_the_layer_and_the_settings(judge, layer, network, training, helps):
    verdict = judge(*GOOD, epoch(4, dead=((layer, 9, 16),)), network=NetworkSpec(**network), **training)
    assert helps in dead(verdict) and dead(verdict).endswith(("Leaky ReLU.", "convolutions.", "(it was 1)."))


def test_overfitting_is_dated(judge):
    epochs = [epoch(1, (0.6, 0.7)), epoch(2, (0.5, 0.75)), epoch(3, (0.6, 0.74)), epoch(4, (0.8, 0.74), (0.1, 0.97))]
    assert "From epoch 3 on it overfits: the held-out loss rose from 0.50 to 0.80" in text(judge(*epochs))
    assert "What helps: more images, augmentation or dropout. The snapshot of epoch 2 has" in text(judge(*epochs))
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
    found = text(judge(remembered, train_per_class=(30, 30)))
    assert "remembers its 30 training images of each class" in found
    assert "More images, augmentation or starting from a network that was trained on more images" in found
    used = judge(remembered, train_per_class=(30, 30), mirror=True, network=NetworkSpec(base="cats"))
    assert text(used).endswith("than it understands them. More images would help.")
    assert "remembers" not in text(judge(remembered, train_per_class=(1000, 1000)))
    assert "remembers" not in text(judge(epoch(1, (0.6, 0.7), (0.6, 0.71)), train_per_class=(30, 30)))


GUESSED = epoch(2, (0.7, 0.5), (0.69, 0.52), 200)


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({}, "another learning rate (*Find a learning rate* measures one), more epochs or batch normalisation."),
        (
            {"network": NetworkSpec(batch_norm=True)},
            "another learning rate (*Find a learning rate* measures one) or more",
        ),
        ({"learning_rate": 1e-6}, "a larger learning rate (0.001 suits most networks, and it was 1e-06)."),
        ({"learning_rate": 0.3}, "a smaller learning rate (0.001 suits most networks, and it was 0.3)."),
        ({"optimizer": "sgd", "learning_rate": 0.1}, "another learning rate (*Find a learning rate* measures one)."),
        (
            {"learning_rate": 0.002, "weight_decay": 1.0},
            "a smaller learning rate (0.001 suits most networks, and it was 0.002) or less weight decay (it was 1).",
        ),
        ({"weight_decay": 1.0}, "less weight decay (it was 1)."),
        ({"network": NetworkSpec(dropout=0.2, block_dropout=0.9)}, "less dropout (it was 0.9)."),
        ({"train_per_class": [390, 10]}, "more images of the smaller classes (it has 10 training images of “dog”)."),
    ],
)
def test_a_network_no_better_than_guessing_is_told_what_to_change_in_its_settings(judge, settings, changes):
    found = stuck(judge(GUESSED, **settings))
    assert found.startswith(f"To get better than guessing, try {changes}")


def test_few_steps_are_named_to_a_network_that_has_learned_nothing(judge):
    one = epoch(1, (0.7, 0.5), (0.7, 0.5), 1)
    assert stuck(judge(one, batch_size=512)).endswith("try more epochs or smaller batches (1 step is few).")
    stopped = epoch(3, (0.7, 0.5), (0.7, 0.5), 20)
    assert stuck(judge(stopped, epochs=100, patience=1)).endswith("try more patience (60 steps are few).")


def test_what_is_only_remembered_is_not_called_overfitting(judge):
    """As on noise: not even its best snapshot was better than guessing."""
    remembered = [epoch(1, (0.69, 0.5), (0.7, 0.5)), epoch(2, (1.5, 0.51), (0.01, 1.0))]
    verdict = judge(*remembered)
    (sentence,) = advice(verdict)
    assert "100 % of its training images right" in text(verdict)
    assert "labels are wrong" in sentence and "sure" not in sentence
    assert "Perhaps it needs more than 400 training images of each class, or augmentation." in sentence
    assert "augmentation" not in text(judge(*remembered, mirror=True))
    few = judge(*remembered, per_class=(5, 5), train_per_class=(10, 10))
    assert "10 training images of each class" in text(few) and "10 held-out images are too few to be sure" in text(few)
    begun = [epoch(1, (0.69, 0.5), (0.7, 0.5), 10), epoch(2, (0.7, 0.5), (0.6, 0.65), 10)]
    assert "more epochs (20 steps are few)" in text(judge(*begun)) and "of its training" not in text(judge(*begun))
    once_better = [epoch(1, (0.6, 0.7), (0.7, 0.6)), remembered[1]]
    assert "From epoch 2 on it overfits" in text(judge(*once_better))


def test_held_out_images_that_are_known_from_training_prove_nothing(judge):
    verdict = judge(epoch(1, (0.1, 0.99)))
    facts = verdict.run.facts
    known = Verdict(replace(verdict.run, facts=facts | {"val_copies": 200}), verdict.epochs)
    assert not known.knows_something
    assert "It knows 200 of them from training. On other images, expect less. So these images do not" in text(known)
    assert "delete the copies" in text(known) and "To get better than guessing" not in text(known)
    few = Verdict(replace(verdict.run, facts=facts | {"val_copies": 10}), verdict.epochs)
    assert few.knows_something and "It knows 10 of them" in text(few) and "delete" not in text(few)
    at_its_best = judge(epoch(1, (0.5, 0.7)), epoch(2, (0.9, 0.5), (0.1, 0.99)))
    assert at_its_best.learned_something and not at_its_best.knows_something
    half_known = replace(at_its_best.run, facts=facts | {"val_copies": 100})
    assert not Verdict(half_known, at_its_best.epochs).learned_something


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
