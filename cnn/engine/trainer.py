"""Trains one run of the store, from its start or from where it was left: in the foreground, or as a process.

python -m cnn.engine.trainer --runs DIR RUN_ID     trains that run
python -m cnn.engine.trainer --runs DIR            loads torch, then waits for the id of a run on standard input
"""

import argparse
import ctypes
import errno
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import torch
from filelock import Timeout

from cnn.data import version
from cnn.data.dataset import Dataset, read_dataset
from cnn.data.listing import DatasetError
from cnn.errors import Cancelled
from cnn.model import memory
from cnn.model.fast import one_pass_for
from cnn.model.layers import NetworkError
from cnn.store import runs, snapshots
from cnn.store.runs import RunError, RunStore, StoreError
from cnn.training.device import best_device, free_memory
from cnn.training.evaluation import probabilities
from cnn.training.loop import Diverged, Epoch, Step, Training

POLL = 0.1  # seconds between looks at what the user asks for
STOP_PATIENCE = 0.3  # seconds that a step may go on after Stop before the process is ended in the middle of it
WRITE_EVERY = 0.25  # seconds between writes of the steps, and
SHOW_EVERY = 1.0  # between looks at the probe images and the first filters
CHECKPOINT_EVERY = 5.0
PROBES = 8
# What PyTorch says when it gets no memory. oneDNN, which computes the convolutions, does not mention it, and neither
# does Python where it has none left to import a module, or for a thread's stack.
OUT_OF_MEMORY = (
    "memory",
    "could not create a primitive",
    "could not execute a primitive",
    "without exception set",
    "can't start new thread",
)


def train_run(
    store: RunStore,
    run_id: str,
    report: Callable[[dict], None] = lambda event: None,
    stop_asked: Callable[[], bool] = lambda: False,
    may_exit: bool = False,
) -> str:
    """Trains a run to the end of its epochs; returns its status: finished, stopped or failed.

    report: called with {"event": "reading" | "started" | "step" | "epoch", ...} as it goes.
    stop_asked: another way to ask for a stop than the store (Ctrl-C).
    may_exit: whether the process may be ended at once if a step takes too long to stop. What is lost is
        then the part of the training since the last checkpoint; its history stays.
    Raises RunError if the run does not exist or another process trains it.
    """
    store.get(run_id)
    keep_freed_memory()
    try:
        with store.lock(run_id).acquire(timeout=5):
            for part in store.folder(run_id).glob("*.part"):  # of a trainer that was killed while it wrote
                part.unlink(missing_ok=True)
            return _Trainer(store, run_id, report, stop_asked, may_exit).train()
    except Timeout:
        raise RunError(f"Run {run_id} is being trained by another process.") from None


class _Requests(threading.Thread):
    """Watches the store for what the user asks, so that the training loop need not."""

    def __init__(self, store: RunStore, run_id: str, stop_asked: Callable[[], bool], may_exit: bool):
        super().__init__(daemon=True)
        self.store, self.run_id, self.stop_asked, self.may_exit = store, run_id, stop_asked, may_exit
        self.rate: float | None = None
        self.request = ""
        self.noticed = threading.Event()  # set by the loop: it is stopping, or needs no more watching
        self.look()

    def look(self) -> None:
        try:
            request, self.rate = self.store.requests(self.run_id)
        except StoreError:  # busy for long, or its disk is full: look again
            return
        self.request = "stop" if self.stop_asked() else request

    def run(self) -> None:
        while not self.noticed.wait(POLL):
            self.look()
            if self.request == "stop" and self.may_exit and not self.noticed.wait(STOP_PATIENCE):
                try:
                    self.store.update(self.run_id, status=runs.STOPPED)
                finally:
                    os._exit(0)


class _Trainer:
    def __init__(self, store, run_id, report, stop_asked, may_exit):
        self.store, self.run_id, self.report = store, run_id, report
        self.run = store.get(run_id)
        self.requests = _Requests(store, run_id, stop_asked, may_exit)
        self.rows: list[tuple[str, dict]] = []  # not yet written
        self.written = self.shown = self.saved = time.monotonic()
        self.started = time.monotonic()
        self.train_seconds = self.val_seconds = 0.0  # of the epoch under way
        self.epoch_images = 0

    def train(self) -> str:
        self.requests.start()
        status, message = runs.FAILED, ""
        try:
            status = self._train()
        except Cancelled:
            status = runs.STOPPED
        except (Diverged, DatasetError, NetworkError, RunError, ValueError) as error:
            message = str(error)
        except (MemoryError, torch.OutOfMemoryError) as error:
            message = _memory_message(error)
        except OSError as error:
            message = f"Training could not go on: {error.strerror or error}."
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                message += " Free some space on the disk, then continue it."
        except (RuntimeError, SystemError) as error:
            traceback.print_exc()
            out_of_memory = any(words in str(error) for words in OUT_OF_MEMORY)
            message = _memory_message(error) if out_of_memory else f"Training could not go on: {error}"
        finally:
            self.requests.noticed.set()
            self.requests.join()
        return self._end(status, message)

    def _end(self, status: str, message: str) -> str:
        """Writes how it ended. On a full disk that may fail, too; then the store still says that the run is under way,
        which without this process reads as interrupted."""
        try:
            self._write()
        except StoreError as error:
            status, message = runs.FAILED, message or str(error)
        try:
            self.store.update(self.run_id, status=status, message=message)
        except StoreError as error:
            print(f"Run {self.run_id}: {message or error}", file=sys.stderr)
            return runs.FAILED
        return status

    def _train(self) -> str:
        self.store.update(self.run_id, status=runs.READING)
        dataset = self._read()
        training = self._prepare(dataset)
        self.store.update(self.run_id, status=runs.RUNNING)
        self._change_rate(training)
        for event in self._timed(training):
            if isinstance(event, Step):
                self._on_step(training, event)
            else:
                self._on_epoch(training, event)
            if self.requests.request == "pause":
                self._pause(training)
            if self.requests.request == "stop":
                self.requests.noticed.set()
                self._keep_all(training)
                return runs.STOPPED
            self._change_rate(training)
        self._keep_all(training)
        return runs.FINISHED

    def _timed(self, training: Training):
        """The events of training, with the seconds each took added up; the time their receiver takes does not count."""
        events = training.run()
        while True:
            start = time.perf_counter()
            event = next(events, None)
            seconds = time.perf_counter() - start
            if event is None:
                return
            if isinstance(event, Step):
                self.train_seconds += seconds
                self.epoch_images += event.images
            else:
                self.val_seconds += seconds
            yield event

    # Before the first step

    def _read(self) -> Dataset:
        def progress(reading):
            now = time.monotonic()
            if now - self.written >= WRITE_EVERY:
                self.written = now
                facts = {"done": reading.done, "total": reading.total, "rate": reading.rate}
                self.store.write(self.run_id, [("live", {"progress": json.dumps({"reading": facts})})])
                self.report({"event": "reading", **facts})

        def cancelled():
            return self.requests.request == "stop"

        run, file = self.run, self.store.folder(self.run_id) / version.NAME
        reading = run.folder, run.dataset_spec, self.store.cache, progress, cancelled
        if run.fingerprint:  # it goes on
            dataset = version.read_version(file, run.fingerprint, *reading)
        else:
            dataset = version.keep_version(file, read_dataset(*reading))
        if not len(dataset.train):
            raise DatasetError("There is no image left to train on: hold a smaller share out for validation.")
        return dataset

    def _prepare(self, dataset: Dataset) -> Training:
        device = best_device()
        self._foresee_memory(len(dataset.classes), device)
        probe_images = probe_choice(dataset)
        facts = {
            "device": device,
            "train_images": len(dataset.train),
            "val_images": len(dataset.val),
        }
        self.store.update(
            self.run_id,
            classes=dataset.classes,
            fingerprint=dataset.fingerprint,
            facts=facts,
            probe_images=probe_images,
        )
        self.run = self.store.get(self.run_id)
        self.probe_pixels = np.asarray(dataset.images[list(probe_images)])
        training = Training(snapshots.untrained_model(self.run), dataset, self.run.training_spec, device)
        training.learning_rates = self.store.learning_rates(self.run_id)
        checkpoint = self.store.checkpoint_path(self.run_id)
        if checkpoint.exists():
            state = snapshots.load(checkpoint)
            training.load_state_dict(state)
            self.train_seconds, self.val_seconds = state["seconds"]
            self.epoch_images = state["epoch_images"]
        self._rewind(training.progress.step)
        if training.progress.step == 0:
            self._snapshot(training)
        self.first_step = training.progress.step
        self.started = time.monotonic()
        self.report({"event": "started", "run": self.run_id, **facts})
        self._show(training)
        return training

    def _rewind(self, step: int) -> None:
        """A trainer that was killed may have come further than its checkpoint: those steps are taken anew, and perhaps
        with another learning rate."""
        for later in self.store.rewind(self.run_id, step):
            self.store.snapshot_path(self.run_id, later).unlink(missing_ok=True)

    def _foresee_memory(self, n_classes: int, device: str) -> None:
        run = self.run
        specs = run.dataset_spec, run.network_spec, run.training_spec
        where = "free on the GPU" if device == "cuda" else "free"
        if shortage := memory.shortage(*specs, n_classes, free_memory(device), where):
            raise RunError(shortage)

    # As it goes

    def _on_step(self, training: Training, step: Step) -> None:
        values = {"step": step.step, "epoch": step.epoch, "loss": step.loss, "smooth": step.smooth}
        self.rows.append(("steps", values))
        in_first_epoch = step.step <= training.batches_per_epoch
        if in_first_epoch and step.step & (step.step - 1) == 0:  # after 1, 2, 4, 8, ... steps
            self._snapshot(training)
        if time.monotonic() - self.written >= WRITE_EVERY:
            self._write()
            self.report({"event": "step", **self._progress(training), "loss": step.loss})
        self._keep_what_is_due(training)

    def _on_epoch(self, training: Training, epoch: Epoch) -> None:
        seconds = self.train_seconds + self.val_seconds
        row = vars(epoch) | {"seconds": seconds, "images_per_second": self.epoch_images / max(self.train_seconds, 1e-9)}
        self.rows.append(("epochs", row))
        self.train_seconds = self.val_seconds = 0.0
        self.epoch_images = 0
        self._snapshot(training)
        self._write()
        self._keep_what_is_due(training)
        self.report({"event": "epoch", **row})

    def _pause(self, training: Training) -> None:
        self._checkpoint(training)
        self._show(training)
        self.store.update(self.run_id, status=runs.PAUSED)
        paused = time.monotonic()
        while self.requests.request == "pause":
            time.sleep(POLL / 2)
        self.started += time.monotonic() - paused  # time left is told from time spent training
        self.store.update(self.run_id, status=runs.RUNNING)

    def _change_rate(self, training: Training) -> None:
        step = training.progress.step + 1
        rate = self.requests.rate
        rates = training.learning_rates
        # A killed trainer may have been further when it was asked for others: the newest wish counts.
        overtaken = max(rates, default=0) > step
        if rate is not None and (overtaken or rate != training.learning_rate_at(step)):
            training.learning_rates = {when: value for when, value in rates.items() if when < step} | {step: rate}
            self.store.forget_rates(self.run_id, after=step)
            self.rows.append(("learning_rates", {"step": step, "value": rate}))
            self._write()
            self.store.settle_rate(self.run_id, rate)  # a run that goes on must not apply it anew

    # Keeping

    def _keep_what_is_due(self, training: Training) -> None:
        now = time.monotonic()
        if now - self.shown >= max(SHOW_EVERY, (now - self.started) / 200):  # a long run is looked at less often
            self._show(training)
        if now - self.saved >= CHECKPOINT_EVERY:
            self._checkpoint(training)

    def _keep_all(self, training: Training) -> None:
        self._snapshot(training)
        self._show(training)
        self._checkpoint(training)

    def _snapshot(self, training: Training) -> None:
        step = training.progress.step
        path = self.store.snapshot_path(self.run_id, step)
        snapshots.save(training.network.state_dict(), path)
        self.rows.append(("snapshots", {"step": step, "epoch": step / training.batches_per_epoch}))

    def _checkpoint(self, training: Training) -> None:
        self._write()  # what the checkpoint continues must be in the store before it
        state = training.state_dict() | {
            "seconds": [self.train_seconds, self.val_seconds],
            "epoch_images": self.epoch_images,
        }
        snapshots.save(state, self.store.checkpoint_path(self.run_id))
        self.saved = time.monotonic()

    def _show(self, training: Training) -> None:
        """Looks at the probe images through the network, and at its first filters."""
        self.shown = time.monotonic()
        shares = probabilities(training.model, self.probe_pixels, training.device)
        shares = np.round(shares.astype(np.float64), 5).tolist()
        self.rows.append(("probes", {"step": training.progress.step, "probabilities": json.dumps(shares)}))
        filters = next(p for p in training.network.parameters() if p.ndim == 4).detach().cpu().contiguous().numpy()
        live = {
            "progress": json.dumps(self._progress(training)),
            "filters": filters.tobytes(),
            "filters_shape": json.dumps(filters.shape),
        }
        self.rows.append(("live", live))
        self._write()

    def _progress(self, training: Training) -> dict:
        done, per_epoch = training.progress.step, training.batches_per_epoch
        steps = per_epoch * training.spec.epochs
        seconds = time.monotonic() - self.started
        since = done - self.first_step
        return {
            "epoch": min(training.progress.epoch, training.spec.epochs),
            "epochs": training.spec.epochs,
            "step": done,
            "steps": steps,
            "images_per_second": self.epoch_images / self.train_seconds if self.train_seconds else None,
            "seconds_left": (steps - done) * seconds / since if since else None,
            "learning_rate": training.learning_rate_at(done + 1),
        }

    def _write(self) -> None:
        if self.rows:
            self.store.write(self.run_id, self.rows)
            self.rows = []
        self.written = time.monotonic()


def probe_choice(dataset: Dataset) -> tuple[int, ...]:
    """Up to eight validation images (training images if none are held out) in turn from each class."""
    _, pool = dataset.examples
    by_class = [pool[dataset.labels[pool] == label] for label in range(len(dataset.classes))]
    longest = max(map(len, by_class))
    turns = [int(images[i]) for i in range(longest) for images in by_class if i < len(images)]
    return tuple(turns[:PROBES])


def keep_freed_memory() -> None:
    """Tells glibc to keep what is freed. As it comes, it gives large blocks back to the system and faults them in
    again, batch after batch, which takes up to half of the time of a small network. Other C libraries: no effect."""
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # of malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 2**31 - 1)
    mallopt(top_pad, 2**28)


def be_the_first_to_go() -> None:
    """Has Linux end this process, and not the server or another program, when memory runs out."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")


def _memory_message(error: BaseException) -> str:
    return (
        "There was not enough memory for this network. Try a smaller batch size, fewer filters or smaller images. "
        f"({str(error).splitlines()[0] if str(error) else 'out of memory'})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cnn.engine.trainer")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--runs", required=True)
    arguments = parser.parse_args()
    store = RunStore(arguments.runs)
    # Better before the click: the first optimiser imports for a second, and what pools may have to be compiled.
    layer = torch.nn.Conv2d(1, 1, 1)
    torch.optim.Adam(layer.parameters())
    one_pass_for(torch.nn.Sequential(layer))
    run_id = arguments.run or sys.stdin.readline().strip()
    be_the_first_to_go()
    if run_id:  # else whoever might have given one is gone
        train_run(store, run_id, may_exit=True)


if __name__ == "__main__":
    main()
