"""Where does it look, and should I believe the heatmap? Grad-CAM of a trained and of an untrained network, tested by
covering what it points at."""

from collections.abc import Mapping

import numpy as np

from cnn.explain.cover_test import cover_test
from cnn.explain.grad_cam import grad_cam
from cnn.explain.pointing import overlap, raising, strongest
from cnn.lessons.cheating import middle
from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training
from cnn.model.model import Model
from cnn.training.evaluation import probabilities

IMAGES, COVERED = 24, 0.3


def pointed(model: Model, images: np.ndarray) -> tuple[float, float, float]:
    """Of Grad-CAM for the network's own answers: the mean share of the heatmap on the animal; by how many points the
    probability falls if the COVERED share of the pixels that it points at is covered, and if random places are."""
    on_animal, falls, elsewhere = [], [], []
    for image, answer in zip(images, probabilities(model, images).argmax(1), strict=True):
        heat = raising(grad_cam(model, image, int(answer)))
        found = overlap(heat, middle(image.shape[0]))
        if found is None:  # blank: it points at nothing
            continue
        on_animal.append(found.inside)
        test = cover_test(model, image, int(answer), strongest(heat, COVERED))
        falls.append(test.fall)
        elsewhere.append(float(test.falls_elsewhere.mean()))
    if not falls:
        return 0.0, 0.0, 0.0
    return tuple(100 * float(np.mean(values)) for values in (on_animal, falls, elsewhere))  # type: ignore[return-value]


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    one = trained["mended"]
    found = {"area": 100 * float(middle(one.held_out.shape[1]).mean())}
    for name, model in (("trained", one.model), ("untrained", one.untrained)):
        names = (f"{name} on animal", f"{name} fall", f"{name} elsewhere")
        found |= dict(zip(names, pointed(model, one.held_out[:IMAGES]), strict=True))
    return found


DEMONSTRATION = Demonstration(
    {"mended": Training("shortcut_mended", {"epochs": 15})},
    {
        "untrained on animal": Quantity("Untrained: heatmap on the animal"),
        "trained on animal": Quantity("Trained: heatmap on the animal"),
        "untrained fall": Quantity("Untrained: fall of the answer when covered", "points", 50),
        "trained fall": Quantity("Trained: fall of the answer when covered", "points", 50),
        "trained elsewhere": Quantity("Trained: fall when random places are covered", "points", 50),
    },
    measure,
    {
        "untrained": Claim(
            "At least 30 % of an untrained network's heatmap lies on the animal",
            lambda found: found["untrained on animal"] >= 30,
        ),
        "nothing": Claim(
            "Covering it changes the untrained network's answer by less than 3 points",
            lambda found: abs(found["untrained fall"]) < 3,
        ),
        "something": Claim(
            "Covering what the trained network's heatmap points at costs more than covering random places",
            lambda found: found["trained fall"] > found["trained elsewhere"],
        ),
    },
)
