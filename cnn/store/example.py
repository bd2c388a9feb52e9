"""The example: a trained network that comes with the program, so that every page has something to show.

It is a run like any other, under the id "example". It is added to a store once, when the dashboard creates the store. A
user may delete it, and ask for it again.
"""

from pathlib import Path

from cnn.store.run_file import add_run
from cnn.store.runs import Run, RunError, RunStore

ID = "example"
FILE = Path(__file__).resolve().parents[2] / "sample_data" / "example.zip"  # made by `python -m sample_data.example`
IMAGES = FILE.parent / "cats_dogs"


def add(store: RunStore) -> None:
    """Adds the example to the store, or does nothing if it is there. Raises StoreError if that fails."""
    add_run(FILE, store)
    find_images(store)


def find_images(store: RunStore) -> None:
    """Tells the example where its images are, wherever the program has been installed or moved to."""
    run = find(store)
    if run is not None and not (Path(run.folder).is_absolute() and Path(run.folder).is_dir()):
        store.move_images(ID, str(IMAGES))


def find(store: RunStore) -> Run | None:
    """The example in a store; None if it was deleted, or is damaged."""
    try:
        return store.get(ID)
    except RunError:
        return None
