"""Paintings from a browser: only a painting of the image is accepted."""

import base64

import numpy as np
import pytest

from pages.components.brush import painting_on, reported_painting

SHAPE = (3, 4, 2)


def report(raw: bytes, **others) -> dict:
    return {"image": "this", "painting": base64.b64encode(raw).decode(), "down": False} | others


def test_a_painting_survives_the_transfer():
    painting = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    assert (reported_painting(report(painting.tobytes()), "this", SHAPE) == painting).all()


@pytest.mark.parametrize(
    "sent",
    [
        None,
        5,
        "painting",
        ["image", "painting", "down"],
        {},
        report(bytes(24), image="that"),
        report(bytes(24), image=["this"]),
        report(bytes(23)),
        report(bytes(25)),
        report(b""),
        report(bytes(24), painting="not base64!"),
        report(bytes(24), painting="ä" * 32),
        report(bytes(24), painting=None),
        report(bytes(24), down="yes"),
        {"image": "this", "painting": "AAAA"},
    ],
)
def test_anything_but_a_painting_of_the_image_is_ignored(sent):
    assert reported_painting(sent, "this", SHAPE) is None


def test_a_stroke_that_arrives_when_another_image_is_shown_is_kept_for_its_own():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 3, 4, 1), dtype=np.uint8)
    stroke = rng.integers(0, 256, SHAPE, dtype=np.uint8)
    kept: dict[str, np.ndarray] = {}
    painting_on(first, kept, None)
    (label,) = kept
    late = {"report": {"number": 1, "value": report(stroke.tobytes(), image=label)}}
    assert not painting_on(second, kept, late).lifted.any()
    assert (painting_on(first, kept, None).lifted == stroke).all()
