"""axe-core on every page, in light and in dark (https://github.com/dequelabs/axe-core), and what it does not check:
texts for canvases, narrow windows, and the main job without a pointer."""

import os
import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from dashboard import FIRST
from tests.app import TITLES
from tests.browser.app import LISTED, TRAIN, address, button, go_to, quiet_pages, run_id, see_page, settled
from tests.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# What Streamlit itself does wrong on every page, in its menu: the groups stand between the items of one list.
# Rule -> the beginning of the element's markup.
OF_STREAMLIT = {"list": '<ul data-testid="stSidebarNavItems"', "listitem": '<li class="st-emotion-cache'}


# The canvases without a text: neither hidden from screen readers nor named, alone or with an element around them.
CANVASES_WITHOUT_TEXT = """() => {
  const found = [];
  const isSaid = (node) => {
    for (let one = node; one; one = one.parentNode ?? one.host) {
      if (!(one instanceof Element)) continue;
      if (one.ariaHidden === "true" || one.ariaLabel || one.getAttribute("aria-labelledby")) return true;
      if (one === document.body) return false;
    }
    return false;
  };
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      const isOwn = node.localName === "canvas" && !node.closest("[data-testid=stDataFrame]"); // a table has cells
      if (isOwn && node.checkVisibility() && !isSaid(node)) found.push(node.outerHTML);
      if (node.shadowRoot) walk(node.shadowRoot);
    }
  };
  walk(document);
  return found;
}"""

MENU = ["[data-testid=stSidebar]"]  # the same on every page
NARROW = {"a phone": (390, 844), "1280 x 720 at 200 %": (640, 360)}  # CSS pixels
CUT = """() => {
  const found = [];
  for (const node of [document.scrollingElement, document.querySelector("[data-testid=stMain]")])
    if (node.scrollWidth > node.clientWidth) found.push(`scrolls sideways: ${node.scrollWidth} > ${node.clientWidth}`);
  const title = document.querySelector("h1"), letters = document.createRange();
  letters.selectNodeContents(title);
  if (title.scrollWidth > title.clientWidth) found.push("the title is wider than its line");
  for (const { left, right, top, bottom } of letters.getClientRects()) {
    if (left < 0 || right > innerWidth) found.push("the title leaves the window");
    const onTop = [left + 2, right - 2].map((x) => document.elementFromPoint(x, (top + bottom) / 2));
    if (!onTop.every((node) => title.contains(node))) found.push("the title is covered");
  }
  return found;
}"""

NOTHING_FADES = "() => document.getAnimations().every((one) => !(one instanceof CSSTransition))"


@pytest.fixture(scope="module")
def window(browser, server, trained):
    """One window for all pages."""
    if not AXE.exists():
        reason = "axe-core is not installed: npm ci"
        pytest.fail(reason) if os.environ.get("CNN_REQUIRE_NODE") == "1" else pytest.skip(reason)
    with quiet_pages(browser) as open_page:
        page = open_page(address(server, "storage", **settings(trained)))
        see_page(page, "Storage")  # else the page has not read its address
        yield page


def see_it_finished(window) -> None:
    """Waits until all work that the page shows has ended, and the page is drawn with its result."""
    expect(window.locator(".work")).to_have_count(0)
    settled(window)


def settings(run: str) -> dict:
    return {"folder": "shapes", "run": run, "image_size": 32}


@pytest.mark.parametrize("name", TITLES)
def test_axe_finds_nothing_wrong_on_a_page_and_windows_cut_nothing(window, server, trained, name):
    window.emulate_media(color_scheme="light")
    title = FIRST.title if name == FIRST.name else TITLES[name]
    if title in LISTED:
        go_to(window, title)
    else:
        window.goto(address(server, name, **settings(trained)))
        see_page(window, title)
    expect(window.get_by_test_id("stSkeleton")).to_have_count(0)
    see_it_finished(window)
    if not window.evaluate("'axe' in window"):
        window.add_script_tag(path=AXE)
    left_out = [] if name == FIRST.name else [MENU]
    found = violations(window, left_out) + window.evaluate(CANVASES_WITHOUT_TEXT) + wrong_in_narrow_windows(window)
    window.emulate_media(color_scheme="dark")
    expect(window.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    see_it_finished(window)
    window.wait_for_function(NOTHING_FADES)
    found += violations(window, left_out, "color-contrast") + window.evaluate(CUT)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("title", "kind", "name", "opened"),
    [
        ("Train", "button", "Name and note", "Save"),
        ("Compare", "radio", "two runs", "two runs"),
    ],
)
def test_axe_finds_nothing_wrong_in_what_a_click_shows(window, title, kind, name, opened):
    window.emulate_media(color_scheme="light")
    go_to(window, title)
    window.get_by_role(kind, name=re.compile(f"{name}$")).click()
    expect(window.get_by_text(opened, exact=True).first).to_be_visible()
    settled(window)
    if not window.evaluate("'axe' in window"):
        window.add_script_tag(path=AXE)
    found = violations(window, [MENU])
    window.emulate_media(color_scheme="dark")
    expect(window.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    see_it_finished(window)
    window.wait_for_function(NOTHING_FADES)
    found += violations(window, [MENU], "color-contrast")
    window.keyboard.press("Escape")
    assert not found, "\n".join(found)


def wrong_in_narrow_windows(page: Page) -> list[str]:
    """What is cut or has no name in windows of the sizes in NARROW. The page then has its size and its menu again."""
    found, usual = [], page.viewport_size
    for name, (width, height) in NARROW.items():
        page.set_viewport_size({"width": width, "height": height})
        try:
            # Once the menu has slid away:
            page.wait_for_function(f"() => !({CUT})().length", timeout=20_000, polling=100)
        except TimeoutError:
            found += [f"{name}: {fault}" for fault in page.evaluate(CUT)]
        found += [f"{name}: {fault}" for fault in violations(page, [MENU], "link-name", "button-name")]
    page.set_viewport_size(usual)
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    return found


def violations(page: Page, left_out: list[list[str]], *rules: str) -> list[str]:
    """What axe finds, but for these parts of the page, and what Streamlit does wrong on every page."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("([exclude, options]) => axe.run({ exclude }, options)", [left_out, options])["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
        if not node["html"].startswith(OF_STREAMLIT.get(violation["id"], "no such markup"))
    ]


MOST_PRESSES = 25
# The name of what has the keyboard's focus; without icons, whose names are their text.
FOCUSED = """() => {
  const node = document.activeElement;
  return node === document.body ? "nothing" : (node.ariaLabel || node.innerText).trim().split("\\n").pop();
}"""


class Keyboard:
    """Presses keys on a page, and counts them."""

    def __init__(self, page: Page):
        self.page = page
        self.pressed: list[str] = []

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.pressed.append(name)
        assert len(self.pressed) <= MOST_PRESSES, self.pressed

    def press(self, name: str) -> None:
        """Moves the focus to an element of that name, and presses it."""
        focused = ""
        while focused != name:
            self.key("Tab")
            focused = self.page.evaluate(FOCUSED)
        self.key("Enter")

    def train(self) -> None:
        """From the Data page to a run that trains, over the Network page. A page has the focus on its title."""
        for title in ("Network", "Train"):
            expect(button(self.page, f"Next: {title}")).to_be_visible()
            self.key("n")
            see_page(self.page, title)
            self.page.wait_for_function(f"({FOCUSED})() === '{title}'")
        expect(button(self.page, TRAIN)).to_be_enabled()
        self.press(TRAIN)
        assert run_id(self.page)


@pytest.fixture
def keyboard(open_page, server, stop_runs):
    page = open_page(address(server))
    see_page(page, "Start")
    expect(page.get_by_test_id("stMain").get_by_text("Data", exact=True).first).to_be_visible()  # a component draws it
    keyboard = Keyboard(page)
    keyboard.press("Skip to main content")
    keyboard.press("Data")
    see_page(page, "Data")
    return keyboard


def test_training_on_samples_takes_few_presses_of_the_keyboard_and_never_loses_the_focus(keyboard):
    keyboard.press("Cats and dogs")
    expect(keyboard.page.get_by_text(re.compile("900 images")).first).to_be_visible()
    assert keyboard.page.evaluate(FOCUSED) == "Cats and dogs"  # Streamlit draws the button again elsewhere
    keyboard.train()


def test_training_on_an_own_folder_takes_few_presses_of_the_keyboard(keyboard, own_folder):
    page = keyboard.page
    keyboard.press("Open a folder")
    path = page.get_by_label("Path", exact=True)
    expect(path).to_be_focused()
    path.fill(str(own_folder))
    keyboard.key("Enter")
    expect(page.get_by_text("2 classes, 24 images").first).to_be_visible()
    keyboard.press("Use this folder")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(re.compile("24 images")).first).to_be_visible()
    settled(page)
    keyboard.train()


def test_links_of_the_path_keep_the_focus(open_page, server, trained):
    page = open_page(address(server, "data", **settings(trained)))
    see_page(page, "Data")
    page.get_by_role("link", name="Network").last.focus()
    for title in ("Network", "Train"):
        page.wait_for_function(f"({FOCUSED})() === '{title}'")
        page.keyboard.press("Enter")
        see_page(page, title)
        assert page.evaluate(FOCUSED) == title
        page.keyboard.press("Tab")


def test_after_a_dialog_the_keyboard_has_its_focus_where_it_was_before(open_page, server, own_folder):
    page = open_page(address(server, "data"))
    see_page(page, "Data")
    settled(page)
    button(page, "Open a folder").focus()
    page.keyboard.press("Enter")
    path = page.get_by_label("Path", exact=True)
    path.focus()
    path.fill(str(own_folder))
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 classes, 24 images").first).to_be_visible()
    expect(path).to_be_focused()
    button(page, "Use this folder").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("24 images")).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)
    expect(button(page, "Open a folder")).to_be_focused()
