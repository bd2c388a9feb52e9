"""The ReLU the tutorial forgot: two dense layers without an activation in between are one."""

from collections.abc import Mapping

import numpy as np

from cnn.explain.activations import activations
from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training


def collapsed_difference(trained: Trained, images: int = 20) -> float:
    """The largest difference between the logits of the network and those of its two last dense layers made into one."""
    model = trained.model
    first = next(layer for layer in model.layers if layer.kind == "dense")
    last = model.layers[-1]
    biases = [model.network.get_parameter(f"{layer.name}.bias").detach().numpy() for layer in (first, last)]
    weights = model.weights(last.name) @ model.weights(first.name)
    bias = model.weights(last.name) @ biases[0] + biases[1]
    differences = []
    for image in trained.held_out[:images]:
        values = activations(model, image)
        one_layer = weights @ values["flatten"].ravel() + bias
        differences.append(np.abs(one_layer - values[last.name].ravel()).max())
    return float(max(differences))


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    return {
        "with": trained["with ReLU"].accuracy,
        "without": trained["without ReLU"].accuracy,
        "difference without": collapsed_difference(trained["without ReLU"]),
        "difference with": collapsed_difference(trained["with ReLU"]),
    }


DEMONSTRATION = Demonstration(
    {
        "with ReLU": Training("cats_dogs", {"epochs": 10}),
        "without ReLU": Training("cats_dogs", {"epochs": 10, "dense_activation": False}),
    },
    {
        "with": Quantity("With ReLU after the dense layer"),
        "without": Quantity("Without it, as in the tutorial"),
        "difference with": Quantity("With ReLU, two layers made one: logits change by", "", 4),
        "difference without": Quantity("Without it, two layers made one: logits change by", "", 4),
    },
    measure,
    {
        "one layer": Claim(
            "Without the ReLU, one layer with the product of both matrices gives the same logits to 0.001",
            lambda found: found["difference without"] < 0.001,
        ),
        "two layers": Claim(
            "With the ReLU, it does not: some logit differs by more than 0.1",
            lambda found: found["difference with"] > 0.1,
        ),
        "cost": Claim(
            "Without the ReLU, 3 points or more are lost", lambda found: found["without"] <= found["with"] - 3
        ),
        "gain": Claim("Without the ReLU, it is as good or better", lambda found: found["without"] >= found["with"]),
    },
)
