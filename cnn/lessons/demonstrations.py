"""The demonstrations of all lessons, by the name of the lesson's file, in the order of the lessons."""

from cnn.lessons import (
    cheating,
    dense_only,
    heatmaps,
    kept_in_weights,
    luck,
    overfitting,
    rates,
    sobel,
    two_linear,
    undivided,
)
from cnn.lessons.demonstration import Demonstration

DEMONSTRATIONS: dict[str, Demonstration] = {
    "01_filter": sobel.DEMONSTRATION,
    "02_dense": dense_only.DEMONSTRATION,
    "03_relu": two_linear.DEMONSTRATION,
    "04_overfitting": overfitting.DEMONSTRATION,
    "05_learning_rate": rates.DEMONSTRATION,
    "06_pixels": undivided.DEMONSTRATION,
    "07_cheats": cheating.DEMONSTRATION,
    "08_memory": kept_in_weights.DEMONSTRATION,
    "09_luck": luck.DEMONSTRATION,
    "10_heatmap": heatmaps.DEMONSTRATION,
}
