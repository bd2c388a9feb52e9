"""The command `evaluate`: the accuracy of a run on its held-out, training or test images, or on new ones."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnn.cli.run_images import images_of, or_elsewhere
from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, printable
from cnn.data.archive import unpack
from cnn.data.dataset import TEST, TRAIN, VAL
from cnn.data.labelled_files import labelled_files
from cnn.data.listing import resolve
from cnn.errors import UserError
from cnn.store.final_test import final_tests, keep_test, overuse
from cnn.store.run import Run
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy

SPLITS = {"held-out": VAL, "training": TRAIN, "test": TEST}


def evaluate(options) -> int:
    """Prints the accuracy of a run's best snapshot. On the test images, it also becomes a fact of the run."""
    from cnn.store.snapshots import load_model

    store = RunStore(options.runs)
    run = store.get(options.run)
    step = store.history(run.id).step_to_show(run.active)
    model = load_model(store, run, step)  # raises RunError if there is no snapshot yet
    assert step is not None
    if options.images:
        if options.folder:
            raise UserError("Give --images, or the folder where the images of the run are now; not both.")
        return _on_new_images(options, run, step, model)
    return _on_own_images(options, store, run, step, model)


def _on_own_images(options, store: RunStore, run: Run, step: int, model) -> int:
    from cnn.training.evaluation import predict

    with or_elsewhere(options, f"evaluate {run.id} NEW_FOLDER"):
        dataset = images_of(options, store, run)
    indices = np.flatnonzero(dataset.splits == SPLITS[options.split])
    if not len(indices):
        raise UserError(f"Run {run.id} has no {options.split} images.")
    found = predict(model, dataset.images, dataset.labels, indices, progress=_bar(options, "predicting"))
    clear_bar(options)
    warning, facts = "", {"run": run.id, "split": options.split, "step": step}
    if options.split == "test":
        keep_test(store, run.id, step, int(found.right.sum()), len(indices))
        tests = final_tests(store.get(run.id))
        warning, facts["tests"] = overuse(tests), len(tests)
    return _show(options, facts, model.classes, found, dataset.paths, f"{options.split} images", [warning])


def _on_new_images(options, run: Run, step: int, model) -> int:
    """On a folder or an archive of other images, which are prepared as those of the run were."""
    from cnn.training.new_images import answers

    with tempfile.TemporaryDirectory(prefix="cnn-images-", ignore_cleanup_errors=True) as scratch:
        folder = resolve(options.images)
        if folder.is_file():
            folder = unpack(folder, Path(scratch) / "images", needs_classes=False).folder
        files = labelled_files(folder, model.classes)
        if not files:
            raise UserError(f"There are no images in “{printable(options.images)}”.")
        new = answers(model, [folder / file.path for file in files], progress=_bar(options, "reading and predicting"))
    clear_bar(options)
    found = new.predictions([file.label for file in files], model.classes)
    paths = [files[row].path for row in new.rows]
    without = Counter(files[row].label for row in np.delete(new.rows, found.indices))
    unread = [f"{printable(files[row].path)} {reason}" for row, reason in new.unread]
    unlabelled, unmatched = without.pop("", 0), dict(sorted(without.items()))
    if not len(found):
        known, seen = ", ".join(model.classes), ", ".join(unmatched) or "none"
        raise UserError(
            f"No image has a class of this network. Its classes are {known}; those of the images: {seen}. Put the "
            "images of each class into a folder of its name."
        )
    notes = [
        f"Left out: {images:,} images of {printable(name)}, no class of this network."
        for name, images in unmatched.items()
    ]
    notes += [f"Left out: {unlabelled:,} images without a class."] if unlabelled else []
    notes += [f"Left out: {text}." for text in unread]
    facts = {"run": run.id, "images_of": options.images, "step": step}
    facts |= {"unlabelled": unlabelled, "unmatched": unmatched, "unread": unread}
    return _show(options, facts, model.classes, found, paths, "new images", notes)


def _bar(options, text: str):
    return lambda share: bar(options, share, text)


def _show(
    options, facts: dict, classes: Sequence[str], found, paths: Sequence[str], what: str, notes: list[str]
) -> int:
    """Prints the accuracy, and writes the tables if asked. found: Predictions; paths: by their indices."""
    if options.csv:
        _write_tables(Path(options.csv), classes, found, paths)
    accuracy = Accuracy(int(found.right.sum()), len(found))
    low, high = accuracy.interval
    per_class = dict(zip(classes, found.per_class.tolist(), strict=True))
    if options.json:
        shares = {name: None if np.isnan(share) else share for name, share in per_class.items()}
        counted = {"right": accuracy.right, "images": accuracy.images, "accuracy": accuracy.value}
        tables = {"interval": [low, high], "per_class": shares, "confusion": found.confusion.tolist()}
        print_json(facts | counted | tables)
        return 0
    rows = zip(per_class.items(), found.confusion.sum(1), strict=True)
    shown = [[name, f"{images:,}", percent(share) if images else ""] for (name, share), images in rows]
    print_table(["class", "images", "accuracy"], shown)
    print(
        f"\n{accuracy.right:,} of the {accuracy.images:,} {what} are right: {percent(accuracy.value)}; on "
        f"{'others' if what == 'new images' else 'new images'}, {percent(low)} to {percent(high)} (95 % certainty)."
    )
    for note in filter(None, notes):
        print(note)
    return 0


def _write_tables(folder: Path, classes: Sequence[str], found, paths: Sequence[str]) -> None:
    from cnn.training.tables import calibration_csv, classes_csv, confusion_csv, images_csv

    confusion = found.confusion
    tables = {
        "confusion.csv": confusion_csv(classes, confusion),
        "classes.csv": classes_csv(classes, confusion),
        "calibration.csv": calibration_csv(found.calibration()),
        "images.csv": images_csv(paths, classes, found, found.worst_first),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in tables.items():
            (folder / name).write_text(text, "utf-8-sig", newline="")  # Excel needs the mark to read it as UTF-8
    except OSError as error:
        raise UserError(f"The tables could not be written to {folder}: {error.strerror or error}.") from error
