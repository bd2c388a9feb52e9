import pytest
import torch

from cnn.engine.trainer import train_run
from cnn.model import export
from cnn.model.build import build
from cnn.model.code import network_code
from cnn.specs import NetworkSpec
from cnn.store import snapshots
from cnn.store.runs import RunError


@pytest.fixture
def trained(store, create_run):
    run_id = create_run(epochs=1)
    train_run(store, run_id)
    return store.get(run_id)


def test_an_exported_file_holds_the_weights_and_all_that_is_needed_to_use_them(store, trained, tmp_path):
    export.save_weights(store, trained, tmp_path / "pets.pt")
    exported = torch.load(tmp_path / "pets.pt", weights_only=True)
    assert exported["classes"] == ["dark", "light"]
    assert (exported["image_size"], exported["channels"], exported["pixel_scale"]) == (16, 1, 255)
    assert NetworkSpec.from_dict(exported["spec"]) == trained.network_spec
    network = build(snapshots.layers_of(trained), seed=0)
    network.load_state_dict(exported["state_dict"])
    expected = snapshots.load_network(store, trained)
    assert torch.equal(network.logits.weight, expected.logits.weight)
    assert list(tmp_path.glob("pets*")) == [tmp_path / "pets.pt"]


def test_an_earlier_moment_can_be_exported(store, trained, tmp_path):
    export.save_weights(store, trained, tmp_path / "untrained.pt", step=0)
    exported = torch.load(tmp_path / "untrained.pt", weights_only=True)
    untrained = build(snapshots.layers_of(trained), trained.training_spec.seed)
    assert torch.equal(exported["state_dict"]["conv1.weight"], untrained.conv1.weight)


def test_an_exported_file_fits_the_copied_code(store, trained, tmp_path):
    export.save_weights(store, trained, tmp_path / "pets.pt")
    names = {}
    exec(
        "from collections import OrderedDict\nfrom torch import nn\n" + network_code(snapshots.layers_of(trained)),
        names,
    )
    names["network"].load_state_dict(torch.load(tmp_path / "pets.pt", weights_only=True)["state_dict"])


def test_a_run_without_weights_cannot_be_exported(store, create_run, tmp_path):
    with pytest.raises(RunError, match="no snapshot"):
        export.save_weights(store, store.get(create_run()), tmp_path / "pets.pt")
    assert list(tmp_path.glob("pets*")) == []
