import json

import numpy as np
import pytest

from cnn.figures import curves
from cnn.store.records import EpochRecord, StepRecord

STEPS = [StepRecord(n, 1, loss=1 / n, smooth=1.1 / n) for n in range(1, 6)]
EPOCHS = [
    EpochRecord(n, 5 * n, 1 / n, 0.8, val_loss=loss, val_accuracy=accuracy, seconds=1.0, images_per_second=9.0)
    for n, loss, accuracy in ((1, 0.9, 0.5), (2, 0.4, 0.7), (3, 0.6, 0.9))
]
NOT_VALIDATED = [epoch._replace(val_loss=None, val_accuracy=None) for epoch in EPOCHS]

MADE = {
    "losses": lambda: curves.losses(STEPS, EPOCHS, {3: 0.1}),
    "losses at first": lambda: curves.losses([], [], {}),
    "losses without held-out images": lambda: curves.losses(STEPS, NOT_VALIDATED, {}),
    "accuracies": lambda: curves.accuracies(EPOCHS, 3, chance=0.5),
    "accuracies at first": lambda: curves.accuracies([], 10_000, chance=0.1),
    "accuracies without held-out images": lambda: curves.accuracies(NOT_VALIDATED, 3, chance=0.5),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_curves_are_plain_data_with_a_height_for_each_place(make):
    made = make()
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert all(len(line["x"]) == len(line["y"]) for line in made["lines"])


def line(made: dict, name: str) -> dict:
    (found,) = [line for line in made["lines"] if line["name"] == name]
    return found


def test_the_best_epoch_is_the_one_with_the_least_validation_loss_or_the_highest_accuracy():
    assert curves.losses(STEPS, EPOCHS, {})["best"] == {"x": 10, "y": 0.4, "text": "lowest: epoch 2"}
    assert curves.accuracies(EPOCHS, 3, 0.5)["best"] == {"x": 3, "y": 0.9, "text": "highest: epoch 3"}


def test_long_runs_show_fixed_epochs_the_newest_and_the_best():
    def of(n_epochs: int) -> dict:
        epochs = [EPOCHS[0]._replace(epoch=n, step=5 * n, val_accuracy=float(n == 77)) for n in range(1, n_epochs)]
        return curves.accuracies(epochs, 10_000, 0.5)

    at = line(of(1234), "held-out")["x"]
    assert 100 <= len(at) <= 201 and at[-1] == 1233 and len(set(np.diff(at[:-1]))) == 1
    assert set(at[:-1]) <= set(line(of(1300), "held-out")["x"])
    assert of(1234)["best"] == {"x": 77, "y": 1.0, "text": "highest: epoch 77"}


def test_epochs_are_marked_while_there_are_few():
    def marks(n_epochs: int) -> list[str]:
        epochs = [EPOCHS[0]._replace(epoch=n, step=5 * n) for n in range(1, n_epochs + 1)]
        return [line["marks"] for line in curves.losses(STEPS, epochs, {})["lines"]]

    assert marks(50) == ["", "", "open", "filled"] and marks(51) == [""] * 4


def test_without_validation_no_epoch_is_the_best():
    for made in (curves.losses(STEPS, NOT_VALIDATED, {}), curves.accuracies(NOT_VALIDATED, 3, 0.5)):
        assert made["best"] is None and line(made, "held-out")["x"] == []


def test_the_curves_show_the_numbers_of_the_run():
    made = curves.losses(STEPS, EPOCHS, {3: 0.1})
    assert line(made, "batch")["x"] == [1, 2, 3, 4, 5]
    assert line(made, "batch")["y"] == [step.loss for step in STEPS]
    assert line(made, "smoothed")["y"] == [step.smooth for step in STEPS]
    assert line(made, "training")["x"] == [5, 10, 15] and line(made, "held-out")["y"] == [0.9, 0.4, 0.6]
    assert made["changes"] == [{"x": 3, "text": "learning rate 0.1"}]


def spiked(peak: float, at: int = 50, number: int = 100) -> list[StepRecord]:
    """Steps with a loss of 2 at first, of 0.5 soon, and of `peak` once."""
    losses = [2.0 if n < 5 else 0.5 for n in range(1, number + 1)]
    losses[at - 1] = peak
    return [StepRecord(n, 1, loss, smooth=min(loss, 2)) for n, loss in enumerate(losses, start=1)]


def test_the_axis_is_cut_below_a_high_peak_and_names_its_height():
    assert curves.losses(spiked(59_785.4), [], {})["cut"] == {"y": 4.0, "text": "59,785 at step 50"}
    assert curves.losses(spiked(9.04), [], {})["cut"] == {"y": 4.0, "text": "9.0 at step 50"}
    epochs = [EPOCHS[0]._replace(val_loss=1556.0, step=70)]
    assert curves.losses(spiked(0.5), epochs, {})["cut"] == {"y": 4.0, "text": "1,556 at step 70"}


def test_the_smoothed_loss_does_not_hide_that_the_losses_are_small_again_after_a_peak():
    steps = [
        StepRecord(n, 1, loss=50_000.0 if n == 3 else 0.7, smooth=max(0.7, 5_000 * 0.95**n)) for n in range(1, 231)
    ]
    assert curves.losses(steps, [], {})["cut"]["y"] < 2


def test_the_axis_is_not_cut_if_all_is_visible_or_most_values_are_high():
    assert curves.losses(spiked(7.9), [], {})["cut"] is None
    assert curves.losses(spiked(0.0), [], {})["cut"] is None
    zeros = [step._replace(loss=0.0, smooth=0.0) for step in STEPS]
    assert curves.losses(zeros, [], {})["cut"] is None
    grown = [step._replace(loss=900.0 if step.step > 80 else step.loss) for step in spiked(0.5)]
    assert curves.losses(grown, [], {})["cut"] is None


def test_the_accuracy_chart_shows_chance_and_the_guess():
    assert [level["y"] for level in curves.accuracies(EPOCHS, 3, chance=0.25)["levels"]] == [0.25]
    shown = curves.with_guess(curves.accuracies(EPOCHS, 3, chance=0.25), 0.8)
    assert [level["y"] for level in shown["levels"]] == [0.25, 0.8]
    assert curves.accuracies([], 3, chance=0)["levels"] == []  # a run that starts does not know its classes yet


def test_the_axis_has_room_for_all_planned_epochs():
    assert curves.accuracies(EPOCHS, 30, chance=0.5)["x_range"] == [0.5, 30.5]
    assert curves.accuracies([], 1, chance=0.5)["x_range"] == [0.5, 2.5]


def test_the_axis_of_the_loss_ends_where_the_losses_end_and_shows_the_loss_of_guessing():
    epochs = [epoch._replace(train_loss=0.62) for epoch in EPOCHS[:1]]
    steps = [StepRecord(n, 1, loss=0.69 - n / 1000, smooth=0.69 - n / 1000) for n in range(1, 50)]
    made = curves.losses(steps, [epochs[0]._replace(val_loss=0.65)], {}, guess=0.6931)
    low, high = made["y_range"]
    assert 0.58 <= low < 0.62 and 0.6931 < high < 0.72
    assert [(level["y"], level["text"]) for level in made["levels"]] == [(0.6931, "guessing")]
    assert curves.losses(STEPS, EPOCHS, {})["levels"] == []


def test_single_batches_do_not_decide_where_the_axis_ends():
    steps = [StepRecord(n, 1, loss=0.01 if n == 50 else 0.5, smooth=0.5) for n in range(1, 101)]
    low, _ = curves.losses(steps, [], {}, guess=0.7)["y_range"]
    assert low > 0.4


def test_the_axis_of_the_steps_is_that_of_the_whole_run_or_changes_seldom():
    def end(last: int, total: int | None) -> float | None:
        steps = [StepRecord(n, 1, 1.0, 1.0) for n in range(1, last + 1)]
        return curves.losses(steps, [], {}, total_steps=total)["x_range"][1]

    assert [end(last, 230) for last in (0, 1, 229, 230)] == [230, 230, 230, None]
    assert len({end(last, 78_000) for last in range(1, 2000, 100)}) <= 3
    assert all(last < end(last, 78_000) <= max(1000, 2.01 * last) for last in range(1, 2000, 100))
    assert end(5, None) is None


def test_both_axes_show_the_same_part_of_a_long_run():
    def shares(last: int) -> tuple[float, float]:
        steps = [StepRecord(n, 1, 1.0, 1.0) for n in range(1, last + 1)]
        epochs = [EPOCHS[0]._replace(epoch=last // 23, step=last)]
        _, step = curves.losses(steps, epochs, {}, total_steps=6900)["x_range"]
        _, epoch = curves.accuracies(epochs, 300, chance=0.5, total_steps=6900)["x_range"]
        return (step or last) / 6900, (epoch - 0.5) / 300

    for last in (23, 460, 1150, 3450, 6877, 6900):
        step, epoch = shares(last)
        assert abs(step - epoch) < 1 / 300, last
        assert epoch >= last / 6900
