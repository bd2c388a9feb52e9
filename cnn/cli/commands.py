"""The command line: python -m cnn check | scan | train | experiment | experiments | queue | find-rate | runs | rename |
compare | evaluate | predict | activations | explain | export | report | hand-ins."""

import logging
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cnn.cli.arguments import make_parser, spec_from
from cnn.cli.check import check
from cnn.cli.compare import compare
from cnn.cli.evaluate import evaluate
from cnn.cli.experiments import experiment, experiments, queue
from cnn.cli.hand_in_files import hand_ins, report
from cnn.cli.resume import reopen
from cnn.cli.terminal import Reporter, bar, clear_bar, percent, print_json, print_table, printable, reading_bar
from cnn.cli.unpacking import unpack_archive
from cnn.data.dataset import TEST, TRAIN, VAL, Dataset, read_dataset
from cnn.data.images import ImageError, read_image
from cnn.data.listing import UndecidedError, folder_readings
from cnn.data.reading import Reading
from cnn.data.readings import OTHER_WAYS
from cnn.errors import UserError
from cnn.model.layers import lay_out
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.base import Base, check_given, origin
from cnn.store.records import EpochRecord
from cnn.store.run import INTERRUPTED, Run, new_id
from cnn.store.runs import RunError, RunStore
from cnn.system.log import keep_log, went_wrong
from cnn.system.streams import escape_unknown_characters
from cnn.training.dataset_warnings import DatasetWarning, dataset_warnings

if TYPE_CHECKING:  # these load torch, which most commands do not need
    from cnn.explain.attribution import Method
    from cnn.model.model import Model

TAKE_A_FOLDER = ("scan", "train", "experiment", "find-rate")  # of images, or an archive of them
SHOWN_IMAGES = 6  # scan names so many images behind a warning
RATES_EACH = 5  # find-rate prints every fifth step

# The exit status when the reader closes the pipe early (`| head`), as shells report it: 128 + SIGPIPE.
BROKEN_PIPE_STATUS = 141


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 1 after a programming error, 2 after a user's error, 130 after
    Ctrl-C."""
    arguments = sys.argv[1:] if arguments is None else arguments
    escape_unknown_characters()
    options = make_parser(arguments).parse_args(arguments)
    keep_log(options.runs)
    try:
        if options.command in TAKE_A_FOLDER:
            unpack_archive(options)
        return COMMANDS[options.command](options)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the interpreter's last flush
        return BROKEN_PIPE_STATUS
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        print(f"error: {error.filename}: {reason}" if error.filename else f"error: {reason}", file=sys.stderr)
        return 2
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        if isinstance(error, UndecidedError) and not options.json:
            _print_readings(error.readings)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception:
        logging.getLogger(__name__).exception("python -m cnn %s", options.command)
        print(f"error: {went_wrong(f'the command {options.command!r}')}", file=sys.stderr)
        return 1


# Commands


def scan(options) -> int:
    spec = replace(spec_from(options, DatasetSpec), max_per_class=1_000_000)
    dataset, warnings = _read(options, spec)
    others = [one for one in folder_readings(options.folder) if one.name != dataset.reading]
    if options.json:
        skipped = [{"path": s.path, "reason": s.reason} for s in dataset.skipped]
        splits = {
            name: dataset.counts(split) for name, split in (("training", TRAIN), ("held-out", VAL), ("test", TEST))
        }
        decoding = {"decoding": dataset.decoding.to_dict()} if dataset.decoding.text else {}
        facts = {"reading": dataset.reading, "read_as": dataset.read_as, "other_readings": [one.name for one in others]}
        found = [{"text": one.text, "images": [dataset.paths[i] for i in one.images]} for one in warnings]
        print_json(
            {"classes": dataset.counts(), "splits": splits, "images": len(dataset.labels), "skipped": skipped}
            | {"warnings": found}
            | facts
            | decoding
        )
        return 0
    print_table(["class", "images"], [[name, f"{count:,}"] for name, count in dataset.counts().items()])
    print(f"\n{len(dataset.labels):,} images in {len(dataset.classes)} classes.")
    print("\n".join([*dataset.read_as, dataset.decoding.text]).rstrip())
    if others:
        print(f"\n{OTHER_WAYS}:")
        _print_readings(others)
    _print_warnings(dataset, warnings)
    if dataset.skipped:
        print(f"\n{len(dataset.skipped):,} left out:")
        print_table(["file", "why"], [[s.path, s.reason] for s in dataset.skipped])
    return 0


def _read(options, spec: DatasetSpec) -> tuple[Dataset, list[DatasetWarning]]:
    """The images in the folder of the options, and what to warn of."""
    dataset = read_dataset(options.folder, spec, RunStore(options.runs).cache, reading_bar(options))
    warnings = dataset_warnings(dataset, lambda fraction: bar(options, fraction, "comparing the images"))
    clear_bar(options)
    return dataset, warnings


def _print_warnings(dataset: Dataset, warnings: Iterable[DatasetWarning]) -> None:
    for warning in warnings:
        print(f"\nWarning: {printable(warning.text)}")
        if warning.images:
            print(f"For example: {', '.join(printable(dataset.paths[i]) for i in warning.images[:SHOWN_IMAGES])}")


def _print_readings(found: Iterable[Reading]) -> None:
    rows = [
        [f'--reading "{one.name}"', f"{len(one.counts):,}", f"{sum(one.counts.values()):,}", one.text] for one in found
    ]
    print_table(["option", "classes", "images", "what it does"], rows)


def train(options) -> int:
    store = RunStore(options.runs)
    run_id = reopen(options, store) if options.resume else _create(options, store)
    return _train(options, store, run_id)


def _create(options, store: RunStore) -> str:
    if options.folder is None:
        raise UserError("Name the folder of images to train on, or a run to continue (--resume RUN).")
    images, network, _ = _images_and_network(options, store)
    training = spec_from(options, TrainingSpec)
    lay_out(network, images.image_size, images.channels, 2)  # reports a network that does not fit the images at once
    dataset, warnings = _read(options, images)
    run_id = new_id()
    store.create(run_id, dataset.folder, images, network, training, options.name or "", options.tags or ())
    if options.json:
        for warning in warnings:
            examples = [dataset.paths[i] for i in warning.images]
            print_json({"event": "warning", "run": run_id, "text": warning.text, "images": examples})
    else:
        _print_warnings(dataset, warnings)
    return run_id


def _images_and_network(options, store: RunStore) -> tuple[DatasetSpec, NetworkSpec, Base | None]:
    """What the options say of the images and the network, with the settings that the base gives, and the base."""
    dataset, network = spec_from(options, DatasetSpec), spec_from(options, NetworkSpec)
    if not network.base:
        return dataset, network, None
    base = store.find_base(network)
    for kind in (DatasetSpec, NetworkSpec):
        check_given(base, kind, vars(options))
    return base.applied(dataset), base.applied(network), base


def _train(options, store: RunStore, run_id: str) -> int:
    from cnn.engine.queue import advance
    from cnn.engine.trainer import train_run
    from cnn.system.processes import yield_to_others

    yield_to_others()
    stop = _StopOnInterrupt()
    status = train_run(store, run_id, Reporter(options), stop_requested=lambda: stop.requested)
    with suppress(RunError):  # whoever looks next tries again
        advance(store)
    run = store.get(run_id)
    epochs = store.history(run_id).epochs()
    if options.json:
        accuracy = epochs[-1].val_accuracy if epochs else None
        print_json({"event": "finished", "run": run_id, "status": status, "val_accuracy": accuracy})
    else:
        clear_bar(options)
        print(f"Run {run_id} {status}.")
    if status == "failed":
        raise RunError(run.message)
    return 130 if stop.requested else 0


def find_rate(options) -> int:
    from cnn.store.snapshots import load_model
    from cnn.training.device import best_device
    from cnn.training.rate_finder import find_rate_of

    store, training = RunStore(options.runs), spec_from(options, TrainingSpec)
    images, network, base = _images_and_network(options, store)
    dataset = read_dataset(options.folder, images, store.cache, reading_bar(options))
    start = load_model(store, base.run, base.step) if base else None
    found = find_rate_of(
        *(network, dataset, training, best_device()),
        lambda fraction: bar(options, fraction, "trying learning rates"),
        start,
    )
    clear_bar(options)
    if options.json:
        print_json(asdict(found))
        return 0
    shown = list(zip(found.rates, found.losses, strict=True))[::RATES_EACH]
    print_table(["learning rate", "loss"], [[f"{rate:.2g}", f"{loss:.4f}"] for rate, loss in shown])
    print(f"\n{found.reason}")
    if found.suggestion is not None:
        print(f"Suggestion: --learning-rate {found.suggestion:g}")
    return 0


def runs(options) -> int:
    store = RunStore(options.runs)
    found, damaged = [], []
    for run in store.all():
        try:
            epochs = store.history(run.id).epochs()
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


def predict(options) -> int:
    from cnn.training.evaluation import probabilities

    model = _model(options)
    rows, failed = [], False
    for path in options.images:
        try:
            pixels, _ = read_image(path, model.image_size, model.channels, model.decoding)
        except ImageError as error:
            print(f"error: {path}: {error}", file=sys.stderr)
            failed = True
            continue
        predicted = probabilities(model, pixels[None])[0].tolist()
        label = model.classes[predicted.index(max(predicted))]
        if options.json:
            by_class = dict(zip(model.classes, predicted, strict=True))
            print_json({"path": path, "label": label, "probabilities": by_class})
        rows.append([path, label, *map(percent, predicted)])
    if rows and not options.json:
        print_table(["image", "prediction", *model.classes], rows)
    return 2 if failed else 0


def _model(options) -> "Model":
    from cnn.store.snapshots import load_model

    store = RunStore(options.runs)
    return load_model(store, store.get(options.run))


def activations(options) -> int:
    import numpy as np

    from cnn.explain.activations import activations as compute

    model = _model(options)
    output = _output_path(options.output)
    pixels, _ = read_image(options.image, model.image_size, model.channels, model.decoding)
    arrays = compute(model, pixels)
    with open(output, "wb") as file:  # given a path, NumPy would append .npz
        np.savez(file, allow_pickle=False, **arrays)
    if not options.json:
        print_table(["layer", "shape"], [[name, " × ".join(map(str, a.shape))] for name, a in arrays.items()])
    return 0


def explain(options) -> int:
    import numpy as np

    from cnn.explain.methods import BY_SLUG
    from cnn.training.evaluation import probabilities

    method, model = BY_SLUG[options.method], _model(options)
    output = _output_path(options.output)
    pixels, _ = read_image(options.image, model.image_size, model.channels, model.decoding)
    predicted = probabilities(model, pixels[None])[0]
    name = options.class_name or model.classes[predicted.argmax()]
    if name not in model.classes:
        raise UserError(f"There is no class {name!r}. The classes are: {', '.join(model.classes)}.")
    target = model.classes.index(name)
    chosen = _options_of(method, options)
    answer = method.run(model, pixels, target, chosen, lambda fraction: bar(options, fraction, method.doing))
    arrays = {"attribution": answer.values, "image": pixels, "probabilities": predicted, "class": np.array(name)}
    with open(output, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    if not options.json:
        clear_bar(options)
        print(f"{method.name} for {printable(name)}. The network gives this class {percent(predicted[target])}.")
    return 0


def _options_of(method: "Method", options) -> dict:
    """The given options of a method. Raises UserError for an option the method does not have, or a wrong type."""
    from cnn.explain.methods import METHODS

    kinds = {int: "a whole number", float: "a number", str: "a name"}
    own = {option.name: option for option in method.options}
    chosen = {}
    for name in {option.name for method in METHODS for option in method.options}:
        value = getattr(options, name)
        if value is None:
            continue
        if name not in own:
            raise UserError(f"{method.name} has no option {name!r}.")
        if not isinstance(value, own[name].kind):
            raise UserError(f"{name} must be {kinds[own[name].kind]}, not {value!r}.")
        chosen[name] = value
    return chosen


def export(options) -> int:
    from cnn.model.code import prediction_script
    from cnn.model.export import save_weights

    if not options.output and not options.code:
        raise UserError("Choose what to write: --output FILE.pt (the weights), --code FILE.py (the program), or both.")
    model, run = _model(options), RunStore(options.runs).get(options.run)
    if options.output:
        settings = {
            "spec": run.network_spec.to_dict(),
            "dataset_spec": run.dataset_spec.to_dict(),
            "training_spec": run.training_spec.to_dict(),
        }
        if base := run.facts.get("base"):
            settings["base"] = base
        save_weights(model, _output_path(options.output), settings)
    if options.code:
        weights = Path(options.output).name if options.output else f"{Path(options.code).stem}.pt"
        _output_path(options.code).write_text(prediction_script(model, weights, origin(run)), encoding="utf-8")
    return 0


def _output_path(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        raise UserError(f"{path} is a folder. Name the file to write.")
    if not path.parent.is_dir():
        raise UserError(f"The folder {path.parent} does not exist, so {path.name} cannot be written there.")
    return path


class _StopOnInterrupt:
    """The first Ctrl-C requests a stop after the current step, so that the run stays complete; a second one stops the
    program at once."""

    def __init__(self):
        self.requested = False
        signal.signal(signal.SIGINT, self._request)

    def _request(self, *_):
        self.requested = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        *(check, scan, train, experiment, experiments, queue, find_rate, runs, rename, compare, evaluate, predict),
        *(activations, explain, export, report, hand_ins),
    )
}

if __name__ == "__main__":
    sys.exit(main())
