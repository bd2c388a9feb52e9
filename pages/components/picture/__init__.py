"""One image on the page, with its pixels as sharp squares."""

import base64
from html import escape
from io import BytesIO

import numpy as np
import streamlit as st
from PIL import Image


def picture(pixels: np.ndarray, alt: str, *, smooth: bool = False) -> None:
    """Draws an image as wide as its container. pixels: uint8 (height, width, 1 or 3). smooth: interpolates pixels.

    The image is part of the page. With `st.image`, the browser fetches it from the server; if the next image replaces
    it, it is gone before a slow browser asks for it.
    """
    rendering = "auto" if smooth else "pixelated"
    st.html(
        f'<img src="{address(pixels)}" alt="{escape(alt)}" '
        f'style="display: block; width: 100%; border-radius: 0.25rem; image-rendering: {rendering}">'
    )


def address(pixels: np.ndarray) -> str:
    """The image as a data URL. pixels: uint8 (height, width, 1 or 3)."""
    png = BytesIO()
    # The default level takes three times as long and saves a tenth.
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(png, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
