"""Sentences about shifts: why they matter after flatten, and what global average pooling changes."""

from cnn.explain.global_pooling import Ending
from cnn.explain.image_changes import Response
from cnn.percent import percent
from cnn.training.accuracy import Accuracy

LESS, AS_MUCH, MORE = "less", "about as much", "more"
ALIKE = 0.02  # probabilities that move this much more or less move about as much


def why_places_matter(rows: int, columns: int) -> str:
    """Why a shift matters to a network that ends in flatten. rows, columns: of its last maps."""
    return (
        f"The convolutions' maps move with the image, but flatten keeps the {rows} × {columns} places of each map "
        "apart, and the next layer has a weight for each: a shifted image meets other weights."
    )


REST = "What still changes comes from the borders of the image, and from maps made smaller."
WITHOUT_PLACES = {
    Ending.POOLED: "This network already ends in global average pooling: it keeps the mean of each map, so its last "
    f"layers do not know places. {REST}",
    Ending.ONE_PLACE: "The last maps of this network have a single place each, so flatten keeps no places apart, and "
    f"global average pooling would change nothing. {REST}",
    Ending.NO_MAPS: "This network has no convolutions: each weight belongs to one pixel, so a shifted image meets "
    "other weights.",
}


def compared(flat: Response, pooled: Response) -> str:
    """Whether the probability changes LESS, AS_MUCH or MORE with global average pooling."""
    if abs(flat.moved - pooled.moved) <= ALIKE:
        return AS_MUCH
    return LESS if pooled.moved < flat.moved else MORE


def outcome(name: str, flat: Response, pooled: Response, guess: str) -> str:
    """What was found, held against the guess. name: of the class, escaped."""
    found = compared(flat, pooled)
    right = "as you guessed" if guess == found else f"you guessed {guess}"
    return (
        f"The probability of {name} changes **{found}** ({right}): by {100 * pooled.moved:.0f} points on average, with "
        f"flatten by {100 * flat.moved:.0f}. The answer stays the same at {pooled.kept} of {pooled.amounts} shifts, "
        f"with flatten at {flat.kept}."
    )


def accuracies(flat: Accuracy, pooled: Accuracy) -> str:
    """How good both networks are."""
    return (
        f"With global average pooling, {_with_interval(pooled)} of {flat.images:,} held-out images are right; with "
        f"flatten, {_with_interval(flat)}."
    )


def _with_interval(accuracy: Accuracy) -> str:
    low, high = accuracy.interval
    return f"{percent(accuracy.value)} ({percent(low)} to {percent(high)})"
