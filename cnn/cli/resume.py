"""`train --resume RUN`: continues a run. Its images may have moved, and some settings may change."""

from collections.abc import Iterator

from cnn.cli.run_images import images_of, or_elsewhere
from cnn.data.listing import list_images
from cnn.errors import UserError
from cnn.specs import SPECS, TrainingSpec
from cnn.store.run import Run
from cnn.store.runs import RunError, RunStore

CHANGEABLE = ("learning_rate", "epochs")  # the others have shaped the training so far


def reopen(options, store: RunStore) -> str:
    """Reopens the run `options.resume` with the settings of the command line; returns its id.

    Raises UserError, with a sentence that names them, for settings other than the run's own, and RunError if the run is
    being trained. If it raises, the run has not changed.
    """
    run = store.get(options.resume)
    given = vars(options)
    rate = TrainingSpec(learning_rate=given["learning_rate"]).learning_rate if "learning_rate" in given else None
    if changed := list(_changed(run, given)):
        raise UserError(
            f"A run continues with its own settings. Those of run {run.id} differ: {'; '.join(changed)}. Leave these "
            "options out, or train a new run. Only --learning-rate and --epochs can change on the way."
        )
    if run.active:
        raise RunError(f"Run {run.id} is already being trained.")
    folder = _checked_folder(options, store, run)
    if options.folder is not None:
        store.move_images(run.id, folder)
    if not store.reopen(run.id, more_epochs=given.get("epochs", 0)):
        raise RunError(f"Run {run.id} is already being trained.")
    if rate is not None:
        store.request_rate(run.id, rate)
    store.label(run.id, options.name, options.tags)
    return run.id


def _checked_folder(options, store: RunStore, run: Run) -> str:
    """The absolute path of the folder of the run's images: that of the options, if given. Raises UserError if it does
    not hold them."""
    with or_elsewhere(options, f"train NEW_FOLDER --resume {run.id}"):
        if run.fingerprint is not None:
            return images_of(options, store, run).folder
        # The run has not read any images yet.
        return str(list_images(options.folder or run.folder, reading=run.dataset_spec.reading).folder)


def _changed(run: Run, given: dict) -> Iterator[str]:
    """A phrase for each given setting that is not the run's: "batch size 32, not 64"."""
    for spec, own in zip(SPECS, (run.dataset_spec, run.network_spec, run.training_spec), strict=True):
        for name, setting in spec.settings().items():
            if name in given and name not in CHANGEABLE and setting.check(given[name]) != getattr(own, name):
                values = (setting.text(value) for value in (getattr(own, name), setting.check(given[name])))
                yield f"{setting.label} {', not '.join(values)}".lower()
    if given["without_decisions"] and run.dataset_spec.decisions:
        yield "with your decisions about labels, not without"
