"""The command `evaluate`: the accuracy of a run on its held-out, training or test images."""

import numpy as np

from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, reading_bar
from cnn.data.dataset import TEST, TRAIN, VAL
from cnn.data.version import NAME, read_version
from cnn.errors import UserError
from cnn.store.final_test import final_tests, keep_test, overuse
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy

SPLITS = {"held-out": VAL, "training": TRAIN, "test": TEST}


def evaluate(options) -> int:
    """Prints the accuracy of a run's best snapshot. On the test images, it also becomes a fact of the run."""
    from cnn.store.snapshots import load_model
    from cnn.training.evaluation import predict

    store = RunStore(options.runs)
    run = store.get(options.run)
    step = store.history(run.id).step_to_show(run.active)
    model = load_model(store, run, step)  # raises RunError if there is no snapshot yet
    assert step is not None
    file = store.folder(run.id) / NAME
    folder = options.folder or run.folder
    dataset = read_version(file, run.fingerprint or "", folder, run.dataset_spec, store.cache, reading_bar(options))
    indices = np.flatnonzero(dataset.splits == SPLITS[options.split])
    if not len(indices):
        raise UserError(f"Run {run.id} has no {options.split} images.")
    found = predict(
        model, dataset.images, dataset.labels, indices, progress=lambda share: bar(options, share, "predicting")
    )
    clear_bar(options)
    right, warning = int(found.right.sum()), ""
    if options.split == "test":
        keep_test(store, run.id, step, right, len(indices))
        warning = overuse(final_tests(store.get(run.id)))
    accuracy = Accuracy(right, len(indices))
    low, high = accuracy.interval
    per_class = dict(zip(model.classes, found.per_class.tolist(), strict=True))
    if options.json:
        facts = {"run": run.id, "split": options.split, "step": step, "right": right, "images": len(indices)}
        shares = {name: None if np.isnan(share) else share for name, share in per_class.items()}
        print_json(facts | {"accuracy": accuracy.value, "interval": [low, high], "per_class": shares})
        return 0
    rows = zip(per_class.items(), found.confusion.sum(1), strict=True)
    shown = [[name, f"{images:,}", percent(share) if images else ""] for (name, share), images in rows]
    print_table(["class", "images", "accuracy"], shown)
    print(
        f"\n{right:,} of the {len(indices):,} {options.split} images are right: {percent(accuracy.value)}; on new "
        f"images, {percent(low)} to {percent(high)} (95 % certainty)."
    )
    if warning:
        print(warning)
    return 0
