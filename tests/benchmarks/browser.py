"""Measures in a browser how long an action takes until the page has changed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from cnn.store.runs import RunStore
from tests.browser.app import ARGUMENTS, find_chromium, link_to
from tests.browser.server import ROOT, Server

QUIET = 0.7  # seconds without a change after which nothing more is expected

# Remembers when the pointer or a key was last pressed, and when what `signature` gives last changed.
WATCH = """
(signature) => {
  window.watched?.stop();
  const read = new Function("all", `return ${signature}`);
  const all = (selector, root = document) => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? all(selector, shadowRoot) : [])),
  ];
  const watched = { began: null, changed: null, value: read(all) };
  const begin = (event) => { watched.began ??= event.timeStamp; };
  const look = () => {
    const value = read(all);
    if (value !== watched.value && watched.began !== null) watched.changed = performance.now();
    watched.value = value;
  };
  const timer = setInterval(look, 20);
  const presses = ["pointerdown", "keydown"];
  presses.forEach((name) => window.addEventListener(name, begin, true));
  watched.stop = () => {
    clearInterval(timer);
    presses.forEach((name) => window.removeEventListener(name, begin, true));
  };
  window.watched = watched;
}
"""
SETTLED = "(quiet) => watched.changed && performance.now() - watched.changed > 1000 * quiet"
TOOK = "() => { watched.stop(); return (watched.changed - watched.began) / 1000; }"

# The page that is shown, whether its script has ended, and how many pictures are on it.
PAGE = """[
  document.querySelector("h1")?.textContent,
  document.querySelector("[data-testid=stApp]").dataset.testScriptState,
  all("canvas, .main-svg, .drawing > *").length,
].join()"""


@contextmanager
def dashboard(store: RunStore, **environment: str) -> Iterator[tuple[Browser, Server]]:
    """Chromium, and the dashboard on that run store. environment: variables of the server."""
    server = Server(ROOT / "dashboard.py", CNN_RUNS=str(store.directory), **environment)
    try:
        with chromium() as browser:
            yield browser, server
    finally:
        server.kill()


@contextmanager
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        raise SystemExit("This benchmark needs Chromium or Chrome on the path.")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def new_page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    return page


def until_changed(page: Page, signature: str, action: Callable[[], object]) -> float:
    """Seconds from the click or key of `action` to the last change of a JavaScript expression, in which `all(selector)`
    finds elements in components, too."""
    page.evaluate(WATCH, signature)
    action()
    page.wait_for_function(SETTLED, arg=QUIET, polling=50)
    return page.evaluate(TOOK)


def switch(page: Page, title: str) -> float:
    """Seconds from the click on a page's name to that page."""
    return until_changed(page, PAGE, link_to(page, title).click)


def visits(page: Page, times: int, quiet: float = 0) -> dict[str, list[float]]:
    """Visits all pages in the menu that many times, after a first round that does not count.

    quiet: seconds to rest after each visit. Returns, for each page, the seconds from the click on its name to the page.
    """
    links = page.get_by_test_id("stSidebarNavLink")
    names = [text.splitlines()[-1] for text in links.all_inner_texts()]  # the name of an icon comes first
    took: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(1 + times):
        for name in [*names[1:], names[0]]:
            took[name].append(switch(page, name))
            time.sleep(quiet)
    return {name: seconds[1:] for name, seconds in took.items()}
