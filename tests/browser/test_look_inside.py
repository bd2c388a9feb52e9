"""Explanations, filters and neighbours on the pages in a real Chromium, against cnn.explain."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from cnn.explain.methods import METHODS
from cnn.explain.neighbours import features, nearest
from cnn.explain.saliency import saliency
from cnn.training.evaluation import probabilities
from tests.browser.app import (
    gallery,
    go_to,
    point_at,
    press,
    section,
    see_page,
    select,
    shown_number,
    subject,
    upload_image,
)


def test_an_explanation_can_be_read_by_keyboard_pointer_and_touch(open_page, server, run, model, dataset, typical):
    link = f"{server.url}/explain?run={run.id}&image={dataset.hashes[typical]}&guess_first=off"
    page = open_page(link, touch=True)
    see_page(page, "Explain")
    image = np.asarray(dataset.images[typical])
    values = saliency(model, image, int(probabilities(model, image[None])[0].argmax())).values
    figure = page.locator("figure.picture").filter(has=page.get_by_text("saliency", exact=True)).first
    canvas = figure.locator("canvas")

    def reads(row: int, column: int) -> None:
        expect(figure.locator(".value")).to_contain_text(f"row {row}, column {column}")
        shown = shown_number(figure.locator(".value").inner_text().split(": ")[1])
        assert shown == pytest.approx(values[row, column], rel=1e-3)

    press(canvas, "ArrowRight", 2)
    press(canvas, "ArrowUp")
    reads(15, 18)
    row, column = np.unravel_index(values.argmax(), values.shape)
    point_at(page, canvas, int(row), int(column), values.shape)
    reads(int(row), int(column))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + (4 + 0.5) * box["width"] / 32, box["y"] + (7 + 0.5) * box["height"] / 32)
    reads(7, 4)


def test_after_a_guess_the_explanations_are_compared_with_it_beside_the_image(visit):
    page = visit("explain", "Explain")
    expect(page.locator("figure.picture")).to_have_count(0)
    brush = page.get_by_role("application", name=re.compile("^Where would you look"))
    press(brush, " ")  # marks the middle
    found = page.get_by_text(re.compile("% of what saliency points at lies in your mark"))
    expect(found).to_be_in_viewport(ratio=1)
    for seen in (brush, page.locator("figure.picture canvas").first, page.get_by_alt_text(re.compile("covered$"))):
        expect(seen).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("at 20 random places takes it")).to_be_visible()
    select(page, "Class to explain", "star")
    expect(page.get_by_text("These pictures explain the score (logit) for star.")).to_be_visible()
    expect(page.locator("figure.picture .name")).to_have_text(["saliency", *(method.name for method in METHODS)])


def test_an_uploaded_image_stays_on_other_pages(visit, tmp_path):
    Image.fromarray(np.full((40, 40, 3), (200, 30, 30), np.uint8)).save(tmp_path / "red.png")
    page = visit("explain", "Explain")
    upload_image(page, tmp_path / "red.png")
    expect(subject(page)).to_contain_text("red.png")
    go_to(page, "Take apart")
    expect(subject(page)).to_contain_text("red.png")
    expect(section(page, "before")).to_be_visible()
    subject(page).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="Your own file")).to_be_checked()  # where the chosen image is
    dialog.get_by_text("Dataset", exact=True).click()
    expect(dialog.get_by_role("option").first).to_be_visible()


def nearest_images(model, dataset, index: int) -> list[str]:
    """The captions of the training images nearest to an image."""
    known = features(model, dataset.images, dataset.train)
    own = features(model, np.asarray(dataset.images[index])[None], np.array([0]))[0]
    places, distances = nearest(known, own, 10)
    labels = dataset.labels[dataset.train[places]]
    return [f"{d:.2f}, {dataset.classes[label]}" for d, label in zip(distances, labels, strict=True)]


def test_the_nearest_training_images_are_shown_also_for_an_image_chosen_on_the_map(visit, model, dataset, typical):
    page = visit("neighbours", "Neighbours")
    expect(gallery(page, "Nearest training images")).to_have_text(nearest_images(model, dataset, typical))
    drawing = page.get_by_role("application", name="on a map")
    expect(drawing.locator("g circle")).to_have_count(len(dataset.val))
    place = drawing.evaluate(MOST_ISOLATED)
    index = int(dataset.val[place["index"]])
    page.mouse.move(place["x"], place["y"])
    expect(
        page.get_by_text(f"{dataset.classes[dataset.labels[index]]}, {Path(dataset.paths[index]).name}")
    ).to_be_visible()
    page.mouse.click(place["x"], place["y"])
    expect(gallery(page, "Nearest training images")).to_have_text(nearest_images(model, dataset, index))


# The point of the map that is farthest from all others: its index and its position on the page.
MOST_ISOLATED = """(drawing) => {
  const points = [...drawing.querySelectorAll("g circle")].map((circle, index) => {
    const { x, y, width, height } = circle.getBoundingClientRect();
    return { index, x: x + width / 2, y: y + height / 2 };
  });
  const room = (one) => Math.min(...points.filter((other) => other !== one)
    .map(({ x, y }) => Math.hypot(x - one.x, y - one.y)));
  return points.sort((one, other) => room(other) - room(one))[0];
}"""


def test_a_click_on_a_filter_shows_its_best_patches_and_makes_an_image(visit):
    page = visit("filters", "Filters")
    section(page, "conv1").get_by_role("option").nth(3).click()
    expect(page.get_by_role("heading", name="What does filter 3 of conv1 respond to?")).to_be_visible()
    expect(gallery(page, "Patches that activate the filter most").first).to_be_visible()
    made = page.get_by_text("After 64 steps: activation")
    expect(made).to_be_visible()
    of_filter_3 = made.inner_text()
    section(page, "conv1").get_by_role("option").nth(5).click()
    expect(page.get_by_role("heading", name="What does filter 5 of conv1 respond to?")).to_be_visible()
    expect(made).not_to_have_text(of_filter_3)
    expect(made).to_be_visible()
