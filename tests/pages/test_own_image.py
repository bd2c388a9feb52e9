"""An image of the user's own, on the pages that look inside a network."""

import io
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnn.data.decoding import Decoding
from cnn.data.images import to_png
from cnn.engine.trainer import train_run
from cnn.store.kept_images import kept_images
from pages.shared.inside.chooser import _image_facts
from pages.shared.inside.image_choice import ChosenImage, _original
from tests.app import sentences


@pytest.fixture
def lost_run(own_folder, create_run, store) -> str:
    """A run whose images are gone, so its pages ask for one of the user's own."""
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    shutil.rmtree(own_folder)
    return run_id


def test_an_uploaded_image_is_shown_and_is_part_of_the_link(open_page, store, lost_run):
    app = open_page("activations", run=lost_run)
    png = to_png(np.full((20, 20, 3), 200, np.uint8))
    app.file_uploader[0].upload("mine.png", png, "image/png").run()
    (kept,) = kept_images(store)
    assert not app.exception and not app.file_uploader
    assert (app.query_params["source"], app.query_params["image"], kept.size) == ("upload", kept.id, len(png))


def test_a_photograph_from_the_webcam_is_called_so(open_page, lost_run):
    app = open_page("activations", run=lost_run, source="camera")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "JPEG")
    app.camera_input[0].upload("camera-input-2026-11-26T04_56_26.107Z.jpg", picture.getvalue(), "image/jpeg").run()
    assert not app.exception
    assert [name for name, _ in app.session_state["session"].uploaded.values()] == ["photograph"]


def test_an_image_is_also_shown_as_it_was_before_it_was_squeezed():
    colour = np.full((30, 90, 3), (200, 100, 0), np.uint8)
    original = _original(to_png(colour), 24, Decoding())
    assert original.shape == (30, 90, 3) and (original == colour).all()
    assert _original(to_png(np.full((400, 100, 3), 9, np.uint8)), 24, Decoding()).shape == (92, 23, 3)
    assert _original(to_png(np.zeros((24, 24, 3), np.uint8)), 24, Decoding()) is None  # the network gets it as it is


def test_an_empty_uploaded_file_gives_an_error_message(open_page, store, lost_run):
    app = open_page("activations", run=lost_run)
    app.file_uploader[0].upload("empty.jpg", b"", "image/jpeg").run()
    assert not app.exception and r"empty\.jpg is empty" in sentences(app)
    assert kept_images(store) == []


def test_the_answer_for_an_image_of_no_known_class_is_called_a_choice_that_the_network_must_make():
    model, pixels = SimpleNamespace(classes=("cat", "dog")), np.zeros((4, 4, 1), np.uint8)
    answers = np.array([0.7, 0.3], np.float32)
    _, answer = _image_facts(model, ChosenImage(pixels, "car.png", None, None), answers)
    assert (answer.caption, answer.mark) == ("It must choose", "")
    assert (answer.text, answer.sure) == ("cat", "70.0\N{NO-BREAK SPACE}%")
    _, answer = _image_facts(model, ChosenImage(pixels, "dog.1.png", 1, 0), answers)
    assert (answer.caption, answer.mark) == ("The network says", "wrong")
