"""Pictures on a page: sharp ones exactly, smooth ones nearly, and each encoded once."""

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pages.components import picture


def decoded(address: str) -> np.ndarray:
    kind, _, data = address.partition(";base64,")
    image = Image.open(BytesIO(base64.b64decode(data)))
    assert kind == f"data:image/{image.format.lower()}"
    return np.asarray(image)


@pytest.fixture(params=[1, 3], ids=["grayscale", "colour"])
def slope(request) -> np.ndarray:
    """Values that rise slowly, like most of a photograph."""
    rows, columns = np.mgrid[:40, :60]
    return np.repeat((rows + 2 * columns + 20)[..., None], request.param, axis=2).astype(np.uint8)


def test_a_sharp_picture_keeps_every_pixel(slope):
    np.testing.assert_array_equal(decoded(picture.address(slope)), slope.squeeze())


def test_a_smooth_picture_is_nearly_the_same(slope):
    shown = decoded(picture.address(slope, smooth=True)).astype(int)
    assert np.abs(shown - slope.squeeze()).max() <= 4


def test_equal_bytes_in_another_shape_are_another_picture(slope):
    turned = np.ascontiguousarray(slope).reshape(60, 40, -1)
    assert decoded(picture.address(turned)).shape[:2] == (60, 40)
    assert decoded(picture.address(slope)).shape[:2] == (40, 60)
