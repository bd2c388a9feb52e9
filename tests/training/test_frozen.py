"""Networks that start with the layers of another: frozen, or fine-tuned at a lower learning rate."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnn.model import memory_needed
from cnn.model.build import adopt_weights, build
from cnn.model.layers import frozen_end, frozen_parameters, lay_out, total_parameters
from cnn.model.model import Model, Preprocessing
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.training import speed
from cnn.training.frozen import split_frozen
from cnn.training.loop import Epoch, Step, Training, epoch_order
from cnn.training.rate_finder import find_rate_of
from cnn.training.speed import measure

OWN = NetworkSpec(filters=(3, 4), padding="same", batch_norm=True, block_dropout=0.3, dense=(5,), dropout=0.2)
FROZEN = replace(OWN, base="a run")
CENTRED = Preprocessing((0.4,), (0.2,))
SPEC = TrainingSpec(epochs=2, batch_size=5, learning_rate=0.02, optimizer="sgd", seed=3)


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(train=13, val=7, classes=2)


def base_of(dataset) -> Model:
    """A network that has been trained, so that its batch normalisation has measured something."""
    layers = lay_out(OWN, 16, 1, 3)
    model = Model(layers, build(layers, seed=1), ("a", "b", "c"), CENTRED)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)  # of the dropout
        for _ in range(3):
            model.network.train()(model.batch(dataset.images[dataset.train]))
    return model


def start(dataset, network: NetworkSpec = FROZEN) -> Model:
    layers = lay_out(network, 16, 1, 2)
    model = Model(layers, build(layers, seed=7), dataset.classes, CENTRED)
    adopt_weights(model.network, layers, base_of(dataset).network.state_dict())
    return model


def copied(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def pixels(dataset, chosen) -> torch.Tensor:
    numbers = dataset.images[chosen].astype(np.float32) / 255
    return torch.tensor(np.moveaxis((numbers - np.float32(0.4)) / np.float32(0.2), 3, 1))


# What is frozen


@pytest.mark.parametrize("fine_tune", [False, True])
def test_the_layers_of_the_blocks_start_with_the_weights_of_the_base(dataset, fine_tune):
    base, model = base_of(dataset), start(dataset, replace(FROZEN, fine_tune=fine_tune))
    starts = {layer.name: layer.start for layer in model.layers}
    taken = [f"{kind}{i}" for i in (1, 2) for kind in ("conv", "norm", "relu", "pool", "dropout")]
    assert [name for name, how in starts.items() if how != "new"] == taken
    assert {starts[name] for name in taken} == {"fine-tuned" if fine_tune else "frozen"}
    ours, theirs = model.network.state_dict(), base.network.state_dict()
    for name, value in ours.items():
        if name.split(".")[0] in taken:
            assert torch.equal(value, theirs[name])
    fresh = build(model.layers, seed=7).state_dict()
    assert torch.equal(ours["dense1.weight"], fresh["dense1.weight"])


def test_frozen_parameters_are_counted_apart():
    layers = lay_out(FROZEN, 16, 1, 2)
    convolutions = (9 + 1) * 3 + 2 * 3 + (9 * 3 + 1) * 4 + 2 * 4
    dense = (4 * 4 * 4 + 1) * 5 + (5 + 1) * 2
    assert frozen_parameters(layers) == convolutions and total_parameters(layers) == convolutions + dense
    assert frozen_parameters(lay_out(replace(FROZEN, fine_tune=True), 16, 1, 2)) == 0
    assert layers[frozen_end(layers)].name == "dropout3"  # dropout changes from step to step


def test_weights_of_another_shape_are_refused(dataset):
    layers = lay_out(replace(FROZEN, filters=(3, 5)), 16, 1, 2)
    with pytest.raises(RuntimeError, match="size mismatch"):
        adopt_weights(build(layers, seed=0), layers, base_of(dataset).network.state_dict())


# Training


def test_a_network_without_frozen_layers_is_trained_whole(dataset):
    layers = lay_out(OWN, 16, 1, 2)
    network = build(layers, seed=0)
    first, rest = split_frozen(network, layers)
    assert len(first) == 0 and rest is network


@pytest.mark.parametrize("limit", [2**30, 0])
def test_frozen_training_agrees_with_a_plain_pytorch_loop(dataset, monkeypatch, limit):
    monkeypatch.setattr(memory_needed, "MOST_KEPT", limit)  # 0: nothing is kept, all is computed for each batch
    network = replace(FROZEN, dropout=0.0)
    model = start(dataset, network)
    plain, before = deepcopy(model.network), copied(model.network)
    events = list(Training(model, dataset, SPEC).run())

    first, rest = plain[:10].eval(), plain[10:]
    optimizer = torch.optim.SGD(rest.parameters(), 0.02, momentum=0.9)
    losses, accuracies = [], []
    for epoch in (1, 2):
        order = epoch_order(13, seed=3, epoch=epoch)
        for part in (order[:5], order[5:10], order[10:]):
            chosen = dataset.train[part]
            with torch.no_grad():
                maps = first(pixels(dataset, chosen))
            loss = nn.functional.cross_entropy(rest(maps), torch.tensor(dataset.labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        predicted = rest(first(pixels(dataset, dataset.val))).argmax(1)
        accuracies.append((predicted.numpy() == dataset.labels[dataset.val]).mean())
    assert [event.loss for event in events if isinstance(event, Step)] == pytest.approx(losses, rel=1e-4)
    epochs = [event for event in events if isinstance(event, Epoch)]
    assert [epoch.val_accuracy for epoch in epochs] == pytest.approx(accuracies)
    assert [name for name, *_ in epochs[0].dead] == ["relu3"]  # training cannot change the others
    after = model.network.state_dict()
    for name, value in plain.state_dict().items():
        assert torch.allclose(after[name], value, rtol=1e-3, atol=1e-5), name
    kept = [name for name in before if not name.startswith(("dense", "logits"))]
    assert len(kept) == 14 and all(torch.equal(before[name], after[name]) for name in kept)  # batch norm's averages too


def test_with_augmentation_the_frozen_part_sees_each_changed_image(dataset):
    plain = Training(start(dataset), dataset, SPEC)
    changed = Training(start(dataset), dataset, replace(SPEC, mirror=True, brightness=0.3))
    expected = changed.network[:11].eval()(changed.batch(dataset.train))
    assert torch.allclose(changed.inputs(dataset.train), expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(changed.inputs(dataset.train), plain.inputs(dataset.train), rtol=1e-2)
    assert changed.frozen.kept.tolist() == dataset.val.tolist()
    before = copied(changed.network)
    list(changed.run())
    assert torch.equal(changed.network.norm1.running_mean, before["norm1.running_mean"])
    assert not torch.equal(changed.network.dense1.weight, before["dense1.weight"])


def test_what_the_frozen_part_gives_is_computed_once(dataset):
    training = Training(start(dataset), dataset, SPEC)
    calls = []
    training.frozen.network.register_forward_hook(lambda module, given, output: calls.append(len(output)))
    list(training.run())
    assert calls == [20]  # all images together


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_fine_tuned_layers_move_by_their_share_of_the_learning_rate(dataset, share):
    model = start(dataset, replace(FROZEN, fine_tune=True, dropout=0.0, block_dropout=0.0))
    before = copied(model.network)
    training = Training(model, dataset, replace(SPEC, base_rate=share))
    training.step(dataset.train)
    for name, parameter in model.network.named_parameters():
        rate = 0.02 * (share if name.startswith(("conv", "norm")) else 1)
        assert torch.allclose(before[name] - rate * parameter.grad, parameter, atol=1e-7), name


@pytest.mark.parametrize("network", [FROZEN, replace(FROZEN, fine_tune=True)], ids=["frozen", "fine-tuned"])
@pytest.mark.parametrize("mirror", [False, True])
def test_training_continues_bit_for_bit_from_its_state(dataset, network, mirror):
    spec = replace(SPEC, mirror=mirror, optimizer="adam")
    whole = Training(start(dataset, network), dataset, spec)
    expected = [event.loss for event in whole.run() if isinstance(event, Step)]
    first = Training(start(dataset, network), dataset, spec)
    events = first.run()
    losses = [next(events).loss for _ in range(2)]
    state = deepcopy(first.state_dict())
    second = Training(start(dataset, network), dataset, spec)
    second.load_state_dict(state)
    losses += [event.loss for event in second.run() if isinstance(event, Step)]
    assert losses == expected
    ours, theirs = second.network.state_dict(), whole.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_learning_rate_finder_starts_from_the_base(make_dataset):
    easy = make_dataset(train=40, val=8)
    spec = TrainingSpec(batch_size=8)
    one = find_rate_of(FROZEN, easy, spec, base=base_of(easy))
    assert len(one.losses) > 20
    other = base_of(easy)
    nn.init.zeros_(other.network.conv2.weight)
    assert find_rate_of(FROZEN, easy, spec, base=other).losses != one.losses


# What it costs


def test_frozen_layers_need_no_gradients_and_no_optimiser():
    layers = lay_out(NetworkSpec(filters=(2,), dense=(), base="a run"), 16, 1, 2)
    frozen, dense, widest = 20, 2 * (2 * 7 * 7 + 1), 2 * 14 * 14
    values = 2 * 7 * 7 + 2 + 2 * widest  # what the dense layer gets, the logits, and two outputs of the convolution
    assert memory_needed.training_memory(layers, 8, "adam") == 4 * (4 * dense + frozen + 8 * values)


def test_outputs_that_are_kept_count_until_they_are_too_many():
    layers = lay_out(NetworkSpec(filters=(2,), dense=(), base="a run"), 16, 1, 2)
    assert memory_needed.kept_outputs(layers, 10) == 4 * 10 * 2 * 7 * 7
    without, with_outputs = (memory_needed.needed(layers, 8, "adam", images) for images in (0, 1000))
    assert with_outputs - without == 4 * 1000 * 2 * 7 * 7
    assert memory_needed.kept_outputs(layers, 10**7) == 0
    assert memory_needed.kept_outputs(lay_out(NetworkSpec(), 50, 1, 2), 1000) == 0


def test_advice_on_memory_leaves_what_the_base_gives():
    large = NetworkSpec(filters=(256, 256), padding="same", base="a run", fine_tune=True)
    sentence = memory_needed.shortage(DatasetSpec(image_size=128), large, TrainingSpec(), 2, 5 * 10**8)
    assert "a batch size of" in sentence and "filters" not in sentence and "pixels" not in sentence


def test_the_speed_is_that_of_the_trained_layers_and_of_the_frozen_ones_once(monkeypatch):
    def operations(action) -> int:  # instead of seconds, which depend on the machine
        action()  # the first call computes what the frozen layers make of the images, once
        with FlopCounterMode(display=False) as counter:
            action()
        return counter.get_total_flops()

    monkeypatch.setattr(speed, "_seconds", operations)

    def speeds(network: NetworkSpec, training: TrainingSpec) -> dict:
        given = {"image_size": 32, "channels": 1, "network": network.to_dict(), "training": training.to_dict()}
        return measure(given | {"classes": 2})

    network, training = NetworkSpec(filters=(32, 32), base="a run"), TrainingSpec()
    frozen = speeds(network, training)
    assert frozen.keys() == {"train", "evaluate", "prepare"}
    fine_tuned = speeds(replace(network, fine_tune=True), training)
    assert frozen["train"] > 50 * fine_tuned["train"]
    assert frozen["evaluate"] > 50 * fine_tuned["evaluate"]  # the same pass over the trained layers
    assert fine_tuned["evaluate"] < frozen["prepare"] < 1.02 * fine_tuned["evaluate"]  # all but the dense layers
    assert "prepare" in speeds(network, replace(training, mirror=True))  # the held-out images
