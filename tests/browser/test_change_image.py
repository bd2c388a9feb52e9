"""Changes of the image, on the page in a real Chromium, against the network given the changed image."""

import time

import numpy as np
import pytest
from playwright.sync_api import expect

from cnn.explain.image_changes import amount_changed, brightness, probability_curve, rotate
from cnn.training.evaluation import probabilities
from tests.browser.app import (
    button,
    chart,
    choose_image,
    go_to,
    point_at,
    press,
    select,
    settled,
    shown_probabilities,
    slider,
)


def test_the_prediction_follows_a_slider_while_it_is_dragged(visit, wait, run, model, dataset, typical):
    page = visit("change_image", "Change the image")
    image = np.asarray(dataset.images[typical])
    handle = slider(page, "Rotate")
    wait(lambda: shown_probabilities(page, "now", run) == shown_probabilities(page, "before", run))  # nothing moves
    settled(page)
    handle.scroll_into_view_if_needed()
    seen = []

    def grab():
        """Presses the mouse on the handle and moves it a little; returns the slider's box, or None if the handle does
        not follow, because it was moved just then."""
        page.mouse.up()
        box = handle.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        pressed = handle.input_value()
        page.mouse.move(box["x"] + 0.52 * box["width"], middle)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            if handle.input_value() != pressed:
                return box
            page.wait_for_timeout(50)
        return None

    def predicted_now():  # the browser may deal with the last move of the mouse only later
        return probabilities(model, rotate(image, float(handle.input_value()))[None])[0]

    box = wait(grab)
    for place in (0.55, 0.62, 0.7, 0.76):
        page.mouse.move(box["x"] + place * box["width"], box["y"] + box["height"] / 2, steps=5)
        wait(lambda: float(handle.input_value()) > max(seen, default=0))
        wait(lambda: shown_probabilities(page, "now", run) == pytest.approx(predicted_now(), abs=0.002))
        seen.append(float(handle.input_value()))
    assert seen == sorted(set(seen)) and seen[-1] > 70
    page.mouse.up()
    assert shown_probabilities(page, "before", run) == pytest.approx(probabilities(model, image[None])[0], abs=0.002)
    changed = amount_changed(image, rotate(image, float(handle.input_value())))
    expect(page.get_by_text(f"Changed now: {100 * changed:.1f} % of the image.")).to_be_visible()
    button(page, "Reset").click()
    wait(lambda: shown_probabilities(page, "now", run) == shown_probabilities(page, "before", run))
    expect(page.get_by_text("Changed now: 0.0 % of the image.")).to_be_visible()


def test_a_slider_changes_the_prediction_and_keeps_its_value_while_other_pages_are_visited(
    visit, wait, run, model, dataset, typical
):
    page = visit("change_image", "Change the image")
    press(slider(page, "Brightness"), "End")
    bright = np.minimum(np.asarray(dataset.images[typical]).astype(int) * 2, 255).astype(np.uint8)
    changed = pytest.approx(probabilities(model, bright[None])[0], abs=0.002)
    wait(lambda: shown_probabilities(page, "now", run) == changed)
    go_to(page, "Explain")
    go_to(page, "Change the image")
    expect(slider(page, "Brightness")).to_have_value("2")
    wait(lambda: shown_probabilities(page, "now", run) == changed)


def test_the_curve_appears_on_request_and_its_mark_follows_the_slider(visit, wait, run, model, dataset, typical):
    page = visit("change_image", "Change the image")
    expect(page.get_by_text("Guess, try, then see the curve.")).to_be_visible()
    select(page, "Show the curve for", "brightness")
    plot = chart(page, "probability_curve")
    expect(plot).to_be_visible()
    places, image = np.linspace(0, 2, 41), np.asarray(dataset.images[typical])
    expected = probability_curve(model, image, brightness, places)
    drawn = 0.01 * np.transpose(plot.evaluate("({ data }) => data.map((line) => [...line.y])"))
    assert drawn == pytest.approx(expected, abs=1e-5)  # the chart shows per cent
    press(slider(page, "Brightness"), "End")
    wait(lambda: plot.evaluate("({ layout }) => layout.shapes[0].x0") == 2)
    wait(lambda: shown_probabilities(page, "now", run) == pytest.approx(expected[-1], abs=0.002))


@pytest.fixture
def brush(visit, model, run, dataset, typical, wait):
    return Brush(visit("change_image", "Change the image"), model, run, np.asarray(dataset.images[typical]), wait)


class Brush:
    """The image to draw on, with a thin black brush."""

    def __init__(self, page, model, run, image, wait):
        self.page, self.model, self.run, self.image, self.wait = page, model, run, image, wait
        self.canvas = page.get_by_role("application")
        press(page.get_by_role("slider", name="Size"), "Home")

    def over(self, row: int, column: int) -> None:
        point_at(self.page, self.canvas, row, column, self.image.shape)

    def draw(self, row: int, start: int, end: int) -> None:
        self.over(row, start)
        self.page.mouse.down()
        self.over(row, end)
        self.page.mouse.up()

    def see(self, image) -> None:
        """Waits until the page shows the prediction for that image."""
        predicted = probabilities(self.model, image[None])[0]
        self.wait(lambda: shown_probabilities(self.page, "now", self.run) == pytest.approx(predicted, abs=0.002))

    def painted(self, *pixels):
        """The image with black pixels, each (row, column)."""
        image = self.image.copy()
        for pixel in pixels:
            image[pixel] = 0
        return image


LINES = [(np.s_[row], np.s_[4:28]) for row in (12, 13, 14, 15)]


def test_the_prediction_follows_the_brush_while_a_stroke_is_drawn(brush):
    mouse = brush.page.mouse
    brush.over(12, 4)
    mouse.down()
    brush.over(12, 27)
    brush.see(brush.painted(*LINES[:1]))
    for row in (13, 14, 15):
        brush.over(row, 27 if row % 2 else 4)
        brush.over(row, 4 if row % 2 else 27)
    brush.see(brush.painted(*LINES))
    mouse.up()
    brush.over(30, 30)  # a lifted brush does not paint
    brush.see(brush.painted(*LINES))
    assert shown_probabilities(brush.page, "now", brush.run) != shown_probabilities(brush.page, "before", brush.run)


def test_the_brush_works_by_keyboard_undo_removes_a_stroke_and_clear_removes_all(brush):
    expect(button(brush.page, "Undo")).to_be_disabled()
    expect(button(brush.page, "Clear")).to_be_disabled()
    middle = brush.image.shape[0] // 2
    press(brush.canvas, "ArrowRight", times=3)
    press(brush.canvas, "ArrowUp", times=2)
    brush.page.keyboard.down(" ")
    press(brush.canvas, "ArrowLeft", times=12)
    brush.page.keyboard.up(" ")
    press(brush.canvas, "ArrowDown", times=2)
    brush.see(brush.painted(np.s_[middle - 2, middle - 9 : middle + 4]))
    brush.page.keyboard.press("Control+z")
    brush.see(brush.image)
    for row in (12, 13, 14):
        brush.draw(row, 4, 27)
    brush.see(brush.painted(*LINES[:3]))
    button(brush.page, "Undo").click()
    brush.see(brush.painted(*LINES[:2]))
    button(brush.page, "Clear").click()
    brush.see(brush.image)
    expect(button(brush.page, "Clear")).to_be_disabled()
    button(brush.page, "Undo").click()
    brush.see(brush.painted(*LINES[:2]))


def test_paint_turns_with_the_image_and_stays_with_it(brush, dataset, typical):
    page = brush.page
    brush.draw(12, 4, 27)
    page.get_by_role("switch", name="Swap top and bottom").check()
    painted = brush.painted(LINES[0])[::-1].copy()
    brush.see(painted)
    second = dataset.paths.index(choose_image(page, 1))
    brush.see(np.asarray(dataset.images[second])[::-1].copy())
    go_to(page, "Explain")
    go_to(page, "Change the image")
    choose_image(page, find=dataset.paths[typical])
    brush.see(painted)
    button(page, "Clear").click()
    brush.see(brush.image[::-1].copy())
