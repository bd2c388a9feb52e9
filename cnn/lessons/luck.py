"""How much is luck? The same network and the same images, five seeds."""

from collections.abc import Mapping

from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained, Training
from cnn.training.accuracy import Accuracy

SEEDS = 5


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    """The held-out images are dealt into two halves: one to choose the best network by, and one it has to prove itself
    on."""
    halves = []
    for one in trained.values():
        right = one.predictions(one.held_out, one.held_out_labels).right
        halves.append((100 * float(right[::2].mean()), 100 * float(right[1::2].mean())))
    chosen = max(range(len(halves)), key=lambda i: halves[i][0])
    firsts = [first for first, _ in halves]
    images = len(next(iter(trained.values())).held_out[::2])
    low, high = Accuracy(round(images * firsts[chosen] / 100), images).interval
    return {
        "lowest": min(firsts),
        "highest": max(firsts),
        "chosen again": halves[chosen][1],
        "interval": 100 * (high - low),
        "images": images,
    }


DEMONSTRATION = Demonstration(
    {
        f"seed {i + 1}": Training("cats_dogs", {"max_per_class": 150, "val_fraction": 0.5, "epochs": 10}, i)
        for i in range(SEEDS)
    },
    {
        "lowest": Quantity("The worst of five, first half"),
        "highest": Quantity("The best of five, first half"),
        "interval": Quantity("... width of its 95 % interval", "points", 50),
        "chosen again": Quantity("That best one, second half"),
    },
    measure,
    {
        "spread": Claim(
            "Between the best and the worst of five lie at least 5 points",
            lambda found: found["highest"] - found["lowest"] >= 5,
        ),
        "interval": Claim(
            "The 95 % interval of one accuracy is at least 10 points wide", lambda found: found["interval"] >= 10
        ),
        "worse again": Claim(
            "The network chosen as the best is worse on new images",
            lambda found: found["chosen again"] < found["highest"],
        ),
    },
)
