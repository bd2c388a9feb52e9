"""Asks where the images of a run are, when they are no longer in its folder."""

import os
from functools import partial
from pathlib import Path

import streamlit as st

from cnn.store.runs import Run
from pages.shared.dataset import folders
from pages.shared.session import session, widget
from pages.shared.text import plain


def is_lost(run: Run) -> bool:
    """Whether the folder of a run's images is gone."""
    return run.fingerprint is not None and not os.path.isdir(run.folder)


def ask(run: Run, use: str) -> None:
    """Says that a run's images are not in its folder, and asks where they are. The next rerun checks the answer, image
    by image; see `dataset_choice.of_run_in_place`.

    use: a sentence about what does not work without the images.
    """
    reason = session().unread.get(run.id, "")
    text = f"{plain(run.folder)} no longer holds the images this run was trained on. {use}"
    if not is_lost(run) or run.id in session().places:
        text += f"\n\n{plain(reason)}"
    st.info(text, icon=":material/folder_off:")
    path, button = st.columns([5, 1], vertical_alignment="bottom")
    key = f"place of {run.id}"
    path.text_input(
        "Where are they now?",
        key=key,
        placeholder="The path of the folder; its images are compared with those of the run",
        on_change=_look_in_typed,
        args=(run.id, key),
    )
    button.button(
        "Choose",
        key=f"choose {key}",
        icon=":material/folder_open:",
        width="stretch",
        on_click=_open_dialog,
        args=(run, key),
    )
    folders.dialog(key, partial(_look_in, run.id))


def _open_dialog(run: Run, purpose: str) -> None:
    folders.start_near(Path(run.folder))
    folders.open_dialog(purpose)


def _look_in(run_id: str, folder: str) -> None:
    session().places[run_id] = folder


def _look_in_typed(run_id: str, key: str) -> None:
    _look_in(run_id, widget(key, "").strip().strip("\"'"))
