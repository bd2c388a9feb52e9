"""The networks as one writes them in PyTorch."""

import torch
from torch import nn


def make(name: str, channels: int, size: int, classes: int) -> nn.Sequential:
    match name:
        case "Assignment":
            features = nn.Sequential(
                nn.Conv2d(channels, 16, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(16, 16, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
            )
            return nn.Sequential(
                *features, nn.Linear(_width(features, channels, size), 16), nn.ReLU(), nn.Linear(16, classes)
            )
        case "LeNet-5":
            features = nn.Sequential(
                nn.Conv2d(channels, 6, 5),
                nn.Tanh(),
                nn.AvgPool2d(2),
                nn.Conv2d(6, 16, 5),
                nn.Tanh(),
                nn.AvgPool2d(2),
                nn.Flatten(),
            )
            return nn.Sequential(
                *features,
                nn.Linear(_width(features, channels, size), 120),
                nn.Tanh(),
                nn.Linear(120, 84),
                nn.Tanh(),
                nn.Linear(84, classes),
            )
        case "TinyVGG":
            features = nn.Sequential(
                nn.Conv2d(channels, 10, 3),
                nn.ReLU(),
                nn.Conv2d(10, 10, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(10, 10, 3),
                nn.ReLU(),
                nn.Conv2d(10, 10, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
            )
            return nn.Sequential(*features, nn.Linear(_width(features, channels, size), classes))
    raise ValueError(f"Unknown network {name!r}.")


def _width(features: nn.Sequential, channels: int, size: int) -> int:
    with torch.no_grad():
        return features(torch.zeros(1, channels, size, size)).shape[1]
