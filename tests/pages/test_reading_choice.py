"""A folder that can be read in several ways: the page asks, tells what it did, and offers the others."""

import pytest

from tests.app import control
from tests.conftest import draw_images, running_work


@pytest.fixture
def doubtful(tmp_path):
    """Folders "owl" and "valid", of which the second has the name of a part of a split."""
    return draw_images(tmp_path / "doubtful", classes=("owl", "valid"))


def text(app) -> str:
    return "\n".join(element.value.replace("\\", "") for element in [*app.markdown, *app.caption])


def test_the_page_asks_and_remembers_the_answer_in_its_address(open_page, doubtful, wait):
    app = open_page("data", folder=doubtful)
    assert "What are the classes in this folder?" in text(app) and "“valid”: the usual name" in text(app)
    assert "2 classes, 24 images" in text(app) and "owl (12), valid (12)" in text(app)
    control(app.button, "Use these 2 classes").click().run()
    wait(lambda: not running_work(app.run()))
    assert "24 images** in 2 classes" in text(app) and "Read as one folder per class, all of them." in text(app)
    assert app.query_params["reading"] == "all folders"
    control(app.button, "Digits").click().run()
    assert "reading" not in app.query_params


def test_other_pages_ask_too(open_page, doubtful):
    assert "What are the classes in this folder?" in text(open_page("network", folder=doubtful))


def test_the_other_ways_to_read_a_folder_are_offered(open_page, tmp_path, wait):
    folder = draw_images(tmp_path / "images", classes=("owl", "fox", "test"))
    app = open_page("data", folder=folder)
    assert "24 images** in 2 classes" in text(app) and "Read as one folder per class." in text(app)
    app.session_state["readings_open"] = True
    wait(lambda: not running_work(app.run()))
    assert control(app.button, "In use").disabled
    control(app.button, "Use these 3 classes").click().run()
    wait(lambda: not running_work(app.run()))
    assert "36 images** in 3 classes" in text(app)
