"""The ways to read a folder, for the user to choose one: what each gives, with a few images."""

from pathlib import Path

import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.images import ImageError
from cnn.data.listing import DatasetError, UndecidedError, folder_readings
from cnn.data.reading import Reading
from pages.components.picture import picture
from pages.server.work import Progress
from pages.shared import jobs, settings
from pages.shared.dataset import folders
from pages.shared.text import plain

IN_A_ROW = 3
SHOWN_CLASSES = 6
SHOWN_READINGS = 9


def ask(folder: Path, error: UndecidedError) -> None:
    """Asks how to read a folder of which no reading is certain."""
    st.markdown("## What are the classes in this folder?")
    st.markdown(plain(error.readings[0].doubt))
    _cards(folder, error.readings, chosen="")


def others(dataset: Dataset) -> None:
    """All ways to read the folder of a dataset, with a button for each but the one in use. They are found in the
    background."""
    folder = Path(dataset.folder)

    def find(progress: Progress) -> tuple[Reading, ...]:
        return folder_readings(folder, progress.cancelled)

    found = jobs.result(("readings", folder, dataset.fingerprint), find, "Looking through the folder…")
    if found is not None:
        if len(found) == 1:
            st.caption("There is no other way to read this folder.")
        _cards(folder, found, dataset.reading)


def _cards(folder: Path, readings: tuple[Reading, ...], chosen: str) -> None:
    shown = readings[:SHOWN_READINGS]
    for start in range(0, len(shown), IN_A_ROW):
        for column, reading in zip(st.columns(IN_A_ROW), shown[start : start + IN_A_ROW], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(folder, reading, reading.name == chosen)


def _card(folder: Path, reading: Reading, is_chosen: bool) -> None:
    counts = reading.counts
    published = plain(reading.name) if reading.published else ""
    st.markdown(f"**{published and f'{published}: '}{len(counts):,} classes, {sum(counts.values()):,} images**")
    try:
        some = folders.some_images(folder, reading.examples(folders.PREVIEW_COUNT), reading.published)
        picture(some, "Some of its images", smooth=True)
    except (ImageError, DatasetError, OSError):
        st.caption("Its first images cannot be read.")
    st.button(
        "In use" if is_chosen else f"Use {published or f'these {len(counts):,} classes'}",
        key=f"reading {reading.name}",
        type="secondary" if is_chosen else "primary",
        disabled=is_chosen,
        width="stretch",
        on_click=settings.put,
        kwargs={"reading": reading.name, "classes": ()},
    )
    names = [f"{plain(name)} ({count:,})" for name, count in list(counts.items())[:SHOWN_CLASSES]]
    more = f" and {len(counts) - SHOWN_CLASSES:,} more" if len(counts) > SHOWN_CLASSES else ""
    st.caption(f"{', '.join(names)}{more}")
    st.caption(plain(reading.text))
