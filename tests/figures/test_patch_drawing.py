import numpy as np
import pytest

from cnn.figures.patch_drawing import FRAME, GAP, SIDE, in_its_image


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("box", [(4, 8, 7, 11), (0, 0, 3, 3), (13, 0, 16, 16)])
def test_the_patch_is_framed_in_its_image_and_enlarged_beside_it(channels, box):
    image = np.random.default_rng(1).integers(0, 100, (16, 16, channels), dtype=np.uint8)
    top, left, bottom, right = box
    drawn = in_its_image(image, np.array(box))
    assert drawn.shape == (SIDE, 2 * SIDE + GAP, 3) and drawn.dtype == np.uint8
    cell = SIDE // 16
    framed = (drawn[:, :SIDE] == FRAME).all(2)
    rows, columns = np.flatnonzero(framed.any(1)), np.flatnonzero(framed.any(0))
    for found, edge in ((rows[0], top), (rows[-1], bottom), (columns[0], left), (columns[-1], right)):
        assert abs(found - cell * edge) <= 3
    part = drawn[:, SIDE + GAP :]
    assert (part[0, 0] == image[top, left]).all() and (part[-1, -1] == image[bottom - 1, right - 1]).all()


def test_the_image_itself_is_not_changed():
    image = np.zeros((8, 8, 3), np.uint8)
    in_its_image(image, np.array([0, 0, 3, 3]))
    assert not image.any()
