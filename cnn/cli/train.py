"""The command `train`: a new run, or more of one."""

import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from cnn.cli.arguments import spec_from
from cnn.cli.label_decisions import print_decisions, with_decisions
from cnn.cli.resume import reopen
from cnn.cli.scan import print_warnings, read_images
from cnn.cli.terminal import Reporter, clear_bar, print_json, printable
from cnn.errors import UserError
from cnn.model.layers import lay_out
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.advice import advice
from cnn.store.base import Base, check_given
from cnn.store.records import EpochRecord
from cnn.store.run import FAILED, FINISHED, QUEUED, Run, new_id
from cnn.store.runs import RunError, RunStore
from cnn.store.verdict import Verdict


def train(options) -> int:
    store = RunStore(options.runs)
    run_id = reopen(options, store) if options.resume else _create(options, store)
    return _train(options, store, run_id)


def _create(options, store: RunStore) -> str:
    if options.folder is None:
        raise UserError("Name the folder of images to train on, or a run to continue (--resume RUN).")
    images, network, _ = images_and_network(options, store)
    training = spec_from(options, TrainingSpec)
    lay_out(network, images.image_size, images.channels, 2)  # reports a network that does not fit the images at once
    dataset, warnings = read_images(options, images)
    images = replace(images, decisions=dataset.spec.decisions)  # only those that count here
    print_decisions(options, dataset)
    run_id = new_id()
    store.create(run_id, dataset.folder, images, network, training, options.name or "", options.tags or ())
    if options.json:
        for warning in warnings:
            examples = [dataset.paths[i] for i in warning.images]
            print_json({"event": "warning", "run": run_id, "text": warning.text, "images": examples})
    else:
        print_warnings(dataset, warnings)
    return run_id


def images_and_network(options, store: RunStore) -> tuple[DatasetSpec, NetworkSpec, Base | None]:
    """The settings of images and network: those of the options, and those that the base gives. And the base, if any."""
    dataset = with_decisions(options, store, spec_from(options, DatasetSpec))
    network = spec_from(options, NetworkSpec)
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
        stays = status == FAILED and run.status != FAILED  # it had ended before, and could not go on
        print(f"Run {run_id} {f'stays {run.status}' if stays else status}.")
        if status == FINISHED:
            _print_verdict(run, epochs)
        if status == QUEUED:
            print("Another run was let through. This one goes on when its turn comes: python -m cnn queue")
    if status == FAILED:
        raise RunError(run.message)
    return 130 if stop.requested else 0


def _print_verdict(run: Run, epochs: Sequence[EpochRecord]) -> None:
    """How good the network is, how sure that is, and what would help: as on the Train page."""
    if not epochs or epochs[-1].val_accuracy is None:
        print("No images were held out, so its accuracy on new images is unknown.")
        return
    verdict = Verdict(run, epochs)
    for sentence in (*verdict.sentences(), *advice(verdict)):
        print(printable(sentence.replace("*", "")))  # without the Markdown of the page


class _StopOnInterrupt:
    """The first Ctrl-C requests a stop after the current step, so that the run stays complete; a second one stops the
    program at once."""

    def __init__(self):
        self.requested = False
        signal.signal(signal.SIGINT, self._request)

    def _request(self, *_):
        self.requested = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
