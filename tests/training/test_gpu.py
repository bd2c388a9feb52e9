"""Training on a GPU, where there is one. Uses no fixtures, so it also runs where only PyTorch is installed:
python -m pytest --noconftest -n0 tests/training/test_gpu.py"""

from itertools import islice

import numpy as np
import pytest

from cnn.data.dataset import TRAIN, VAL, Dataset
from cnn.model.layers import lay_out
from cnn.model.model import Preprocessing
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.training.device import best_device
from cnn.training.loop import Step, Training
from tests.models import model_of

GPU = best_device()
pytestmark = pytest.mark.skipif(GPU == "cpu", reason="This machine has no GPU that PyTorch can use.")

NETWORK = NetworkSpec(filters=(8, 8), batch_norm=True)
PLAIN = TrainingSpec(epochs=2, batch_size=16)
STRENGTHS = dict(mirror=True, shift=0.1, rotate=20, zoom=0.2, brightness=0.2, contrast=0.2, erase=0.2)
CHANGED = TrainingSpec(epochs=2, batch_size=16, **STRENGTHS)


def dataset(size: int = 24, count: int = 200) -> Dataset:
    """Noise in colour; the second class is brighter. A fifth is held out."""
    labels = np.arange(count) % 2
    images = np.random.default_rng(0).integers(0, 180, (count, size, size, 3)) + 60 * labels[:, None, None, None]
    return Dataset(
        folder="/images",
        spec=DatasetSpec(image_size=size, channels=3),
        layout="folders",
        classes=("dark", "light"),
        images=images.astype(np.uint8),
        labels=labels.astype(np.int64),
        splits=np.array([TRAIN] * (count - count // 5) + [VAL] * (count // 5), dtype=np.uint8),
        paths=tuple(f"{i}.png" for i in range(count)),
        hashes=tuple(f"{i:032x}" for i in range(count)),
        sizes=np.full((count, 2), size, dtype=np.int32),
        skipped=(),
        fingerprint="as in memory",
    )


def training(spec: TrainingSpec, device: str, network: NetworkSpec = NETWORK) -> Training:
    images = dataset()
    pixels = Preprocessing.standardised(images.images, images.train)
    return Training(model_of(lay_out(network, 24, 3, 2), preprocessing=pixels), images, spec, device)


@pytest.mark.parametrize("spec", [PLAIN, CHANGED], ids=["plain", "augmented"])
def test_the_first_ten_losses_are_those_of_the_processor(spec):
    found = [[event.loss for event in islice(training(spec, device).run(), 10)] for device in (GPU, "cpu")]
    np.testing.assert_allclose(*found, rtol=2e-3)


def test_images_augmentation_and_network_are_on_the_gpu():
    one = training(CHANGED, GPU)
    next(one.run())
    assert one.images.device.type == one.changes[1].device.type == one.batch(np.arange(4)).device.type == GPU
    assert {weights.device.type for weights in one.network.parameters()} == {GPU}


def test_a_training_that_continues_on_the_gpu_gives_the_numbers_of_one_without_a_break():
    network = NetworkSpec(filters=(8, 8), batch_norm=True, dropout=0.5)
    whole = list(training(CHANGED, GPU, network).run())
    first, second = training(CHANGED, GPU, network), training(CHANGED, GPU, network)
    before = list(islice(first.run(), 7))
    second.load_state_dict(first.state_dict())
    losses = [[e.loss for e in events if isinstance(e, Step)] for events in (whole, [*before, *second.run()])]
    np.testing.assert_allclose(*losses, rtol=1e-3)  # sums on a GPU may differ in their order


def test_predictions_are_those_of_the_processor():
    one = training(PLAIN, GPU)
    list(one.run())
    there = one.evaluate(one.dataset.val)
    other = training(PLAIN, "cpu")
    other.network.load_state_dict({name: value.cpu() for name, value in one.network.state_dict().items()})
    np.testing.assert_allclose(there.logits, other.evaluate(other.dataset.val).logits, rtol=1e-2, atol=1e-3)
