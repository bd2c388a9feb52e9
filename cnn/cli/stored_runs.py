"""The commands `runs` and `rename`: the list of the runs, and what the user calls them."""

from cnn.cli.terminal import percent, print_json, print_table
from cnn.errors import UserError
from cnn.store.records import EpochRecord
from cnn.store.run import INTERRUPTED, Run
from cnn.store.runs import RunError, RunStore


def runs(options) -> int:
    store = RunStore(options.runs)
    found, damaged = [], []
    for run in store.all():
        try:
            epochs = store.history(run.id).epochs(at_most=1)
        except RunError as error:
            damaged.append((run.id, str(error)))
            continue
        found.append((run, epochs[-1] if epochs else None))
    damaged += store.damaged()
    if options.json:
        print_json([_run_facts(run, last) for run, last in found])
        return 0
    rows = [
        [
            run.id,
            run.given_name,
            " ".join(run.tags),
            run.status,
            run.folder,
            f"{last.epoch if last else 0}/{run.training_spec.epochs}",
            percent(last.val_accuracy if last else None),
        ]
        for run, last in found
    ]
    print_table(["run", "name", "tags", "status", "folder", "epochs", "held-out accuracy"], rows)
    if any(run.status == INTERRUPTED for run, _ in found):
        print("\nTo continue an interrupted run: python -m cnn train --resume RUN")
    if damaged:
        print("\nDamaged:")
        print_table(["run", "why"], [[str(run_id), reason] for run_id, reason in damaged])
    return 0


def rename(options) -> int:
    if options.name is None and options.tags is None and options.note is None:
        raise UserError("Give a NAME for the run, tags with --tag TAG..., or a note with --note TEXT.")
    RunStore(options.runs).label(options.run, options.name, options.tags, options.note)
    return 0


def _run_facts(run: Run, last: EpochRecord | None) -> dict:
    return {
        "run": run.id,
        "name": run.given_name,
        "tags": list(run.tags),
        "note": run.note,
        "status": run.status,
        "message": run.message,
        "created": run.created,
        "folder": run.folder,
        "classes": list(run.classes),
        "dataset": run.dataset_spec.to_dict(),
        "network": run.network_spec.to_dict(),
        "training": run.training_spec.to_dict(),
        "base": run.facts.get("base"),
        "epochs": last.epoch if last else 0,
        "val_loss": last.val_loss if last else None,
        "val_accuracy": last.val_accuracy if last else None,
    }
