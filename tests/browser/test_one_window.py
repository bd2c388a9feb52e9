"""At 1280 x 720, the line that chooses image and snapshot and a page's main result are in one window."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import see_page, subject

HEIGHT = 720
MOST_LINE = 64  # CSS pixels
RESULTS = {
    "filters": ("Filters", "section .tile"),
    "activations": ("Activations", ".glance-units.answer"),
    "explain?guess_first=off": ("Explain", "figure.picture canvas"),
    "take_apart": ("Take apart", "[data-testid=stMetric]"),
    "change_image": ("Change the image", ".st-key-changed_bars .bar"),
    "neighbours": ("Neighbours", "[class*='st-key-nearest_'] .item"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_line_and_the_main_result_are_in_one_window(open_page, server, run, name):
    title, selector = RESULTS[name]
    page = open_page(f"{server.url}/{name}{'&' if '?' in name else '?'}run={run.id}")
    see_page(page, title)
    result = page.locator(selector).first
    expect(result).to_be_visible()
    line, box = page.locator(".st-key-chooser").bounding_box(), result.bounding_box()
    expect(subject(page)).to_be_visible()
    assert line["y"] >= 0 and line["height"] <= MOST_LINE
    assert line["y"] + line["height"] <= box["y"] and box["y"] + box["height"] <= HEIGHT


def test_the_line_stays_in_view_when_the_page_is_scrolled(visit):
    page = visit("activations", "Activations")
    expect(page.locator(".glance-units.answer")).to_be_visible()
    line = page.locator(".st-key-chooser")
    before = line.bounding_box()["y"]
    page.locator("section", has_text="probabilities").last.scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelector('.st-key-chooser').getBoundingClientRect().y < {before}")
    assert line.bounding_box()["y"] >= 0
