"""Addresses in a real Chromium: Back returns to the previous view, and a link reproduces a view."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.app import (
    address,
    button,
    choose_image,
    go_to,
    press,
    see_page,
    settled,
    slider,
    slider_text,
    subject,
    tile,
)
from tests.browser.server import ROOT


def values(page) -> dict[str, str]:
    """The values in the address."""
    return {name: texts[0] for name, texts in parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def see_values(page, **expected) -> None:
    """Waits until the address has these values; None: no value."""

    def matches(url: str) -> bool:
        found = parse_qs(urlsplit(url).query, keep_blank_values=True)
        return all(found.get(name) == (None if text is None else [str(text)]) for name, text in expected.items())

    page.wait_for_url(matches)
    settled(page)


def entries(page) -> int:
    return page.evaluate("history.length")


@pytest.fixture
def filters(visit, run):
    page = visit("filters", "Filters")
    see_values(page, layer="conv1")
    return page


def choose_layer(page, name: str) -> None:
    page.get_by_role("radiogroup", name="Layer").get_by_text(name, exact=True).click()
    see_values(page, layer=name)


def test_opening_a_page_completes_its_address_without_a_history_entry(filters, store, run, dataset):
    last = store.history(run.id).snapshots()[-1].step
    filters.wait_for_url(lambda url: "image=" in url)  # page.url alone would not change while the test waits
    found = values(filters)
    assert found.pop("image") in dataset.hashes
    assert found == {"run": run.id, "step": str(last), "layer": "conv1"}
    assert entries(filters) == 2  # the blank page of a new window, and this page


def test_back_returns_to_the_previous_layer_and_filter(filters):
    choose_layer(filters, "conv2")
    tile(filters, "conv2", 3).click()
    see_values(filters, unit=3)
    expect(filters.get_by_text("What does filter 3 of conv2 respond to?")).to_be_visible()
    filters.go_back()
    see_values(filters, layer="conv2", unit=None)
    filters.go_back()
    see_values(filters, layer="conv1", unit=None)
    expect(filters.get_by_text(re.compile("of conv1 respond to"))).to_be_visible()
    filters.go_forward()
    see_values(filters, layer="conv2", unit=None)
    filters.go_forward()
    see_values(filters, layer="conv2", unit=3)
    expect(filters.get_by_text("What does filter 3 of conv2 respond to?")).to_be_visible()
    expect(tile(filters, "conv2", 3)).to_have_attribute("aria-selected", "true")


def test_slider_moves_make_no_history_entries(filters):
    before = entries(filters)
    last = int(values(filters)["step"])
    press(slider(filters, "Snapshot"), "ArrowLeft", times=3)
    filters.wait_for_url(lambda url: f"step={last}&" not in url)
    settled(filters)
    press(slider(filters, "Snapshot"), "Home")
    see_values(filters, step=0)
    assert entries(filters) == before
    choose_layer(filters, "conv2")
    assert entries(filters) == before + 1
    filters.go_back()
    see_values(filters, layer="conv1", step=0)
    expect(slider_text(filters, "Snapshot")).to_have_text("untrained")


def test_back_returns_to_the_previous_page_as_it_was(open_page, server):
    page = open_page(address(server, "network", folder="shapes", filters="6,9"))
    see_page(page, "Network")
    expect(slider(page, "Filters in block 1")).to_be_visible()
    settled(page)
    before = entries(page)
    for width in ("7", "8", "9"):
        press(slider(page, "Filters in block 1"), "ArrowRight")
        see_values(page, filters=f"{width},9")
    go_to(page, "Train")
    see_values(page, filters="9,9")
    go_to(page, "Data")
    see_values(page, filters="9,9")
    assert entries(page) == before + 2  # one for each page, none for the slider
    page.go_back()
    see_page(page, "Train")
    page.go_back()
    see_page(page, "Network")
    see_values(page, filters="9,9", folder="shapes")
    expect(slider_text(page, "Filters in block 1")).to_have_text("9")
    page.go_forward()
    see_page(page, "Train")


def test_back_returns_to_the_page_whose_button_led_elsewhere(open_page, server):
    page = open_page(address(server, "network", folder="shapes", filters="6,9"))
    see_page(page, "Network")
    see_values(page, folder="shapes", filters="6,9")
    before = entries(page)
    button(page, "Next: Train").click()
    see_page(page, "Train")
    see_values(page, folder="shapes", filters="6,9")
    assert entries(page) == before + 1
    page.go_back()
    see_page(page, "Network")
    see_values(page, folder="shapes", filters="6,9")
    expect(slider_text(page, "Filters in block 1")).to_have_text("6")


def test_back_from_what_a_lesson_shows_returns_to_the_guess(open_page, server):
    page = open_page(address(server, "learn", lesson="01_filter", learner="0a1b2c3d"))
    see_page(page, "1 · What does a filter do?")  # it moves until all of it is there
    button(page, "Keep my guess and look").click()
    guessed = page.get_by_text(re.compile(r"^You guessed 0\."))
    expect(guessed).to_be_visible()
    settled(page)
    button(page, "See it on Take apart").click()
    see_page(page, "Take apart")
    see_values(page, lesson=None)
    page.go_back()
    see_page(page, "1 · What does a filter do?")
    see_values(page, lesson="01_filter", learner="0a1b2c3d")
    expect(guessed).to_be_visible()


def test_back_returns_to_the_previous_image(visit, dataset):
    page = visit("activations", "Activations")
    expect(subject(page)).to_be_visible()
    settled(page)
    page.wait_for_url(lambda url: "image=" in url)
    first, shown = values(page)["image"], subject(page).inner_text()
    choose_image(page, 4)
    page.wait_for_url(lambda url: f"image={first}" not in url)
    settled(page)
    second = values(page)["image"]
    assert {first, second} <= set(dataset.hashes)
    tile(page, "conv1", 2).click()
    see_values(page, image=second, layer="conv1", unit=2)
    page.go_back()
    see_values(page, image=second, unit=None)
    page.go_back()
    see_values(page, image=first)
    expect(subject(page)).to_have_text(shown, use_inner_text=True)


def test_a_link_shows_the_same_in_another_window_and_after_a_reload(filters, open_page):
    choose_layer(filters, "conv2")
    tile(filters, "conv2", 3).click()
    see_values(filters, unit=3)
    press(slider(filters, "Snapshot"), "Home")
    see_values(filters, step=0)
    link = values(filters)
    other = open_page(filters.url)
    filters.reload()
    for page in (other, filters):
        see_page(page, "Filters")
        expect(page.get_by_text("What does filter 3 of conv2 respond to?")).to_be_visible()
        expect(tile(page, "conv2", 3)).to_have_attribute("aria-selected", "true")
        settled(page)
        assert values(page) == link


def test_links_and_back_work_below_a_base_path(open_page, serve, store, run):
    server = serve(ROOT / "dashboard.py", CNN_RUNS=str(store.directory), STREAMLIT_SERVER_BASE_URL_PATH="course/cnn")
    page = open_page("about:blank")
    modules = []
    page.on("response", lambda answer: "/components/" in answer.url and modules.append(answer.url))
    page.goto(address(server, "filters", run=run.id))
    see_page(page, "Filters")
    see_values(page, layer="conv1")
    assert modules and all(module.startswith(f"{server.url}/components/") for module in modules)
    choose_layer(page, "conv2")
    go_to(page, "Network")
    assert urlsplit(page.url).path == "/course/cnn/network"
    page.go_back()
    see_page(page, "Filters")
    see_values(page, layer="conv2", run=run.id)
    page.go_back()
    see_values(page, layer="conv1")
    go_to(page, "Data")
    page.go_back()
    see_page(page, "Filters")


@pytest.mark.hardening
def test_links_to_a_new_server_show_each_page_in_the_frame_under_many_requests(open_page, serve, tmp_path):
    server = serve(ROOT / "dashboard.py", CNN_RUNS=str(tmp_path))
    links = {
        "Network": address(server, "network", folder="shapes", filters="8,24", dense="32"),
        "Train": address(server, "train", folder="shapes", learning_rate="0.003", optimizer="sgd"),
        "Storage": address(server, "storage", epochs=7),
        "Data": address(server, "data", epochs=7),
    }
    pages = {title: open_page(link) for title, link in links.items()}
    for title, page in pages.items():
        see_page(page, title)
        page.wait_for_url(lambda url, link=links[title]: unquote(url) == link)
        assert page.get_by_test_id("stSidebar").bounding_box()["width"] == 220  # as on later visits
    network, train = pages["Network"], pages["Train"]
    for block, filters in enumerate(("8", "24"), start=1):
        expect(slider_text(network, f"Filters in block {block}")).to_have_text(filters)
    expect(slider_text(network, "Width of dense layer 1")).to_have_text("32")
    expect(network.get_by_test_id("stAlert")).to_have_count(0)
    expect(slider_text(train, "Learning rate")).to_have_text("0.003")
    expect(train.get_by_test_id("stAlert")).to_have_count(1)  # "1,248 images are ready."


def test_quick_clicks_leave_an_address_that_matches_the_page(filters):
    group = filters.get_by_role("radiogroup", name="Layer")
    for name in ("conv2", "conv1", "conv2"):
        group.get_by_text(name, exact=True).click()
        press(slider(filters, "Snapshot"), "ArrowLeft")
    see_values(filters, layer="conv2")
    expect(filters.get_by_text(re.compile("of conv2 respond to"))).to_be_visible()
    expect(button(filters, "Play")).to_be_visible()
