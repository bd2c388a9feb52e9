"""It cheats: the background gives the class away."""

from collections.abc import Mapping

import numpy as np

from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training


def middle(side: int) -> np.ndarray:
    """bool (side, side): the disc in the middle of an image in which the animal is, as seen from the front."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return x**2 + y**2 < 0.75**2


def accuracy_covered(trained: Trained) -> float:
    """The accuracy, in percent, on the held-out images with the animal covered in gray."""
    images = trained.held_out.copy()
    images[:, middle(images.shape[1])] = 128
    return 100 * trained.predictions(images, trained.held_out_labels).accuracy


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    found = {}
    for name, one in trained.items():
        found[f"{name} held-out"] = one.accuracy
        found[f"{name} test"] = one.accuracy_of_test()
        found[f"{name} covered"] = accuracy_covered(one)
    return found


DEMONSTRATION = Demonstration(
    {
        "shortcut": Training("shortcut", {"epochs": 15}),
        "mended": Training("shortcut_mended", {"epochs": 15}),
    },
    {
        "shortcut held-out": Quantity("Held-out images"),
        "shortcut test": Quantity("Places swapped"),
        "shortcut covered": Quantity("Held-out images, animal covered"),
        "mended held-out": Quantity("Mended: held-out images"),
        "mended test": Quantity("Mended: places swapped"),
        "mended covered": Quantity("Mended: animal covered"),
    },
    measure,
    {
        "held-out": Claim(
            "At least 95 % of the held-out images are right", lambda found: found["shortcut held-out"] >= 95
        ),
        "swapped": Claim("With the places swapped, at most 20 % are right", lambda found: found["shortcut test"] <= 20),
        "covered": Claim(
            "With the animal covered, at least 90 % are still right", lambda found: found["shortcut covered"] >= 90
        ),
        "mended": Claim(
            "Trained on the mended images, at least 85 % are right with the places swapped",
            lambda found: found["mended test"] >= 85,
        ),
        "mended covered": Claim(
            "The mended network is lost if the animal is covered: at most 75 % are right",
            lambda found: found["mended covered"] <= 75,
        ),
    },
)
