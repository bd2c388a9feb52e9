"""Does it keep my pictures? Does it learn while I use it? What is in a file of weights."""

import io
import os
from collections.abc import Mapping

import numpy as np
import torch

from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training
from cnn.model.model import Model
from cnn.training.evaluation import predict


def file_size(model: Model) -> int:
    """Bytes of a file with the weights."""
    file = io.BytesIO()
    torch.save(model.network.state_dict(), file)
    return file.tell()


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    one = trained["few images"]
    data, before = one.dataset, {name: value.clone() for name, value in one.model.network.state_dict().items()}
    sides = {"training": data.train, "held-out": data.val}
    sure = {name: predict(one.model, data.images, data.labels, indices).of_truth for name, indices in sides.items()}
    after = one.model.network.state_dict()
    numbers = sum(value.numel() for value in before.values())
    return {
        "changed": sum(int((after[name] != value).sum()) for name, value in before.items()),
        "numbers": numbers,
        "file": file_size(one.model) / 1000,
        "pictures": sum(os.path.getsize(data.original(i)) for i in range(len(data.paths))) / 1000,
        "file of numbers": 4 * numbers / 1000,
        "training sure": 100 * float(np.mean(sure["training"])),
        "held-out sure": 100 * float(np.mean(sure["held-out"])),
    }


DEMONSTRATION = Demonstration(
    {"few images": Training("cats_dogs", {"max_per_class": 200, "val_fraction": 0.9, "epochs": 40, "batch_size": 8})},
    {
        "pictures": Quantity("400 pictures", "kB", 2000),
        "file": Quantity("The file of weights", "kB", 2000),
        "changed": Quantity("Weights changed by 400 answers", "", 1),
        "training sure": Quantity("Probability of the right class: training"),
        "held-out sure": Quantity("Probability of the right class: held-out"),
    },
    measure,
    {
        "unchanged": Claim("Answering changes no weight", lambda found: found["changed"] == 0),
        "size": Claim(
            "The file holds four bytes for each weight, and less than 10 kB besides",
            lambda found: 0 <= found["file"] - found["file of numbers"] < 10,
        ),
        "seen": Claim(
            "Of images that it was trained on, it is surer: at least 10 points",
            lambda found: found["training sure"] - found["held-out sure"] >= 10,
        ),
    },
)
