"""New images on the Results page, in a real Chromium: only a browser sends chosen files, and pastes."""

import base64

from playwright.sync_api import Page, expect

from cnn.data.images import to_png
from cnn.store.image_sets import delete_set, find_set, image_sets
from tests.browser.app import button, gallery, press, see_page, select, settled
from tests.browser.server import ROOT

PASTE = """([name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], name, { type: "image/png" }));
    window.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
}"""


def open_field(page: Page) -> None:
    button(page, "Add images").click()
    expect(page.get_by_text("or paste a picture")).to_be_visible()


def test_chosen_and_pasted_images_become_a_set_that_can_be_judged_and_labelled(
    open_page, server, store, run, dataset, wait
):
    page = open_page(f"{server.url}/results?run={run.id}&judged=new")
    see_page(page, "Results")
    first, second = (ROOT / "sample_data" / "shapes" / dataset.paths[i] for i in dataset.val[:2])
    open_field(page)
    select(page, "Class", dataset.classes[1])
    page.get_by_role("dialog").get_by_label("Images", exact=True).set_input_files([first, second])
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("of 2 new images are right")).to_be_visible()
    assert find_set(store, "New images").labels == (dataset.classes[1],) * 2

    open_field(page)  # now for the same set
    pasted = to_png(dataset.images[dataset.train[0]])
    page.evaluate(PASTE, ["image.png", base64.b64encode(pasted).decode()])
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Left out: 1 image without a class.")).to_be_visible()

    button(page, "Classes").click()
    images = gallery(page, "New images")
    expect(images).to_have_count(3)
    images.filter(has_text="no class").click()
    wait(
        lambda: sorted(find_set(store, "New images").labels) == sorted([dataset.classes[0], *[dataset.classes[1]] * 2])
    )
    expect(images.filter(has_text="no class")).to_have_count(0)
    settled(page)
    press(page.locator("body"), "Escape")
    expect(page.get_by_text("of 3 new images are right")).to_be_visible()
    for one in image_sets(store):
        delete_set(store, one.name)
