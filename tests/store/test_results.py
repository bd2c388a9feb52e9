"""Saved results, which are valid until their inputs change."""

import numpy as np

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from cnn.store.results import key, load, save
from tests.models import model_of


def test_saved_results_are_loaded_and_damaged_ones_are_not(tmp_path):
    path = tmp_path / "kept" / "patches.npz"
    arrays = {"values": np.arange(6, dtype=np.float32).reshape(2, 3), "images": np.array([[4, 2]])}
    assert load(path) is None
    save(path, {"values": np.zeros(1)})
    save(path, arrays)
    again = load(path)
    assert list(again) == list(arrays)
    assert all((again[name] == arrays[name]).all() and again[name].dtype == arrays[name].dtype for name in arrays)
    assert [file.name for file in path.parent.iterdir()] == ["patches.npz"]
    for damage in (b"", b"PK\x03\x04 and no more", path.read_bytes()[:-300]):
        path.write_bytes(damage)
        assert load(path) is None


def test_the_key_depends_on_model_dataset_and_layer():
    layers = lay_out(NetworkSpec(), 16, 1, 2)
    first = key(model_of(layers), "fingerprint", "conv1", 9)
    assert first == key(model_of(layers), "fingerprint", "conv1", 9) and len(first) == 32
    others = {
        key(model_of(layers, seed=1), "fingerprint", "conv1", 9),
        key(model_of(layers), "another", "conv1", 9),
        key(model_of(layers), "fingerprint", "conv2", 9),
        key(model_of(layers), "fingerprint", "conv1"),
    }
    assert len(others | {first}) == 5
