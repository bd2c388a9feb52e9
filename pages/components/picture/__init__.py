"""One image on the page, with its pixels as sharp squares, or smooth like a photograph."""

import base64
from functools import lru_cache
from html import escape
from io import BytesIO

import numpy as np
import streamlit as st
from PIL import Image

KEPT = 32  # encoded images: every run of a page sends its images again, for every session
JPEG_QUALITY = 92  # a smooth image is a tenth of its PNG, and looks the same


def picture(pixels: np.ndarray, alt: str, *, smooth: bool = False) -> None:
    """Draws an image as wide as its container. pixels: uint8 (height, width, 1 or 3). smooth: interpolates pixels.

    The image is part of the page. With `st.image`, the browser fetches it from the server; if the next image replaces
    it, it is gone before a slow browser asks for it.
    """
    rendering = "auto" if smooth else "pixelated"
    st.html(
        f'<img src="{address(pixels, smooth=smooth)}" alt="{escape(alt)}" '
        f'style="display: block; width: 100%; border-radius: 0.25rem; image-rendering: {rendering}">'
    )


def address(pixels: np.ndarray, *, smooth: bool = False) -> str:
    """The image as a data URL. pixels: uint8 (height, width, 1 or 3). smooth: as a JPEG, whose pixels differ a little;
    otherwise as a PNG."""
    return _address(pixels.tobytes(), pixels.shape, "JPEG" if smooth else "PNG")


@lru_cache(maxsize=KEPT)
def _address(pixels: bytes, shape: tuple[int, ...], kind: str) -> str:
    image = Image.fromarray(np.frombuffer(pixels, np.uint8).reshape(shape if shape[2] == 3 else shape[:2]))
    encoded = BytesIO()
    # PNG's default level takes three times as long and saves a tenth.
    image.save(encoded, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {"compress_level": 1}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encoded.getvalue()).decode()}"
