"""Where everything in the folder of a run store lies."""

from pathlib import Path

from filelock import FileLock

from cnn.store.base import FILE


def snapshot_name(step: int) -> str:
    """The name of the file with the weights after a step."""
    return f"snapshot-{step:08d}.pt"


class StoreFolder:
    """The folder of a run store: a database, a folder for each run, and folders that all runs share."""

    def __init__(self, directory: Path):
        self.directory = directory

    @property
    def cache(self) -> Path:
        """Decoded datasets."""
        return self.directory / "datasets"

    @property
    def uploads(self) -> Path:
        """Datasets that were uploaded, or opened as archives by their path."""
        return self.directory / "uploads"

    @property
    def images(self) -> Path:
        """Images that users uploaded or took; see cnn.store.kept_images."""
        return self.directory / "images"

    @property
    def image_sets(self) -> Path:
        """Named sets of new images; see cnn.store.image_sets."""
        return self.directory / "image_sets"

    def folder(self, run_id: str) -> Path:
        return self.directory / run_id

    def snapshot_path(self, run_id: str, step: int) -> Path:
        return self.folder(run_id) / snapshot_name(step)

    def checkpoint_path(self, run_id: str) -> Path:
        return self.folder(run_id) / "checkpoint.pt"

    def base_path(self, run_id: str) -> Path:
        """The weights that a run which starts from another has taken from there."""
        return self.folder(run_id) / FILE

    def lock(self, run_id: str) -> FileLock:
        """The lock that a run's trainer holds while it lives. The operating system releases it however the trainer
        ends."""
        return FileLock(self.folder(run_id) / "trainer.lock")
