"""Explanations of numbers in layers that no slider makes, in a real Chromium, against PyTorch."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import point_at, quiet_pages, section, shown_number, tile, tooltip
from tests.browser.layers_demo import network


@pytest.fixture(scope="module")
def outputs():
    return {name: values[0].numpy() for name, values in network()[1].items()}


@pytest.fixture(scope="module")
def page(browser, demos):
    with quiet_pages(browser) as open_page:
        page = open_page(f"{demos.url}/layers")
        expect(section(page, "softmax 9")).to_be_visible()
        yield page


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Enlarged tile")


def pin(page: Page, name: str, index: int, row: int, column: int, shape: tuple[int, ...]) -> None:
    point_at(page, tile(page, name, index).locator("canvas").last, row, column, shape[-2:])
    page.mouse.down()
    page.mouse.up()
    expect(panel(page).locator("header .note")).to_contain_text(re.compile("pinned"))
    expect(panel(page).locator("h2")).to_have_text(f"{name} · {index}")


def result(page: Page) -> float:
    """The result of the equation, with all its digits."""
    return shown_number(panel(page).locator(".equation [title]").last.get_attribute("title"))


@pytest.mark.parametrize(("name", "channels"), [("conv 0", 3), ("conv 2", 2), ("conv 5", 6)])
def test_a_convolution_of_any_shape_is_explained(page, outputs, name, channels):
    maps = outputs[name]
    index, row, column = len(maps) - 1, maps.shape[1] - 1, maps.shape[2] // 2
    pin(page, name, index, row, column, maps.shape)
    assert result(page) == pytest.approx(float(maps[index, row, column]), abs=1e-4)
    expect(panel(page).locator(".channel")).to_have_count(channels)
    parts = panel(page).locator(".equation small").all_inner_texts()
    assert ("bias" in parts) == (name != "conv 0")
    box = panel(page).bounding_box()
    for canvas in panel(page).locator(".channel").first.locator("canvas").all():
        grid = canvas.bounding_box()
        assert grid["x"] >= box["x"] and grid["x"] + grid["width"] <= box["x"] + box["width"]


def test_a_large_window_is_a_heat_map_that_can_be_read_and_followed(page, outputs):
    maps, before = outputs["pool 6"], outputs["conv 5"]
    pin(page, "pool 6", 1, 0, 0, maps.shape)
    assert result(page) == pytest.approx(float(maps[1, 0, 0]), abs=1e-5)
    expect(panel(page)).to_contain_text("Global average pooling keeps one value of each map, its mean.")
    canvas = panel(page).locator(".heat-map canvas")
    point_at(page, canvas, 4, 2, (6, 6))
    expect(tooltip(page)).to_contain_text("row 4, column 2")
    assert shown_number(tooltip(page).locator("strong").inner_text()) == pytest.approx(before[1, 4, 2], rel=1e-3)
    canvas.click(position={"x": 1, "y": 1})
    expect(panel(page).locator("h2")).to_have_text("conv 5 · 1")
    expect(panel(page).locator("header .note")).to_contain_text("row 0, column 0")


def test_a_window_with_different_strides_is_framed_at_its_place(page, outputs):
    maps = outputs["pool 4"]
    pin(page, "pool 4", 2, 1, 2, maps.shape)
    frame = section(page, "norm 3").locator(".frame.read:visible")
    expect(frame).to_have_count(1)
    outer, inner = tile(page, "norm 3", 2).locator("canvas").last.bounding_box(), frame.bounding_box()
    measured = [(inner["y"] - outer["y"]) / outer["height"], inner["height"] / outer["height"]]
    measured += [(inner["x"] - outer["x"]) / outer["width"], inner["width"] / outer["width"]]
    assert measured == pytest.approx([4 / 28, 5 / 28, 8 / 23, 3 / 23], abs=0.02)
    window = outputs["norm 3"][2, 4:9, 8:11]
    winner = panel(page).locator(".window-cell.winner .number-text")
    assert shown_number(winner.get_attribute("title")) == pytest.approx(float(window.max()), abs=1e-5)


def test_only_the_maps_of_a_filter_s_group_are_framed(page, outputs):
    pin(page, "conv 2", 5, 3, 4, outputs["conv 2"].shape)
    expect(section(page, "activation 1").locator(".frame.read:visible")).to_have_count(2)
    assert tile(page, "activation 1", 2).locator(".frame.read").is_visible()
    assert tile(page, "activation 1", 3).locator(".frame.read").is_visible()


def test_an_image_that_is_not_square_keeps_its_shape_in_the_panel(page, outputs):
    pin(page, "conv 0", 1, 3, 4, outputs["conv 0"].shape)
    stage = panel(page).locator(".stage").bounding_box()
    assert stage["width"] / stage["height"] == pytest.approx(48 / 30, abs=0.02)
    assert max(stage["width"], stage["height"]) == pytest.approx(200, abs=1)
