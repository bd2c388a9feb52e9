"""A dataset that is read beside the page: its progress, and how reading ends."""

import pytest

from cnn.data.dataset import Progress, read_dataset
from cnn.errors import Cancelled
from pages.server import work
from pages.shared import dataset_choice
from tests.app import sentences
from tests.conftest import draw_images, under_way
from tests.pages.test_jobs import press, wait_id


@pytest.fixture
def reading(monkeypatch, wait):
    """Has every dataset read until it is cancelled, or until something is put into this list."""
    ended = []

    def read(folder, spec, cache, progress, cancelled):
        progress(Progress(50, 150, 2.0))
        wait(lambda: ended or cancelled())
        if cancelled():
            raise Cancelled
        return read_dataset(folder, spec, cache)

    monkeypatch.setattr("pages.shared.dataset_choice.read_dataset", read)
    yield ended
    ended.append("the test has ended")


def test_reading_shows_its_progress_until_the_browser_cancels_it(open_app, image_folder, reading):
    app = open_app(folder=image_folder).run()
    (status,) = under_way(app)
    assert status["progress"] == {"share": 50 / 150, "text": "Reading 50 of 150 images · 25 images/s · 4.0 s left"}
    assert not status["ended"] and not app.error
    assert work.cancel(wait_id(app))["ended"]
    app.run()
    assert not under_way(app) and sentences(app) == "Reading was cancelled."
    press(app, "Read again")
    assert under_way(app) and not app.error


def test_two_who_read_the_same_folder_do_not_end_each_others_reading(open_app, image_folder, reading, wait):
    one = open_app(folder=image_folder)
    other = type(one).from_file(one._script_path, default_timeout=60)
    other.query_params["folder"] = str(image_folder)
    assert under_way(one.run()) and under_way(other.run())
    work.cancel(wait_id(one))
    assert "Reading was cancelled." in sentences(one.run()) and under_way(other.run())
    reading.append("done")
    wait(lambda: not under_way(other.run()))
    assert not other.error and not other.exception and other.get("bidi_component")


def test_read_again_finds_what_was_added_to_the_folder(open_app, own_folder, wait):
    app = open_app(folder=own_folder).run()
    wait(lambda: not under_way(app.run()))
    draw_images(own_folder, classes=("third",))
    app.run()
    assert "third" not in str([element.proto for element in app.get("bidi_component")])
    press(app, "Read again")
    wait(lambda: not under_way(app.run()))
    assert "third" in str([element.proto for element in app.get("bidi_component")])
