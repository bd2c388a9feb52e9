import dataclasses

import torch

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.training import device
from cnn.training.loop import Training
from tests.models import model_of


def test_a_dataset_that_fits_a_gpu_is_there_as_one_tensor_and_stays_where_it_is_otherwise(make_dataset, monkeypatch):
    dataset = make_dataset()
    size = dataset.images.nbytes
    monkeypatch.setattr(device, "free_memory", lambda device: 2 * size)
    there = device.resident(dataset, "meta").images  # a device without memory: it keeps shapes and kinds only
    assert (there.device.type, there.dtype, there.shape) == ("meta", torch.uint8, dataset.images.shape)
    assert device.resident(dataset, "cpu") is dataset
    monkeypatch.setattr(device, "free_memory", lambda device: 2 * size - 1)
    assert device.resident(dataset, "meta") is dataset


def test_training_on_a_tensor_of_images_gives_the_numbers_that_training_on_the_mapped_array_gives(make_dataset):
    dataset, spec = make_dataset(), TrainingSpec(epochs=2, batch_size=5)
    held = dataclasses.replace(dataset, images=torch.from_numpy(dataset.images))
    layers = lay_out(NetworkSpec(filters=(3,)), 16, 1, 2)
    first, second = (list(Training(model_of(layers), images, spec).run()) for images in (dataset, held))
    assert first == second and len(first) == 8


def test_the_best_device_is_an_nvidia_gpu_then_an_apple_one_then_the_processor(monkeypatch):
    found = []
    for cuda, mps in ((True, True), (False, True), (False, False)):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        found.append(device.best_device())
    assert found == ["cuda", "mps", "cpu"]
