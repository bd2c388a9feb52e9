"""Helpers that act on a page as a person does, and read what it shows."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from urllib.parse import urlencode, urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect

from cnn.data.dataset import Dataset
from cnn.store.runs import Run
from dashboard import MENU
from pages.start import NAME
from tests.browser.server import Server

PATIENCE = 120_000  # ms at most for a condition to become true, on a busy machine
expect.set_options(timeout=PATIENCE)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # fewer processes to start
    "--in-process-gpu",
)
LISTED = {page.title for group in MENU.values() for page in group if page.is_listed}  # pages with an entry in the menu
TRAIN = "Train a new network"  # the button
MINUS = "\N{MINUS SIGN}"
LONG = {"folder": "shapes", "image_size": 16, "filters": "4", "epochs": 2_000}  # settings of a run that goes on

# When a link opens a page, Streamlit's client first requests its server below the page's own address, which fails.
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (Not Found)"
LOOKED_FOR = re.compile(r"http://127\.0\.0\.1:\d+/([^/]+/)+_stcore/(health|host-config)")


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@cache
def shared_context(browser: Browser, touch: bool) -> BrowserContext:
    """The context of all windows with or without a touch screen. They have one cache and one process, which a blank
    page keeps from ending with its last window: so Streamlit's own files are loaded and compiled once, which takes
    longer than a page."""
    context = browser.new_context(has_touch=touch)
    context.set_default_timeout(PATIENCE)
    blank = context.new_page()
    blank.route("**", lambda route: route.fulfill(content_type="text/html", body=""))
    blank.goto("http://127.0.0.1/")  # the port does not matter: windows have one process for each host
    return context


@contextmanager
def quiet_pages(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yields a function that opens an address in a window as good as new, 1280 x 720, with nothing animated, which
    would take time. At the end, fails if a page has logged an error to the console, or has requested a file that
    Streamlit removes when a click interrupts the page."""
    windows: list[Page] = []
    complaints: list[str] = []

    def listen(message) -> None:
        known = message.text == NOT_FOUND and LOOKED_FOR.fullmatch(message.location["url"])
        if message.type == "error" and not known:
            complaints.append(f"{message.text} ({message.location['url']})")

    def watch(request) -> None:
        if urlsplit(request.url).path.startswith("/media/"):
            complaints.append(f"{request.url} may be gone when it is requested: make it part of the page")

    def complain(error) -> None:
        complaints.append(str(error))

    listeners = {"console": listen, "request": watch, "pageerror": complain}

    def open_page(url: str, width: int = 1280, touch: bool = False, scheme: str = "light") -> Page:
        page = empty_window(browser, touch)
        windows.append(page)
        page.set_viewport_size({"width": width, "height": 720})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(url)
        return page

    yield open_page
    for page in windows:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        put_away(page)
    assert not complaints, "\n".join(complaints)


@contextmanager
def window_that_saves(browser: Browser) -> Iterator[Page]:
    """A window, 1280 x 720, in which files are saved: that is a request for a file of Streamlit, on purpose."""
    with shared_context(browser, touch=False).new_page() as page:
        page.set_viewport_size({"width": 1280, "height": 720})
        yield page


# To open a window takes as long as to open a page in it, so tests use each other's windows.
put_away_windows: dict[BrowserContext, list[Page]] = defaultdict(list)


def empty_window(browser: Browser, touch: bool = False) -> Page:
    """A window without a history and with nothing stored. Give it back with `put_away`. What cannot be removed from a
    window (a route of WebSockets, an initial script) is for windows that the test closes."""
    context = shared_context(browser, touch)
    page = put_away_windows[context].pop() if put_away_windows[context] else context.new_page()
    page.bring_to_front()
    return page


def put_away(page: Page) -> None:
    """Empties a window, unless it is closed, for tests to come."""
    if page.is_closed():
        return
    page.evaluate("if (location.origin !== 'null') localStorage.clear(), sessionStorage.clear()")
    page.context.clear_cookies()
    page.unroute_all()
    page.mouse.move(0, 0)
    page.goto("about:blank")
    page.context.new_cdp_session(page).send("Page.resetNavigationHistory")
    put_away_windows[page.context].append(page)


# Any page


def address(server: Server, page: str = "", **settings) -> str:
    return f"{server.url}/{page}?{urlencode(settings, safe=',')}"


def settled(page: Page) -> None:
    """Waits until the script has ended."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def hide(page: Page, hidden: bool = True) -> None:
    """Hides or shows the page, as switching tabs does."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def lose_first(page: Page, text: bytes) -> list[bytes]:
    """Drops the first message with that text from the page to the server, and adds it to the returned list. Call it
    before the page is opened, and close the window, which keeps the route."""
    lost = []

    def connect(socket) -> None:
        to_server = socket.connect_to_server()

        def pass_on(message) -> None:
            if text in message and not lost:
                lost.append(message)
            else:
                to_server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("_stcore/stream"), connect)
    return lost


def see_page(page: Page, title: str) -> None:
    """Waits for the page of that title, in the frame, in the menu if it has an entry there, and without an error."""
    heading = NAME if title == "Start" else title
    expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
    if title in LISTED:
        expect(link_to(page, title)).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def link_to(page: Page, title: str) -> Locator:
    return page.get_by_test_id("stSidebarNavLink").filter(has_text=title)


def go_to(page: Page, title: str) -> None:
    link_to(page, title).click()
    see_page(page, title)


def run_id(page: Page) -> str:
    """The run in the page's address."""
    page.wait_for_url(re.compile(r"[?&]run=[\w-]+"))
    return re.search(r"[?&]run=([\w-]+)", page.url)[1]


# Controls


def button(page: Page | Locator, name: str) -> Locator:
    """A button by its name; a keyboard shortcut may follow the name."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}( Shortcut \w)?$"))


def slider(page: Page, label: str) -> Locator:
    return page.get_by_role("group", name=label, exact=True).get_by_role("slider")


def slider_text(page: Page, label: str) -> Locator:
    """The text above the slider's handle."""
    return page.get_by_role("group", name=label, exact=True).get_by_role("paragraph").first


def press(control: Locator, key: str, times: int = 1) -> None:
    control.focus()
    for _ in range(times):
        control.page.keyboard.press(key)


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def select(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label, exact=True)
    found = page.get_by_role("option", name=option, exact=True)
    # Anything that scrolls or moves the page closes the list. So first scroll to where it has room, then retry.
    box.evaluate("(box) => box.scrollIntoView({ block: 'center', behavior: 'instant' })")
    for patience in (1000, 3000, 30_000):
        if box.get_attribute("aria-expanded") != "true":
            box.click()
        with suppress(TimeoutError):
            return found.click(timeout=patience)
    raise AssertionError(f"The list of “{label}” does not stay open, or has no “{option}”.")


def metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


# Charts


def chart(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} .js-plotly-plot").filter(visible=True)


def save_picture(chart: Locator) -> int:
    """Saves a chart with its button; returns the pixels of the PNG."""
    with chart.page.expect_download() as download:
        button(chart, "PNG").click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG"
        return picture.width * picture.height


def curves(page: Page) -> dict | None:
    """The status that the curves on the Train page show, as pages.server.live gives it; None if there are no curves."""
    return _curves(page).evaluate_all("([drawn]) => drawn?.status ?? null")


def _curves(page: Page) -> Locator:
    return page.locator(".st-key-curves .curves").filter(visible=True)


def shown_step(page: Page) -> int:
    """The last step on the loss curve; 0 if there is none. (For long runs, the curve has fewer points than steps.)"""
    return _curves(page).evaluate_all("([drawn]) => drawn?.status?.curves[0]?.lines[0].x.at(-1) ?? 0")


def start_training(page: Page) -> str:
    """Presses Train; returns the id of the new run."""
    expect(button(page, TRAIN)).to_be_enabled()
    button(page, TRAIN).click()
    return run_id(page)


def see_more_steps(page: Page, wait, than: int = 0) -> int:
    wait(lambda: shown_step(page) > than)
    return shown_step(page)


# Filters, maps and galleries


def gallery(page: Page, label: str) -> Locator:
    return page.get_by_role("listbox", name=label, exact=True).get_by_role("option")


def section(page: Page, name: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True))


def subject(page: Page) -> Locator:
    """The button with the image and the network's answer, at the top of the pages that look inside a network."""
    return page.locator(".subject .open")


def open_gallery(page: Page) -> Locator:
    """Opens the gallery over the page; returns its images."""
    settled(page)
    subject(page).click()
    images = gallery(page, "Images to look at")
    expect(images.first).to_be_visible()
    settled(page)
    return images


def choose_image(page: Page, at: int = 0, find: str = "") -> str:
    """Chooses an image of the gallery, which closes; returns its path. find: its path, to search for it."""
    option = open_gallery(page).nth(at)
    if find:
        fill(page, "File name", find)
        expect(option).to_have_attribute("title", find)
    path = option.get_attribute("title")
    option.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)
    return path


def upload_image(page: Page, file) -> None:
    """Uploads an image in the gallery, which closes."""
    open_gallery(page)
    page.get_by_role("dialog").get_by_text("Your own file", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)


def index_of(option: Locator, dataset: Dataset) -> int:
    """The index of a gallery option's image, from the path in its title."""
    return dataset.paths.index(option.get_attribute("title").rsplit(", ", 1)[0])


def shown_probability(page: Page, bars: str, name: str) -> float:
    """The probability beside the bar of a class, 0..1."""
    row = section(page, bars).locator(".bar", has_text=name)
    return shown_number(re.search(r"([\d.]+)\s*%", row.inner_text())[1]) / 100


def shown_probabilities(page: Page, bars: str, run: Run) -> list[float]:
    """The probability of each class on the page, 0..1."""
    return [shown_probability(page, bars, name) for name in run.classes]


def tile(page: Page, name: str, index: int) -> Locator:
    return section(page, name).get_by_role("option").nth(index)


def point_at(page: Page, canvas: Locator, row: int, column: int, shape: tuple[int, ...]) -> None:
    """Moves the pointer to the middle of a cell of a canvas that shows `shape` cells of equal size."""
    x, y = canvas.evaluate(BRING_INTO_VIEW, [(column + 0.5) / shape[1], (row + 0.5) / shape[0], PATIENCE])
    page.mouse.move(x, y)


# Where a point of a canvas is in the window, once the canvas, or what lies on it, is there.
BRING_INTO_VIEW = """async (canvas, [across, down, patience]) => {
  const end = performance.now() + patience;
  for (let tries = 0; ; tries++) {
    await new Promise((done) => {
      requestAnimationFrame(() => setTimeout(done));  // scrolling hides the tooltip
      setTimeout(done, 1000);  // a page that is not drawn has no frames
    });
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const [x, y] = [left + across * width, top + down * height];
    const found = canvas.getRootNode().elementFromPoint(x, y);
    if (found !== null && (found === canvas || canvas.parentElement.contains(found))) return [x, y];
    if (performance.now() > end) throw new Error(`This covers the point: ${found?.outerHTML.slice(0, 300)}`);
    // A canvas may be larger than what it scrolls in.
    canvas.scrollIntoView({ block: ["center", "end", "start"][tries % 3], behavior: "instant" });
  }
}"""


def tooltip(page: Page) -> Locator:
    return page.get_by_role("tooltip")


def pointed_value(page: Page) -> float:
    return shown_number(tooltip(page).locator("strong").inner_text())


def shown_number(text: str) -> float:
    return float(text.replace(MINUS, "-"))
