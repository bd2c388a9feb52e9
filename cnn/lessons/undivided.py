"""The tutorial's second bug: trained on pixels from 0 to 1, asked with 0 to 255, and the answer rounded down."""

from collections.abc import Mapping

import numpy as np
import torch

from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training
from cnn.model.model import Model


def cat_probabilities(model: Model, images: np.ndarray, factor: float = 1) -> np.ndarray:
    """float32 (n,): the probability of the class cat, for images (uint8) whose pixels are first multiplied by the
    factor: 1 for pixels from 0 to 1, 255 if one forgets to divide."""
    pixels = torch.from_numpy(np.moveaxis(images, 3, 1).astype(np.float32)) / 255 * factor
    with torch.no_grad():
        logits = model.network.eval()(model.preprocessing.standardize(pixels))
    return torch.softmax(logits, 1)[:, model.classes.index("cat")].numpy()


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    one = trained["tutorial"]
    cats = one.held_out_labels == one.dataset.classes.index("cat")
    found = {}
    for pixels, factor in (("right", 1), ("raw", 255)):
        probability = cat_probabilities(one.model, one.held_out, factor)
        for name, answers in (("rounded", np.round(probability)), ("floored", np.floor(probability))):
            found[f"{pixels} {name} dogs"] = 100 * float((answers == 0).mean())
            found[f"{pixels} {name} accuracy"] = 100 * float((answers == cats).mean())
        sure = np.maximum(probability, 1 - probability)
        found[f"{pixels} sure"] = 100 * float((sure > 0.99).mean())
    return found


DEMONSTRATION = Demonstration(
    {
        "tutorial": Training(
            "cats_dogs",
            {
                **{"epochs": 8, "preprocessing": "unit", "dense_activation": False, "dense": (64,)},
                **{"initial_weights": "glorot", "dense_bias": 0},
            },
        )
    },
    {
        "right rounded accuracy": Quantity("Pixels 0 to 1, rounded: right"),
        "right floored accuracy": Quantity("Pixels 0 to 1, int(): right"),
        "right floored dogs": Quantity("Pixels 0 to 1, int(): answer “Dog”"),
        "raw rounded accuracy": Quantity("Pixels 0 to 255, rounded: right"),
        "raw sure": Quantity("Pixels 0 to 255: more than 99 % sure"),
    },
    measure,
    {
        "all dogs": Claim(
            "With int(), at least 95 % of the answers are “Dog”", lambda found: found["right floored dogs"] >= 95
        ),
        "half": Claim(
            "So about half of the answers are right: 40 to 60 %",
            lambda found: 40 <= found["right floored accuracy"] <= 60,
        ),
        "sure": Claim(
            "With pixels from 0 to 255, the network is more than 99 % sure of at least 9 in 10 images",
            lambda found: found["raw sure"] >= 90,
        ),
        "raw": Claim(
            "With pixels from 0 to 255, fewer answers are right",
            lambda found: found["raw rounded accuracy"] < found["right rounded accuracy"],
        ),
    },
)
