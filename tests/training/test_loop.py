import io
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from cnn.data.dataset import TRAIN, VAL
from cnn.errors import UserError
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.training.evaluation import probabilities
from cnn.training.loop import SMOOTHING, Diverged, Epoch, Step, Training, epoch_order
from cnn.training.schedule import share_of_rate
from tests.models import model_of

PLAIN = NetworkSpec(filters=(3,), dense=(5,))
ALL_KINDS = NetworkSpec(filters=(3, 4), padding="same", batch_norm=True, dropout=0.3, dense=(5,))


def model_for(dataset, spec: NetworkSpec = PLAIN, seed: int = 0):
    size, channels = dataset.images.shape[1], dataset.images.shape[3]
    return model_of(lay_out(spec, size, channels, len(dataset.classes)), seed)


def as_pytorch_does(dataset, chosen) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = torch.tensor(np.moveaxis(dataset.images[chosen], 3, 1).astype(np.float32) / 255)
    return pixels, torch.tensor(dataset.labels[chosen])


OPTIMIZERS = {
    "adam": lambda parameters, rate: torch.optim.Adam(parameters, rate, weight_decay=0.01),
    "adamw": lambda parameters, rate: torch.optim.AdamW(parameters, rate, weight_decay=0.01),
    "sgd": lambda parameters, rate: torch.optim.SGD(parameters, rate, momentum=0.9, weight_decay=0.01),
    "rmsprop": lambda parameters, rate: torch.optim.RMSprop(parameters, rate, weight_decay=0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_epochs_agree_with_a_plain_pytorch_loop(name, make_dataset):
    dataset = make_dataset(train=13, val=7, classes=3, channels=3)
    spec = TrainingSpec(epochs=2, batch_size=4, learning_rate=0.02, optimizer=name, weight_decay=0.01, seed=3)
    model = model_for(dataset)
    plain = deepcopy(model.network).to(memory_format=torch.contiguous_format)
    events = list(Training(model, dataset, spec).run())

    optimizer = OPTIMIZERS[name](plain.parameters(), 0.02)
    expected_losses = []
    for epoch in (1, 2):
        plain.train()
        loss_sum = correct = 0
        order = epoch_order(13, seed=3, epoch=epoch)
        for part in (order[:4], order[4:8], order[8:12], order[12:]):
            images, labels = as_pytorch_does(dataset, dataset.train[part])
            logits = plain(images)
            loss = nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            expected_losses.append(loss.item())
            loss_sum += loss.item() * len(part)
            correct += (logits.argmax(1) == labels).sum().item()
        plain.eval()
        images, labels = as_pytorch_does(dataset, dataset.val)
        logits = plain(images)
        done = [event for event in events if isinstance(event, Epoch)][epoch - 1]
        assert (done.epoch, done.step) == (epoch, 4 * epoch)
        assert done.train_loss == pytest.approx(loss_sum / 13, rel=1e-4) and done.train_accuracy == correct / 13
        assert done.val_loss == pytest.approx(nn.functional.cross_entropy(logits, labels).item(), rel=1e-4)
        assert done.val_accuracy == (logits.argmax(1) == labels).sum().item() / 7

    steps = [event for event in events if isinstance(event, Step)]
    assert [step.loss for step in steps] == pytest.approx(expected_losses, rel=1e-4)
    assert [(s.step, s.epoch, s.images) for s in steps[3:5]] == [(4, 1, 1), (5, 2, 4)]
    for ours, theirs in zip(model.network.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_the_smoothed_loss_is_a_weighted_mean_of_all_previous_losses(make_dataset):
    dataset = make_dataset()
    steps = [e for e in Training(model_for(dataset), dataset, TrainingSpec(batch_size=2)).run() if type(e) is Step]
    for n in (1, 5, len(steps)):
        weights = SMOOTHING ** np.arange(n)[::-1]
        assert steps[n - 1].smooth == pytest.approx(np.average([s.loss for s in steps[:n]], weights=weights))


def test_training_continues_bit_for_bit_from_any_checkpoint(make_dataset):
    dataset = make_dataset(train=14, val=4)
    spec = TrainingSpec(epochs=2, batch_size=4, seed=11)

    def start(seed: int) -> Training:
        return Training(model_for(dataset, ALL_KINDS, seed), dataset, spec)

    whole = start(seed=1)
    events = list(whole.run())
    assert len(events) == 10
    for cut in range(11):
        first = start(seed=1)
        running = first.run()
        before = [next(running) for _ in range(cut)]
        file = io.BytesIO()
        torch.save(first.state_dict(), file)
        file.seek(0)
        torch.manual_seed(cut)  # changes the random state in between
        rest = start(seed=99)
        rest.load_state_dict(torch.load(file, weights_only=True))
        assert before + list(rest.run()) == events
        for name, value in whole.network.state_dict().items():
            assert torch.equal(rest.network.state_dict()[name], value), (cut, name)


def test_evaluating_between_two_steps_changes_nothing(make_dataset):
    dataset = make_dataset()
    undisturbed = list(Training(model_for(dataset, ALL_KINDS), dataset, TrainingSpec(batch_size=5)).run())
    training = Training(model_for(dataset, ALL_KINDS), dataset, TrainingSpec(batch_size=5))
    disturbed = []
    for event in training.run():
        disturbed.append(event)
        probabilities(training.model, dataset.images[:3])
    assert disturbed == undisturbed


def test_a_new_learning_rate_applies_from_its_step(make_dataset):
    dataset = make_dataset(train=12, val=0)
    model = model_for(dataset)
    plain = deepcopy(model.network)
    training = Training(model, dataset, TrainingSpec(epochs=1, batch_size=3, learning_rate=0.1, optimizer="sgd"))
    training.learning_rates = {3: 0.5, 4: 0.01}
    assert [training.learning_rate_at(step) for step in (1, 2, 3, 4, 5)] == [0.1, 0.1, 0.5, 0.01, 0.01]
    losses = [event.loss for event in training.run() if isinstance(event, Step)]

    optimizer = torch.optim.SGD(plain.parameters(), 0.1, momentum=0.9)
    for part, rate, loss in zip(np.split(epoch_order(12, 0, 1), 4), (0.1, 0.1, 0.5, 0.01), losses, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        images, labels = as_pytorch_does(dataset, dataset.train[part])
        expected = nn.functional.cross_entropy(plain(images), labels)
        assert loss == pytest.approx(expected.item(), rel=1e-4)
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
    assert torch.allclose(model.network.conv1.weight, plain.conv1.weight, rtol=1e-3, atol=1e-5)


def test_a_nan_loss_ends_training_with_advice(make_dataset):
    dataset = make_dataset()
    model = model_for(dataset)
    nn.init.constant_(model.network.logits.weight, float("nan"))
    with pytest.raises(Diverged, match=r"became not a number \(NaN\) after step 0, .* smaller learning rate .*0\.001"):
        list(Training(model, dataset, TrainingSpec()).run())


def test_an_infinite_loss_ends_training_before_the_weights_move(make_dataset):
    dataset = make_dataset()
    model = model_for(dataset)
    nn.init.zeros_(model.network.logits.weight)
    model.network.logits.bias.data = torch.tensor([3e38, -3e38])
    before = deepcopy(model.network.state_dict())
    with pytest.raises(Diverged, match="became infinite after step 0"):
        list(Training(model, dataset, TrainingSpec()).run())
    assert all(torch.equal(before[name], value) for name, value in model.network.state_dict().items())


def test_weights_broken_by_the_last_step_of_an_epoch_are_detected(make_dataset):
    dataset = make_dataset(train=8, val=4)
    training = Training(model_for(dataset), dataset, TrainingSpec(epochs=1, batch_size=8))
    running = training.run()
    next(running)
    nn.init.constant_(training.network.logits.weight, float("nan"))
    with pytest.raises(Diverged, match="after step 1"):
        next(running)


@pytest.mark.parametrize("val", [0, 4])
def test_training_never_succeeds_with_nan_weights(make_dataset, val):
    dataset = make_dataset(train=8, val=val)
    model = model_for(dataset)
    model.network.conv1.weight.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(Diverged):
        list(Training(model, dataset, TrainingSpec(epochs=1, batch_size=8)).run())


def test_a_batch_larger_than_the_dataset_is_the_whole_dataset(make_dataset):
    dataset = make_dataset(train=6, val=2)
    step, epoch = Training(model_for(dataset), dataset, TrainingSpec(epochs=1, batch_size=4096)).run()
    assert (step.images, epoch.step) == (6, 1) and step.loss == pytest.approx(epoch.train_loss)


def test_one_image_per_class_is_enough_to_train(make_dataset):
    dataset = make_dataset(train=2, val=0)
    *_, epoch = Training(model_for(dataset), dataset, TrainingSpec(epochs=40, learning_rate=0.05)).run()
    assert epoch.train_accuracy == 1 and epoch.train_loss < 0.1
    assert epoch.val_loss is None and epoch.val_accuracy is None


# 19 → 13 → 7 → 1: the last batch norm gets maps of a single pixel.
TO_ONE_PIXEL = NetworkSpec(filters=(2, 2, 2), kernel_size=7, pooling="none", batch_norm=True)


@pytest.mark.parametrize("batch_size", [1, 4, 8])
def test_batch_norm_over_a_single_value_is_refused_with_the_reason(make_dataset, batch_size):
    dataset = make_dataset(train=9, size=19)
    with pytest.raises(UserError, match=rf"a single image .*9 training images, batch size {batch_size}\)"):
        Training(model_for(dataset, TO_ONE_PIXEL), dataset, TrainingSpec(batch_size=batch_size))


@pytest.mark.parametrize(
    ("spec", "batch_size"),
    [(TO_ONE_PIXEL, 5), (TO_ONE_PIXEL, 9), (NetworkSpec(filters=(2, 2), batch_norm=True), 1)],
    ids=["last batch of four", "one batch", "larger maps"],
)
def test_batch_norm_over_several_values_trains(make_dataset, spec, batch_size):
    dataset = make_dataset(train=9, size=19)
    list(Training(model_for(dataset, spec), dataset, TrainingSpec(epochs=1, batch_size=batch_size)).run())


def test_checking_batch_norm_works_on_another_device(make_dataset):
    dataset = make_dataset(train=9)
    model = model_for(dataset, NetworkSpec(filters=(2,), batch_norm=True))
    Training(model, dataset, TrainingSpec(batch_size=8), device="meta")  # PyTorch's device that only knows shapes


def test_no_images_give_neither_loss_nor_accuracy(make_dataset):
    dataset = make_dataset(val=0)
    assert Training(model_for(dataset), dataset, TrainingSpec()).evaluate(dataset.val) is None


def test_evaluation_is_the_mean_over_all_images_for_any_batch_size(make_dataset):
    dataset = make_dataset(train=2, val=300)
    model = model_for(dataset, PLAIN)
    images, labels = as_pytorch_does(dataset, dataset.val)
    logits = model.network.eval()(images)
    found = Training(model, dataset, TrainingSpec()).evaluate(dataset.val)
    assert found.loss == pytest.approx(nn.functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert found.accuracy == (logits.argmax(1) == labels).sum().item() / 300


def test_every_epoch_and_seed_has_its_own_order_with_each_image_once():
    orders = [epoch_order(50, seed, epoch).tolist() for seed in (0, 1) for epoch in (1, 2, 3)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == len(orders)
    assert epoch_order(50, 1, 2).tolist() == orders[4]


def test_only_training_images_move_the_weights(make_dataset):
    dataset = make_dataset(train=6, val=6)
    model, same = model_for(dataset), model_for(dataset)
    list(Training(model, dataset, TrainingSpec(epochs=1)).run())
    dataset.images[dataset.splits == VAL] = 0
    list(Training(same, dataset, TrainingSpec(epochs=1)).run())
    assert torch.equal(model.network.conv1.weight, same.network.conv1.weight)
    dataset.images[dataset.splits == TRAIN] = 0
    other = model_for(dataset)
    list(Training(other, dataset, TrainingSpec(epochs=1)).run())
    assert not torch.equal(model.network.conv1.weight, other.network.conv1.weight)


# Good practice


def test_early_stopping_waits_for_its_patience_and_no_longer(make_dataset, monkeypatch):
    dataset = make_dataset(train=8, val=8)
    losses = iter([5.0, 4.0, 4.5, 3.0, 3.0, 3.1, 2.0])
    training = Training(model_for(dataset), dataset, TrainingSpec(epochs=7, patience=2))
    evaluate = training.evaluate
    monkeypatch.setattr(training, "evaluate", lambda chosen: with_loss(evaluate(chosen), next(losses)))
    epochs = [event.epoch for event in training.run() if isinstance(event, Epoch)]
    assert epochs == [1, 2, 3, 4, 5, 6]
    assert (training.progress.best_epoch, training.progress.best_loss) == (4, 3.0)


def with_loss(predictions, loss: float):
    vars(predictions)["loss"] = loss  # where cached_property keeps it
    return predictions


def test_training_that_stopped_early_and_is_asked_to_go_on_waits_as_long_again(make_dataset, monkeypatch):
    dataset = make_dataset(train=8, val=8)
    training = Training(model_for(dataset), dataset, TrainingSpec(epochs=9, patience=1))
    evaluate, losses = training.evaluate, iter([1.0, 2.0, 3.0, 2.5, 2.6])
    monkeypatch.setattr(training, "evaluate", lambda chosen: with_loss(evaluate(chosen), next(losses)))
    assert [event.epoch for event in training.run() if isinstance(event, Epoch)] == [1, 2]
    assert [event.epoch for event in training.run() if isinstance(event, Epoch)] == [3, 4, 5]


def test_without_held_out_images_training_never_stops_early(make_dataset):
    dataset = make_dataset(train=8, val=0)
    events = Training(model_for(dataset), dataset, TrainingSpec(epochs=4, patience=1)).run()
    assert sum(isinstance(event, Epoch) for event in events) == 4


def test_each_step_uses_the_rate_of_the_schedule(make_dataset):
    dataset = make_dataset(train=12)
    training = Training(model_for(dataset), dataset, TrainingSpec(epochs=5, batch_size=4, schedule="one_cycle"))
    training.learning_rates = {8: 0.5}
    used = []
    for event in training.run():
        if isinstance(event, Step):
            used.append(training.optimizer.param_groups[0]["lr"])
    highest = [0.001] * 7 + [0.5] * 8
    assert used == [rate * share_of_rate("one_cycle", step, 15) for step, rate in enumerate(highest, start=1)]


def test_label_smoothing_trains_towards_smoothed_targets_and_reports_the_plain_loss(make_dataset):
    dataset = make_dataset(train=6)
    model = model_for(dataset)
    images, labels = as_pytorch_does(dataset, dataset.train)
    expected = deepcopy(model.network)
    logits = expected(images)
    nn.functional.cross_entropy(logits, labels, label_smoothing=0.2).backward()
    plain = nn.functional.cross_entropy(logits, labels).item()
    spec = TrainingSpec(optimizer="sgd", learning_rate=0.1, batch_size=6, label_smoothing=0.2)
    training = Training(model, dataset, spec)
    loss, _ = training.step(dataset.train)
    assert loss == pytest.approx(plain, rel=1e-5)
    for ours, theirs in zip(model.network.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs - 0.1 * theirs.grad, rtol=1e-4, atol=1e-6)


def test_the_running_averages_of_batch_norm_are_those_of_all_images_after_a_few_steps(make_dataset):
    dataset = make_dataset(train=12)
    model = model_for(dataset, NetworkSpec(filters=(3,), batch_norm=True))
    untrained = deepcopy(model.network)
    training = Training(model, dataset, TrainingSpec(batch_size=4, learning_rate=1e-7, epochs=1))
    list(training.run())
    images, _ = as_pytorch_does(dataset, dataset.train)
    maps = untrained.conv1(images)
    assert training.progress.step == 3
    torch.testing.assert_close(model.network.norm1.running_mean, maps.mean((0, 2, 3)), rtol=0.01, atol=1e-3)


def test_training_with_augmentation_goes_on_exactly_where_it_was_left(make_dataset):
    dataset = make_dataset(train=10, val=4)
    spec = TrainingSpec(epochs=3, batch_size=4, mirror=True, shift=0.2, rotate=20, brightness=0.3, erase=0.3)
    whole = Training(model_for(dataset), dataset, spec)
    list(whole.run())
    first = Training(model_for(dataset), dataset, spec)
    for event in first.run():
        if event.step == 5:  # within the second epoch
            break
    second = Training(model_for(dataset), dataset, spec)
    second.load_state_dict(deepcopy(first.state_dict()))
    list(second.run())
    for ours, theirs in zip(second.network.parameters(), whole.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_held_out_images_are_never_changed_by_augmentation(make_dataset):
    dataset = make_dataset(train=8, val=8)
    plain, changed = (
        Training(model_for(dataset), dataset, spec)
        for spec in (TrainingSpec(), TrainingSpec(shift=0.5, rotate=90, zoom=0.5, brightness=0.9, erase=0.6))
    )
    np.testing.assert_array_equal(plain.evaluate(dataset.val).logits, changed.evaluate(dataset.val).logits)
    assert not torch.equal(plain.batch(dataset.train), changed.batch(dataset.train))


def test_an_epoch_counts_answers_right_ones_and_dead_units(make_dataset):
    dataset = make_dataset(train=8, val=30)
    model = model_for(dataset, NetworkSpec(filters=(4,), dense=(5,)))
    with torch.no_grad():
        model.network.conv1.weight[1], model.network.conv1.bias[1] = 0, -1
        model.network.dense1.weight[:3], model.network.dense1.bias[:3] = 0, -1
        model.network.logits.weight[:], model.network.logits.bias[:] = 0, torch.tensor([0.0, 1.0])
    training = Training(model, dataset, TrainingSpec(epochs=1, learning_rate=1e-7))
    *_, epoch = training.run()
    own = int((dataset.labels[dataset.val] == 1).sum())
    assert epoch.val_predicted == (0, 30) and epoch.val_right == (0, own)
    counted = {layer: (dead, units) for layer, dead, units in epoch.dead}
    plain = model.network.eval()
    images, _ = as_pytorch_does(dataset, dataset.val)
    maps = plain[:2](images)
    assert counted["relu1"] == (int((maps.amax((0, 2, 3)) == 0).sum()), 4) and counted["relu1"][0] >= 1
    assert counted["relu2"][0] >= 3 and counted["relu2"][1] == 5
