"""What the pages show, as pictures for a report: self-contained SVG in light colours."""

from collections.abc import Mapping, Sequence

import numpy as np

from cnn.figures.charts import QUIET_COLOR, TEST_COLOR, TRAIN_COLOR, VAL_COLOR, class_color
from cnn.figures.filter_pictures import filter_pictures
from cnn.figures.network_drawing import network_drawing
from cnn.figures.shades import blended, shaded, shaded_rgb
from cnn.figures.sheet import Sheet
from cnn.figures.svg import standalone
from cnn.model.layers import Layer
from cnn.percent import percent, probability

SPLITS = {"training": TRAIN_COLOR, "held-out": VAL_COLOR, "test": TEST_COLOR}
MOST_CLASSES, MOST_SAMPLES = 12, 8
MOST_FILTERS, MOST_MAPS, MOST_NEW = 64, 10, 96
RIGHT_COLOR, WRONG_COLOR = "#8c96a3", "#c0392b"  # as in a confusion matrix


def data_picture(
    samples: Mapping[str, Sequence[np.ndarray]], counts: Mapping[str, Mapping[str, int]], about: str
) -> str:
    """samples: class -> images, uint8 (H, W, C). counts: split -> class -> images. about: a sentence."""
    sheet = Sheet()
    sheet.text(about)
    for number, (name, images) in enumerate(samples.items()):
        if number == MOST_CLASSES:
            sheet.text(f"and {len(samples) - MOST_CLASSES} more classes")
            break
        sheet.text(name, 12, bold=True)
        sheet.images(images[:MOST_SAMPLES], side=80)
    sheet.gap()
    sheet.legend(list(counts), [SPLITS[split] for split in counts])
    names = list(next(iter(counts.values()), {}))
    rows = [[by_class[name] for by_class in counts.values()] for name in names]
    colors = [[SPLITS[split] for split in counts]] * len(names)
    sheet.bars(names, rows, colors, [f"{sum(row):,}" for row in rows])
    return sheet.svg()


def network_picture(layers: list[Layer], classes: tuple[str, ...], picture: str = "") -> str:
    """picture: the URL (data:...) of an image to show on the input's front."""
    return standalone(network_drawing(layers, classes, picture, 960))


def curves_picture(charts: Sequence[dict], about: str) -> str:
    """charts: of cnn.figures.curves."""
    sheet = Sheet()
    sheet.text(about)
    for chart in charts:
        sheet.curves(chart)
    return sheet.svg()


def chart_of(
    title: str, along: str, in_percent: bool, lines: Sequence[tuple[str, str, np.ndarray, np.ndarray]]
) -> dict:
    """A chart for `curves_picture`. lines: name, CSS colour, x and y of each."""
    drawn = [
        {"name": name, "x": x.tolist(), "y": y.tolist(), "color": color, "width": 2, "opacity": 1, "marks": ""}
        for name, color, x, y in lines
    ]
    ranges = {"x_range": [None, None], "y_range": [0 if in_percent else None, 1 if in_percent else None]}
    return {
        "x": along,
        "y": title,
        "percent": in_percent,
        "cut": None,
        "lines": drawn,
        "best": None,
        "levels": [],
    } | ranges


def experiment_picture(about: str, labels: Sequence[str], accuracies: Sequence[Sequence[float]]) -> str:
    """accuracies: of the runs of each value, 0..1."""
    sheet = Sheet()
    sheet.text(about)
    means = [float(np.mean(own)) if len(own) else 0.0 for own in accuracies]
    texts = [
        f"{percent(mean, 1)}, {len(own)} run{'' if len(own) == 1 else 's'}" if len(own) else "no run yet"
        for mean, own in zip(means, accuracies, strict=True)
    ]
    sheet.bars(labels, [[mean] for mean in means], [[VAL_COLOR]] * len(means), texts, 1)
    sheet.text("Mean held-out accuracy of the runs with each value.", 11)
    return sheet.svg()


def confusion_picture(
    names: Sequence[str],
    counts: np.ndarray,
    images: Sequence[np.ndarray],
    captions: Sequence[str],
    about: str,
    part: str,
) -> str:
    """counts: (classes, classes), rows are the true classes. images: those behind the chosen part, named by `part`."""
    sheet = Sheet()
    sheet.text(about)
    sheet.matrix(names, counts)
    if len(images):
        sheet.text(part, 12, bold=True)
        sheet.images(images, captions, side=76)
    return sheet.svg()


def calibration_picture(about: str, confidence: np.ndarray, accuracy: np.ndarray, images: np.ndarray) -> str:
    """How right a network is against how sure it is. All are (bins,): see `cnn.training.evaluation.Calibration`."""
    filled = images > 0
    equal = np.array([0.0, 1.0])
    lines = [
        ("as right as sure", QUIET_COLOR, 100 * equal, equal),
        ("this network", VAL_COLOR, 100 * confidence[filled], accuracy[filled]),
    ]
    chart = chart_of("right answers", "probability of the answer, %", True, lines)
    chart["lines"][1]["marks"] = "filled"
    return curves_picture([chart], about)


def learned_picture(
    pixels: np.ndarray,
    groups: Mapping[str, int],
    group: str,
    images: Sequence[np.ndarray],
    captions: Sequence[str],
) -> str:
    """When images were learned. pixels: uint8 (rows, snapshots, 3), of cnn.figures.story_picture. groups: name -> how
    many images. images: those of one group."""
    sheet = Sheet()
    sheet.text(
        "How the answers changed. A row for each image, a column for each snapshot, from the untrained network on."
    )
    tall, wide = max(1, 240 // len(pixels)), max(1, 360 // pixels.shape[1])
    sheet.images([pixels.repeat(tall, 0).repeat(wide, 1)], side=wide * pixels.shape[1])
    sheet.text(f"Gray: right. Red: wrong. The stronger, the surer. From above: {', '.join(groups)}.", 11)
    counts = list(groups.values())
    sheet.bars(list(groups), [[one] for one in counts], [[QUIET_COLOR]] * len(counts), [f"{one:,}" for one in counts])
    if len(images):
        sheet.text(group, 12, bold=True)
        sheet.images(images, captions, side=76)
    return sheet.svg()


def images_picture(about: str, groups: Mapping[str, tuple[Sequence[np.ndarray], Sequence[str]]]) -> str:
    """groups: what some images have in common -> the images, uint8 (H, W, C), and a caption for each."""
    sheet = Sheet()
    sheet.text(about)
    for name, (images, captions) in groups.items():
        sheet.text(name, 12, bold=True)
        sheet.images(images, captions, side=80)
    return sheet.svg()


def new_images_picture(images: Sequence[np.ndarray], captions: Sequence[str], is_right: Sequence[bool]) -> str:
    """New images, each with a line that says whether the answer is right."""
    sheet = Sheet()
    sheet.legend(["right", "wrong"], [RIGHT_COLOR, WRONG_COLOR])
    shown = slice(MOST_NEW)
    colors = [RIGHT_COLOR if right else WRONG_COLOR for right in is_right]
    sheet.images(images[shown], captions[shown], 84, colors[shown])
    if len(images) > MOST_NEW:
        sheet.text(f"The first {MOST_NEW} of {len(images):,} images.", 11)
    return sheet.svg()


def filters_picture(
    weights: np.ndarray, limits: np.ndarray, is_colour: bool, chosen: int, about: str, one: str = "filter"
) -> str:
    """weights: float (filters, channels, rows, columns). limits: the end of each filter's colour scale. chosen: the
    filter that is also shown large. one: what one of them is called."""
    sheet = Sheet()
    sheet.text(about)

    def drawn(index: int) -> np.ndarray:
        own = weights[index]
        if is_colour:
            return shaded_rgb(own, float(limits[index]))
        (grid,) = filter_pictures(own[None], False)
        return shaded(grid, True, float(limits[index]))

    shown = range(min(len(weights), MOST_FILTERS))
    sheet.images([drawn(index) for index in shown], [str(index) for index in shown], side=64)
    if len(weights) > MOST_FILTERS:
        sheet.text(f"The first {MOST_FILTERS} of {len(weights)} {one}s.", 11)
    sheet.text(f"{one.capitalize()} {chosen}", 12, bold=True)
    sheet.images([drawn(chosen)], side=160)
    kinds = "gray is 0" if is_colour else "red is positive, blue negative, white 0"
    scale = "One scale for the layer" if (limits == limits[0]).all() else f"Each {one} has its own scale"
    sheet.text(f"{scale}: {kinds}.", 11)
    return sheet.svg()


def activations_picture(
    image: np.ndarray,
    maps: Mapping[str, tuple[np.ndarray, bool, Sequence[int]]],
    answer: Mapping[str, float],
    about: str,
) -> str:
    """maps: layer -> (its maps, float (n, h, w); whether they are signed; which to show, in order). answer: class ->
    probability, 0..1."""
    sheet = Sheet()
    sheet.text(about)
    sheet.images([image], side=120)
    for name, (values, signed, order) in maps.items():
        shown = list(order)[:MOST_MAPS]
        sheet.text(f"{name}: {len(shown)} of {len(values)} maps", 12, bold=True)
        sheet.images([shaded(values[i], signed) for i in shown], [str(i) for i in shown], side=62)
    sheet.text(f"Each map has its own scale. {_colors_text([signed for _, signed, _ in maps.values()])}", 11)
    sheet.text("The answer", 12, bold=True)
    _answer(sheet, answer)
    return sheet.svg()


def _colors_text(signed: Sequence[bool]) -> str:
    """What the colours of maps mean. signed: of each layer."""
    positive, both = "purple is 0, yellow the largest value", "blue is negative, white 0, red positive"
    if all(signed):
        return f"{both.capitalize()}."
    if not any(signed):
        return f"{positive.capitalize()}."
    return f"Layers without negative values: {positive}. The others: {both}."


def _answer(sheet: Sheet, answer: Mapping[str, float]) -> None:
    """Bars of the probabilities, the likeliest classes first. A class keeps its colour."""
    colors = {name: class_color(i) for i, name in enumerate(answer)}
    names = sorted(answer, key=lambda name: -answer[name])[:MOST_CLASSES]
    texts = [probability(answer[name]) for name in names]
    sheet.bars(names, [[answer[name]] for name in names], [[colors[name]] for name in names], texts, 1)


def explanation_picture(
    image: np.ndarray, values: np.ndarray, signed: bool, cover: np.ndarray | None, about: str, test: str
) -> str:
    """values: float (H, W), over the image. cover: the image with the strongest places covered; None if not tested."""
    sheet = Sheet()
    sheet.text(about)
    images = [image, blended(image, values, signed)]
    captions = ["the image", "what it points at"]
    if cover is not None:
        images.append(cover)
        captions.append("those places covered")
    sheet.images(images, captions, side=220)
    scale = "Red raises the score, blue lowers it." if signed else "From purple (little) to yellow (most)."
    sheet.text(f"{scale} {test}", 12)
    return sheet.svg()


def before_after_picture(
    about: str, images: Mapping[str, np.ndarray], answers: Mapping[str, Mapping[str, float]]
) -> str:
    """images: what each shows -> the image. answers: “before” and “after” -> class -> a share, 0..1."""
    sheet = Sheet()
    sheet.text(about)
    sheet.images(list(images.values()), list(images), side=200)
    for name, answer in answers.items():
        sheet.text(name, 12, bold=True)
        _answer(sheet, answer)
    return sheet.svg()


def accuracy_picture(about: str, classes: Sequence[str], before: np.ndarray, after: np.ndarray) -> str:
    """before, after: the accuracy of each class, 0..1, NaN without images."""
    sheet = Sheet()
    sheet.text(about)
    sheet.legend(["before", "after"], [QUIET_COLOR, VAL_COLOR])
    for name, *shares in zip(classes, before, after, strict=True):
        for word, share, color in zip((name, ""), shares, (QUIET_COLOR, VAL_COLOR), strict=True):
            text = "no images" if np.isnan(share) else percent(share, 1)
            sheet.bars([word], [[float(np.nan_to_num(share))]], [[color]], [text], 1)
            sheet.gap(-4)
        sheet.gap(4)
    return sheet.svg()


def neighbours_picture(
    points: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    axes: tuple[str, str],
    ring: tuple[float, float] | None,
    nearest: Sequence[np.ndarray],
    captions: Sequence[str],
    about: str,
) -> str:
    """points: (n, 2), with their labels. ring: the place of the chosen image. nearest: images like it."""
    sheet = Sheet()
    sheet.text(about)
    sheet.legend(classes, [class_color(i) for i in range(len(classes))])
    sheet.dots(points, [class_color(int(label)) for label in labels], axes, ring)
    sheet.text("The most similar training images", 12, bold=True)
    sheet.images(nearest, captions, side=76)
    return sheet.svg()
