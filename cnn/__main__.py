"""The command line: python -m cnn scan | train | runs | predict | activations | explain | export."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from cnn.dataset import Progress, read_dataset
from cnn.images import ImageError, read_image
from cnn.layers import NetworkError, lay_out
from cnn.listing import DatasetError, list_images
from cnn.runs import INTERRUPTED, RunError, RunStore, new_id
from cnn.specs import ACTIVATIONS, KERNEL_SIZES, OPTIMIZERS, PADDINGS, POOLINGS, DatasetSpec, NetworkSpec, TrainingSpec

USER_ERRORS = (DatasetError, ImageError, NetworkError, RunError, ValueError)
EXPLANATIONS = {"saliency": (), "integrated-gradients": (), "grad-cam": ("layer",), "occlusion": ("patch", "stride")}
# Streams that end while they are read (`| head`) must not look like an error of ours.
BROKEN_PIPE_STATUS = 141


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 2 after an error of the user's, 130 after Ctrl-C."""
    options = make_parser().parse_args(arguments)
    try:
        return options.command(options)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the interpreter's last flush
        return BROKEN_PIPE_STATUS
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except USER_ERRORS as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


# Commands


def scan(options) -> int:
    spec = DatasetSpec(max_per_class=1_000_000)
    dataset = read_dataset(options.folder, spec, RunStore(options.runs).cache, _reading_bar(options))
    _clear_bar(options)
    if options.json:
        skipped = [{"path": s.path, "reason": s.reason} for s in dataset.skipped]
        _print_json({"classes": dataset.counts(), "images": len(dataset.labels), "skipped": skipped})
        return 0
    _print_table(["class", "images"], [[name, f"{count:,}"] for name, count in dataset.counts().items()])
    print(f"\n{len(dataset.labels):,} images in {len(dataset.classes)} classes.")
    if dataset.skipped:
        print(f"\n{len(dataset.skipped):,} left out:")
        _print_table(["file", "why"], [[s.path, s.reason] for s in dataset.skipped])
    return 0


def train(options) -> int:
    store = RunStore(options.runs)
    run_id = _reopened(options, store) if options.resume else _created(options, store)
    return _train(options, store, run_id)


def _created(options, store: RunStore) -> str:
    if options.folder is None:
        raise ValueError("Name the folder of images to train on, or a run to go on with (--resume RUN).")
    channels = 3 if options.color else 1
    dataset = DatasetSpec(options.image_size, channels, options.max_per_class, options.val_fraction, options.seed)
    network = NetworkSpec(
        filters=tuple(options.filters),
        convs_per_block=options.convs_per_block,
        kernel_size=options.kernel_size,
        padding=options.padding,
        pooling=options.pooling,
        activation=options.activation,
        batch_norm=options.batch_norm,
        dropout=options.dropout,
        dense=tuple(options.dense),
        dense_activation=not options.no_dense_activation,
    )
    training = TrainingSpec(
        options.epochs if options.epochs is not None else TrainingSpec.epochs,
        options.batch_size,
        options.learning_rate,
        options.optimizer,
        options.weight_decay,
        options.seed,
    )
    lay_out(network, dataset.image_size, channels, 2)  # says at once if it cannot fit
    folder = list_images(options.folder).folder
    run_id = new_id()
    store.create(run_id, str(folder), dataset, network, training)
    return run_id


def _reopened(options, store: RunStore) -> str:
    if options.folder is not None:
        raise ValueError("A run goes on with its own images and settings: leave the folder out with --resume.")
    run = store.get(options.resume)
    if not store.reopen(run.id, more_epochs=options.epochs or 0):
        raise RunError(f"Run {run.id} is being trained already.")
    return run.id


def _train(options, store: RunStore, run_id: str) -> int:
    from cnn.trainer import train_run

    stop = _StopOnInterrupt()
    status = train_run(store, run_id, _Reporter(options), stop_asked=lambda: stop.asked)
    run = store.get(run_id)
    last = (store.epochs(run_id) or [{"val_accuracy": None}])[-1]
    if options.json:
        _print_json({"event": "finished", "run": run_id, "status": status, "val_accuracy": last["val_accuracy"]})
    else:
        _clear_bar(options)
        print(f"Run {run_id} {status}.")
    if status == "failed":
        raise RunError(run.message)
    return 130 if stop.asked else 0


def runs(options) -> int:
    store = RunStore(options.runs)
    found = []
    for run in store.all():
        epochs = store.epochs(run.id)
        found.append((run, epochs[-1] if epochs else {"epoch": 0, "val_accuracy": None, "val_loss": None}))
    if options.json:
        _print_json([_run_facts(run, last) for run, last in found])
        return 0
    rows = [
        [run.id, run.status, run.folder, f"{last['epoch']}/{run.training_spec.epochs}", _percent(last["val_accuracy"])]
        for run, last in found
    ]
    _print_table(["run", "status", "folder", "epochs", "validation accuracy"], rows)
    if any(run.status == INTERRUPTED for run, _ in found):
        print("\nGo on with an interrupted run: python -m cnn train --resume RUN")
    if damaged := store.damaged():
        print("\nDamaged:")
        _print_table(["run", "why"], [[str(run_id), reason] for run_id, reason in damaged])
    return 0


def _run_facts(run, last: dict) -> dict:
    return {
        "run": run.id,
        "status": run.status,
        "message": run.message,
        "created": run.created,
        "folder": run.folder,
        "classes": list(run.classes),
        "dataset": run.dataset_spec.to_dict(),
        "network": run.network_spec.to_dict(),
        "training": run.training_spec.to_dict(),
        "epochs": last["epoch"],
        "val_loss": last["val_loss"],
        "val_accuracy": last["val_accuracy"],
    }


def predict(options) -> int:
    from cnn import snapshots
    from cnn.training import probabilities

    store = RunStore(options.runs)
    run = store.get(options.run)
    network = snapshots.load_network(store, run)
    rows, failed = [], False
    for path in options.images:
        try:
            pixels, _ = read_image(path, run.dataset_spec.image_size, run.dataset_spec.channels)
        except ImageError as error:
            print(f"error: {path}: {error}", file=sys.stderr)
            failed = True
            continue
        shares = probabilities(network, pixels[None])[0].tolist()
        label = run.classes[shares.index(max(shares))]
        if options.json:
            _print_json({"path": path, "label": label, "probabilities": dict(zip(run.classes, shares, strict=True))})
        rows.append([path, label, *map(_percent, shares)])
    if rows and not options.json:
        _print_table(["image", "prediction", *run.classes], rows)
    return 2 if failed else 0


def activations(options) -> int:
    import numpy as np

    from cnn import snapshots
    from cnn.explain.activations import activations as compute

    store = RunStore(options.runs)
    run = store.get(options.run)
    output = _target(options.output)
    pixels, _ = read_image(options.image, run.dataset_spec.image_size, run.dataset_spec.channels)
    arrays = compute(snapshots.load_network(store, run), pixels)
    with open(output, "wb") as file:  # an open file, so that NumPy leaves the name as it is
        np.savez(file, **arrays)
    if not options.json:
        _print_table(["layer", "shape"], [[name, " × ".join(map(str, a.shape))] for name, a in arrays.items()])
    return 0


def explain(options) -> int:
    import numpy as np

    from cnn import snapshots
    from cnn.training import probabilities

    store = RunStore(options.runs)
    run = store.get(options.run)
    output = _target(options.output)
    pixels, _ = read_image(options.image, run.dataset_spec.image_size, run.dataset_spec.channels)
    network = snapshots.load_network(store, run)
    shares = probabilities(network, pixels[None])[0]
    name = options.class_name or run.classes[shares.argmax()]
    if name not in run.classes:
        raise ValueError(f"There is no class {name!r}; there are {', '.join(run.classes)}.")
    target = run.classes.index(name)
    values = _attribution(options, snapshots.layers_of(run), network, pixels, target).values
    arrays = {"attribution": values, "image": pixels, "probabilities": shares, "class": np.array(name)}
    with open(output, "wb") as file:
        np.savez(file, **arrays)
    if not options.json:
        _clear_bar(options)
        print(f"{options.method} of {_printable(name)}, which the network gives {_percent(shares[target])}.")
    return 0


def _attribution(options, layers, network, pixels, target: int):
    from cnn.explain.grad_cam import grad_cam
    from cnn.explain.integrated_gradients import integrated_gradients
    from cnn.explain.occlusion import occlusion
    from cnn.explain.parts import convolution
    from cnn.explain.saliency import saliency

    given = {key: value for key in ("layer", "patch", "stride") if (value := getattr(options, key)) is not None}
    for key in given:
        if key not in EXPLANATIONS[options.method]:
            raise ValueError(f"{options.method} has no {key} to choose.")
        if key != "layer" and not isinstance(given[key], int):
            raise ValueError(f"{key} must be a whole number of pixels, not {given[key]!r}.")
    match options.method:
        case "saliency":
            return saliency(network, pixels, target)
        case "integrated-gradients":
            return integrated_gradients(network, pixels, target)
        case "grad-cam":
            return grad_cam(network, pixels, target, convolution(layers, options.layer))
        case "occlusion":
            return occlusion(network, pixels, target, **given, progress=lambda share: _bar(options, share, "covering"))


def export(options) -> int:
    from cnn.code import prediction_script
    from cnn.export import save_weights
    from cnn.snapshots import layers_of

    store = RunStore(options.runs)
    run = store.get(options.run)
    if not options.output and not options.code:
        raise ValueError("Say what to write: --output FILE.pt (the weights), --code FILE.py (the program), or both.")
    if options.output:
        save_weights(store, run, _target(options.output))
    if options.code:
        weights = Path(options.output).name if options.output else f"{Path(options.code).stem}.pt"
        script = prediction_script(layers_of(run), run.classes, weights)
        _target(options.code).write_text(script, encoding="utf-8")
    return 0


def _target(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name the file to write.")
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent} to write {path.name} into.")
    return path


# What people see


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _printable(text: str) -> str:
    """File names may hold line breaks, control characters or bytes that are no text: shown escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def _print_table(head: list[str], rows: list[list[str]]) -> None:
    rows = [[_printable(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_json(value) -> None:
    # ASCII only: any file name survives any terminal and pipe.
    print(json.dumps(value), flush=True)


def _bar(options, share: float, text: str) -> None:
    if not options.json and sys.stderr.isatty():
        filled = round(30 * share)
        print(f"\r\033[K{'█' * filled}{'░' * (30 - filled)} {text}", end="", file=sys.stderr, flush=True)


def _clear_bar(options) -> None:
    if not options.json and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else f", {seconds // 60:.0f}:{seconds % 60:02.0f} left"


def _reading_bar(options):
    def show(progress: Progress) -> None:
        text = f"reading {progress.done:,} of {progress.total:,} images, {progress.rate:,.0f}/s"
        _bar(options, progress.done / max(progress.total, 1), text + _duration(progress.seconds_left))

    return show


class _Reporter:
    """Tells what a trainer reports: one JSON object a line, or a table row per epoch and a bar below it."""

    def __init__(self, options):
        self.options = options

    def __call__(self, event: dict) -> None:
        try:
            self._tell(event)
        except BrokenPipeError:  # whoever read along has left; the run goes on
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115

    def _tell(self, event: dict) -> None:
        kind = event["event"]
        if self.options.json:
            if kind in ("started", "epoch"):
                _print_json({k: v for k, v in event.items() if k != "step"})
        elif kind == "reading":
            text = f"reading {event['done']:,} of {event['total']:,} images, {event['rate']:,.0f}/s"
            _bar(self.options, event["done"] / max(event["total"], 1), text)
        elif kind == "started":
            _clear_bar(self.options)
            print(
                f"Run {event['run']}: {event['train_images']:,} images to train on, {event['val_images']:,} to check "
                f"with, on {event['device']}\nepoch  training loss  accuracy  validation loss  accuracy  images/s"
            )
        elif kind == "step":
            text = f"epoch {event['epoch']}/{event['epochs']}, loss {event['loss']:.3f}, "
            rate = f"{event['images_per_second'] or 0:,.0f} images/s"
            _bar(self.options, event["step"] / event["steps"], text + rate + _duration(event["seconds_left"]))
        elif kind == "epoch":
            _clear_bar(self.options)
            val_loss = "" if event["val_loss"] is None else f"{event['val_loss']:.4f}"
            print(
                f"{event['epoch']:>5}  {event['train_loss']:>13.4f}  {_percent(event['train_accuracy']):>8}  "
                f"{val_loss:>15}  {_percent(event['val_accuracy']):>8}  {event['images_per_second']:>8,.0f}",
                flush=True,
            )


class _StopOnInterrupt:
    """The first Ctrl-C asks for a stop after the step under way, so that the run is kept whole; a second insists."""

    def __init__(self):
        self.asked = False
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, *_):
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


# What people type


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cnn", description="Train and open up convolutional networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(function, name: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        sub.add_argument("--runs", default="runs", metavar="DIR", help="where runs are kept (default: ./runs)")
        sub.add_argument("--json", action="store_true", help="print JSON, for programs")
        return sub

    sub = command(scan, "scan", "Read a folder of images and say what is in it.")
    sub.add_argument("folder")

    sub = command(train, "train", "Train a network on a folder of images.")
    _add_training_options(sub)

    command(runs, "runs", "List the runs.")

    sub = command(predict, "predict", "Predict the class of images.")
    sub.add_argument("run")
    sub.add_argument("images", nargs="+", metavar="IMAGE")

    sub = command(activations, "activations", "Write what each layer makes of an image.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command(explain, "explain", "Write how much each pixel of an image counts for a class.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--method", required=True, choices=EXPLANATIONS)
    sub.add_argument("--class", dest="class_name", metavar="NAME", help="(default: the one predicted)")
    sub.add_argument("--layer", metavar="NAME", help="of grad-cam: a convolution (default: the last)")
    sub.add_argument(
        "--patch", type=_whole, metavar="PIXELS", help="of occlusion: side of what is covered (default: 8)"
    )
    sub.add_argument(
        "--stride", type=_whole, metavar="PIXELS", help="of occlusion: from patch to patch (default: half a patch)"
    )
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command(export, "export", "Write a trained network for use elsewhere.")
    sub.add_argument("run")
    sub.add_argument("--output", metavar="FILE.pt", help="the weights, and all that is needed to use them")
    sub.add_argument("--code", metavar="FILE.py", help="a program that predicts with them")
    return parser


def _whole(text: str) -> int | str:
    """A whole number. What is none stays a text: the check of the setting then says what it should be."""
    try:
        return int(text)
    except ValueError:
        return text


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _add_training_options(sub: argparse.ArgumentParser) -> None:
    data, net, fit = DatasetSpec(), NetworkSpec(), TrainingSpec()
    sub.add_argument("folder", nargs="?", help="of images: class/image, train|val/class/image, or cat.0.jpg")
    sub.add_argument("--resume", metavar="RUN", help="go on with this run; --epochs N adds N epochs")
    sub.add_argument("--image-size", type=_whole, default=data.image_size)
    colour = sub.add_mutually_exclusive_group()
    colour.add_argument("--grayscale", action="store_true", help="one channel (the default)")
    colour.add_argument("--color", action="store_true", help="three channels")
    sub.add_argument("--max-per-class", type=_whole, default=data.max_per_class)
    sub.add_argument("--val-fraction", type=_number, default=data.val_fraction)
    sub.add_argument("--filters", type=_whole, nargs="+", default=net.filters, help="per convolution block")
    sub.add_argument("--convs-per-block", type=_whole, default=net.convs_per_block)
    sub.add_argument("--kernel-size", type=_whole, choices=KERNEL_SIZES, default=net.kernel_size)
    sub.add_argument("--padding", choices=PADDINGS, default=net.padding)
    sub.add_argument("--pooling", choices=POOLINGS, default=net.pooling)
    sub.add_argument("--activation", choices=ACTIVATIONS, default=net.activation)
    sub.add_argument("--batch-norm", action="store_true")
    sub.add_argument("--dropout", type=_number, default=net.dropout)
    sub.add_argument("--dense", type=_whole, nargs="*", default=net.dense, help="width of each hidden dense layer")
    sub.add_argument("--no-dense-activation", action="store_true", help="leave the dense layers without activation")
    sub.add_argument("--epochs", type=_whole, help=f"(default: {fit.epochs})")
    sub.add_argument("--batch-size", type=_whole, default=fit.batch_size)
    sub.add_argument("--learning-rate", type=_number, default=fit.learning_rate)
    sub.add_argument("--optimizer", choices=OPTIMIZERS, default=fit.optimizer)
    sub.add_argument("--weight-decay", type=_number, default=fit.weight_decay)
    sub.add_argument("--seed", type=_whole, default=fit.seed)


if __name__ == "__main__":
    sys.exit(main())
