"""Classic kernels, on images with a known result."""

import numpy as np
import pytest

from cnn.explain.kernels import CLASSIC, classic


@pytest.mark.parametrize("size", [3, 5, 7])
@pytest.mark.parametrize("channels", [1, 3, 16])
def test_classic_kernels_do_what_their_names_say_in_every_size(size, channels):
    def answer(name: str, image: np.ndarray) -> float:
        return float((classic(name, size, channels) * image).sum())

    flat = np.full((channels, size, size), 0.5)
    slope = np.broadcast_to(np.arange(size) / size, (channels, size, size))
    middle = slope[0, 0, size // 2]
    sums = {name: answer(name, flat) for name in CLASSIC}
    expected = {"identity": 0.5, "Sobel x": 0, "Sobel y": 0, "Laplacian": 0, "sharpen": 0.5, "blur": 0.5}
    assert sums == pytest.approx(expected, abs=1e-6)
    on_slope = {name: answer(name, slope) for name in CLASSIC}
    expected = {"Sobel x": 8 / size, "Sobel y": 0, "Laplacian": 0} | dict.fromkeys(
        ("identity", "sharpen", "blur"), middle
    )
    assert on_slope == pytest.approx(expected, abs=1e-6)
    assert answer("Sobel y", slope.transpose(0, 2, 1)) == pytest.approx(8 / size, abs=1e-6)


def test_the_3_by_3_blur_is_binomial_and_the_sobel_kernel_is_the_textbooks():
    assert (classic("blur", 3)[0] * 16).tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert classic("Sobel x", 3)[0].tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert classic("Laplacian", 5)[0].tolist()[0] == [0] * 5
    assert classic("sharpen", 5, 2).shape == (2, 5, 5) and classic("blur", 7).dtype == np.float32
