"""Loading the components' JavaScript in a real Chromium: from the server, below any base path, once."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.app import empty_window, put_away, section


@pytest.fixture(scope="module")
def url(demos):
    return f"{demos.url}/maps"


def fetched(page) -> list[str]:
    """The addresses of modules that the page requests."""
    found = []
    page.on("response", lambda answer: "/components/" in answer.url and found.append(answer.url))
    return found


def test_modules_are_requested_once_and_cached_and_no_other_file_is_served(open_page, url):
    page = open_page("about:blank")
    addresses = fetched(page)
    page.goto(url)
    expect(section(page, "conv1")).to_be_visible()
    assert len(set(addresses)) == len(addresses) > 20
    with urlopen(addresses[0]) as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
    folder = addresses[0].rsplit("/", 2)[0]
    for name in ("maps/__init__.py", "maps/nothing.js", "../../dashboard.py", "..%2f..%2fdashboard.py"):
        with pytest.raises(HTTPError, match=r"40[04]"):
            urlopen(f"{folder}/{name}")


@pytest.fixture
def page(browser):
    """An empty window, whose pages may log errors."""
    page = empty_window(browser)
    yield page
    put_away(page)


def test_a_component_that_fails_to_load_says_so_and_is_retried(page, url):
    page.route("**/components/**/sections.js", lambda route: route.abort())
    page.goto(url)
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded. Reload the page")
    page.unroute("**/components/**/sections.js")
    page.get_by_role("button", name="New data").click()
    expect(section(page, "conv1")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_component_whose_data_is_damaged_says_so(page, url):
    page.route(
        "**/components/**/message.js",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body="export const decode = () => { throw new Error('damaged') }; export const sameBytes = () => false;",
        ),
    )
    page.goto(url)
    expect(page.get_by_role("alert")).to_contain_text("This part of the page could not be drawn")


def test_a_page_scrolls_at_once_with_reduced_motion(page, url):
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 700, "height": 400})
    page.goto(url)
    expect(section(page, "probabilities")).to_be_visible()
    page.evaluate(
        """() => {
            const scroll = Element.prototype.scrollIntoView;
            window.behaviors = [];
            Element.prototype.scrollIntoView = function (options) {
                window.behaviors.push(options.behavior);
                scroll.call(this, options);
            };
        }"""
    )
    section(page, "conv2").get_by_role("option").nth(1).click()
    expect(section(page, "conv2").locator("aside")).to_be_visible()
    assert page.evaluate("window.behaviors") == ["instant"]
