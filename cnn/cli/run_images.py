"""The images of a run, which may have moved."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from cnn.cli.terminal import clear_bar, reading_bar
from cnn.data.dataset import Dataset
from cnn.data.version import NAME, read_version
from cnn.data.walk import DatasetError
from cnn.errors import UserError
from cnn.store.run import Run
from cnn.store.runs import RunStore


def images_of(options: argparse.Namespace, store: RunStore, run: Run) -> Dataset:
    """The images of a run, in the folder of the options; if none is given, where they were. Raises DatasetError if they
    are not there."""
    file, folder = store.folder(run.id) / NAME, options.folder or run.folder
    found = read_version(file, run.fingerprint or "", folder, run.dataset_spec, store.cache, reading_bar(options))
    clear_bar(options)
    return found


@contextmanager
def or_elsewhere(options: argparse.Namespace, command: str) -> Iterator[None]:
    """Adds to an error about the images of a run which command looks for them in NEW_FOLDER, if the options name no
    folder."""
    try:
        yield
    except DatasetError as error:
        clear_bar(options)
        if options.folder:
            raise
        raise UserError(f"{error} If the images are in another folder now: python -m cnn {command}") from error
