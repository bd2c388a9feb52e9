"""Deleting what uses the disk, in a real Chromium."""

import zipfile
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, TimeoutError, expect

from cnn.data.archive import unpack
from cnn.data.dataset import read_dataset
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec
from cnn.store.disk import decoded_datasets, stored_runs, uploads
from tests.browser.app import button, gallery, go_to, see_page, settled


@pytest.fixture
def archive(image_folder, tmp_path):
    """Two classes in a wrapping folder, and a file that is no image."""
    path = tmp_path / "My pets.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(image_folder.rglob("*.png")):
            packed.write(file, f"pets/{file.relative_to(image_folder)}")
        packed.writestr("pets/readme.txt", "Nothing to see.")
    return path


def tick_first_row(table: Locator, then: str) -> None:
    """Clicks the checkbox of the first row, and waits for the button that the page then has. What the table itself says
    of its rows may be late."""
    page = table.page
    settled(page)
    canvas = table.locator("canvas").first
    for _ in range(3):  # a table that is still being laid out can miss a click
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.click(box["x"] + 16, box["y"] + 35 + 17)
        with suppress(TimeoutError):
            return page.get_by_role("button", name=then).wait_for(timeout=40_000)
    pytest.fail(f"Three clicks on the first row did not bring “{then}”.")


@pytest.mark.usefixtures("trained")  # the run that stays
def test_ticked_and_confirmed_items_are_deleted_and_deselected(server, open_page, archive, store, create_run):
    folder = unpack(archive, store.uploads / "others").folder
    run_id = create_run(store=store, epochs=1)
    train_run(store, run_id)
    store.label(run_id, "The newest")

    def left() -> set[str]:
        return {run.id for run in stored_runs(store)} & {run_id} | {upload.name for upload in uploads(store)}

    page = open_page(f"{server.url}/?run={run_id}&folder={folder}")
    go_to(page, "Storage")
    for at, name, deleted, still_left in ((0, "run", "The newest", {"others"}), (1, "upload", "others", set())):
        expect(button(page, f"Delete {name}s")).to_be_disabled()
        tick_first_row(page.get_by_test_id("stDataFrame").nth(at), f"Delete 1 {name} (")
        page.get_by_role("button", name=f"Delete 1 {name} (").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(f"This deletes 1 {name}")).to_be_visible()
        expect(dialog.get_by_text(deleted)).to_be_visible()
        before = left()
        dialog.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted: ").first).to_be_visible()  # first: it goes after a while
        expect(dialog).to_have_count(0)
        assert (before - left(), left()) == ({run_id if name == "run" else deleted}, still_left)
    page.wait_for_url(lambda url: "run=" not in url and "folder=" not in url)
    expect(page.get_by_text("None. You can upload")).to_be_visible()


def test_decoded_images_can_be_deleted_while_a_page_shows_them(server, open_page, image_folder, own_folder, store):
    def kept() -> list[tuple[str, tuple[int, ...]]]:
        return [(decoded.folder, decoded.shape) for decoded in decoded_datasets(store)]

    used, other = (str(image_folder), (20, 20, 1)), (str(own_folder), (20, 20, 1))
    read_dataset(own_folder, DatasetSpec(image_size=20), store.cache)
    showing, page = (open_page(f"{server.url}/?folder={image_folder}&image_size=20") for _ in range(2))
    images = gallery(showing, "Images of the dataset")
    expect(images).to_have_count(24)
    assert kept()[:2] == [used, other]
    go_to(page, "Storage")
    tick_first_row(page.get_by_test_id("stDataFrame").last, "Delete 1 decoded dataset (")
    page.get_by_role("button", name="Delete 1 decoded dataset (").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{image_folder} (20 × 20, gray)")).to_be_visible()
    assert used in kept()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: ").first).to_be_visible()  # first: it goes after a while
    expect(dialog).to_have_count(0)
    assert used not in kept() and other in kept()
    images.nth(5).click()
    expect(images.nth(5)).to_have_attribute("aria-selected", "true")
    expect(showing.get_by_role("img", name="What the network will see", exact=True)).to_be_visible()
    see_page(showing, "Data")
