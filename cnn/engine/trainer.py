"""Trains one run of the store, from the start or from its last checkpoint: in the foreground, or as a process.

python -m cnn.engine.trainer --runs DIR RUN_ID     trains that run
python -m cnn.engine.trainer --runs DIR            loads torch, then waits for the id of a run on standard input
"""

import argparse
import errno
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import torch
from filelock import Timeout

from cnn.data import version
from cnn.data.dataset import TEST, Dataset, read_dataset
from cnn.data.decoding import STANDARD
from cnn.data.listing import DatasetError
from cnn.data.progress import Watch
from cnn.engine.queue import advance
from cnn.engine.recorder import Recorder, choose_probe_images
from cnn.engine.requests import POLL, Requests
from cnn.errors import Cancelled, UserError
from cnn.model.fast import one_pass_for
from cnn.model.memory_needed import shortage
from cnn.model.model import Preprocessing
from cnn.store import snapshots
from cnn.store.run import ACTIVE, FAILED, FINISHED, PAUSED, QUEUED, READING, RUNNING, STOPPED
from cnn.store.runs import RunError, RunStore, StoreError
from cnn.store.waiting import come_back
from cnn.system.clock import seconds_awake
from cnn.system.files import remove_parts
from cnn.system.log import keep_log, went_wrong
from cnn.system.memory import is_out_of_memory
from cnn.system.processes import keep_freed_memory, prefer_as_oom_victim, yield_to_others
from cnn.training.device import best_device, free_memory
from cnn.training.frozen import FrozenPart
from cnn.training.loop import Step, Training

log = logging.getLogger(__name__)


def train_run(
    store: RunStore,
    run_id: str,
    report: Callable[[dict], None] = lambda event: None,
    stop_requested: Callable[[], bool] = lambda: False,
    may_exit: bool = False,
) -> str:
    """Trains a run to the end of its epochs; returns how that went: finished, stopped or failed, or queued if
    another run took its place. The run gets this status; but if it had ended before and cannot go on, it stays as it
    was, with a message. If nobody has started the run (it has ended, or waits in the queue again), nothing happens.

    report: called with {"event": "reading" | "started" | "step" | "epoch", ...} during the training.
    stop_requested: returns whether to stop, besides requests in the store (Ctrl-C).
    may_exit: whether the process may exit in the middle of a step that takes too long after Stop. The training since
        the last checkpoint is then lost; its history stays.
    Raises RunError if the run does not exist or another process trains it.
    """
    store.get(run_id)
    keep_freed_memory()
    try:
        with store.lock(run_id).acquire(timeout=5):
            if (status := store.get(run_id).status) not in ACTIVE:  # this process came too late: see cnn.engine.queue
                return status
            remove_parts(store.folder(run_id))  # left by a trainer that was killed while writing
            return _Trainer(store, run_id, report, stop_requested, may_exit).train()
    except Timeout:
        raise RunError(f"Run {run_id} is being trained by another process.") from None


class _Trainer:
    """Takes one run through its states: reading, running, paused, ended."""

    def __init__(self, store: RunStore, run_id: str, report, stop_requested, may_exit: bool):
        self.store, self.run_id, self.report = store, run_id, report
        self.run = store.get(run_id)
        self.requests = Requests(store, run_id, stop_requested, may_exit, self._end_run)
        self.recorder = Recorder(store, run_id, report)
        self.changes = False  # whether this trainer has changed the run: before that, a failure leaves it as it ended

    def train(self) -> str:
        """Trains; returns how that went, and stores it with a message."""
        self.requests.start()
        status, message = FAILED, ""
        try:
            status = self._train()
        except Cancelled:
            status = STOPPED
        except UserError as error:
            message = str(error)
        except OSError as error:
            message = f"Training could not continue: {error.strerror or error}."
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                message += " Free some space on the disk, then continue the run."
        except Exception as error:
            if is_out_of_memory(error):
                message = _memory_message(error)
            else:
                log.exception("Run %s", self.run_id)
                message = went_wrong("the training")
        finally:
            self.requests.close()
            self.requests.join()
        return self._end(status, message)

    def _end(self, status: str, message: str) -> str:
        """Stores how the run ended. If that fails too (a full disk), the store still says that the run is active; it
        counts as interrupted once this process is gone."""
        try:
            self.recorder.write()
        except StoreError as error:
            status, message = FAILED, message or str(error)
        try:
            if status == QUEUED:
                return come_back(self.store, self.run_id)
            self._end_run(status, message)
        except StoreError as error:
            print(f"Run {self.run_id}: {message or error}", file=sys.stderr)
            return FAILED
        return status

    def _end_run(self, status: str, message: str = "") -> None:
        end = self.store.set_status if self.changes else self.store.cancel_start
        end(self.run_id, status, message)

    def _train(self) -> str:
        self.store.set_status(self.run_id, READING)
        dataset = self._read()
        training = self._prepare(dataset)
        self.store.set_status(self.run_id, RUNNING)
        self._change_rate(training)
        for event in self.recorder.timed_events(training):  # after each step and each epoch
            if isinstance(event, Step):
                self.recorder.step(training, event)
            else:
                self.recorder.epoch(training, event)
            if self.requests.pause:
                self._pause(training)
            if self.requests.stop:
                self.requests.close()
                self.recorder.record_all(training)
                return STOPPED
            if self.requests.yields:
                self.recorder.checkpoint(training)
                return QUEUED
            self._change_rate(training)
        self.recorder.record_all(training)
        return FINISHED

    def _read(self) -> Dataset:
        run, file = self.run, self.store.folder(self.run_id) / version.NAME
        reading = run.folder, run.dataset_spec, self.store.cache, self.recorder.reading, lambda: self.requests.stop
        if run.fingerprint:  # the run has read its images before
            dataset = version.read_version(file, run.fingerprint, *reading)
        else:
            dataset = version.save_version(file, read_dataset(*reading))
        if not len(dataset.train):
            raise DatasetError("No images are left to train on. Hold out fewer images.")
        return dataset

    def _prepare(self, dataset: Dataset) -> Training:
        """The training at its start, or at the last checkpoint."""
        device = best_device()
        self._check_memory(dataset, device)
        probe_images = choose_probe_images(dataset)
        per_class = {
            f"{name}_per_class": np.bincount(dataset.labels[chosen], minlength=len(dataset.classes)).tolist()
            for name, chosen in (("train", dataset.train), ("val", dataset.val))
        }
        facts = {
            "device": device,
            "train_images": len(dataset.train),
            "val_images": len(dataset.val),
            **per_class,
        }
        hashes = np.array(dataset.hashes)
        if copies := int(np.isin(hashes[dataset.val], hashes[dataset.train]).sum()):
            facts["val_copies"] = copies
        if dataset.decoding != STANDARD:
            facts["decoding"] = dataset.decoding.to_dict()
        if TEST in dataset.splits:
            facts["test_images"] = int((dataset.splits == TEST).sum())
        network = self.run.network_spec
        if network.preprocessing == "standardised" and not network.base:  # else the base's own, a fact of the run
            facts["preprocessing"] = Preprocessing.standardised(dataset.images, dataset.train).to_dict()
        self.changes = True
        self.store.set_dataset(self.run_id, dataset.classes, dataset.fingerprint, facts, probe_images)
        self.run = self.store.get(self.run_id)
        training = Training(snapshots.start_model(self.store, self.run), dataset, self.run.training_spec, device)
        if training.frozen:
            self._prepare_frozen(training.frozen)
        self.recorder.begin(training, np.asarray(dataset.images[list(probe_images)]))
        self.report({"event": "started", "run": self.run_id, **facts})
        self.recorder.probe(training)
        return training

    def _prepare_frozen(self, frozen: FrozenPart) -> None:
        """Computes what the frozen layers make of the images: progress is recorded like that of reading them."""
        watch = Watch(self.recorder.reading, lambda: self.requests.stop)
        watch.total = len(frozen.kept)

        def report(fraction: float) -> None:
            watch.done = round(fraction * watch.total)
            watch.tick()

        frozen.prepare(report)

    def _check_memory(self, dataset: Dataset, device: str) -> None:
        """Raises RunError if the training will need more memory than is free."""
        run = self.run
        specs = run.dataset_spec, run.network_spec, run.training_spec
        where = "free on the GPU" if device == "cuda" else "free"
        kept = len(dataset.val) + (0 if run.training_spec.augments else len(dataset.train))
        if message := shortage(*specs, len(dataset.classes), free_memory(device), where, kept):
            raise RunError(message)

    def _pause(self, training: Training) -> None:
        self.recorder.checkpoint(training)
        self.recorder.probe(training)
        self.store.set_status(self.run_id, PAUSED)
        paused = seconds_awake()
        while self.requests.pause:
            time.sleep(POLL / 2)
        self.recorder.started += seconds_awake() - paused  # the estimate of the time left must not count the pause
        self.store.set_status(self.run_id, RUNNING)

    def _change_rate(self, training: Training) -> None:
        """Applies the requested learning rate, if there is one, from the next step on."""
        step, rate = training.progress.step + 1, self.requests.rate
        # A killed trainer may have applied other rates at later steps; the newest request wins.
        has_later_rates = max(training.learning_rates, default=0) > step
        if rate is not None and (has_later_rates or rate != training.highest_rate_at(step)):
            self.recorder.learning_rate(training, step, rate)
            self.store.settle_rate(self.run_id, rate)  # a resumed run must not apply it again


def _memory_message(error: Exception) -> str:
    return (
        "There was not enough memory for this network. Try a smaller batch size, fewer filters or smaller images. "
        f"({str(error).splitlines()[0] if str(error) else 'out of memory'})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cnn.engine.trainer")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--runs", required=True)
    arguments = parser.parse_args()
    yield_to_others()
    keep_log(arguments.runs)
    store = RunStore(arguments.runs)
    # Warm up while waiting: the first optimiser takes a second to import, and the fast pass may have to be compiled.
    layer = torch.nn.Conv2d(1, 1, 1)
    torch.optim.Adam(layer.parameters())
    one_pass_for(torch.nn.Sequential(layer))
    run_id = arguments.run or sys.stdin.readline().strip()
    prefer_as_oom_victim()
    if run_id:  # empty if the process that started this one has ended
        try:
            train_run(store, run_id, may_exit=True)
        finally:
            with suppress(RunError):  # whoever looks next tries again
                advance(store)


if __name__ == "__main__":
    main()
