"""The user's mark on an image: where they would look. Made with the brush, kept for the session."""

import numpy as np
import streamlit as st

from pages.components.brush import brush, painting_on
from pages.shared import view
from pages.shared.session import Versioned, session, widget

NAME = "Where would you look?"


def mark_of(image: np.ndarray) -> np.ndarray:
    """bool (H, W): the mark on an image, uint8 (H, W, C)."""
    return painting_on(_in_colour(image), session().marks, widget("mark")).lifted[..., -1] > 0


def draw_mark(image: np.ndarray) -> None:
    """The image with the brush. Call it after everything that depends on the mark."""
    seen, state = _in_colour(image), widget("mark")
    brush(seen, painting_on(seen, session().marks, state), NAME, state, key="mark", marks=True)


def choose_to_guess() -> None:
    st.toggle(
        "Guess first",
        **_guess_first().bound(),
        help="Hides the explanations of an image until you have marked where you would look: people who guess first "
        "see more.",
    )


def guesses_first() -> bool:
    """Whether the user is to mark an image before anything is explained."""
    return bool(_guess_first().current())


def stop_guessing() -> None:
    _guess_first().replace(False)


def _guess_first() -> Versioned:
    link = session().link or {}
    kept = view.part("guess_first")
    if kept.value is None:  # a link to an image that does not mention the guess shows the explanations
        kept.replace("image" not in link)
    view.show("guess_first", kept.value)
    return kept


def _in_colour(image: np.ndarray) -> np.ndarray:
    """The image with three channels, so that a mark can have a colour."""
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))
