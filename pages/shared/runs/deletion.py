"""What uses the disk, and a dialog that deletes some of it after the user confirms."""

from collections.abc import Callable

import streamlit as st

from cnn.size import size_text
from cnn.store import disk
from cnn.store.disk import Decoded, StoredRun, Upload
from cnn.store.image_sets import ImageSet, image_sets
from cnn.store.kept_images import StoredImage, kept_images
from cnn.store.runs import RunError
from pages.shared import notices, run_choice, settings
from pages.shared.dataset import dataset_choice
from pages.shared.session import session
from pages.shared.text import plain

NAMED = 8  # items that the dialog lists by name


def stored_runs() -> list[StoredRun]:
    """All runs with their sizes, newest first. Cached for a moment, because measuring many files is slow; a new run is
    there at once."""
    return _stored_runs([run.id for run in run_choice.store().newest(1)])


@st.cache_data(ttl=3, show_spinner=False)
def _stored_runs(newest: list[str]) -> list[StoredRun]:
    return disk.stored_runs(run_choice.store())


@st.cache_data(ttl=3, show_spinner=False)
def disk_use() -> tuple[list[StoredRun], list[Upload], list[ImageSet], list[StoredImage], list[Decoded], int]:
    """Runs, uploaded datasets, sets of new images, single images, decoded datasets, and the size of the database
    and the log in bytes. Cached, like `stored_runs`."""
    store = run_choice.store()
    disk.tidy(store)
    decoded = disk.decoded_datasets(store)
    images = kept_images(store)
    sets = image_sets(store)
    return stored_runs(), disk.uploads(store), sets, images, decoded, disk.other_size(store)


def delete_button(what: str, names: list[str], size: int, warning: str, delete: Callable[[], int]) -> None:
    label = f"Delete {what} ({size_text(size)})" if names else f"Delete {what}"
    if st.button(label, key=f"delete_{warning}", icon=":material/delete:", disabled=not names):
        ask(what, names, size, warning, delete)


@st.dialog("Delete for good?", icon=":material/delete:")
def ask(what: str, names: list[str], size: int, warning: str, delete: Callable[[], int]) -> None:
    """Lists what will be deleted, and deletes it after a click."""
    more = f"\n- and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    st.markdown(f"This deletes {what}:\n\n" + "\n".join(f"- {plain(name)}" for name in names[:NAMED]) + more)
    st.markdown(f"{warning} This frees **{size_text(size)}** of the disk and cannot be undone.")
    yes, no = st.columns(2)
    if no.button("Keep", width="stretch"):
        st.rerun()
    if yes.button("Delete", type="primary", width="stretch", icon=":material/delete:"):
        try:
            freed = delete()
        except RunError as error:
            forget_sizes()
            st.error(plain(str(error)), icon=":material/block:")
            return
        after_deletion()
        notices.tell(f"Deleted: {size_text(freed)} freed.", ":material/check:")
        st.rerun()


def forget_sizes() -> None:
    _stored_runs.clear()
    disk_use.clear()


def after_deletion() -> None:
    """Removes what was deleted from caches, widgets and settings."""
    forget_sizes()
    dataset_choice.forget()
    session().deletions.replace(None)
    store = run_choice.store()
    if settings.current("run") not in {run.id for run in store.all()}:
        settings.put(run="")
    folder = settings.folder()
    if folder is not None and store.uploads in folder.parents and not folder.exists():
        settings.put(folder="")


def delete_all(delete: Callable, names: list[str]) -> int:
    """Deletes runs, uploads or decoded datasets with a function of cnn.store.disk; returns the freed bytes."""
    return sum(delete(run_choice.store(), name) for name in names)
