"""Where it looked, what a part is worth, what a change does and who is alike: read off the pages in a real Chromium,
against the same questions asked of the network directly."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from cnn.dataset import read_dataset
from cnn.explain.ablation import score, with_filter, without
from cnn.explain.changes import brightness, probability_curve, rotate
from cnn.explain.kernels import classic
from cnn.explain.neighbours import features, nearest
from cnn.explain.saliency import saliency
from cnn.runs import new_id
from cnn.snapshots import load_network
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.trainer import train_run
from cnn.training import probabilities
from tests.browser.app import (
    button,
    chart,
    fill,
    gallery,
    go_to,
    metric,
    point_at,
    press,
    section,
    see_page,
    select,
    settled,
    shown_number,
    slider,
)
from tests.browser.server import ROOT

SHAPES = ROOT / "sample_data" / "shapes"


@pytest.fixture(scope="module")
def run(store):
    run_id = new_id()
    store.create(run_id, str(SHAPES), DatasetSpec(image_size=32), NetworkSpec(filters=(8, 8)), TrainingSpec(epochs=3))
    assert train_run(store, run_id) == "finished"
    return store.get(run_id)


@pytest.fixture(scope="module")
def dataset(store, run):
    return read_dataset(run.folder, run.dataset_spec, store.cache)


@pytest.fixture(scope="module")
def network(store, run):
    return load_network(store, run)


@pytest.fixture(scope="module")
def worst(network, dataset):
    """The image that every page begins with: the held-out one whose class the network is least sure of."""
    shares = probabilities(network, np.asarray(dataset.images[dataset.val]))
    return int(dataset.val[shares[np.arange(len(shares)), dataset.labels[dataset.val]].argmin()])


@pytest.fixture
def visit(open_page, server, run):
    def visit(name: str, title: str):
        page = open_page(f"{server.url}/{name}?run={run.id}")
        see_page(page, title)
        return page

    return visit


def share(page, bars: str, name: str) -> float:
    """The percentage beside the bar of a class."""
    row = section(page, bars).locator(".bar", has_text=name)
    return shown_number(re.search(r"([\d.]+)\s*%", row.inner_text())[1]) / 100


def shown_shares(page, bars: str, run) -> list[float]:
    """The probability of each class, as the page shows it."""
    return [share(page, bars, name) for name in run.classes]


def test_pointing_at_an_explanation_shows_what_the_method_gives_that_pixel(visit, network, dataset, worst):
    page = visit("explain", "Explain")
    image = np.asarray(dataset.images[worst])
    said = int(probabilities(network, image[None])[0].argmax())
    values = saliency(network, image, said).values
    row, column = np.unravel_index(values.argmax(), values.shape)
    figure = page.locator("figure.picture").filter(has_text="saliency")
    point_at(page, figure.locator("canvas"), int(row), int(column), values.shape)
    expect(figure.locator(".value")).to_contain_text(f"row {row}, column {column}")
    assert shown_number(figure.locator(".value").inner_text().split(": ")[1]) == pytest.approx(values.max(), rel=1e-3)


def test_all_four_explanations_come_for_a_class_of_ones_choice(visit):
    page = visit("explain", "Explain")
    select(page, "What speaks for…", page.get_by_role("combobox", name="What speaks for…").input_value() or "circle")
    for name in ("saliency", "integrated gradients", "Grad-CAM", "occlusion"):
        expect(page.locator("figure.picture .name", has_text=name)).to_be_visible()


def test_an_explanation_is_read_with_the_keyboard_and_by_touch(open_page, server, run, network, dataset, worst):
    page = open_page(f"{server.url}/explain?run={run.id}", has_touch=True)
    see_page(page, "Explain")
    image = np.asarray(dataset.images[worst])
    values = saliency(network, image, int(probabilities(network, image[None])[0].argmax())).values
    figure = page.locator("figure.picture").filter(has_text="saliency")
    canvas = figure.locator("canvas")

    def reads(row: int, column: int) -> None:
        expect(figure.locator(".value")).to_contain_text(f"row {row}, column {column}")
        shown = shown_number(figure.locator(".value").inner_text().split(": ")[1])
        assert shown == pytest.approx(values[row, column], rel=1e-3)

    press(canvas, "ArrowRight", 2)
    press(canvas, "ArrowUp")
    reads(15, 18)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + (4 + 0.5) * box["width"] / 32, box["y"] + (7 + 0.5) * box["height"] / 32)
    reads(7, 4)


def test_the_image_that_was_clicked_last_is_framed_and_the_class_stays_what_was_chosen(visit):
    page = visit("explain", "Explain")
    box = page.get_by_role("combobox", name="What speaks for…", exact=True)
    select(page, "What speaks for…", "star")
    for at in (1, 3, 2, 5):
        option = gallery(page, "Images to look at").nth(at)
        option.click()
        settled(page)
        expect(option).to_have_attribute("aria-selected", "true")
        expect(gallery(page, "Images to look at").and_(page.locator("[aria-selected=true]"))).to_have_count(1)
        assert box.input_value() == "star"
        expect(page.get_by_text("Explained is the score (logit) of star")).to_be_visible()


def test_an_image_that_was_brought_is_kept_on_the_other_pages(visit, tmp_path):
    Image.fromarray(np.full((40, 40, 3), (200, 30, 30), np.uint8)).save(tmp_path / "red.png")
    page = visit("explain", "Explain")
    page.get_by_text("Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "red.png")
    expect(page.locator("figure.picture .name", has_text="saliency")).to_be_visible()
    go_to(page, "Take apart")
    expect(page.get_by_text("red.png is still the image to look at")).to_be_visible()
    expect(section(page, "before")).to_be_visible()


def pill(page, filter_name: str):
    group = page.get_by_test_id("stButtonGroup").filter(has_text="Filters to switch off")
    return group.get_by_role("button", name=filter_name, exact=True)


def type_into_kernel(page, kernel: np.ndarray, row: int, column: int, number: float) -> None:
    """Into a cell of the table of a kernel, float32 (3, 3), which is changed likewise. Cells are drawn on a canvas,
    that says what they are to who cannot see it."""
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    cell = table.locator(f"#glide-cell-{column}-{row}")
    expect(cell).to_have_text(str(float(kernel[row, column])))
    table.evaluate("(table) => table.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = table.bounding_box()
    height = box["height"] / 4  # the first row names the columns
    page.mouse.dblclick(box["x"] + (column + 0.5) * box["width"] / 3, box["y"] + (row + 1.5) * height)
    editor = page.locator(".gdg-input")
    editor.fill(str(number))
    editor.press("Enter")
    kernel[row, column] = number
    expect(cell).to_have_text(str(number))


def test_switching_filters_off_changes_accuracy_and_prediction_as_computed(visit, wait, run, network, dataset, worst):
    page = visit("take_apart", "Take apart")
    for name in ("1", "4"):
        pill(page, name).click()
        expect(pill(page, name)).to_have_attribute("aria-pressed", "true")
    changed = without(network, {"conv1": [1, 4]})
    expected = score(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Held-out images it gets right")).to_have_text(f"{expected:.1%}")
    image = np.asarray(dataset.images[worst])
    shares = probabilities(changed, image[None])[0]
    best = int(shares.argmax())
    expect(section(page, "after").locator(".bar", has_text=run.classes[best])).to_be_visible()
    wait(lambda: share(page, "after", run.classes[best]) == pytest.approx(shares[best], abs=0.002))


def test_a_classic_kernel_in_a_filters_place_counts_at_once(visit, network, dataset):
    page = visit("take_apart", "Take apart")
    page.get_by_text("Edit a filter", exact=True).click()
    select(page, "Kernel", "Sobel x")
    changed = with_filter(network, "conv1", 0, classic("Sobel x", 3))
    expected = score(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Held-out images it gets right")).to_have_text(f"{expected:.1%}")


def test_all_changes_count_together_stay_while_other_pages_are_visited_and_are_reset(
    visit, wait, run, network, dataset, worst
):
    page = visit("take_apart", "Take apart")
    pill(page, "1").click()
    expect(pill(page, "1")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("conv2", exact=True).first.click()
    page.get_by_text("Edit a filter", exact=True).click()
    fill(page, "Filter", "2")
    weights = network.conv2.weight[2].detach().numpy().copy()
    type_into_kernel(page, weights[0], 0, 1, 1.5)
    type_into_kernel(page, weights[0], 2, 2, -0.25)
    fill(page, "Of input", "3")
    type_into_kernel(page, weights[3], 1, 0, 0.75)
    changed = without(with_filter(network, "conv2", 2, weights), {"conv1": [1]})
    expected = score(changed, dataset.images, dataset.labels, dataset.val).accuracy
    shares = probabilities(changed, np.asarray(dataset.images[worst])[None])[0]

    def changes_count() -> None:
        expect(page.get_by_text("conv1 without 1 · conv2 filter 2: by hand")).to_be_visible()
        expect(metric(page, "Held-out images it gets right")).to_have_text(f"{expected:.1%}")
        wait(lambda: shown_shares(page, "after", run) == pytest.approx(shares.tolist(), abs=0.002))

    changes_count()
    go_to(page, "Explain")
    go_to(page, "Take apart")
    changes_count()
    button(page, "Reset").click()
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()
    expect(pill(page, "1")).to_have_attribute("aria-pressed", "false")
    wait(lambda: shown_shares(page, "after", run) == shown_shares(page, "before", run))


def test_ranking_shows_a_bar_for_every_filter(visit):
    page = visit("take_apart", "Take apart")
    button(page, "Rank all filters").click()
    plot = page.locator(".st-key-worth .js-plotly-plot").filter(visible=True)
    expect(plot).to_be_visible()
    assert sorted(plot.evaluate("node => node.data[0].x")) == [str(i) for i in range(8)]


def test_the_prediction_follows_a_change_of_the_image(visit, wait, run, network, dataset, worst):
    page = visit("change_image", "Change the image")
    press(slider(page, "Brightness, times"), "End")
    image = np.asarray(dataset.images[worst])
    bright = np.minimum(image.astype(int) * 2, 255).astype(np.uint8)
    shares = probabilities(network, bright[None])[0]
    best = int(shares.argmax())
    assert wait(lambda: abs(share(page, "now", run.classes[best]) - shares[best]) < 0.03)


def test_the_prediction_follows_a_slider_while_it_is_dragged(visit, wait, run, network, dataset, worst):
    page = visit("change_image", "Change the image")
    image = np.asarray(dataset.images[worst])
    handle = slider(page, "Rotate, degrees")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    seen = []
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for place in (0.55, 0.62, 0.7, 0.76):
        page.mouse.move(box["x"] + place * box["width"], box["y"] + box["height"] / 2, steps=5)
        degrees = float(handle.input_value())
        shares = probabilities(network, rotate(image, degrees)[None])[0]
        wait(lambda shares=shares: shown_shares(page, "now", run) == pytest.approx(shares, abs=0.002))
        seen.append(degrees)
    assert seen == sorted(set(seen)) and seen[-1] > 70
    page.mouse.up()
    assert shown_shares(page, "before", run) == pytest.approx(probabilities(network, image[None])[0], abs=0.002)
    button(page, "All as it was").click()
    wait(lambda: shown_shares(page, "now", run) == shown_shares(page, "before", run))


def test_sliders_stay_where_they_are_while_other_pages_are_visited(visit, wait, run):
    page = visit("change_image", "Change the image")
    press(slider(page, "Brightness, times"), "End")
    wait(lambda: shown_shares(page, "now", run) != shown_shares(page, "before", run))
    changed = shown_shares(page, "now", run)
    go_to(page, "Explain")
    go_to(page, "Change the image")
    expect(slider(page, "Brightness, times")).to_have_value("2")
    wait(lambda: shown_shares(page, "now", run) == changed)


def test_the_curve_comes_after_a_guess_and_its_mark_follows_the_slider(visit, wait, run, network, dataset, worst):
    page = visit("change_image", "Change the image")
    expect(page.get_by_text("Guess, try, then see the curve.")).to_be_visible()
    select(page, "The whole curve of", "brightness")
    plot = chart(page, "probability_curve")
    expect(plot).to_be_visible()
    places, image = np.linspace(0, 2, 41), np.asarray(dataset.images[worst])
    expected = probability_curve(network, image, brightness, places)
    drawn = np.transpose(plot.evaluate("({ data }) => data.map((line) => [...line.y])"))
    assert drawn == pytest.approx(expected, abs=1e-5)
    press(slider(page, "Brightness, times"), "End")
    wait(lambda: plot.evaluate("({ layout }) => layout.shapes[0].x0") == 2)
    wait(lambda: shown_shares(page, "now", run) == pytest.approx(expected[-1], abs=0.002))


@pytest.fixture
def brush(visit, network, run, dataset, worst, wait):
    return Brush(visit("change_image", "Change the image"), network, run, np.asarray(dataset.images[worst]), wait)


class Brush:
    """The image to draw on, with a thin black brush."""

    def __init__(self, page, network, run, image, wait):
        self.page, self.network, self.run, self.image, self.wait = page, network, run, image, wait
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
        """The page comes to show what the network says of that image."""
        shares = probabilities(self.network, image[None])[0]
        self.wait(lambda: shown_shares(self.page, "now", self.run) == pytest.approx(shares, abs=0.002))

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
    brush.over(30, 30)  # lifted, it paints no more
    brush.see(brush.painted(*LINES))
    assert shown_shares(brush.page, "now", brush.run) != shown_shares(brush.page, "before", brush.run)


def test_undo_takes_back_a_stroke_and_clear_takes_all(brush):
    expect(button(brush.page, "Undo")).to_be_disabled()
    expect(button(brush.page, "Clear")).to_be_disabled()
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


def test_the_brush_is_moved_and_used_with_the_keyboard(brush):
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


def test_what_is_painted_turns_with_the_image_and_stays_with_it(brush, dataset):
    page, images = brush.page, gallery(brush.page, "Images to look at")
    brush.draw(12, 4, 27)
    page.get_by_role("switch", name="Swap top and bottom").check()
    painted = brush.painted(LINES[0])[::-1].copy()
    brush.see(painted)
    images.nth(1).click()
    second = index_of(images.nth(1), dataset)
    brush.see(np.asarray(dataset.images[second])[::-1].copy())
    go_to(page, "Explain")
    go_to(page, "Change the image")
    images.nth(0).click()
    brush.see(painted)
    button(page, "Clear").click()
    brush.see(brush.image[::-1].copy())


def index_of(option, dataset) -> int:
    """The image of an option of a gallery, by the path it is titled with."""
    return dataset.paths.index(option.get_attribute("title").rsplit(", ", 1)[0])


def test_the_nearest_training_images_are_the_nearest(visit, network, dataset, worst):
    page = visit("neighbours", "Neighbours")
    known = features(network, dataset.images, dataset.train)
    own = features(network, np.asarray(dataset.images[worst])[None], np.array([0]))[0]
    places, distances = nearest(known, own, 1)
    first = gallery(page, "Nearest training images").first
    expect(first).to_contain_text(f"{dataset.classes[dataset.labels[dataset.train[places[0]]]]}, {distances[0]:.2f}")


def test_a_click_on_a_point_of_the_map_chooses_its_image(visit, network, dataset, worst):
    page = visit("neighbours", "Neighbours")
    plot = page.locator(".js-plotly-plot").filter(visible=True)
    expect(plot).to_be_visible()
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(LONELIEST, worst)
    box = plot.bounding_box()
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    index = place["index"]
    known = features(network, dataset.images, dataset.train)
    own = features(network, np.asarray(dataset.images[index])[None], np.array([0]))[0]
    places, distances = nearest(known, own, 12)
    labels = dataset.labels[dataset.train[places]]
    captions = [f"{dataset.classes[label]}, {d:.2f}" for label, d in zip(labels, distances, strict=True)]
    expect(gallery(page, "Nearest training images")).to_have_text(captions)
    assert index != worst


# The point of a map that is furthest from all others, but not that of the image given: its image and where it is.
LONELIEST = """({ data, _fullLayout: { xaxis, yaxis } }, not) => {
  const points = data.filter(({ customdata }) => customdata).flatMap((trace) => [...trace.x].map((x, i) => ({
    index: trace.customdata[i],
    x: xaxis._offset + xaxis.l2p(x),
    y: yaxis._offset + yaxis.l2p(trace.y[i]),
  })));
  const room = (one) => Math.min(...points.filter((other) => other !== one)
    .map(({ x, y }) => Math.hypot(x - one.x, y - one.y)));
  return points.filter(({ index }) => index !== not).sort((one, other) => room(other) - room(one))[0];
}"""


def test_a_click_on_a_filter_shows_the_patches_that_excite_it_and_imagines_one(visit):
    page = visit("filters", "Filters")
    section(page, "conv1").get_by_role("option").nth(3).click()
    expect(page.get_by_role("heading", name="What does filter 3 of conv1 want?")).to_be_visible()
    expect(gallery(page, "Patches that excite the filter most").first).to_be_visible()
    page.get_by_text("Imagine it", exact=True).click()
    expect(page.get_by_text("64 steps from noise: it is excited by")).to_be_visible()
    section(page, "conv1").get_by_role("option").nth(5).click()
    expect(page.get_by_role("heading", name="What does filter 5 of conv1 want?")).to_be_visible()
    expect(page.get_by_text("64 steps from noise: it is excited by")).to_be_visible()


@pytest.fixture(scope="module")
def wide_run(store):
    """A network that takes seconds to explain; untrained, and on few images, it is quickly made."""
    run_id = new_id()
    dataset_spec = DatasetSpec(image_size=96, max_per_class=2)
    store.create(run_id, str(SHAPES), dataset_spec, NetworkSpec(filters=(256, 256)), TrainingSpec(epochs=1))
    assert train_run(store, run_id) == "finished"
    return store.get(run_id)


def test_what_takes_long_shows_its_progress_and_is_cancelled_and_tried_again(open_page, server, wide_run):
    page = open_page(f"{server.url}/explain?run={wide_run.id}")
    see_page(page, "Explain")
    work = page.get_by_test_id("stProgress").filter(has_text="Fading the image in from black")
    expect(work).to_be_visible()
    button(page, "Cancel").first.click()
    expect(page.get_by_text("It was cancelled.").first).to_be_visible()
    expect(work).to_have_count(0)
    expect(page.locator("figure.picture .name", has_text="saliency")).to_be_visible()
    button(page, "Try again").first.click()
    expect(work).to_be_visible()
    expect(page.locator("figure.picture .name", has_text="integrated gradients")).to_be_visible(timeout=120_000)


def test_an_image_that_is_imagined_shows_how_it_comes_into_being(open_page, server, wide_run):
    page = open_page(f"{server.url}/filters?run={wide_run.id}")
    see_page(page, "Filters")
    page.get_by_text("Imagine it", exact=True).click()
    caption = page.get_by_text("steps from noise: it is excited by")
    expect(caption).to_be_visible()
    early = int(caption.inner_text().split()[0])
    assert early < 64
    expect(page.get_by_text("64 steps from noise: it is excited by")).to_be_visible(timeout=120_000)
