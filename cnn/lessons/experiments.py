"""The experiments of all lessons, by the name of the lesson's file, in the order of the lessons."""

from cnn.lessons import dense, filters, heatmaps, luck, memory, overfitting, pixels, rates, relu, shortcut
from cnn.lessons.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    "01_filter": filters.EXPERIMENT,
    "02_dense": dense.EXPERIMENT,
    "03_relu": relu.EXPERIMENT,
    "04_overfitting": overfitting.EXPERIMENT,
    "05_learning_rate": rates.EXPERIMENT,
    "06_pixels": pixels.EXPERIMENT,
    "07_cheats": shortcut.EXPERIMENT,
    "08_memory": memory.EXPERIMENT,
    "09_luck": luck.EXPERIMENT,
    "10_heatmap": heatmaps.EXPERIMENT,
}
