"""The maps component in a real Chromium: hover, clicks and keys, against numbers from numpy."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from pages.components.maps import Bars, Picture, Tiles, maps
from tests.browser.app import MINUS, point_at, pointed_value, quiet_pages, section, settled, shown_number, tile, tooltip
from tests.browser.maps_demo import SIZE, sections

DEMO = Path(__file__).with_name("maps_demo.py")


@pytest.fixture(scope="module")
def url(demos):
    return f"{demos.url}/maps"


@pytest.fixture
def page(open_page, url):
    return whole(open_page(url))


def whole(page):
    """The page, when its last section is drawn: until then, the others may move."""
    expect(section(page, "probabilities")).to_be_visible()
    settled(page)
    return page


@pytest.fixture(scope="module")
def opened_page(browser, url):
    """One page for all tests that change nothing on it."""
    with quiet_pages(browser) as open_page:
        yield whole(open_page(url))


@pytest.fixture
def page_to_read(opened_page):
    opened_page.bring_to_front()  # the browser seldom draws the others
    return opened_page


def detail(page):
    return page.get_by_role("complementary", name="Enlarged tile")


def data(name: str, snapshot: int = 0):
    return next(one for one in sections(snapshot) if one.name == name)


def fractions(inner, outer):
    """Left, top, width and height of one box as fractions of another."""
    a, b = inner.bounding_box(), outer.bounding_box()
    lengths = ((a["x"] - b["x"], "width"), (a["y"] - b["y"], "height"), (a["width"], "width"), (a["height"], "height"))
    return [length / b[side] for length, side in lengths]


def test_hover_shows_the_value_of_the_pixel(page_to_read):
    page = page_to_read
    values = data("conv1").values[4, 0]
    for row, column in [(0, 0), (17, 33), (47, 47)]:
        point_at(page, tile(page, "conv1", 4).locator("canvas").last, row, column, values.shape)
        expect(tooltip(page)).to_contain_text(f"row {row}, column {column}")
        expect(tooltip(page)).to_contain_text("conv1 · 4")
        assert pointed_value(page) == pytest.approx(values[row, column], rel=1e-3)


def test_the_tooltip_of_a_map_covers_no_words_of_the_panel(page_to_read):
    page = page_to_read
    tiles = section(page, "conv1").get_by_role("option")
    last = max(range(tiles.count()), key=lambda at: tiles.nth(at).bounding_box()["x"])
    point_at(page, tiles.nth(last).locator("canvas").last, 20, 47, (48, 48))
    expect(tooltip(page)).to_contain_text("row 20, column 47")
    box, panel = tooltip(page).bounding_box(), detail(page).bounding_box()
    assert box["x"] + box["width"] <= panel["x"]


def test_the_tooltip_of_a_map_does_not_cover_the_colour_scale_above(page_to_read):
    page = page_to_read
    scale = section(page, "conv1").locator(".scale")
    point_at(page, tile(page, "conv1", 2).locator("canvas").last, 2, 5, (48, 48))
    expect(tooltip(page)).to_contain_text("row 2, column 5")
    shown, covered = tooltip(page).bounding_box(), scale.bounding_box()
    assert shown["y"] >= covered["y"] + covered["height"]


def test_maps_grow_with_the_window(page, wait):
    canvas = tile(page, "conv2", 0).locator("canvas").last
    before = canvas.bounding_box()["width"]
    page.set_viewport_size({"width": 1920, "height": 1080})
    wait(lambda: canvas.bounding_box()["width"] > 1.4 * before)


def test_hover_on_a_filter_names_the_input_channel(page_to_read):
    page = page_to_read
    values = data("filters 2").values[3]
    # 16 panes in four columns; the pane of channel 6 is the third in the second row, and its middle is cell (1, 1).
    point_at(page, tile(page, "filters 2", 3).locator("canvas"), 1, 2, (4, 4))
    expect(tooltip(page)).to_contain_text("row 1, column 1 · input channel 6")
    assert pointed_value(page) == pytest.approx(values[6, 1, 1], rel=1e-3)


def test_values_that_are_not_finite_are_named_and_magenta(page_to_read):
    page = page_to_read
    canvas = tile(page, "conv2", 2).locator("canvas")
    point_at(page, canvas, 3, 4, (22, 22))
    expect(tooltip(page)).to_contain_text("not a number")
    point_at(page, canvas, 10, 10, (22, 22))
    expect(tooltip(page)).to_contain_text("infinite")
    red, green, blue, _ = canvas.evaluate(
        "c => [...c.getContext('2d').getImageData(4.5 * c.width / 22, 3.5 * c.height / 22, 1, 1).data]"
    )
    assert red == blue and green == 0


def test_hover_frames_the_receptive_field_on_the_image(page_to_read):
    page = page_to_read
    point_at(page, tile(page, "conv2", 0).locator("canvas"), 5, 7, (22, 22))
    expect(tooltip(page)).to_contain_text("row 5, column 7")
    # Two 3 x 3 convolutions with a pooling between: 8 input pixels, from 2 * 5 and 2 * 7 on.
    image = section(page, "Input").get_by_role("img")
    measured = fractions(section(page, "Input").locator(".field"), image)
    assert measured == pytest.approx([14 / SIZE, 10 / SIZE, 8 / SIZE, 8 / SIZE], abs=0.01)


def test_click_enlarges_a_tile_and_reports_it_to_python(page):
    values = data("conv1").values[4, 0]
    tile(page, "conv1", 4).click()
    expect(detail(page).get_by_role("heading", name="conv1 · 4")).to_be_visible()
    expect(tile(page, "conv1", 4)).to_have_attribute("aria-selected", "true")
    shown = [shown_number(text) for text in detail(page).locator("dd").all_inner_texts()]
    assert shown == pytest.approx([values.min(), values.mean(), values.max()], rel=1e-3, abs=1e-6)
    expect(page.get_by_text("Python knows: ('conv1', 4)")).to_be_visible()
    detail(page).get_by_role("button", name="Close").click()
    expect(page.get_by_text("Python knows: None")).to_be_visible()


def test_an_enlarged_map_is_at_its_place_on_the_image_and_fades(page):
    tile(page, "conv2", 8).click()
    picture, overlay = detail(page).locator(".stage canvas").all()
    # Map pixel 0 is centred on 3.5 and covers 2 input pixels: it starts 3 pixels from the border of the image.
    assert fractions(overlay, picture) == pytest.approx([3 / SIZE, 3 / SIZE, 44 / SIZE, 44 / SIZE], abs=0.005)
    expect(overlay).to_have_css("opacity", "0.6")
    page.get_by_role("slider", name="Overlay strength").fill("25")
    expect(overlay).to_have_css("opacity", "0.25")
    detail(page).get_by_role("button", name="map").click()
    expect(overlay).to_have_css("opacity", "1")
    value = data("conv2").values[8, 0, 11, 12]
    point_at(page, overlay, 11, 12, (22, 22))
    assert pointed_value(page) == pytest.approx(value, rel=1e-3)


def test_arrow_keys_move_enter_opens_escape_closes(page):
    first = tile(page, "conv1", 0)
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(tile(page, "conv1", 1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    below = page.locator("[role=option]:focus")
    assert below.bounding_box()["x"] == pytest.approx(tile(page, "conv1", 1).bounding_box()["x"])
    assert below.bounding_box()["y"] > first.bounding_box()["y"]
    page.keyboard.press("End")
    expect(tile(page, "conv1", 15)).to_be_focused()
    page.keyboard.press("Enter")
    expect(detail(page)).to_contain_text("conv1 · 15")
    page.keyboard.press("Escape")
    expect(detail(page)).not_to_contain_text("conv1 · 15")
    expect(tile(page, "conv1", 15)).to_be_focused()
    page.keyboard.press("Tab")
    expect(tile(page, "conv2", 0)).to_be_focused()


def test_selection_and_strength_survive_new_data(page):
    tile(page, "conv2", 8).click()
    page.get_by_role("slider", name="Overlay strength").fill("30")
    canvas = tile(page, "conv2", 8).locator("canvas").last
    canvas.evaluate("node => node.dataset.same = 'yes'")
    page.get_by_role("button", name="New data").click()
    values = data("conv2", snapshot=1).values[8, 0]
    expect(detail(page).locator("dd").last).to_have_text(f"{values.max():#.4g}".replace("-", MINUS))
    expect(detail(page)).to_contain_text("conv2 · 8")
    expect(page.get_by_role("slider", name="Overlay strength")).to_have_value("30")
    expect(canvas).to_have_attribute("data-same", "yes")  # redrawn in place, not replaced
    expect(page.get_by_text("Python knows: ('conv2', 8)")).to_be_visible()


def test_scale_of_the_layer_or_of_each_tile(page):
    heading = section(page, "filters 2").locator("header")
    limit = f"{np.abs(data('filters 2').values).max():.3g}"
    expect(heading).to_contain_text(f"{MINUS}{limit}0{limit}")
    page.get_by_text("Shared scale").click()
    expect(heading).to_contain_text("each on its own scale")


def test_names_are_never_markup(page_to_read):
    page = page_to_read
    expect(section(page, "logits")).to_contain_text("<script>dog</script>")
    assert section(page, "logits").locator("script").count() == 0


def test_touch_on_a_narrow_page_opens_the_panel_under_its_section(open_page, url):
    page = whole(open_page(url, width=700, touch=True))
    expect(detail(page)).to_be_hidden()
    tile(page, "conv2", 1).tap()
    expect(section(page, "conv2").locator("aside")).to_contain_text("conv2 · 1")
    assert page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth <= node.clientWidth")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_text_is_readable_in_light_and_dark(page_to_read, wait, scheme):
    page = page_to_read
    page.emulate_media(color_scheme=scheme)

    def ground() -> str:
        return page.locator(".stApp").evaluate("node => getComputedStyle(node).backgroundColor")

    wait(lambda: (luminance(ground()) > 0.5) == (scheme == "light"))
    conv1 = section(page, "conv1")
    for text in (conv1.get_by_role("heading"), conv1.locator(".note").first, conv1.locator(".caption").first):
        assert contrast(text.evaluate("node => getComputedStyle(node).color"), ground()) > 4.5
        assert float(text.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 12


def luminance(css: str) -> float:
    """Relative luminance (WCAG 2) of `rgb(12, 34, 56)`, in bytes, or `color(srgb 0.1 0.2 0.3)`, in fractions."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", css.removeprefix("color(srgb"))][:3]
    parts = np.array(numbers) / (1 if css.startswith("color(") else 255)
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_without_a_browser_nothing_is_selected():
    app = AppTest.from_file(str(DEMO)).run()
    assert not app.exception
    assert "Python knows: None" in [text.value for text in app.markdown]


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="shape \\(n, k, h, w\\)"):
        Tiles("conv1", "", np.zeros((2, 3), "f4"), signed=True)
    with pytest.raises(ValueError, match="captions must have one entry for each of the 2"):
        Tiles("conv1", "", np.zeros((2, 1, 3, 3), "f4"), signed=True, captions=("only one",))
    with pytest.raises(ValueError, match="with 3 channels, not with 2"):
        Tiles("conv1", "", np.zeros((2, 2, 3, 3), "f4"), signed=True, rgb=True)
    with pytest.raises(ValueError, match="unit"):
        Bars("p", "", np.zeros(2, "f4"), (), signed=False, unit="kg")
    picture = Picture("Input", "", np.zeros((2, 2, 1), "u1"))
    with pytest.raises(ValueError, match="names must differ"):
        maps([picture, picture], key="same", shared_scale=True)
