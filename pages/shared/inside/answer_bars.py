"""Answers of a network as bars, for its likeliest classes."""

from collections.abc import Mapping

import numpy as np

from cnn.figures import charts
from pages.components.maps import Bars, maps

MOST = 6  # classes


def answer_bars(answers: Mapping[str, np.ndarray], classes: tuple[str, ...], key: str) -> None:
    """Bars for each answer, of the classes that are likeliest in any of them. answers: name -> the probability of each
    class, float (classes,)."""
    likeliest = np.sort(np.argsort(-np.max(list(answers.values()), 0), kind="stable")[:MOST])
    names, colors = [classes[i] for i in likeliest], [charts.class_color(int(i)) for i in likeliest]
    bars = [
        Bars(name, "probability of each class", 100 * answer[likeliest], tuple(names), False, tuple(colors), "%")
        for name, answer in answers.items()
    ]
    maps(bars, key=key, shared_scale=True)
