"""Where it looked, what a part is worth, what a change does and who is alike: read off the pages in a real Chromium,
against the same questions asked of the network directly."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from cnn.dataset import read_dataset
from cnn.explain.ablation import score, with_filter, without
from cnn.explain.kernels import classic
from cnn.explain.neighbours import features, nearest
from cnn.explain.saliency import saliency
from cnn.runs import new_id
from cnn.snapshots import load_network
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.trainer import train_run
from cnn.training import probabilities
from tests.browser.app import button, gallery, metric, point_at, press, section, see_page, select, shown_number, slider
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


def test_switching_filters_off_changes_accuracy_and_prediction_as_computed(visit, run, network, dataset, worst):
    page = visit("take_apart", "Take apart")
    group = page.get_by_test_id("stButtonGroup").filter(has_text="Filters to switch off")
    for name in ("1", "4"):
        group.get_by_role("button", name=name, exact=True).click()
        expect(group.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    changed = without(network, {"conv1": [1, 4]})
    expected = score(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Held-out images it gets right")).to_have_text(f"{expected:.1%}")
    image = np.asarray(dataset.images[worst])
    shares = probabilities(changed, image[None])[0]
    best = int(shares.argmax())
    expect(section(page, "after").locator(".bar", has_text=run.classes[best])).to_be_visible()
    assert share(page, "after", run.classes[best]) == pytest.approx(shares[best], abs=0.002)


def test_a_classic_kernel_in_a_filters_place_counts_at_once(visit, network, dataset):
    page = visit("take_apart", "Take apart")
    page.get_by_text("Edit a filter", exact=True).click()
    select(page, "Kernel", "Sobel x")
    changed = with_filter(network, "conv1", 0, classic("Sobel x", 3))
    expected = score(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Held-out images it gets right")).to_have_text(f"{expected:.1%}")


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


def test_the_nearest_training_images_are_the_nearest(visit, network, dataset, worst):
    page = visit("neighbours", "Neighbours")
    known = features(network, dataset.images, dataset.train)
    own = features(network, np.asarray(dataset.images[worst])[None], np.array([0]))[0]
    places, distances = nearest(known, own, 1)
    first = gallery(page, "Nearest training images").first
    expect(first).to_contain_text(f"{dataset.classes[dataset.labels[dataset.train[places[0]]]]}, {distances[0]:.2f}")


def test_a_click_on_a_filter_shows_the_patches_that_excite_it_and_imagines_one(visit):
    page = visit("filters", "Filters")
    section(page, "conv1").get_by_role("option").nth(3).click()
    expect(page.get_by_role("heading", name="What does filter 3 of conv1 want?")).to_be_visible()
    expect(gallery(page, "Patches that excite the filter most").first).to_be_visible()
    button(page, "Imagine it").click()
    expect(page.get_by_text("from noise: it is excited by")).to_be_visible()
