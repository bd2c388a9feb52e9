"""A dataset sent as a .zip, and what takes up the disk deleted again, in a real Chromium."""

import zipfile

import pytest
from playwright.sync_api import expect

from cnn.archive import unpack
from cnn.runs import RunStore
from cnn.storage import delete_upload, stored_runs, uploads
from cnn.trainer import train_run
from tests.browser.app import button, go_to, see_page, settled
from tests.browser.server import ROOT


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def server(browser, serve, store):
    return serve(ROOT / "dashboard.py", CNN_RUNS=str(store.directory))


@pytest.fixture
def archive(image_folder, tmp_path):
    """The two classes, in a folder that only wraps them, beside a file that is no image."""
    path = tmp_path / "My pets.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(image_folder.rglob("*.png")):
            packed.write(file, f"pets/{file.relative_to(image_folder)}")
        packed.writestr("pets/readme.txt", "Nothing to see.")
    return path


def test_an_uploaded_archive_is_the_dataset_and_a_wrong_one_is_told(server, open_page, archive, store, tmp_path):
    (tmp_path / "page.zip").write_bytes(b"<!DOCTYPE html><title>404</title>")
    page = open_page(server.url)
    see_page(page, "Data")
    button(page, "Open a folder").click()
    page.get_by_role("tab", name="Upload a .zip").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "page.zip")
    expect(page.get_by_text("The file is no .zip archive, or its end is missing.")).to_be_visible()
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("24 images were unpacked; 1 other file was left out.")).to_be_visible()
    expect(page.get_by_text("24 images in 2 classes")).to_be_visible()
    assert [upload.images for upload in uploads(store)] == [24]
    page.wait_for_url(lambda url: "My+pets" in url)


def test_what_is_ticked_and_confirmed_is_deleted_and_the_page_lets_go_of_it(
    server, open_page, archive, store, create_run
):
    for upload in uploads(store):
        delete_upload(store, upload.name)
    folder = unpack(archive, store.uploads / "others").folder
    run_id = create_run(store=store, epochs=1)
    train_run(store, run_id)
    page = open_page(f"{server.url}/?run={run_id}&folder={folder}")
    go_to(page, "Storage")
    for name, others_left in (("run", 1), ("upload", 0)):
        expect(button(page, f"Delete {name}s")).to_be_disabled()
        table = page.get_by_test_id("stDataFrame").nth(0).locator("canvas").first  # the runs' is gone by then
        settled(page)
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        page.mouse.click(box["x"] + 16, box["y"] + 35 + 17)  # the box before the first row
        page.get_by_role("button", name=f"Delete 1 {name} (").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(f"This deletes 1 {name}")).to_be_visible()
        assert (len(stored_runs(store)), len(uploads(store))) == (others_left, 1)
        dialog.get_by_role("button", name="Delete").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text("are free again").first).to_be_visible()
    assert (stored_runs(store), uploads(store)) == ([], [])
    page.wait_for_url(lambda url: "run=" not in url and "folder=" not in url)
    expect(page.get_by_text("There are none yet.")).to_be_visible()
