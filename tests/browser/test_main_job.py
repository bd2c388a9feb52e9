"""What students and teachers do with the dashboard, in a real Chromium."""

import json
import re

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cnn.cli.commands import main
from cnn.specs import PRESETS, DatasetSpec
from tests.browser.app import (
    address,
    button,
    fill,
    gallery,
    go_to,
    metric,
    open_gallery,
    point_at,
    pointed_value,
    press,
    run_id,
    section,
    see_more_steps,
    see_page,
    select,
    settled,
    shown_step,
    slider,
    slider_text,
    start_training,
    subject,
    tile,
    tooltip,
    upload_image,
)
from tests.browser.server import ROOT

pytestmark = pytest.mark.usefixtures("stop_runs")
SHAPES = ROOT / "sample_data" / "shapes"


def parameters(size: int, kernel: int, filters: tuple[int, ...], dense: tuple[int, ...], classes: int) -> int:
    """The number of parameters of blocks of a convolution without padding and 2 x 2 pooling, then dense layers."""
    total, channels = 0, 1
    for count in filters:
        total += count * (channels * kernel**2 + 1)
        channels, size = count, (size - kernel + 1) // 2
    inputs = channels * size**2
    for width in (*dense, classes):
        total += (inputs + 1) * width
        inputs = width
    return total


# The main job


def test_from_a_folder_of_images_to_a_trained_network(open_page, server, store, wait):
    page = open_page(address(server, "data"))
    see_page(page, "Data")
    button(page, "Shapes").click()
    images = gallery(page, "Images of the dataset")
    expect(page.get_by_text("1,560 images")).to_be_visible()

    images.nth(8).click()
    file = images.nth(8).get_attribute("title")
    expect(images.nth(8)).to_have_attribute("aria-selected", "true")
    width, height = Image.open(SHAPES / file).size
    expect(page.get_by_role("img", name=f"The original, {width} × {height} pixels", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="What the network will see", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("50 × 50.* 2,500 numbers"))).to_be_visible()

    press(slider(page, "Image size"), "ArrowLeft", 2)
    expect(page.get_by_text(re.compile("48 × 48.* 2,304 numbers"))).to_be_visible()
    page.wait_for_url("**/data?*image_size=48*")

    go_to(page, "Network")
    expect(metric(page, "Parameters")).to_have_text(f"{parameters(48, 3, (16, 16), (16,), 6):,}")
    expect(drawn_layer(page, "conv1", "16 × 46 × 46")).to_be_visible()
    for width in (15, 14):
        press(slider(page, "Filters in block 1"), "ArrowLeft")
        expect(slider_text(page, "Filters in block 1")).to_have_text(str(width))
    expect(metric(page, "Parameters")).to_have_text(f"{parameters(48, 3, (14, 16), (16,), 6):,}")
    expect(drawn_layer(page, "conv1", "14 × 46 × 46")).to_be_visible()
    expect(page.get_by_role("row", name="conv1")).to_have_text(re.compile("14 × 46 × 46"))
    button(page, "LeNet-5").click()
    expect(metric(page, "Parameters")).to_have_text(f"{parameters(48, 5, (6, 16), (120, 84), 6):,}")
    expect(drawn_layer(page, "conv1", "6 × 44 × 44")).to_be_visible()
    expect(slider_text(page, "Width of dense layer 2")).to_have_text("84")

    go_to(page, "Train")
    fill(page, "Epochs", "2000")  # more than it gets to
    fill(page, "Batch size", "16")
    page.wait_for_url("**/train?*epochs=2000*batch_size=16*")
    run = start_training(page)
    assert store.get(run).dataset_spec == DatasetSpec(image_size=48)
    assert store.get(run).network_spec == PRESETS["LeNet-5"].network_spec
    seen = see_more_steps(page, wait)
    seen = see_more_steps(page, wait, than=seen)

    button(page, "Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    assert store.get(run).status == "paused"
    seen = shown_step(page)
    button(page, "Resume").click()
    seen = see_more_steps(page, wait, than=seen)

    button(page, "Stop").click()
    expect(page.get_by_text("Stopped after step")).to_be_visible()
    stopped = page.get_by_text("Stopped after step").inner_text()
    page.reload()
    see_page(page, "Train")
    assert run_id(page) == run
    expect(page.get_by_text(stopped)).to_be_visible()

    button(page, "Continue").click()
    seen = see_more_steps(page, wait, than=seen)
    go_to(page, "Filters")
    expect(section(page, "conv1").get_by_role("option")).to_have_count(6)
    go_to(page, "Activations")
    expect(section(page, "conv2").get_by_role("option")).to_have_count(16)
    go_to(page, "Train")
    see_more_steps(page, wait, than=see_more_steps(page, wait, than=seen))


def drawn_layer(page: Page, name: str, shape: str) -> Locator:
    """A layer in the drawing of the network."""
    return page.get_by_role("option").filter(has_text=re.compile(rf"{name}\s*{shape}"))


def test_hover_shows_the_weights_of_a_filter(open_page, server, store, trained):
    page = open_page(address(server, "filters", run=trained))
    see_page(page, "Filters")
    steps = [row.step for row in store.history(trained).snapshots()]
    for key, step, caption in (("Home", 0, "untrained"), ("End", steps[-1], re.compile(r"epoch 2( \(best\))?"))):
        press(slider(page, "Snapshot"), key)
        expect(slider_text(page, "Snapshot")).to_have_text(caption)
        weights = torch.load(store.snapshot_path(trained, step), weights_only=True)["conv1.weight"]
        largest = f"{weights[5].max():#.4g}".replace("-", "−")
        expect(tile(page, "conv1", 5)).to_have_attribute("aria-label", re.compile(f"maximum {largest}$"))
        for row, column in ((0, 0), (2, 1)):
            point_at(page, tile(page, "conv1", 5).locator("canvas"), row, column, (3, 3))
            expect(tooltip(page)).to_contain_text(f"row {row}, column {column}")
            assert pointed_value(page) == pytest.approx(weights[5, 0, row, column].item(), rel=1e-3)


def test_an_uploaded_image_gives_the_same_numbers_as_the_command_line(
    open_page, server, store, trained, capsys, tmp_path
):
    page = open_page(address(server, "activations", run=trained))
    see_page(page, "Activations")
    images = open_gallery(page)
    select(page, "Answer", "wrong ones")
    expect(images.filter(has_text="✓")).to_have_count(0)
    file = images.nth(1).get_attribute("title")
    expect(images.nth(1)).to_contain_text(f"{file.split('/')[0]}, called ")
    images.nth(1).click()
    expect(subject(page)).to_contain_text(file.split("/")[1])
    see_verdict(page, predicted(capsys, store, trained, SHAPES / file))

    mine = tmp_path / "my drawing.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 60, 3), np.uint8)).save(mine)
    upload_image(page, mine)
    expect(subject(page)).to_contain_text("my drawing.png")
    see_verdict(page, predicted(capsys, store, trained, mine))

    command_line("activations", trained, mine, "--output", tmp_path / "maps.npz", "--runs", store.directory)
    values = np.load(tmp_path / "maps.npz")
    for layer, index, row, column in (("conv1", 3, 7, 20), ("relu1", 3, 7, 20), ("pool2", 6, 2, 4)):
        point_at(page, tile(page, layer, index).locator("canvas").last, row, column, values[layer].shape[1:])
        for text in (f"{layer} · {index}", f"row {row}, column {column}"):
            expect(tooltip(page)).to_contain_text(text)
        assert pointed_value(page) == pytest.approx(values[layer][index, row, column], rel=1e-3, abs=1e-6)


def predicted(capsys, store, run: str, image) -> dict[str, float]:
    """Class -> probability, from the command line."""
    capsys.readouterr()
    command_line("predict", run, image, "--json", "--runs", store.directory)
    return json.loads(capsys.readouterr().out)["probabilities"]


def command_line(*arguments) -> None:
    assert main(list(map(str, arguments))) == 0


def see_verdict(page, probabilities: dict[str, float]) -> None:
    best = max(probabilities, key=probabilities.get)
    expect(subject(page)).to_contain_text(f"{best} {100 * probabilities[best]:.1f} %")


# Folders and runs with problems


def test_an_empty_folder_gives_an_error_message_and_skipped_files_of_another_are_listed(
    open_page, server, own_folder, tmp_path
):
    (own_folder / "dark" / "broken.png").write_bytes(b"this is no image")
    (tmp_path / "empty").mkdir()
    page = open_page(address(server, "data"))
    see_page(page, "Data")
    button(page, "Open a folder").click()
    dialog = page.get_by_role("dialog")
    use_folder(dialog, tmp_path / "empty")
    expect(dialog.get_by_role("alert")).to_contain_text("empty")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    use_folder(dialog, own_folder)
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("24 images", exact=True)).to_be_visible()
    expect(gallery(page, "Images of the dataset")).to_have_count(24)
    page.get_by_text("1 file was left out").click()
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    cells = table.locator("[role=gridcell]")  # the table is a canvas; screen readers get these cells
    expect(cells).to_have_text(["dark/broken.png", re.compile("is not in a known image format")])


def test_a_dialog_and_what_is_typed_in_it_stay_when_the_page_is_drawn_anew(open_page, server, wait):
    """As at the end of work that the page began."""
    page, sent = open_page("about:blank"), []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(address(server, "data", folder="shapes"))
    expect(page.get_by_role("listbox").first).to_be_visible()
    for opened, name, typed in ((re.compile("^All . classes"), "Search", "s"), ("Open a folder", "Path", "/")):
        settled(page)
        page.get_by_role("button", name=opened).click()
        dialog = page.get_by_role("dialog")
        fill(dialog, name, typed)
        settled(page)
        dialog.get_by_role("button", name="Close").focus()  # the field loses the keyboard
        settled(page)
        before = len(sent)
        page.keyboard.press("r")  # Streamlit's shortcut
        wait(lambda before=before: page.wait_for_timeout(50) or len(sent) > before)
        settled(page)
        page.wait_for_timeout(500)  # for a dialog that closes
        expect(dialog.get_by_label(name, exact=True)).to_have_value(typed)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def use_folder(dialog, folder) -> None:
    fill(dialog, "Path", str(folder))
    expect(dialog.get_by_text("In this folder:")).to_be_visible()
    settled(dialog.page)
    dialog.get_by_role("button", name="Use this folder").click()
