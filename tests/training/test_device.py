import torch

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.training import device, loop
from cnn.training.loop import Training
from tests.models import model_of


def test_images_move_to_a_gpu_only_if_they_fit(make_dataset, monkeypatch):
    images = make_dataset().images
    monkeypatch.setattr(device, "free_memory", lambda device: 2 * images.nbytes)
    there = device.resident(images, "meta")  # a device without memory: it keeps shapes and kinds only
    assert (there.device.type, there.dtype, there.shape) == ("meta", torch.uint8, images.shape)
    assert device.resident(images, "cpu") is images
    monkeypatch.setattr(device, "free_memory", lambda device: 2 * images.nbytes - 1)
    assert device.resident(images, "meta") is images


def test_training_on_a_tensor_gives_the_same_numbers_as_on_the_mapped_array(make_dataset, monkeypatch):
    dataset, spec = make_dataset(), TrainingSpec(epochs=2, batch_size=5)
    layers = lay_out(NetworkSpec(filters=(3,)), 16, 1, 2)
    mapped = list(Training(model_of(layers), dataset, spec).run())
    monkeypatch.setattr(loop, "resident", lambda images, device: torch.from_numpy(images))
    training = Training(model_of(layers), dataset, spec)
    assert isinstance(training.images, torch.Tensor) and training.dataset is dataset
    assert list(training.run()) == mapped and len(mapped) == 8


def test_the_best_device_is_an_nvidia_gpu_then_an_apple_one_then_the_processor(monkeypatch):
    found = []
    for cuda, mps in ((True, True), (False, True), (False, False)):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        found.append(device.best_device())
    assert found == ["cuda", "mps", "cpu"]
