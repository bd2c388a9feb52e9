"""At 1280 x 720, the line that chooses image and snapshot and a page's main result are in one window."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import subject

HEIGHT = 720
MOST_LINE = 64  # CSS pixels
RESULTS = {
    "filters": ("Filters", "section .tile"),
    "activations": ("Activations", ".glance-units.answer"),
    "explain": ("Explain", "[role=application]"),  # where one marks a guess
    "take_apart": ("Take apart", "[data-testid=stMetric]"),
    "change_image": ("Change the image", ".st-key-changed_bars .bar"),
    "neighbours": ("Neighbours", "[class*='st-key-nearest_'] .item"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_line_and_the_main_result_are_in_one_window(visit, name):
    title, selector = RESULTS[name]
    page = visit(name, title)
    result = page.locator(selector).first
    expect(result).to_be_visible()
    line, box = page.locator(".st-key-chooser").bounding_box(), result.bounding_box()
    expect(subject(page)).to_be_visible()
    assert line["y"] >= 0 and line["height"] <= MOST_LINE
    assert line["y"] + line["height"] <= box["y"] and box["y"] + box["height"] <= HEIGHT
    page.get_by_test_id("stMain").evaluate("(main) => main.scrollTo({ top: 400, behavior: 'instant' })")
    assert 0 <= page.locator(".st-key-chooser").bounding_box()["y"] < HEIGHT / 2  # the line stays in view
