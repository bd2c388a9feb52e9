"""Why not just dense layers? Three networks, and what they make of the same images a few pixels to the side."""

from collections.abc import Mapping

import numpy as np

from cnn.explain.image_changes import shift
from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training

PIXELS = 5


def parameters(trained: Trained) -> int:
    return sum(layer.parameters for layer in trained.model.layers)


def accuracy_shifted(trained: Trained) -> float:
    """The mean accuracy, in percent, on the held-out images moved by PIXELS to the right and to the left."""
    both = []
    for right in (-PIXELS, PIXELS):
        moved = np.stack([shift(image, right) for image in trained.held_out])
        both.append(trained.predictions(moved, trained.held_out_labels).accuracy)
    return 100 * float(np.mean(both))


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, one in trained.items():
        found |= {
            f"{name} parameters": parameters(one),
            f"{name} accuracy": one.accuracy,
            f"{name} shifted": accuracy_shifted(one),
        }
    return found


DEMONSTRATION = Demonstration(
    {
        "dense": Training("cats_dogs", {"epochs": 10, "filters": ()}),
        "convolutions": Training("cats_dogs", {"epochs": 10}),
        "moved images": Training("cats_dogs", {"epochs": 10, "shift": 0.15}),
    },
    {
        "dense accuracy": Quantity("Dense layers only"),
        "dense shifted": Quantity(f"... images moved by {PIXELS} pixels"),
        "convolutions accuracy": Quantity("With convolutions"),
        "convolutions shifted": Quantity(f"... images moved by {PIXELS} pixels"),
        "moved images accuracy": Quantity("Trained on moved images, too"),
        "moved images shifted": Quantity(f"... images moved by {PIXELS} pixels"),
    },
    measure,
    {
        "better": Claim(
            "The network with convolutions gets at least 3 points more held-out images right",
            lambda found: found["convolutions accuracy"] >= found["dense accuracy"] + 3,
        ),
        "shift": Claim(
            f"Moving the images by {PIXELS} pixels costs the network with convolutions at least 10 points",
            lambda found: found["convolutions accuracy"] - found["convolutions shifted"] >= 10,
        ),
        "moved images": Claim(
            "Trained on moved images, too, it loses less than half as much",
            lambda found: (
                found["moved images accuracy"] - found["moved images shifted"]
                < (found["convolutions accuracy"] - found["convolutions shifted"]) / 2
            ),
        ),
        "parameters": Claim(
            "The dense network has more parameters",
            lambda found: found["dense parameters"] > found["convolutions parameters"],
        ),
    },
    seen="convolutions",
)
