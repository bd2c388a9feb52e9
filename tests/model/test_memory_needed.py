import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.engine.trainer import train_run
from cnn.model import memory_needed
from cnn.model.layers import NetworkError, lay_out
from cnn.model.memory_needed import needed, shortage, training_memory
from cnn.size import size_text
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.training import device
from cnn.training.batches import images_at_once
from cnn.training.speed import measure
from tests.conftest import ROOT

DATA, LARGE = DatasetSpec(image_size=64), NetworkSpec(filters=(128, 128))


def need(data: DatasetSpec, network: NetworkSpec, training: TrainingSpec) -> int:
    return needed(lay_out(network, data.image_size, data.channels, 2), training.batch_size, training.optimizer)


# What it takes


def test_training_memory_is_weights_and_what_the_layers_of_a_batch_keep():
    layers = lay_out(NetworkSpec(filters=(1,), dense=()), 16, 1, 2)
    weights = 10 + 2 * (7 * 7 + 1)
    # What each keeps: the image, nothing (its output is that of the ReLU), the ReLU's output, the values and where
    # they came from (8 bytes each), nothing, and the logits. Twice the image for the gradients where it is widest.
    values = 16 * 16 + 0 + 14 * 14 + 3 * 7 * 7 + 0 + 2 + 2 * 16 * 16
    for optimizer, copies in (("adam", 4), ("rmsprop", 3), ("sgd", 3)):  # weights, gradients, optimiser's own
        assert training_memory(layers, 8, optimizer) == 4 * (copies * weights + 8 * values)


def test_evaluating_counts_if_it_needs_more_memory_than_training():
    layers = lay_out(NetworkSpec(filters=(256,), padding="same"), 128, 1, 2)
    widest = 256 * 128 * 128
    assert needed(layers, 1, "adam") == max(8 * 16_000_000, training_memory(layers, 1, "adam"))
    assert needed(layers, 32, "adam") == training_memory(layers, 32, "adam")
    assert needed(lay_out(NetworkSpec(), 16, 1, 2), 1, "sgd") == 8 * 128 * 16 * 16 * 14 * 14 // 16
    assert widest < memory_needed.EVALUATED_VALUES


@given(network=..., size=st.integers(16, 40))
def test_evaluating_keeps_no_more_values_than_estimated(network: NetworkSpec, size: int):
    try:
        layers = lay_out(network, size, 1, 3)
    except NetworkError:
        return
    batch = images_at_once(layers, memory_needed.EVALUATED_VALUES)
    widest = max(layer.shape[0] * (layer.shape[1] * layer.shape[2] if layer.is_spatial else 1) for layer in layers)
    assert batch == min(128, memory_needed.EVALUATED_VALUES // widest)


# What is said of it


def test_a_network_that_fits_gives_no_warning():
    training = TrainingSpec()
    takes = need(DATA, LARGE, training)
    assert shortage(DATA, LARGE, training, 2, takes) == ""
    assert shortage(DATA, LARGE, training, 2, takes - 1) != ""


def test_a_warning_names_the_largest_batch_size_and_image_size_that_fit():
    training, free = TrainingSpec(batch_size=4096), 2_000_000_000
    sentence = shortage(DATA, LARGE, training, 2, free)
    takes = need(DATA, LARGE, training)
    start = f"Training this network with batches of 4,096 takes about {size_text(takes)} of memory, but only 2 GB "
    assert sentence.startswith(start + "are free. What would fit: a batch size of ")
    batch = int(sentence.split("a batch size of ")[1].split(";")[0].rstrip(".").replace(",", ""))
    advised = memory_needed.ADVISED_SHARE * free
    assert need(DATA, LARGE, TrainingSpec(batch_size=batch)) <= advised
    assert need(DATA, LARGE, TrainingSpec(batch_size=batch + 1)) > advised


def test_a_warning_about_gpu_memory_names_the_gpu():
    sentence = shortage(DATA, LARGE, TrainingSpec(batch_size=4096), 2, 10**9, "free on the GPU")
    assert "but only 1 GB are free on the GPU. " in sentence


@settings(max_examples=40)
@given(network=..., size=st.integers(16, 128), batch=st.integers(1, 4096), free=st.integers(0, 10**9))
def test_advised_settings_fit(network: NetworkSpec, size: int, batch: int, free: int):
    data, training = DatasetSpec(image_size=size), TrainingSpec(batch_size=batch)
    try:
        sentence = shortage(data, network, training, 2, free)
    except NetworkError:
        return
    assert (sentence == "") == (need(data, network, training) <= free)
    if "What would fit" not in sentence:
        return
    for advice in sentence.split("What would fit: ")[1].rstrip(".").split("; "):
        changed = (data, network, training)
        if advice.startswith("a batch size"):
            changed = data, network, TrainingSpec(batch_size=int(advice.split()[-1].replace(",", "")))
        elif advice.startswith("images"):
            changed = DatasetSpec(image_size=int(advice.split()[2])), network, training
        elif advice.endswith("blocks"):
            filters = tuple(int(word) for word in advice.split() if word.isdigit())
            changed = data, NetworkSpec.from_dict(network.to_dict() | {"filters": filters}), training
        else:
            assert advice == "pooling"
            changed = data, NetworkSpec.from_dict(network.to_dict() | {"pooling": "max"}), training
        assert need(*changed) <= free


# Refused and survived


def test_a_run_that_cannot_fit_does_not_start(store, create_run, monkeypatch):
    monkeypatch.setattr(device, "available", lambda: 1_000_000)
    run_id = create_run(batch_size=4096)
    assert train_run(store, run_id) == "failed"
    run = store.get(run_id)
    assert run.message.startswith("Training this network with batches of 4,096 takes about")
    assert store.history(run_id).steps() == [] and store.history(run_id).snapshots() == []
    monkeypatch.undo()
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"


def test_a_network_that_cannot_fit_is_not_measured(monkeypatch):
    monkeypatch.setattr(device, "free_memory", lambda device: 1_000_000)
    training = TrainingSpec(batch_size=4096).to_dict()
    question = {"image_size": 64, "channels": 1, "network": LARGE.to_dict(), "training": training, "classes": 2}
    answer = measure(question)
    assert answer["error"].startswith("Training this network with batches of 4,096 takes about")


TRAIN_WITH_LITTLE_MEMORY = """
import resource, sys
from cnn.engine import trainer
from cnn.training import device
from cnn.store.runs import RunStore
device.available = lambda: 10**12  # not foreseen: survived
import torch
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[3]),) * 2)
print(trainer.train_run(RunStore(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux limits the memory of a process.")
@pytest.mark.parametrize("megabytes", [150, pytest.param(400, marks=pytest.mark.hardening)])
def test_a_run_without_memory_fails_with_a_message_and_others_continue(store, create_run, megabytes):
    data, network = DatasetSpec(image_size=64), NetworkSpec(filters=(256, 256))
    greedy, modest = create_run(data=data, network=network, batch_size=512), create_run(epochs=30)
    command = [sys.executable, "-c", TRAIN_WITH_LITTLE_MEMORY, store.directory, greedy, str(megabytes * 1_000_000)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert train_run(store, modest) == "finished"
    out, errors = process.communicate(timeout=120)
    assert out == b"failed\n", errors.decode()
    assert store.get(greedy).message.startswith("There was not enough memory for this network. Try a smaller batch")
