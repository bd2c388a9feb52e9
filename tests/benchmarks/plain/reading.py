"""Reading a folder of images in plain ways. Each returns how many images it has read."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch.utils.data import DataLoader

from cnn.explain.vision import import_torchvision

import_torchvision()
from torchvision import datasets, transforms  # noqa: E402


def image_folder(folder: Path, size: int, workers: int) -> int:
    """torchvision's ImageFolder, grayscale and resized, through a DataLoader."""
    steps = [transforms.Grayscale(), transforms.Resize((size, size)), transforms.ToTensor()]
    dataset = datasets.ImageFolder(folder, transforms.Compose(steps))
    return sum(len(labels) for _, labels in DataLoader(dataset, 32, num_workers=workers))


def pillow(folder: Path, size: int) -> int:
    """Pillow in a loop, one image after the other, into one array."""
    images = []
    for path in sorted(folder.glob("*/*.*")):
        with Image.open(path) as image:
            images.append(np.array(image.convert("L").resize((size, size))))
    return len(np.stack(images))
