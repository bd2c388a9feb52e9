"""Trains the example again: `python -m sample_data.example`, from the project's folder. It takes about 20 seconds.

The example is the trained network that the dashboard shows before anything else is trained; see `cnn.store.example`.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import example
from cnn.store.run_file import write_run
from cnn.store.runs import RunStore

NAME = "Example: cats and dogs"
SEED, EPOCHS = 1, 15  # after 10 epochs it would still get better


def make(file: Path) -> float:
    """Trains the Assignment network on the drawn cats and dogs, and writes the run into a file. Returns the held-out
    accuracy of its best epoch (0 to 1)."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = RunStore(folder)
        store.create(
            example.ID,
            str(example.IMAGES),
            DatasetSpec(seed=SEED),
            NetworkSpec(),
            TrainingSpec(epochs=EPOCHS, seed=SEED),
            name=NAME,
        )
        if train_run(store, example.ID) != "finished":
            raise RuntimeError(store.get(example.ID).message)
        # Not the place on this computer: `find_images` says where they are.
        with store.transaction() as db:
            db.execute("UPDATE runs SET folder = ?", ('"cats_dogs"',))
        write_run(store, example.ID, file)
        best = store.history(example.ID).best_step()
        return next(epoch.val_accuracy or 0.0 for epoch in store.history(example.ID).epochs() if epoch.step == best)


if __name__ == "__main__":
    accuracy = make(example.FILE)
    print(
        f"{example.FILE.name}: {example.FILE.stat().st_size / 1e6:.1f} MB, {accuracy:.1%} of the held-out images right"
    )
