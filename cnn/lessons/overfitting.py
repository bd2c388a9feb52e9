"""It worked in training: a network that has seen about 20 images of each class, often."""

from collections.abc import Mapping

from cnn.figures.sketched_curves import Sketch
from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    few, many = trained["few images"], trained["many images"]
    losses = [epoch.val_loss or 0.0 for epoch in few.epochs]
    return {
        "few training": few.training_accuracy,
        "few held-out": few.accuracy,
        "many training": many.training_accuracy,
        "many held-out": many.accuracy,
        "lowest loss": min(losses),
        "last loss": losses[-1],
    }


DEMONSTRATION = Demonstration(
    {
        # Of 200 images of each class, 9 of 10 are held out: few to learn from, and many to judge by.
        "few images": Training("cats_dogs", {"max_per_class": 200, "val_fraction": 0.9, "epochs": 60, "batch_size": 8}),
        "many images": Training("cats_dogs", {"epochs": 10}),
    },
    {
        "few training": Quantity("about 20 images of each class: training"),
        "few held-out": Quantity("about 20 images of each class: held-out"),
        "many training": Quantity("about 360 of each class: training"),
        "many held-out": Quantity("about 360 of each class: held-out"),
    },
    measure,
    {
        "training": Claim("It gets every training image right", lambda found: found["few training"] == 100),
        "gap": Claim(
            "At least 15 points more training images are right than held-out images",
            lambda found: found["few training"] - found["few held-out"] >= 15,
        ),
        "loss": Claim(
            "The held-out loss rises again, to at least 1.2 times its lowest value",
            lambda found: found["last loss"] >= 1.2 * found["lowest loss"],
        ),
        "more images": Claim(
            "With all images, the gap is smaller",
            lambda found: (
                found["many training"] - found["many held-out"] < found["few training"] - found["few held-out"]
            ),
        ),
    },
    (
        Sketch("A", "accuracy", (0.5, 0.7, 0.83, 0.91, 0.96, 0.98, 0.99), (0.5, 0.51, 0.49, 0.5, 0.52, 0.49, 0.5)),
        Sketch("B", "accuracy", (0.5, 0.7, 0.83, 0.92, 0.98, 1.0, 1.0), (0.5, 0.62, 0.69, 0.73, 0.75, 0.75, 0.75)),
        Sketch("C", "loss", (0.85, 0.6, 0.4, 0.26, 0.16, 0.1, 0.07), (0.88, 0.68, 0.57, 0.54, 0.6, 0.7, 0.82)),
    ),
)
