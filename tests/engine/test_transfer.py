"""A run that starts from another, in the store and through its trainer."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from cnn.engine import recorder
from cnn.engine.requests import POLL
from cnn.engine.trainer import train_run
from cnn.store import snapshots
from cnn.store.disk import delete_run
from tests.conftest import SMALL_NETWORK, draw_images


@pytest.fixture
def shades(tmp_path):
    """Three classes: others than those of the base."""
    return draw_images(tmp_path / "shades", ("black", "gray", "white"))


@pytest.fixture
def start(store, create_run, trained, shades):
    """Creates a run that starts from a trained one. Keyword arguments change its training settings."""

    def start(fine_tune: bool = False, **training) -> str:
        network = replace(SMALL_NETWORK, dense=(6,), base=trained, fine_tune=fine_tune, block_dropout=0.5)
        return create_run(folder=shades, network=network, **training)

    return start


def weights(store, run_id: str, step: int | None = None) -> dict[str, torch.Tensor]:
    return snapshots.load_model(store, store.get(run_id), step).network.state_dict()


def test_frozen_layers_stay_those_of_the_base_and_the_others_learn(store, trained, start):
    run_id = start()
    assert train_run(store, run_id) == "finished"
    base, run = store.get(trained), store.get(run_id)
    assert run.classes == ("black", "gray", "white")
    assert run.facts["preprocessing"] == base.facts["preprocessing"]
    assert run.network_spec.base_step == store.history(trained).best_step()
    before, first, last = weights(store, trained), weights(store, run_id, 0), weights(store, run_id)
    for name in ("conv1.weight", "conv1.bias", "norm1.weight", "norm1.running_mean", "norm1.running_var"):
        assert torch.equal(before[name], first[name]) and torch.equal(before[name], last[name])
    assert not torch.equal(first["dense1.weight"], last["dense1.weight"])
    assert store.history(run_id).live().filters.tolist() == before["conv1.weight"].tolist()


def test_fine_tuned_layers_start_as_those_of_the_base_and_move(store, trained, start):
    run_id = start(fine_tune=True)
    assert train_run(store, run_id) == "finished"
    before, first, last = weights(store, trained), weights(store, run_id, 0), weights(store, run_id, 24)
    assert torch.equal(before["conv1.weight"], first["conv1.weight"])
    assert not torch.equal(first["conv1.weight"], last["conv1.weight"])


@pytest.mark.parametrize("fine_tune", [False, True])
@pytest.mark.parametrize("step", [0, 11])
def test_it_continues_exactly_also_without_its_base(store, trained, start, outcome, monkeypatch, fine_tune, step):
    """step: after which it ends; 0: its trainer dies before the first checkpoint."""
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)
    expected, run_id = start(fine_tune), start(fine_tune)
    assert train_run(store, expected) == "finished"

    def end(event):
        if event["event"] == "step" and event["step"] == max(step, 3):
            if not step:
                raise KeyboardInterrupt
            store.request(run_id, "stop")

    with suppress(KeyboardInterrupt):
        train_run(store, run_id, end)
    assert store.checkpoint_path(run_id).exists() == bool(step)
    delete_run(store, trained)
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == outcome(store, expected)


def test_frozen_layers_see_augmented_images(store, start, outcome):
    plain, mirrored = start(), start(mirror=True)
    for run_id in (plain, mirrored):
        assert train_run(store, run_id) == "finished"
    assert outcome(store, plain)["steps"] != outcome(store, mirrored)["steps"]


def test_stop_while_the_frozen_layers_look_at_the_images(store, start, monkeypatch):
    run_id, reports = start(), []
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)
    asked = []

    def ask(*given) -> None:  # just before the frozen layers begin
        asked.append(1)
        time.sleep(3 * POLL)

    monkeypatch.setattr("cnn.engine.trainer._Trainer._check_memory", ask)
    assert train_run(store, run_id, reports.append, stop_requested=lambda: bool(asked)) == "stopped"
    assert "started" not in [report["event"] for report in reports]
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
