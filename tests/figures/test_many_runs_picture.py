"""Pictures of many runs and of the answers at all snapshots, for reports and as files."""

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from cnn.figures.many_runs_picture import by_value, many_runs_picture
from cnn.figures.story_picture import story_picture, story_png
from cnn.store.varied import Value, Varied
from cnn.training.importance import Importance
from cnn.training.learned import Story

SVG = "{http://www.w3.org/2000/svg}"


def varied(name: str, *values: int) -> Varied:
    return Varied(name, name, tuple(Value(name, value, str(value)) for value in values))


def test_each_run_is_a_line_through_its_values_and_each_value_a_bar_with_its_mean():
    size, rate = varied("kernel <size>", 7, 3, 3), varied("rate", 1, 1, 2)
    accuracies = [0.9, 0.5, 0.6]
    found = {"kernel <size>": Importance(0.9, 0.4, 0.01)}
    picture = ElementTree.fromstring(many_runs_picture("3 runs.", size, [size, rate], accuracies, found))
    lines = [line.get("points").split() for line in picture.iter(f"{SVG}polyline")]
    heights = [[float(point.split(",")[1]) for point in line] for line in lines]
    worst, _, best = heights  # the best is drawn last
    assert best[0] < worst[0] and best[1] == worst[1] and best[2] < worst[2]  # up is less in an SVG
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert "90.0\xa0%, 1 run" in texts and "55.0\xa0%, 2 runs" in texts and "90\xa0%; luck 40\xa0%" in texts
    assert [list(group) for group in by_value(size, accuracies).values()] == [[0.5, 0.6], [0.9]]


def test_the_file_of_a_story_has_its_picture_beside_the_groups():
    labels = np.array([0, 0, 0])
    answers = np.array([[1, 1, 0], [0, 1, 1], [0, 1, 1]], np.int16)  # early, never, forgotten? of the untrained only
    sure = np.full((3, 3), 0.8, np.float32)
    story = Story(np.array([0, 10, 20]), answers, sure, labels, np.arange(3))
    pixels = np.asarray(Image.open(BytesIO(story_png(story))))
    drawn = {tuple(color) for color in story_picture(story.right, sure).reshape(-1, 3).tolist()}
    for color in drawn:
        share = (pixels == color).all(-1).mean()
        assert share > 0.05  # both right and wrong answers fill a part of the picture
    assert (pixels[:, :100] != 255).any()  # names of the groups at the left
