"""The Start page in a real Chromium: the answer follows the sliders, and the menu of a narrow window gets out of the
way."""

import pytest
from playwright.sync_api import expect

from cnn.store import example
from cnn.store.disk import delete_run
from pages.start import NAME
from tests.browser.app import address, link_to, press, see_page, shown_probability, slider


@pytest.fixture
def with_example(store):
    example.add(store)
    yield
    delete_run(store, example.ID)


IS_ON_TOP = """heading => {
  const { left, top, right } = heading.getBoundingClientRect();
  return [left + 4, (left + right) / 2].every(x => heading.contains(document.elementFromPoint(x, top + 4)));
}"""


def test_the_answer_follows_a_slider_and_the_page_fits_one_window(with_example, open_page, server, wait):
    page = open_page(server.url)
    see_page(page, "Start")
    before = shown_probability(page, "Its answer", "cat")
    press(slider(page, "Brightness"), "Home")
    wait(lambda: abs(shown_probability(page, "Its answer", "cat") - before) > 0.01)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollHeight <= node.clientHeight")
    assert page.get_by_test_id("stSidebarContent").evaluate("node => node.scrollHeight <= node.clientHeight")


def test_in_a_narrow_window_the_menu_closes_after_a_choice_and_titles_are_whole(open_page, server, wait):
    page = open_page(address(server, "data"))
    see_page(page, "Data")
    page.set_viewport_size({"width": 390, "height": 844})
    menu = page.get_by_test_id("stSidebar")
    expect(menu).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(menu).to_have_attribute("data-collapsed", "false")
    link_to(page, "Start").click()
    expect(menu).to_have_attribute("data-collapsed", "true")
    heading = page.get_by_role("heading", name=NAME, level=1)
    expect(heading).to_be_visible()
    wait(lambda: heading.evaluate(IS_ON_TOP))  # once the menu has slid away
