import os

import pytest
import torch

from cnn.model.build import build
from cnn.model.code import network_code
from cnn.model.export import save_weights
from cnn.model.layers import lay_out
from cnn.model.model import Preprocessing
from cnn.specs import NetworkSpec
from tests.models import model_of

SPEC = NetworkSpec(filters=(3,), batch_norm=True)
LAYERS = lay_out(SPEC, 16, 1, 2)


def test_an_exported_file_holds_the_weights_and_everything_needed_to_use_them(tmp_path):
    model = model_of(LAYERS, seed=3, preprocessing=Preprocessing((0.25,), (0.5,)))
    save_weights(model, tmp_path / "pets.pt", {"spec": SPEC.to_dict()})
    exported = torch.load(tmp_path / "pets.pt", weights_only=True)
    assert exported["classes"] == ["class 0", "class 1"]
    assert (exported["image_size"], exported["channels"], exported["pixel_scale"]) == (16, 1, 255)
    assert (exported["pixel_mean"], exported["pixel_spread"]) == ([0.25], [0.5])
    assert NetworkSpec.from_dict(exported["spec"]) == SPEC
    network = build(LAYERS, seed=0)
    network.load_state_dict(exported["state_dict"])
    for name, value in model.network.state_dict().items():
        assert torch.equal(network.state_dict()[name], value)
    assert list(tmp_path.iterdir()) == [tmp_path / "pets.pt"]


def test_an_exported_file_fits_the_copied_code(tmp_path):
    save_weights(model_of(LAYERS), tmp_path / "pets.pt", {})
    names = {}
    exec("from collections import OrderedDict\nfrom torch import nn\n" + network_code(LAYERS), names)
    names["network"].load_state_dict(torch.load(tmp_path / "pets.pt", weights_only=True)["state_dict"])


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "pets.pt"
    save_weights(model_of(LAYERS), path, {})
    before = path.read_bytes()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        save_weights(model_of(LAYERS, seed=1), path, {})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
