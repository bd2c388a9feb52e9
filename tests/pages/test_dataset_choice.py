"""A dataset that is read in the background: its progress, and how reading ends."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.dataset import read_dataset
from cnn.data.progress import Progress
from cnn.engine.trainer import train_run
from cnn.errors import Cancelled
from pages.server import work
from tests.app import sentences
from tests.conftest import draw_images, running_work
from tests.pages.test_jobs import press, wait_id


def choose(folder):
    from contextlib import suppress

    import streamlit as st

    from cnn.specs import DatasetSpec
    from pages.shared import view
    from pages.shared.dataset import dataset_choice
    from pages.shared.navigation import PageEnded

    view.load("data")
    if st.button("Forget"):
        dataset_choice.forget()
    with suppress(PageEnded):
        st.markdown(f"classes: {', '.join(dataset_choice.dataset(folder, DatasetSpec(image_size=16)).classes)}")


def run_of(run_id):
    from contextlib import suppress

    import streamlit as st

    from pages.shared import run_choice, view
    from pages.shared.dataset import dataset_choice
    from pages.shared.navigation import PageEnded

    view.load("data")
    with suppress(PageEnded):
        dataset = dataset_choice.of_run(run_choice.store().get(run_id))
        st.markdown(f"images: {dataset and len(dataset.labels)}")


@pytest.fixture
def open_session(open_app):
    """Opens a page that shows the dataset of a folder."""
    return lambda folder: AppTest.from_function(choose, kwargs={"folder": folder}, default_timeout=200).run()


@pytest.fixture
def reading(monkeypatch, wait):
    """Makes reading any dataset last until it is cancelled or something is added to this list."""
    released = []

    def read(folder, spec, cache, progress, cancelled):
        progress(Progress(50, 150, 2.0))
        wait(lambda: released or cancelled())
        if cancelled():
            raise Cancelled
        return read_dataset(folder, spec, cache)

    monkeypatch.setattr("pages.shared.dataset.dataset_choice.read_dataset", read)
    yield released
    released.append("the test has ended")


def test_reading_shows_progress_until_the_user_cancels_it(open_session, image_folder, reading):
    app = open_session(image_folder)
    (status,) = running_work(app)
    assert status["progress"] == {"share": 50 / 150, "text": "Reading 50 of 150 images · 25 images/s · 4.0 s left"}
    assert not status["ended"] and not app.error
    assert work.cancel(wait_id(app))["ended"]
    for _ in range(2):
        assert sentences(app.run()) == "Reading was cancelled." and not running_work(app)
    press(app, "Read again")
    assert running_work(app) and not app.error


def test_if_one_of_two_readers_of_a_folder_cancels_the_other_still_gets_it(open_session, image_folder, reading, wait):
    one, other = open_session(image_folder), open_session(image_folder)
    work.cancel(wait_id(one))
    assert sentences(one.run()) == "Reading was cancelled." and running_work(other.run())
    reading.append("on")
    wait(lambda: not running_work(other.run()))
    assert other.markdown[0].value == "classes: dark, light"


def test_a_forgotten_folder_is_read_again(open_session, own_folder, wait):
    app = open_session(own_folder)
    wait(lambda: not running_work(app.run()))
    draw_images(own_folder, classes=("third",))
    assert app.run().markdown[0].value == "classes: dark, light"
    press(app, "Forget")
    wait(lambda: not running_work(app.run()))
    assert app.markdown[0].value == "classes: dark, light, third"


def test_a_folder_that_disappears_and_comes_back_is_found(open_app, own_folder, create_run, store, tmp_path, wait):
    run_id = create_run(folder=own_folder, epochs=1)
    train_run(store, run_id)
    own_folder.rename(tmp_path / "elsewhere")
    app = AppTest.from_function(run_of, kwargs={"run_id": run_id}, default_timeout=200).run()
    wait(lambda: not running_work(app.run()))
    assert app.markdown[0].value == "images: None"
    (tmp_path / "elsewhere").rename(own_folder)
    wait(lambda: not running_work(app.run()))
    assert app.markdown[0].value == "images: 24"
