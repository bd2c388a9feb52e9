"""The learning rate, and what a jagged loss says: how far it jumps from step to step."""

from collections.abc import Mapping

import numpy as np

from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training

IMAGES = {"max_per_class": 250, "epochs": 6}
JUMPS = Quantity("... its loss jumps from step to step by", "", 0.6)


def jaggedness(trained: Trained) -> float:
    """By how much the loss changes from one step to the next: the root mean square, over the second half."""
    losses = np.array(trained.losses[len(trained.losses) // 2 :])
    return float(np.sqrt(np.mean(np.diff(losses) ** 2)))


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    found = {f"{name} accuracy": one.accuracy for name, one in trained.items()}
    return found | {f"{name} jumps": jaggedness(one) for name, one in trained.items()}


DEMONSTRATION = Demonstration(
    {
        "usual": Training("cats_dogs", IMAGES),
        "high rate": Training("cats_dogs", {**IMAGES, "learning_rate": 0.03}),
        "low rate": Training("cats_dogs", {**IMAGES, "learning_rate": 0.00001}),
        "small batch": Training("cats_dogs", {**IMAGES, "batch_size": 2}),
    },
    {
        "usual accuracy": Quantity("Rate 0.001, batch 32"),
        "usual jumps": JUMPS,
        "high rate accuracy": Quantity("Rate 0.03: 30 times as high"),
        "high rate jumps": JUMPS,
        "low rate accuracy": Quantity("Rate 0.00001: a hundredth"),
        "low rate jumps": JUMPS,
        "small batch accuracy": Quantity("Rate 0.001, batch 2"),
        "small batch jumps": JUMPS,
    },
    measure,
    {
        "high": Claim(
            "With a rate of 0.03, the accuracy is below 60 % at the end", lambda found: found["high rate accuracy"] < 60
        ),
        "low": Claim(
            "With a rate of 0.00001, the accuracy is at least 15 points lower than with 0.001",
            lambda found: found["low rate accuracy"] <= found["usual accuracy"] - 15,
        ),
        "batch": Claim(
            "With batches of 2, the network is as good as with batches of 32, or better",
            lambda found: found["small batch accuracy"] >= found["usual accuracy"],
        ),
        "alike": Claim(
            "With batches of 2, the loss jumps at least 1.3 times as far from step to step as with batches of 32",
            lambda found: found["small batch jumps"] > 1.3 * found["usual jumps"],
        ),
        "calm": Claim(
            "With a rate of 0.03, the loss jumps less than 1.3 times as far as with 0.001",
            lambda found: found["high rate jumps"] < 1.3 * found["usual jumps"],
        ),
    },
)
