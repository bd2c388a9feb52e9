"""The learning rate range test: its suggestion, its reason, and what it leaves as it was."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cnn.errors import Cancelled, UserError
from cnn.model.layers import lay_out
from cnn.model.model import Preprocessing
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.training import rate_finder
from cnn.training.loop import Epoch, Training
from cnn.training.rate_finder import STEPS, find_rate, find_rate_of, smoothed
from tests.models import model_of

NETWORK = NetworkSpec(filters=(4,), dense=(8,))
SPEC = TrainingSpec(batch_size=8)


@pytest.fixture
def easy(make_dataset):
    """The second class is much brighter than the first."""
    dataset = make_dataset(train=48, val=8)
    return replace(dataset, images=(dataset.images // 4 + 120 * dataset.labels[:, None, None, None]).astype(np.uint8))


@pytest.fixture
def hopeless(easy):
    """All images are equal, so nothing tells the classes apart."""
    return replace(easy, images=np.full_like(easy.images, 100))


def model_for(dataset, network: NetworkSpec = NETWORK, seed: int = 0):
    standardised = Preprocessing.standardised(dataset.images, dataset.train)
    return model_of(lay_out(network, dataset.images.shape[1], 1, 2), seed, standardised)


def loss_after_training(dataset, rate: float, optimizer: str) -> float:
    spec = replace(SPEC, learning_rate=rate, epochs=20, optimizer=optimizer)
    *_, last = (event for event in Training(model_for(dataset), dataset, spec).run() if isinstance(event, Epoch))
    return last.train_loss


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_suggestion_is_near_a_rate_that_trains_well(easy, optimizer):
    good = 0.01
    assert loss_after_training(easy, good, optimizer) < 0.1 < 0.5 < loss_after_training(easy, 1e-5, optimizer)
    found = find_rate(model_for(easy), easy, replace(SPEC, optimizer=optimizer))
    assert good / 10 <= found.suggestion <= good * 10
    assert "falls fastest" in found.reason


def test_the_rate_rises_by_the_same_factor_from_one_millionth(easy):
    found = find_rate(model_for(easy), easy, SPEC)
    assert len(found.rates) == len(found.losses) <= STEPS == 100
    assert found.rates[0] == pytest.approx(1e-6)
    assert np.diff(np.log(found.rates)) == pytest.approx(6 * np.log(10) / 99)


def test_the_test_ends_when_the_loss_blows_up_and_the_suggestion_keeps_a_distance(easy, monkeypatch):
    monkeypatch.setattr(rate_finder, "HIGHEST_RATE", 1e4)  # with this weight decay, a rate above 2 makes weights grow
    found = find_rate(model_for(easy), easy, replace(SPEC, optimizer="sgd", weight_decay=1.0))
    assert len(found.rates) < STEPS and found.rates[-1] < 100
    assert found.suggestion <= found.rates[-1] / 10
    assert "blows up near" in found.reason


def test_nothing_is_suggested_if_the_loss_never_falls(hopeless):
    for seed in range(3):
        found = find_rate(model_for(hopeless, seed=seed), hopeless, replace(SPEC, seed=seed))
        assert found.suggestion is None
        assert found.reason == "The loss does not fall clearly at any learning rate, so none can be suggested."


def test_nothing_is_suggested_if_the_loss_is_not_finite_from_the_start(easy):
    model = model_for(easy)
    with torch.no_grad():
        model.network[-1].weight.fill_(torch.inf)
    found = find_rate(model, easy, SPEC)
    assert found == rate_finder.RangeTest((), (), None, found.reason)
    assert "blows up even at the smallest learning rates" in found.reason


def test_the_model_and_the_random_state_stay_as_they_are(easy):
    model = model_for(easy, NetworkSpec(filters=(4,), dense=(8,), batch_norm=True, dropout=0.5))
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    torch.manual_seed(1)
    state = torch.get_rng_state()
    find_rate(model, easy, SPEC)
    assert all(torch.equal(value, before[name]) for name, value in model.network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def test_the_same_seed_gives_the_same_curve(easy):
    network = replace(NETWORK, dropout=0.5)
    first, second = (find_rate_of(network, easy, replace(SPEC, mirror=True)) for _ in range(2))
    assert first == second
    assert find_rate_of(network, easy, replace(SPEC, mirror=True, seed=4)).losses != first.losses


def test_epochs_schedule_patience_and_the_chosen_rate_do_not_matter(easy):
    other = replace(SPEC, epochs=1, schedule="one_cycle", patience=1, learning_rate=1.0)
    assert find_rate_of(NETWORK, easy, other) == find_rate_of(NETWORK, easy, SPEC)


def test_held_out_images_do_not_matter(easy):
    changed = easy.images.copy()
    changed[easy.val] = 0
    assert find_rate_of(NETWORK, replace(easy, images=changed), SPEC) == find_rate_of(NETWORK, easy, SPEC)


def test_progress_rises_to_the_end_and_can_cancel(hopeless):
    fractions: list[float] = []
    find_rate(model_for(hopeless), hopeless, SPEC, progress=fractions.append)
    assert fractions == sorted(fractions) and fractions[-1] == 1

    def cancel(fraction: float) -> None:
        if fraction >= 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        find_rate(model_for(hopeless), hopeless, SPEC, progress=cancel)


def test_without_training_images_a_sentence_says_what_to_do(make_dataset):
    with pytest.raises(UserError, match="Hold out fewer images"):
        find_rate_of(NETWORK, make_dataset(train=0, val=6), SPEC)


def test_a_network_that_needs_too_much_memory_is_refused(easy, monkeypatch):
    monkeypatch.setattr(rate_finder, "free_memory", lambda device: 1000)
    with pytest.raises(UserError, match="of memory"):
        find_rate_of(NETWORK, easy, SPEC)


def test_smoothing_keeps_a_line_and_spreads_a_peak_evenly():
    assert smoothed([2.0] * 30) == pytest.approx([2.0] * 30)
    peak = smoothed([0.0] * 15 + [1.0] + [0.0] * 15)
    assert peak.argmax() == 15 and peak[12] == pytest.approx(peak[18])
    assert peak.sum() == pytest.approx(1, abs=0.01)
