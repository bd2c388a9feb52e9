"""The drawing of a network and the glossary in a real Chromium: sizes, the pointer, keys and text in components."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import address, button, press, settled


@pytest.fixture
def network_page(open_page, server):
    settings = {"folder": "shapes", "image_size": 32, "filters": "8,8,8,8", "padding": "same"}
    page = open_page(address(server, "network", **settings))
    expect(page.get_by_role("option", name="conv4")).to_be_visible()
    settled(page)
    return page


def test_a_layer_is_explained_under_the_pointer_and_by_keys_and_the_drawing_fits_any_width(network_page):
    page = network_page
    note = page.locator(".note:popover-open")
    page.get_by_role("option", name="conv2").hover()
    expect(note).to_contain_text("8 × (3 × 3 × 8 + 1) = 584")
    page.mouse.move(5, 5)
    expect(note).to_have_count(0)
    press(page.locator(".drawing [data-note][tabindex='0']"), "ArrowRight", times=2)
    expect(note).to_contain_text("pool2")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        expect(page.get_by_role("option", name="logits")).to_be_visible()
        drawing = page.locator(".drawing", has=page.get_by_role("listbox"))
        assert drawing.evaluate("(node) => node.scrollWidth - node.clientWidth") == 0


def test_the_words_of_a_page_are_explained_and_all_words_can_be_searched(network_page):
    page = network_page
    button(page, "Words explained").click()
    words = page.get_by_role("dialog", name="Words on this page").locator("dt")
    for word in ("flatten", "logit", "padding"):  # in the drawing, too, and in the help behind a label
        expect(words.filter(has_text=word).first).to_be_visible()
    expect(words.filter(has_text="occlusion")).to_have_count(0)
    page.keyboard.type("occl")
    expect(words).to_have_text(["occlusion"])
    page.keyboard.press("Escape")
    expect(words.first).to_be_hidden()
    expect(button(page, "Words explained")).to_be_focused()
