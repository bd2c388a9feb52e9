"""Every kind of section of the maps component, with numbers a test can compute itself.

Run it with `streamlit run tests/browser/maps_demo.py`; the tests import `sections` from it.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.components.maps import Bars, Picture, Strip, Tiles, maps
from pages.server.routes import all_routes

SIZE = 50


def image() -> np.ndarray:
    """A bright disc and a slanted edge on a dark background, uint8 (50, 50, 1)."""
    row, column = np.mgrid[:SIZE, :SIZE]
    disc = np.hypot(row - 20, column - 28) < 12
    edge = row + 0.4 * column > 48
    return np.uint8(40 + 170 * disc + 25 * edge * ~disc)[..., None]


def convolve(maps_in: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """A plain 3 x 3 convolution: (k, h, w) and (n, k, 3, 3) to (n, h - 2, w - 2)."""
    windows = np.lib.stride_tricks.sliding_window_view(maps_in, (3, 3), axis=(1, 2))
    return np.einsum("khwab,nkab->nhw", windows, filters)


def sections(snapshot: int) -> list:
    """The layers of a small network, with random weights that depend on the snapshot."""
    rng = np.random.default_rng(snapshot)
    picture = image()
    first = rng.normal(0, 0.25, (16, 1, 3, 3)).astype("f4")
    second = rng.normal(0, 0.12, (16, 16, 3, 3)).astype("f4")
    colour = rng.normal(0, 0.2, (8, 3, 5, 5)).astype("f4")
    conv1 = np.maximum(convolve(picture.transpose(2, 0, 1) / 255, first), 0).astype("f4")
    conv1[5] = 0
    pool1 = conv1.reshape(16, 24, 2, 24, 2).max((2, 4))
    conv2 = convolve(pool1, second).astype("f4")
    conv2[2, 3, 4], conv2[2, 10, 10] = np.nan, np.inf
    dense = rng.normal(0, 1, 64).astype("f4")
    zeros = tuple(f"{100 * np.mean(one == 0):.0f} % zeros" for one in conv1)
    return [
        Picture("Input", "50 × 50, gray", picture),
        Tiles(
            "conv1",
            "16 maps of 48 × 48",
            conv1[:, None],
            signed=False,
            captions=zeros,
            dim=tuple(not one.any() for one in conv1),
            beside=first,
            geometry=((1.0, 1.0), (1.0, 1.0), (3.0, 3.0)),
        ),
        Tiles(
            "conv2",
            "16 maps of 22 × 22, before ReLU",
            conv2[:, None],
            signed=True,
            geometry=((3.5, 3.5), (2.0, 2.0), (8.0, 8.0)),
        ),
        Tiles("filters 2", "16 filters, 16 × 3 × 3", second, signed=True),
        Tiles("filters in colour", "8 filters, 3 × 5 × 5", colour, signed=True, rgb=True),
        Strip("flatten", "1,936 numbers", np.maximum(conv2[:4], 0).reshape(-1), signed=False),
        Bars("dense", "64 units, before ReLU", dense, (), signed=True),
        Bars("logits", "2 numbers", dense[:2], ("cat", "<script>dog</script>"), signed=True),
        Bars(
            "probabilities",
            "after softmax",
            (100 * np.exp(dense[:3]) / np.exp(dense[:3]).sum()).astype("f4"),
            ("cat", "dog", "a class with a rather long name"),
            signed=False,
            colors=("#0072b2", "#e69f00", "#009e73"),
            unit="%",
            caption="the largest is the answer",
        ),
    ]


def draw() -> None:
    st.set_page_config(layout="wide")
    controls = st.columns(3)
    if controls[0].button("New data"):
        st.session_state["snapshot"] = st.session_state.get("snapshot", 0) + 1
    shared = controls[1].toggle("Shared scale", value=True)
    choice = maps(sections(st.session_state.get("snapshot", 0)), key="demo", shared_scale=shared)
    controls[2].write(f"Python knows: {choice}")


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=all_routes())
