"""Start: what is this, and what does a trained network do?"""

from collections.abc import Callable

import streamlit as st

from cnn.store import example
from pages.server.turns import turns
from pages.shared import first_steps, run_choice, settings
from pages.shared.navigation import go
from pages.shared.text import plain

NAME = "How convolutional networks see"
PURPOSE = "Build a small network that tells images apart, train it on this computer, and look at what it learned."


def show_example() -> None:
    run = example.find(run_choice.store())
    if run is None:
        first_steps.no_example()
        return
    with turns.lent():  # on a new server, loading torch takes seconds
        from pages.shared.inside import live_network
    live_network.draw(run)


def button(name: str, about: str, icon: str, action: Callable[..., None], *arguments: str, is_primary: bool) -> None:
    """A wide button, and what is behind it."""
    st.button(
        name,
        key=name,
        type="primary" if is_primary else "secondary",
        icon=icon,
        width="stretch",
        on_click=action,
        args=arguments,
    )
    st.caption(about)


def draw() -> None:
    st.title(NAME, anchor=False)
    run, folder = run_choice.chosen() or run_choice.fallback(), settings.folder()
    with st.container(key="start"):
        st.markdown(PURPOSE)
        live = st.container()
    train, images, inside = st.columns(3, gap="medium")
    with train:
        about = f"A new network, on {plain(folder.name) if folder else 'drawn cats and dogs'}"
        button("Train your own", about, ":material/play_arrow:", first_steps.train_own, is_primary=True)
    with images:
        about = "A folder or archive with at least two kinds of images"
        icon = ":material/add_photo_alternate:"
        button("Use your own photographs", about, icon, first_steps.use_own_images, is_primary=True)
    if run is not None:
        with inside:
            shown = f"“{plain(run.name)}”" if run_choice.is_own(run.id) else "the example"
            about = f"Every layer of {shown}, number by number"
            button("Look inside", about, ":material/visibility:", go, "activations", is_primary=False)
    with live:  # last, because it takes longest
        show_example()
