"""The Explain page: guess first, then compare; and how sure the network is."""

import dataclasses

import numpy as np
import pytest

from cnn.explain.attribution import Attribution, Method
from cnn.explain.cover_test import cover_test
from cnn.explain.methods import METHODS
from pages.shared.inside.mark import mark_of
from tests.app import control


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.warning])


@pytest.fixture
def marked(monkeypatch):
    """The user has marked the upper half of every image."""

    def upper_half(image: np.ndarray) -> np.ndarray:
        mark = np.zeros(image.shape[:2], bool)
        mark[: len(mark) // 2] = True
        return mark

    monkeypatch.setattr("pages.explain.mark_of", upper_half)


def test_nothing_is_explained_before_the_user_has_guessed(open_page, image_folder, trained):
    question = "to decide whether this is"
    app = open_page("explain", folder=image_folder, run=trained)
    assert not app.exception and question in texts(app)
    assert "Method" not in [one.label for one in app.selectbox]
    control(app.button, "Show it without a guess").click().run()
    assert control(app.selectbox, "Method").options and question not in texts(app)
    assert app.query_params["guess_first"] == "off"


def test_a_link_to_an_image_from_before_shows_its_explanations(open_page, image_folder, trained):
    image = open_page("explain", folder=image_folder, run=trained).run().query_params["image"]
    app = open_page("explain", folder=image_folder, run=trained, image=image)
    assert control(app.selectbox, "Method").options and not control(app.toggle, "Guess first").value


def test_a_mark_is_compared_with_what_each_method_points_at(open_page, image_folder, trained, marked):
    app = open_page("explain", folder=image_folder, run=trained, method="occlusion")
    assert not app.exception and "of what occlusion points at lies in your mark (50\xa0% of the image)" in texts(app)


def test_the_explanation_is_tested_with_the_chosen_cover(open_page, image_folder, trained, monkeypatch):
    asked = []

    def testing(model, image, target, mask, cover, **others):
        asked.append((mask.mean(), cover))
        return cover_test(model, image, target, mask, cover, **others)

    monkeypatch.setattr("pages.explain.cover_test", testing)
    app = open_page("explain", folder=image_folder, run=trained, guess_first="off", covered="20", cover="blur")
    assert not app.exception and "Covering this 20\xa0% of the image" in texts(app)
    assert "at 20 random places" in texts(app)
    assert asked and all(one == (pytest.approx(0.2, abs=0.01), "blur") for one in asked)


def test_the_page_says_first_how_much_the_network_knows(open_page, image_folder, trained):
    app = open_page("explain", folder=image_folder, run=trained, guess_first="off", step="0")
    assert "held-out images right" in texts(app) and "guessing gets" in texts(app)


def test_an_image_that_was_not_marked_has_an_empty_mark():
    assert not mark_of(np.zeros((4, 5, 1), np.uint8)).any()


def test_an_explanation_without_evidence_for_the_class_says_so(open_page, image_folder, trained, monkeypatch):
    drawn, answers = {}, {"Grad-CAM": 6e-8, "saliency": 0.3}  # the first is a rounding error

    def answering(method: Method) -> Method:
        answer = Attribution(np.full((16, 16), answers[method.name], np.float32), signed=False)
        return dataclasses.replace(method, attribute=lambda *_, **__: answer)

    known = tuple(answering(method) for method in METHODS if method.name in answers)
    monkeypatch.setattr("pages.explain.METHODS", known)
    monkeypatch.setattr("pages.explain.BY_SLUG", {method.slug: method for method in known})
    monkeypatch.setattr(
        "pages.explain.overlays",
        lambda image, pictures, **_: drawn.update({picture.name: picture for picture in pictures}),
    )
    open_page("explain", folder=image_folder, run=trained, guess_first="off")
    assert drawn["Grad-CAM"].note == "no map of conv1 raises the score: try another layer or class"
    assert not drawn["Grad-CAM"].values.any()  # no noise at full colour
    assert drawn["saliency"].note == "how much a small change of each pixel changes the score"
    assert drawn["saliency"].values.any()
