"""Explanations of single numbers in a real Chromium: what the panel shows, against PyTorch."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import MINUS, point_at, quiet_pages, section, see_page, tile, tooltip
from tests.browser.one_number import (
    NETWORKS,
    TOLERANCE,
    Trained,
    aim,
    label,
    layer_names,
    map_canvas,
    number,
    numbers,
    panel,
    pin,
    places,
    see_number,
)

TAKEN_APART = ("gray", "colour")  # the computing for all kinds of layers is tested in tests/test_javascript.py


@pytest.fixture(scope="module")
def trained(store, tmp_path_factory):
    """Trains a network of NETWORKS when a test uses it."""
    made: dict[str, Trained] = {}

    def get(name: str) -> Trained:
        if name not in made:
            made[name] = Trained(store, tmp_path_factory.mktemp("images") / name, *NETWORKS[name])
        return made[name]

    return get


@pytest.fixture(scope="module")
def visit(browser, server, trained):
    """Opens the page of a network, with nothing pinned; returns it and the values it must show. Pages are opened once
    for each network and settings, so tests must not depend on the scroll position."""
    opened = {}
    with quiet_pages(browser) as open_page:

        def go(name: str, **settings) -> tuple[Page, dict[str, np.ndarray]]:
            key = (name, *settings.items())
            if key not in opened:
                page = open_page(f"{server.url}/activations?run={trained(name).run}", **settings)
                see_page(page, "Activations")
                expect(section(page, "probabilities")).to_be_visible()
                file = page.locator(".subject .fact").first.get_attribute("title")
                opened[key] = page, trained(name).values(file)
            page, values = opened[key]
            page.bring_to_front()  # the browser seldom draws the others
            page.mouse.move(0, 0)
            if panel(page).get_by_role("button", name="Close").is_visible():
                panel(page).get_by_role("button", name="Close").click()
            return page, values

        yield go


# Every number, of every layer


@pytest.mark.parametrize("network", TAKEN_APART)
def test_hover_shows_how_a_value_was_computed(visit, network):
    page, values = visit(network)
    for name, layer in values.items():
        if layer.ndim != 3 or name == "input":
            continue
        for place in places(layer.shape) if name.startswith("conv") else places(layer.shape)[1:2]:
            aim(page, name, len(layer) - 1, place, layer.shape)
            value = layer[len(layer) - 1][place]
            see_number(page, label(name, len(layer) - 1), f"row {place[0]}, column {place[1]}", value)
    for name, layer in values.items():
        if layer.ndim == 1 and name != "flatten":
            index = int(np.abs(layer).argmax())
            section(page, name).locator(".bar").nth(index).hover()
            see_number(page, label(name, index), "", layer[index])


@pytest.mark.parametrize("network", TAKEN_APART)
def test_a_convolution_is_the_sum_of_its_products_and_its_bias(visit, trained, network):
    page, values = visit(network)
    state, padding = trained(network).state, NETWORKS[network][2].padding == "same"
    for name in layer_names(values, "conv"):
        weight, bias = (state[f"{name}.{key}"].double().numpy() for key in ("weight", "bias"))
        names = list(values)
        source = values[names[names.index(name) - 1]].astype(np.float64)
        kernel = weight.shape[-1]
        border = kernel // 2 if padding else 0
        padded = np.pad(source, ((0, 0), (border, border), (border, border)))
        for row, column in places(values[name].shape)[:2]:
            pin(page, name, 1, (row, column), values[name].shape)
            patch = padded[:, row : row + kernel, column : column + kernel]
            products = patch * weight[1]
            sums = panel(page).locator(".channel header .number-text")
            expect(sums).to_have_count(len(source))
            found = []
            for channel in range(len(source)):
                sums.nth(channel).scroll_into_view_if_needed()
                expect(sums.nth(channel)).to_have_attribute("title", re.compile("."))
                found.append(number(sums.nth(channel)))
            assert found == pytest.approx(products.sum((1, 2)), abs=TOLERANCE)
            parts = panel(page).locator(".equation .part strong")
            sign = -1 if panel(page).locator(".equation .sign").first.inner_text() == MINUS else 1
            assert [number(parts.nth(0)), sign * number(parts.nth(1))] == pytest.approx(
                [products.sum(), bias[1]], abs=TOLERANCE
            )
            channel, i, j = len(source) - 1, kernel - 1, 0  # one multiplication: bottom left corner, last channel
            point_at(page, panel(page).locator(".channel").nth(channel).locator("canvas").first, i, j, (kernel, kernel))
            product = tooltip(page).locator("strong")
            expect(product).to_contain_text("=")
            text = product.inner_text().replace(MINUS, "-")
            factors = [float(part) for part in re.split("[×=]", text)]
            expected = [patch[channel, i, j], weight[1, channel, i, j], products[channel, i, j]]
            assert factors == pytest.approx(expected, rel=1e-3, abs=TOLERANCE)


def test_a_dense_unit_is_its_largest_products_the_others_and_its_bias(visit, trained):
    page, values = visit("gray")
    weight = trained("gray").state["dense1.weight"].double().numpy()
    products = weight[2] * values["flatten"]
    section(page, "dense1").locator(".bar").nth(2).hover()
    rows = panel(page).locator("tbody tr")
    expect(rows).to_have_count(min(24, len(products)) + (len(products) > 24))
    order = np.argsort(-np.abs(products), kind="stable")
    assert rows.first.locator("button").inner_text() == str(order[0])
    shown = numbers(rows.locator("td:nth-of-type(4) .number-text"))[:24]
    assert shown == pytest.approx(products[order[:24]], abs=TOLERANCE)


def test_softmax_shows_its_sum_and_stays_readable_with_100_classes(visit):
    page, values = visit("deep")
    largest = np.argsort(-values["probabilities"])[:5]
    rows = section(page, "probabilities").locator(".rows .bar")
    assert rows.locator(".label").all_inner_texts() == [f"class {index:02}" for index in largest]
    rows.first.click()
    powers = np.exp(values["logits"].astype(np.float64))
    parts = panel(page).locator(".equation .part strong")
    shown = [number(parts.nth(i)) for i in range(3)]
    assert shown == pytest.approx([powers[largest[0]], powers.sum(), values["probabilities"][largest[0]]], rel=1e-4)
    expect(panel(page).locator("tbody tr")).to_have_count(25)
    expect(panel(page).locator("tbody tr").last).to_contain_text("76 more")
    expect(panel(page).locator("tr.own")).to_contain_text(f"class {largest[0]:02}")


# Marks


def box_in(page: Page, inner: Locator, outer: Locator) -> list[float]:
    a, b = inner.bounding_box(), outer.bounding_box()
    lengths = ((a["x"] - b["x"], "width"), (a["y"] - b["y"], "height"), (a["width"], "width"), (a["height"], "height"))
    return [length / b[side] for length, side in lengths]


def test_the_inputs_of_a_value_are_framed_on_every_map_of_the_layer_before(visit):
    page, values = visit("gray")
    side = values["pool1"].shape[1]
    pin(page, "conv2", 0, (2, 3), values["conv2"].shape)
    frames = section(page, "pool1").locator(".frame.read")
    expect(frames).to_have_count(3)
    for index in range(3):
        measured = box_in(page, frames.nth(index), map_canvas(page, "pool1", index))
        assert measured == pytest.approx([3 / side, 2 / side, 3 / side, 3 / side], abs=0.02)
    pin(page, "pool1", 1, (4, 2), values["pool1"].shape)
    frames = section(page, "relu1").locator(".frame.read:visible")
    expect(frames).to_have_count(1)
    side = values["relu1"].shape[1]
    measured = box_in(page, frames, map_canvas(page, "relu1", 1))
    assert measured == pytest.approx([4 / side, 8 / side, 2 / side, 2 / side], abs=0.02)


# Following


def test_the_window_of_a_pool_has_the_colours_of_the_map_it_is_from(visit):
    page, values = visit("gray")
    names = list(values)
    source = names[names.index("pool1") - 1]
    for index in range(len(values["pool1"])):
        pin(page, "pool1", index, (1, 2), values["pool1"].shape)
        shown = [
            [int(part) for part in re.findall(r"\d+", cell.evaluate("cell => getComputedStyle(cell).backgroundColor"))]
            for cell in panel(page).locator(".window-cell").all()
        ]
        side = values[source].shape[1]
        on_map = [
            map_canvas(page, source, index).evaluate(PIXEL, [(row + 0.5) / side, (column + 0.5) / side])
            for row in (2, 3)
            for column in (4, 5)
        ]
        assert shown == on_map


# The colour of a canvas at fractions of its height and width.
PIXEL = """(canvas, [down, across]) => [...canvas.getContext("2d")
  .getImageData(Math.floor(across * canvas.width), Math.floor(down * canvas.height), 1, 1).data].slice(0, 3)"""


@pytest.mark.parametrize("network", TAKEN_APART)
def test_from_a_class_down_to_the_image_and_back(visit, network):
    page, values = visit(network)
    answer = int(values["probabilities"].argmax())
    section(page, "probabilities").locator(".rows .bar").filter(has_text=f"class {answer:02}").click()
    trail = [label("probabilities", answer)]
    while not trail[-1].startswith("input"):
        name, _, index = trail[-1].removesuffix(",").partition(" · ")
        place = re.search(r"row (\d+), column (\d+)", panel(page).locator("header .note").inner_text())
        at = (int(re.search(r"\d+", index)[0]), *(map(int, place.groups()) if place else ()))
        see_number(page, trail[-1], "", values[name][at])
        if values[name].ndim == 3:
            expect(tile(page, name, at[0])).to_have_attribute("aria-selected", "true")
            expect(tile(page, name, at[0])).to_be_in_viewport()
        panel(page).locator("tr.own .link, .window-cell.winner, .number .link, .window-cell").first.click()
        expect(panel(page).locator("h2")).not_to_have_text(trail[-1])
        trail.append(panel(page).locator("h2").inner_text())
    layers = [name.partition(" · ")[0] for name in trail]
    assert layers == [name for name in reversed(values) if name in layers] and len(layers) == len(values)
    for name in reversed(trail[:-1]):
        panel(page).get_by_role("button", name="Back").click()
        expect(panel(page).locator("h2")).to_have_text(name)


# Pointer, keyboard, touch


def where(page: Page) -> tuple[int, int]:
    place = re.search(r"row (\d+), column (\d+)", panel(page).locator("header .note").inner_text())
    return int(place[1]), int(place[2])


def test_a_pinned_value_stays_until_escape(visit):
    page, values = visit("gray")
    pin(page, "conv1", 1, (3, 4), values["conv1"].shape)
    aim(page, "conv1", 2, (9, 9), values["conv1"].shape)
    expect(tooltip(page)).to_contain_text("row 9, column 9")
    see_number(page, "conv1 · 1", "row 3, column 4", values["conv1"][1, 3, 4])
    page.keyboard.press("Escape")
    aim(page, "conv1", 2, (8, 9), values["conv1"].shape)
    see_number(page, "conv1 · 2", "row 8, column 9", values["conv1"][2, 8, 9])


def test_arrow_keys_move_and_stop_at_the_border(visit):
    page, values = visit("gray")
    conv = values["conv1"]
    pin(page, "conv1", 1, (1, 0), conv.shape)
    expect(page.get_by_role("application")).to_be_focused()
    for key, place in [("ArrowRight", (1, 1)), ("ArrowUp", (0, 1)), ("ArrowUp", (0, 1)), ("ArrowDown", (1, 1))]:
        page.keyboard.press(key)
        see_number(page, "conv1 · 1", f"row {place[0]}, column {place[1]}", conv[1][place])


def test_play_slides_over_the_map_value_by_value(visit):
    page, values = visit("colour")
    conv = values["conv2"]
    pin(page, "conv2", 2, (0, conv.shape[2] - 2), conv.shape)
    panel(page).get_by_role("button", name="Play").click()
    expect(panel(page).locator("header .note")).not_to_contain_text("row 0, ")
    page.get_by_role("application").focus()
    page.keyboard.press("Space")
    expect(panel(page).get_by_role("button", name="Play")).to_be_visible()
    place = where(page)
    page.wait_for_timeout(300)
    assert where(page) == place
    see_number(page, "conv2 · 2", f"row {place[0]}, column {place[1]}", conv[2][place])


def test_a_bar_is_chosen_with_the_keyboard(visit):
    page, values = visit("gray")
    section(page, "dense1").get_by_role("option").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    see_number(page, "dense1 · 1", "pinned", values["dense1"][1])


def test_a_touch_pins(visit):
    page, values = visit("gray", touch=True)
    canvas = map_canvas(page, "pool1", 0)
    canvas.scroll_into_view_if_needed()
    side, width = values["pool1"].shape[1], canvas.bounding_box()["width"]
    canvas.tap(position={"x": 4.5 * width / side, "y": 2.5 * width / side})
    see_number(page, "pool1 · 0", "row 2, column 4", values["pool1"][0, 2, 4])


def test_the_panel_keeps_its_size_and_fits_the_window_in_light_and_in_dark(visit):
    page, values = visit("deep")
    boxes = set()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        for name in ("conv1", "sigmoid1", "norm2", "pool2"):
            aim(page, name, 1, (1, 1), values[name].shape)
            expect(panel(page).locator("h2")).to_have_text(f"{name} · 1")
            box = panel(page).bounding_box()
            boxes.add((box["width"], box["height"], panel(page).locator(".stage").bounding_box()["height"]))
    assert len(boxes) == 1
    width, height, _ = boxes.pop()
    assert width == 354 and height <= 720 - 64
