"""Deleting what uses the disk, in a real Chromium."""

import zipfile

import pytest
from playwright.sync_api import Locator, expect

from cnn.data.archive import unpack
from cnn.data.dataset import read_dataset
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec
from cnn.store.disk import decoded_datasets, delete_decoded, delete_upload, stored_runs, uploads
from tests.browser.app import button, gallery, go_to, see_page, settled

OWN_SERVER = True


@pytest.fixture
def archive(image_folder, tmp_path):
    """Two classes in a wrapping folder, and a file that is no image."""
    path = tmp_path / "My pets.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(image_folder.rglob("*.png")):
            packed.write(file, f"pets/{file.relative_to(image_folder)}")
        packed.writestr("pets/readme.txt", "Nothing to see.")
    return path


def tick_first_row(table: Locator) -> None:
    settled(table.page)
    canvas = table.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    table.page.mouse.click(box["x"] + 16, box["y"] + 35 + 17)  # its checkbox


def test_ticked_and_confirmed_items_are_deleted_and_deselected(server, open_page, archive, store, create_run):
    for upload in uploads(store):
        delete_upload(store, upload.name)
    folder = unpack(archive, store.uploads / "others").folder
    run_id = create_run(store=store, epochs=1)
    train_run(store, run_id)
    page = open_page(f"{server.url}/?run={run_id}&folder={folder}")
    go_to(page, "Storage")
    for name, others_left in (("run", 1), ("upload", 0)):
        expect(button(page, f"Delete {name}s")).to_be_disabled()
        tick_first_row(page.get_by_test_id("stDataFrame").nth(0))  # the table of runs is gone
        page.get_by_role("button", name=f"Delete 1 {name} (").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(f"This deletes 1 {name}")).to_be_visible()
        assert (len(stored_runs(store)), len(uploads(store))) == (others_left, 1)
        dialog.get_by_role("button", name="Delete").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text("Deleted: ").first).to_be_visible()
    assert (stored_runs(store), uploads(store)) == ([], [])
    page.wait_for_url(lambda url: "run=" not in url and "folder=" not in url)
    expect(page.get_by_text("None yet.").first).to_be_visible()


def test_decoded_images_can_be_deleted_while_a_page_shows_them(server, open_page, image_folder, own_folder, store):
    for decoded in decoded_datasets(store):
        delete_decoded(store, decoded.key)
    read_dataset(own_folder, DatasetSpec(image_size=20), store.cache)
    showing, page = (open_page(f"{server.url}/?folder={image_folder}&image_size=20") for _ in range(2))
    images = gallery(showing, "Images of the dataset")
    expect(images).to_have_count(24)
    assert [decoded.folder for decoded in decoded_datasets(store)] == [str(image_folder), str(own_folder)]
    go_to(page, "Storage")
    tick_first_row(page.get_by_test_id("stDataFrame").last)
    page.get_by_role("button", name="Delete 1 decoded dataset (").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{image_folder} (20 × 20, gray)")).to_be_visible()
    assert len(decoded_datasets(store)) == 2
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Deleted: ").first).to_be_visible()
    assert [decoded.folder for decoded in decoded_datasets(store)] == [str(own_folder)]
    images.nth(5).click()
    expect(images.nth(5)).to_have_attribute("aria-selected", "true")
    expect(showing.get_by_role("img", name="What the network will see", exact=True)).to_be_visible()
    see_page(showing, "Data")
