"""Sending a folder or an archive to the server, in a real Chromium: only a browser drops files and reads them."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from cnn.data.listing import list_images
from cnn.store.disk import uploads
from tests.browser.app import button, see_page

OWN_SERVER = True
BREAK_ONCE = """() => {
    const { fetch } = window;
    window.fetch = (address, options) => {
        if (options?.method !== "PUT" || window.broken) return fetch(address, options);
        window.broken = true;
        return Promise.reject(new TypeError("Failed to fetch"));
    };
}"""


def open_field(page: Page) -> None:
    button(page, "Open a folder").click()
    page.get_by_role("tab", name="Upload").click()
    expect(page.get_by_text("Drop a folder of images or an archive here")).to_be_visible()


def drop(page: Page, path: Path) -> None:
    """Drops a file or a folder of this machine on the page."""
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 400, "data": data})


@pytest.fixture
def archive(image_folder, tmp_path):
    """Two classes with Chinese names as Windows writes them there, and 9 MB that do not compress."""
    path = tmp_path / "My pets.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(image_folder.rglob("*.png")):
            packed.write(file, f"{'AAAA' if 'dark' in str(file) else 'BBBB'}/{file.name}")
        packed.writestr("readme.txt", np.random.default_rng(0).bytes(9_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"AAAA", "\u5c0f\u732b".encode("gbk")).replace(b"BBBB", "\u5c0f\u72d7".encode("gbk")))
    return path


def test_archives_and_folders_are_sent_and_opened(server, open_page, archive, store, tmp_path, own_folder):
    (tmp_path / "page.zip").write_bytes(b"<!DOCTYPE html><title>404</title>")
    page = open_page(f"{server.url}/data")
    see_page(page, "Data")
    open_field(page)
    archives = page.get_by_label("Archive of images")
    archives.set_input_files(tmp_path / "page.zip")
    expect(page.get_by_text("The file is neither a .zip nor a .tar archive, or its end is missing.")).to_be_visible()

    # Cancelled while a piece is on its way
    held: list[Route] = []
    page.route("**/sending/*?offset=*", lambda route: held.append(route))
    archives.set_input_files(archive)
    expect(page.get_by_text("Sending: 0 kB of 9")).to_be_visible()
    button(page, "Cancel").click()
    expect(page.get_by_text("Cancelled; nothing was saved.")).to_be_visible()
    page.unroute("**/sending/*?offset=*")

    # The connection breaks once
    page.evaluate(BREAK_ONCE)
    archives.set_input_files(archive)
    expect(page.get_by_text("24 images were uploaded; 1 other file was left out.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Read as GBK (Chinese): “小狗”, “小猫”")).to_be_visible()
    assert page.evaluate("window.broken")
    (upload,) = uploads(store)
    assert list_images(store.uploads / upload.name).classes == ("小狗", "小猫")
    page.wait_for_url(lambda url: "My+pets" in url)

    # A folder, dropped on the page
    (own_folder / "notes.txt").write_text("Nothing to see.")
    drop(page, own_folder)
    expect(page.get_by_text("24 images were uploaded; 1 other file was left out.").last).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_url(lambda url: "own+images" in url)
    expect(page.get_by_text("24 images in 2 classes")).to_be_visible()
    assert list_images(store.uploads / own_folder.name).classes == ("dark", "light")
    assert not list((store.uploads / ".unpacking").iterdir())

    # A folder with folders inside, chosen in the browser's own dialog
    for split in ("train", "test"):
        shutil.copytree(own_folder, tmp_path / "pets" / split)
    open_field(page)
    page.get_by_label("Folder of images", exact=True).set_input_files(tmp_path / "pets")
    expect(page.get_by_text("48 images were uploaded; 2 other files were left out.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    listing = list_images(store.uploads / "pets")
    assert listing.classes == ("dark", "light") and listing.layout == "split folders"
    assert len(listing.files) == 48 and (store.uploads / "pets/test/dark/0.png").is_file()

    # The field is there, but on the tab that is not shown
    button(page, "Open a folder").click()
    expect(page.get_by_label("Path")).to_be_visible()
    drop(page, tmp_path / "page.zip")
    expect(page.get_by_text("The file is neither a .zip nor a .tar archive, or its end is missing.")).to_be_visible()
