"""A dataset that is read beside the page: its progress, and the end of it."""

import pytest

from cnn.data.progress import Progress
from cnn.errors import Cancelled
from pages.server import work
from tests.app import sentences
from tests.conftest import under_way


@pytest.fixture
def reading_for_ever(monkeypatch, wait):
    """Has every dataset read until it is cancelled."""

    def read(folder, spec, cache, progress, cancelled):
        progress(Progress(50, 150, 2.0))
        wait(cancelled)
        raise Cancelled

    monkeypatch.setattr("pages.shared.dataset_choice.read_dataset", read)


def test_reading_shows_its_progress_until_the_browser_cancels_it(open_app, image_folder, reading_for_ever):
    app = open_app(folder=image_folder).run()
    (told,) = under_way(app)
    assert told["progress"] == {"share": 50 / 150, "text": "Reading 50 of 150 images · 25 images/s · 4.0 s left"}
    assert not told["ended"] and not app.error
    reading = app.session_state.reading
    assert work.cancel(reading.id)["cancelled"]
    reading.join(10)
    assert work.told(reading.id)["ended"]
    app.run()
    assert not under_way(app) and "Reading was cancelled." in sentences(app)
    assert "Read again" in [button.label for button in app.button]
