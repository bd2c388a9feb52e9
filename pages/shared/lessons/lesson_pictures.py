"""The pictures of a lesson: images to learn from, and what happened beside the guess."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from cnn.figures.guess_bars import Bar, guess_bars
from cnn.figures.image_row import image_row
from cnn.figures.sketched_curves import sketched_curves
from cnn.report.assignment import Question
from cnn.report.report import Answer
from pages.components.drawing import drawing
from pages.shared import settings
from pages.shared.lessons.lesson_answers import Lesson

SHOWN_IMAGES = 8  # of each class
WIDE, NARROW = 480, 360  # pixels


def outcome_bars(
    lesson: Lesson, guess: Question, given: Mapping[str, Answer], numbers: Mapping[str, float], width: int = 560
) -> str:
    from cnn.lessons.demonstrations import DEMONSTRATIONS
    from cnn.lessons.measured import measured

    demonstration = DEMONSTRATIONS[lesson.name]
    others = measured(lesson.name) if demonstration.trainings else {}
    bars = []
    for name, quantity in demonstration.quantities.items():
        high = quantity.most or max(numbers[name], 1)
        low = -high if not guess.unit else 0
        marked = float(given[guess.id]) if name == guess.fact else None
        bars.append(Bar(quantity.label, numbers[name], low, high, quantity.unit, marked, others.get(name, ())))
    return guess_bars(bars, width)


def light(drawn: str) -> str:
    """A drawing in the text colour of the page, in that of a white page: for reports."""
    return drawn.replace("currentColor", "#1e1e1e")


def draw_images(lesson: Lesson, with_test: bool = False) -> None:
    """Some of the images of the lesson, and of its test images; in the lesson of the filter, its square.

    with_test: whether the test images are shown, if there are any."""
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    trainings = DEMONSTRATIONS[lesson.name].trainings
    if not trainings:
        drawing(image_row([square()], "A white square on black", per_row=2, most=200), key="lesson_images")
        return
    samples = next(iter(trainings.values())).folder
    images = sample_images(samples)
    drawing(image_row(images, "Images of the lesson", per_row=SHOWN_IMAGES), key="lesson_images")
    st.caption("Some of the images. Part of them are held out.")
    if with_test and (images := sample_images(samples, "test")):
        drawing(image_row(images, "Test images", per_row=SHOWN_IMAGES), key="lesson_test_images")
        st.caption("Some of the test images.")


def draw_sketches(lesson: Lesson) -> None:
    """The curves that the lesson's last question is about, if it is about curves."""
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    if sketches := DEMONSTRATIONS[lesson.name].sketches:
        drawing({0: sketched_curves(sketches, 100), 370: sketched_curves(sketches)}, key="lesson_sketches")


def square() -> np.ndarray:
    """The image of the lesson on filters, uint8 (side, side, 1)."""
    from cnn.lessons import sobel

    return (255 * sobel.square()).astype(np.uint8)[..., None]


def draw_maps() -> None:
    """What Sobel's filter makes of the square: gray is 0, white 4, black -4."""
    from cnn.lessons import sobel

    map_of_square = sobel.filtered(sobel.square(), "Sobel x")
    shades = ((map_of_square + 4) / 8 * 255).astype(np.uint8)[..., None]
    drawing(image_row([square(), shades], "The square, and the filter's map", per_row=2, most=120), key="lesson_maps")
    st.caption("The image, and the map of the filter: white is 4, gray 0, black −4.")


@st.cache_data(show_spinner=False)
def sample_images(samples: str, split: str = "train") -> list[np.ndarray]:
    """The first images of two classes of a sample dataset, uint8 (50, 50, 3) each; for the split "test", none if it has
    no test images."""
    from cnn.data.images import read_image

    folder = settings.SAMPLES / samples
    if (folder / "train").is_dir():
        folder /= split
    elif split == "test":
        return []
    classes = [one for one in sorted(folder.iterdir()) if one.is_dir()][:2]
    files = [file for one in classes for file in sorted(one.iterdir())[:SHOWN_IMAGES]]
    return [read_image(file, 50, 3)[0] for file in files]
