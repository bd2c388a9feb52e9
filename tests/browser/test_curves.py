"""What the Train page shows of a run in a real Chromium: its curves, which grow, and its name."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import StepRecord
from cnn.store.run import new_id
from tests.browser.app import TRAIN, address, button, quiet_pages, settled, shown_step
from tests.browser.server import ROOT

TRAINING, HELD_OUT = (95, 113, 134), (216, 27, 96)


# An active run


@pytest.fixture
def live_curves(open_page, server, store, wait):
    """The loss chart of an active run, and a function that adds steps to it and waits until they are shown."""
    run = new_id()
    store.create(run, "shapes", DatasetSpec(), NetworkSpec(), TrainingSpec())
    store.set_status(run, "running")
    with store.lock(run).acquire():
        page, last = None, 0

        def next_update():
            nonlocal last
            steps = range(last + 1, last + 41)
            store.history(run).add_steps(StepRecord(n, 1, loss := 0.2 + 1 / n**0.5, loss) for n in steps)
            last = steps[-1]
            if page is not None:
                wait(lambda: shown_step(page) == last)

        next_update()
        page = open_page(address(server, "train", run=run))
        wait(lambda: shown_step(page) == last)
        yield page.locator(".curve").first, next_update


def pixels(curve, color: tuple[int, int, int]) -> int:
    """The number of canvas pixels with that colour."""
    shown = np.asarray(Image.open(BytesIO(curve.locator("canvas").screenshot())).convert("RGB"))
    return int((shown == color).all(-1).sum())


def test_a_hidden_line_and_a_zoom_survive_live_updates(live_curves, wait):
    curve, next_update = live_curves
    assert pixels(curve, TRAINING) > 100
    for name in ("smoothed", "training"):
        curve.get_by_role("button", name=name).click()
        expect(curve.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "false")
    for _ in range(3):
        next_update()
        assert pixels(curve, TRAINING) == 0
    for name in ("smoothed", "training"):
        curve.get_by_role("button", name=name).click()
    wait(lambda: pixels(curve, TRAINING) > 100)
    box = curve.locator(".u-over").bounding_box()
    mouse = curve.page.mouse
    last = shown_step(curve.page)
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.1 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.9 * box["height"], steps=4)
    mouse.up()
    show_all = curve.get_by_role("button", name="Show all")
    expect(show_all).to_be_visible()
    mouse.move(box["x"] + box["width"] - 2, box["y"] + 5)
    curve.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    zoomed = curve.locator(".place").inner_text()  # the last step in view
    in_view = int(zoomed.removeprefix("step "))
    # A live update may have come before the zoom.
    assert 0.5 * last < in_view <= 0.7 * shown_step(curve.page) and pixels(curve, TRAINING) > 100
    for _ in range(3):
        next_update()
        assert curve.locator(".place").inner_text() == zoomed
    show_all.click()
    expect(show_all).to_be_hidden()
    mouse.move(box["x"] + box["width"] - 2, box["y"] + 5)
    expect(curve.locator(".place")).not_to_have_text(zoomed)


# A finished run


@pytest.fixture(scope="module")
def opened_page(browser, server, trained):
    """The page of a finished run, for all tests that only look at it."""
    with quiet_pages(browser) as open_page:
        yield open_page(address(server, "train", folder="shapes", run=trained))


@pytest.fixture
def finished_page(opened_page):
    opened_page.bring_to_front()  # the browser seldom draws the others
    expect(button(opened_page, TRAIN)).to_be_visible()  # the images are read
    settled(opened_page)
    return opened_page


def test_the_label_of_the_best_epoch_does_not_cover_its_line(finished_page, store, trained):
    first, second = (row.val_accuracy for row in store.history(trained).epochs())
    curve = finished_page.locator(".curve").nth(1)
    expect(curve.locator(".place")).to_have_text("epoch 2")
    shown = np.asarray(Image.open(BytesIO(curve.locator(".u-over").screenshot())).convert("RGB"), int)
    is_held_out = shown[..., 0] - shown[..., 1] > 60  # the line is thin, so its colour mixes with the background
    height, width = is_held_out.shape
    for share in np.linspace(0.1, 0.85, 150):  # of the way from the first epoch to the second, where the star is
        column = round(width * (0.5 + share) / 2)
        row = round(height * (1 - (first + share * (second - first)) / 1.02))
        assert is_held_out[row - 3 : row + 4, column].any(), f"{share:.0%} of the way"


def numbers(curve) -> list[float]:
    """The text of its legend."""
    return [float(text) for text in curve.get_by_role("status").all_inner_texts() if text]


def test_the_legend_shows_the_newest_numbers_and_those_at_the_pointer(finished_page, store, trained):
    page = finished_page
    curve = page.locator(".curve").first
    steps, epochs = store.history(trained).steps(), store.history(trained).epochs()
    newest = [steps[-1].loss, steps[-1].smooth, epochs[-1].train_loss, epochs[-1].val_loss]
    expect(curve.locator(".place")).to_have_text(f"step {steps[-1].step}")
    assert numbers(curve) == pytest.approx(newest, abs=5.1e-5)
    box = curve.locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + 50)
    expect(curve.locator(".place")).to_have_text("step 1")
    first = [steps[0].loss, steps[0].smooth, epochs[0].train_loss, epochs[0].val_loss]
    assert numbers(curve) == pytest.approx(first, abs=5.1e-5)
    page.mouse.move(5, 5)
    expect(curve.locator(".place")).to_have_text(f"step {steps[-1].step}")
    curve.get_by_role("img").focus()
    page.keyboard.press("ArrowLeft")
    expect(curve.locator(".place")).to_have_text(f"step {steps[-2].step}")


def test_the_curves_can_be_saved_as_a_picture(finished_page):
    page = finished_page
    curve = page.locator(".curve").nth(1)
    curve.hover()
    with page.expect_download() as download:
        curve.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "accuracy.png"
    picture = np.asarray(Image.open(download.value.path()).convert("RGB"))
    assert (picture == HELD_OUT).all(-1).sum() > 50 and (picture[0, 0] == 255).all()


def test_a_new_name_of_a_run_is_in_the_sidebar(finished_page, store, trained):
    page = finished_page
    expect(button(page, TRAIN)).to_be_visible()  # the images are read
    page.get_by_test_id("stPopoverButton").filter(has_text="Name and note").click()
    page.get_by_role("textbox", name="Name").fill("The first one")
    page.get_by_role("textbox", name="Tags").fill("gray, small")
    button(page, "Save").click()
    expect(page.get_by_role("combobox", name="Run", exact=True)).to_have_value("✓ The first one")
    expect(button(page, "Save")).to_be_hidden()
    assert (store.get(trained).given_name, store.get(trained).tags) == ("The first one", ("gray", "small"))
    store.label(trained, "", [])  # other tests use this run, too


# Other runs


@pytest.mark.usefixtures("stop_runs")
def test_the_epoch_axis_grows_when_more_epochs_are_trained(open_page, server, store):
    run = new_id()
    few, small = DatasetSpec(image_size=16, max_per_class=20), NetworkSpec(filters=(2,), dense=())
    store.create(run, str(ROOT / "sample_data" / "shapes"), few, small, TrainingSpec(epochs=2))
    assert train_run(store, run) == "finished"
    page = open_page(address(server, "train", run=run))
    curve = page.locator(".curve").nth(1)
    expect(curve.locator(".place")).to_have_text("epoch 2")
    button(page, "Train 5 more epochs").click()
    expect(curve.locator(".place")).to_have_text("epoch 7")
    expect(page.get_by_text("Finished in")).to_be_visible()
    box = curve.locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 50)  # from 0.5 to 7.5
    expect(curve.locator(".place")).to_have_text("epoch 6")


def test_a_peak_is_cut_off_and_shown_on_request(open_page, server, store):
    run = new_id()
    store.create(run, "shapes", DatasetSpec(), NetworkSpec(), TrainingSpec())
    losses = [5_000.0 if step == 60 else 0.5 for step in range(1, 201)]
    store.history(run).add_steps(StepRecord(n, 1, loss, loss) for n, loss in enumerate(losses, start=1))
    store.set_status(run, "stopped")
    curve = open_page(address(server, "train", run=run)).locator(".curve").first

    def is_at_the_bottom() -> bool:
        """Whether the line at 0.5 is visible, with the whole axis shown."""
        shown = np.asarray(Image.open(BytesIO(curve.locator(".u-over").screenshot())).convert("RGB"), int)
        is_slate = shown[..., 2] - shown[..., 0] > 25
        return is_slate[-len(is_slate) // 20 :].any(0).mean() > 0.9

    peak = curve.get_by_role("button", name="5,000 at step 60")
    expect(peak).to_be_visible()
    assert not is_at_the_bottom()
    peak.click()
    assert is_at_the_bottom()
    curve.get_by_role("button", name="Cut the peak").click()
    assert not is_at_the_bottom()
    expect(peak).to_be_visible()
