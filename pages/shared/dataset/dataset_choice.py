"""The dataset chosen on the Data page, and the dataset of a run. Both are read in the background, while the page shows
the progress and a button to cancel."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cnn.data import progress as reading
from cnn.data import version
from cnn.data.dataset import Dataset, read_dataset
from cnn.data.listing import DatasetError, UndecidedError
from cnn.data.version import read_version
from cnn.duration import duration_text
from cnn.specs import DatasetSpec
from cnn.store import kept_decisions
from cnn.store.runs import Run
from pages.server.work import Progress, Status, Wait
from pages.shared import first_steps, jobs, settings
from pages.shared.dataset import reading_choice
from pages.shared.navigation import end_page
from pages.shared.run_choice import store
from pages.shared.session import session

VALID_FOR = 600.0  # seconds until a folder is listed again: its files may have changed
CHOSEN, OF_RUN = "chosen dataset", "dataset of the run"  # a session may wait for one of each


def chosen() -> Dataset:
    """The chosen dataset, with the decisions about labels. If there is none, the page ends here and asks for one."""
    folder = settings.folder()
    if folder is None:
        first_steps.choose_images(None)
        end_page()
    found = dataset(folder, _spec())
    session().decided = settings.current("folder"), found.spec.decisions
    return found


def chosen_in_place() -> Dataset | None:
    """Like `chosen`, but the page goes on: None if no dataset is chosen, if the Data page has a question about it, or
    until it is read, with the progress or the error in its place."""
    if (folder := settings.folder()) is None:
        return None
    wait = _wait_for_chosen(folder, _spec())
    found = jobs.take(wait) if _is_read(wait) else None
    return found if isinstance(found, Dataset) else None


def _spec() -> DatasetSpec:
    return replace(settings.dataset_spec(), decisions=kept_decisions.for_spec(store()))


def dataset(folder: Path, spec: DatasetSpec) -> Dataset:
    """The dataset of a folder. Until it is read, the page ends here with the progress, the error, or the question how
    to read the folder."""
    wait = _wait_for_chosen(folder, spec)
    if not _is_read(wait):
        end_page()
    found = jobs.take(wait)
    if isinstance(found, UndecidedError):
        reading_choice.ask(folder, found)
        end_page()
    return found


def _wait_for_chosen(folder: Path, spec: DatasetSpec) -> Wait:
    cache = store().cache

    def read(*watch) -> Dataset | UndecidedError:
        try:
            return read_dataset(folder, spec, cache, *watch)
        except UndecidedError as error:
            return error

    return _wait_for(CHOSEN, (folder, spec), folder, read)


def of_run(run: Run) -> Dataset | None:
    """The images a run was trained on; None if its folder no longer holds them all. Until they are read, the page ends
    here with the progress."""
    found, is_being_read = of_run_in_place(run)
    if is_being_read:
        end_page()
    return found


def of_run_in_place(run: Run) -> tuple[Dataset | None, bool]:
    """Like `of_run`, but the page goes on: returns the images or None, and whether they are still being read, with the
    progress in their place.

    Images that are found in another folder are there from now on. If they are not found, the session's `unread` says
    why.
    """
    if (fingerprint := run.fingerprint) is None:
        return None, False
    own = Path(run.folder)
    # If the folder was moved, the user may have said where it is, or have chosen its new place on the Data page.
    moved = session().places.get(run.id) or (settings.folder() if not own.is_dir() else None)
    folder, cache, file = Path(moved or own), store().cache, store().folder(run.id) / version.NAME

    def read(*watch) -> Dataset:
        return read_version(file, fingerprint, folder, run.dataset_spec, cache, *watch)

    wait = _wait_for(OF_RUN, (run.id, fingerprint, folder, run.dataset_spec), folder, read)
    if wait.work.status == Status.FAILED:
        jobs.take(wait)  # forget the failure: the folder may come back
        session().unread[run.id] = wait.error
        return None, False
    if not _is_read(wait):
        return None, True
    found: Dataset = jobs.take(wait)
    if folder != own:  # from now on, the trainer finds them there too
        store().move_images(run.id, found.folder)
        session().places.pop(run.id, None)
    return found, False


def forget() -> None:
    """Forgets all datasets, so folders are read again."""
    for kind in (CHOSEN, OF_RUN):
        jobs.pool().forget(kind)
        jobs.forget_failed(kind)


def _wait_for(kind: str, key: tuple, folder: Path, read: Callable[..., Dataset | UndecidedError]) -> Wait:
    """Waits for `read(report, cancelled)`. report: takes the progress. cancelled: returns whether reading is
    cancelled."""

    def work(progress: Progress) -> Dataset | UndecidedError:
        def report(now: reading.Progress) -> None:
            progress(now.done / now.total if now.total else 0.0, detail=_line(now))

        try:
            return read(report, progress.cancelled)
        except OSError as error:
            raise DatasetError(f"{folder} could not be read: {error.strerror or error}.") from error

    return jobs.wait_for((kind, *key), work, "Looking through the folder…", valid_for=VALID_FOR)


def _line(now: reading.Progress) -> str:
    if not now.total:
        return ""
    text = f"Reading {now.done:,} of {now.total:,} images"
    if now.done:
        text += f" · {now.rate:,.0f} images/s"
    if now.seconds_left is not None:
        text += f" · {duration_text(now.seconds_left)} left"
    return text


def _is_read(wait: Wait) -> bool:
    """Whether the dataset is read; if not, draws the progress or the error."""
    if not wait.ended:
        jobs.draw(wait)
    elif wait.error:
        if wait.was_cancelled:
            st.warning("Reading was cancelled.", icon=":material/cancel:")
        else:
            st.error(wait.error, icon=":material/folder_off:")
        st.button("Read again", icon=":material/refresh:", on_click=forget)
    return wait.ended and not wait.error
