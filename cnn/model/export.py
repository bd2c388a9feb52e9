"""A trained network as one file that PyTorch reads without this program."""

from pathlib import Path

from cnn.store import snapshots
from cnn.store.runs import Run, RunStore


def save_weights(store: RunStore, run: Run, path: Path, step: int | None = None) -> None:
    """Writes a dict that `torch.load(weights_only=True)` reads: state_dict, spec (the network), classes, image_size,
    channels, and how pixels become numbers: `pixel_scale`, what the 0..255 of a pixel is divided by.

    step: of the snapshot; None for the newest. Raises RunError if the run has no such weights.
    """
    network = snapshots.load_network(store, run, step)
    state = {
        "state_dict": network.state_dict(),
        "spec": run.network_spec.to_dict(),
        "classes": list(run.classes),
        "image_size": run.dataset_spec.image_size,
        "channels": run.dataset_spec.channels,
        "pixel_scale": 255.0,
        "dataset_spec": run.dataset_spec.to_dict(),
        "training_spec": run.training_spec.to_dict(),
    }
    snapshots.save(state, path)
