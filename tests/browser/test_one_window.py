"""At 1280 x 720, what one does and what it changes are in one window."""

import re

import pytest
from playwright.sync_api import Locator, expect

from cnn.specs.experiment_spec import ExperimentSpec, Variant
from cnn.store import example, experiments
from dashboard import PAGES
from tests.browser.app import address, chart, go_to, quiet_pages, see_page, slider, subject

WIDTH, HEIGHT = 1280, 720
MOST_LINE = 64  # CSS pixels
RESULTS = {
    "results": ("Results", ".confusion canvas"),
    "filters": ("Filters", "section .tile >> nth=-1"),  # what changed of the last filter
    "activations": ("Activations", ".glance-units.answer"),
    "explain": ("Explain", "figure.picture canvas"),
    "take_apart": ("Take apart", "[data-testid=stMetric]"),
    "change_image": ("Change the image", ".st-key-changed_bars .bar"),
    "neighbours": ("Neighbours", "[class*='st-key-nearest_'] .item"),
}


def test_every_page_that_looks_inside_is_measured():
    assert set(RESULTS) >= {page.name for page in PAGES.values() if page.step == "Look inside"}


@pytest.fixture(scope="module")
def opened_page(browser, server, run):
    """One window for all pages of a run."""
    with quiet_pages(browser) as open_page:
        page = open_page(address(server, "explain", run=run.id, guess_first="off"))
        see_page(page, "Explain")  # else the page has not read its address
        yield page


@pytest.mark.parametrize("name", RESULTS)
def test_the_line_and_the_main_result_are_in_one_window(opened_page, name):
    title, selector = RESULTS[name]
    page = opened_page
    page.bring_to_front()  # the browser seldom draws the others
    go_to(page, title)
    result = page.locator(selector).first
    expect(result).to_be_visible()
    expect(subject(page)).to_be_visible()
    line, box = page.locator(".st-key-chooser").bounding_box(), result.bounding_box()
    assert line["y"] >= 0 and line["height"] <= MOST_LINE
    assert line["y"] + line["height"] <= box["y"] and box["y"] + box["height"] <= HEIGHT


def assert_in_window(*elements: Locator) -> None:
    for element in elements:
        expect(element).to_be_visible()
        box = element.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= WIDTH, element
        assert box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT, element


def test_the_shift_and_both_curves_are_in_one_window(open_page, server, run):
    page = open_page(address(server, "change_image", run=run.id, curve="shift right", pooling="less"))
    see_page(page, "Change the image")
    plot = chart(page, "probability_curve")
    expect(plot.locator(".legend .traces")).to_have_text(["flatten", "global average pooling"])
    found = page.get_by_text(re.compile("as you guessed|you guessed less"))
    assert_in_window(slider(page, "Shift right"), plot, page.get_by_text("Fool it:", exact=True), found)


def test_long_names_of_classes_make_the_line_no_higher(opened_page):
    page = opened_page
    go_to(page, "Explain")
    names = subject(page).locator(".text > span")
    expect(names).to_have_count(2)
    names.evaluate_all("(all) => all.forEach((name) => { name.textContent = 'drawn with a thin pencil '.repeat(2) })")
    assert page.locator(".st-key-chooser").bounding_box()["height"] <= MOST_LINE


def test_the_challenge_is_beside_the_sliders_and_the_answer(open_page, server, run):
    page = open_page(address(server, "change_image", run=run.id))
    see_page(page, "Change the image")
    answer = page.get_by_text(re.compile(r"%, before "))
    assert_in_window(slider(page, "Shift right"), answer, page.get_by_text("Fool it:", exact=True))


def test_the_curves_of_runs_are_beside_the_list_of_runs(open_page, server, run):
    page = open_page(address(server, "compare", runs=run.id))
    see_page(page, "Compare")
    curves = page.locator(".run-chart .plot canvas")
    expect(curves).to_have_count(2)
    assert_in_window(page.locator("[class*=st-key-compared_runs]").first, *curves.all())


def test_the_results_of_an_experiment_are_beside_the_plan_of_the_next(open_page, server, store, run):
    spec = ExperimentSpec("Luck", (Variant("same", {}),), (0,), run.dataset_spec, run.network_spec, run.training_spec)
    experiments.add(store, "one", run.folder, spec)
    experiments.add_run(store, "one", 0, 0, run.id)
    page = open_page(address(server, "experiments", folder="shapes", experiment="one"))
    see_page(page, "Experiments")
    assert_in_window(page.locator("[class*='st-key-experiment-one']"), page.locator(".st-key-start_experiment"))
    experiments.forget(store, "one")


def test_the_line_stays_in_view_when_the_page_is_scrolled(visit):
    page = visit("activations", "Activations")
    expect(page.locator(".glance-units.answer")).to_be_visible()
    line = page.locator(".st-key-chooser")
    before = line.bounding_box()["y"]
    page.locator("section", has_text="probabilities").last.scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelector('.st-key-chooser').getBoundingClientRect().y < {before}")
    assert line.bounding_box()["y"] >= 0


def test_the_pixels_that_the_network_gets_are_beside_their_choice(open_page, server):
    page = open_page(address(server, "data", folder="shapes"))
    see_page(page, "Data")
    for element in (page.get_by_text("standardised", exact=True), page.locator(".st-key-preprocessing_drawing svg")):
        expect(element.first).to_be_visible()
        box = element.first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT


def test_the_first_page_opens_under_its_name_too(open_page, server, store):
    example.add(store)
    page = open_page(address(server, "start", picture=2))
    see_page(page, "Start")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?picture=2$"))
