"""Records a run during training: its history in the store, and snapshots and checkpoints of its weights as files."""

from collections.abc import Callable
from functools import partial

import numpy as np

from cnn.data.dataset import Dataset
from cnn.store import snapshots
from cnn.store.records import EpochRecord, Probe, Progress, Reading, Snapshot, StepRecord
from cnn.store.runs import RunStore
from cnn.system.clock import seconds_awake
from cnn.system.files import delete
from cnn.training.evaluation import probabilities
from cnn.training.loop import Epoch, Step, Training

WRITE_EVERY = 0.25  # seconds between writes of steps
PROBE_EVERY = 1.0  # seconds between probes
CHECKPOINT_EVERY = 5.0  # seconds between checkpoints
PROBES = 8  # probe images


class Recorder:
    """Records one run. Records collect in memory; `write` saves them together in one transaction."""

    def __init__(self, store: RunStore, run_id: str, report: Callable[[dict], None]):
        self.store, self.run_id, self.report = store, run_id, report
        self.history = store.history(run_id)
        self.steps: list[StepRecord] = []
        self.pending: list[Callable[[], None]] = []  # each writes one of the other records
        self.written = self.probed = self.saved = self.started = seconds_awake()
        self.train_seconds = self.val_seconds = 0.0  # of the current epoch
        self.epoch_images = 0
        self.first_step = 0  # the step this trainer started from
        self.newest_snapshot: int | None = None

    # Before the first step

    def reading(self, reading) -> None:
        """Records the progress of reading images (a cnn.data.progress.Progress), a few times a second."""
        now = seconds_awake()
        if now - self.written >= WRITE_EVERY:
            self.written = now
            record = Reading(reading.done, reading.total, reading.rate)
            self.history.set_reading(record)
            self.report({"event": "reading", **record._asdict()})

    def begin(self, training: Training, probe_pixels: np.ndarray) -> None:
        """Loads the last checkpoint, if there is one, and rewinds the history to it. If a killed trainer had got
        further, its later steps are repeated, perhaps with another learning rate.

        probe_pixels: uint8 (images, S, S, channels).
        """
        self.probe_pixels = probe_pixels
        training.learning_rates = self.history.learning_rates()
        checkpoint = self.store.checkpoint_path(self.run_id)
        if checkpoint.exists():
            state = snapshots.load(checkpoint)
            training.load_state_dict(state)
            self.train_seconds, self.val_seconds = state["seconds"]
            self.epoch_images = state["epoch_images"]
        self.first_step = training.progress.step
        for dropped in self.history.rewind(self.first_step):
            delete(self.store.snapshot_path(self.run_id, dropped))
        recorded = {snapshot.step for snapshot in self.history.snapshots()}
        if self.first_step in recorded and self.store.snapshot_path(self.run_id, self.first_step).exists():
            self.newest_snapshot = self.first_step  # the weights are the same, and a page may be reading them
        if self.first_step == 0:
            self.snapshot(training)
        self.started = seconds_awake()

    # During training

    def timed_events(self, training: Training):
        """Yields the events of the training, and measures the time of training and evaluation without the caller's."""
        events = training.run()
        while True:
            start = seconds_awake()
            event = next(events, None)
            seconds = seconds_awake() - start
            if event is None:
                return
            if isinstance(event, Step):
                self.train_seconds += seconds
                self.epoch_images += event.images
            else:
                self.val_seconds += seconds
            yield event

    def step(self, training: Training, step: Step) -> None:
        self.steps.append(StepRecord(step.step, step.epoch, step.loss, step.smooth))
        # The network learns most at the beginning, so the first epoch has snapshots after 1, 2, 4, 8, ... steps.
        if step.step <= training.batches_per_epoch and step.step & (step.step - 1) == 0:
            self.snapshot(training)
        if seconds_awake() - self.written >= WRITE_EVERY:
            self.write()
            self.report({"event": "step", **self._progress(training)._asdict(), "loss": step.loss})
        self._record_due(training)

    def epoch(self, training: Training, epoch: Epoch) -> None:
        speed = self.epoch_images / max(self.train_seconds, 1e-9)
        record = EpochRecord(**vars(epoch), seconds=self.train_seconds + self.val_seconds, images_per_second=speed)
        self.pending.append(partial(self.history.add_epoch, record))
        self.train_seconds = self.val_seconds = 0.0
        self.epoch_images = 0
        self.snapshot(training)
        self.write()
        self._record_due(training)
        self.report({"event": "epoch", **record._asdict()})

    def learning_rate(self, training: Training, step: int, rate: float) -> None:
        """Changes the learning rate from this step on."""
        earlier = {start: value for start, value in training.learning_rates.items() if start < step}
        training.learning_rates = earlier | {step: rate}
        self.pending.append(partial(self.history.set_learning_rate, step, rate))
        self.write()

    def _record_due(self, training: Training) -> None:
        now = seconds_awake()
        if now - self.probed >= max(PROBE_EVERY, (now - self.started) / 200):  # less often in a long run
            self.probe(training)
        if now - self.saved >= CHECKPOINT_EVERY:
            self.checkpoint(training)

    # Single records

    def snapshot(self, training: Training) -> None:
        """Saves the weights for later inspection, at most once per step."""
        step = training.progress.step
        if step == self.newest_snapshot:
            return
        snapshots.save(training.network.state_dict(), self.store.snapshot_path(self.run_id, step))
        self.newest_snapshot = step
        self.pending.append(partial(self.history.add_snapshot, Snapshot(step, step / training.batches_per_epoch)))

    def checkpoint(self, training: Training) -> None:
        """Saves everything the training needs to continue exactly as if it had not been interrupted."""
        self.write()  # the store must hold all steps up to the checkpoint
        times = {"seconds": [self.train_seconds, self.val_seconds], "epoch_images": self.epoch_images}
        snapshots.save(training.state_dict() | times, self.store.checkpoint_path(self.run_id))
        self.saved = seconds_awake()

    def probe(self, training: Training) -> None:
        """Records the predictions for the probe images, the progress, and the filters of the first convolution."""
        self.probed = seconds_awake()
        predicted = probabilities(training.model, self.probe_pixels, training.device)
        probe = Probe(training.progress.step, np.round(predicted.astype(np.float64), 5).tolist())
        kernels = next((p for p in training.network.parameters() if p.ndim == 4), None)
        filters = None if kernels is None else kernels.detach().cpu().contiguous().numpy().copy()
        self.pending.append(partial(self.history.add_probe, probe))
        self.pending.append(partial(self.history.set_progress, self._progress(training), filters))
        self.write()

    def record_all(self, training: Training) -> None:
        self.snapshot(training)
        self.probe(training)
        self.checkpoint(training)

    def write(self) -> None:
        """Writes all pending records, or none if it fails; then they stay pending."""
        if self.steps or self.pending:
            with self.store.transaction():
                self.history.add_steps(self.steps)
                for write in self.pending:
                    write()
            self.steps, self.pending = [], []
        self.written = seconds_awake()

    def _progress(self, training: Training) -> Progress:
        done, per_epoch = training.progress.step, training.batches_per_epoch
        steps = per_epoch * training.spec.epochs
        seconds, since = seconds_awake() - self.started, done - self.first_step
        return Progress(
            epoch=min(training.progress.epoch, training.spec.epochs),
            epochs=training.spec.epochs,
            step=done,
            steps=steps,
            images_per_second=self.epoch_images / self.train_seconds if self.train_seconds else None,
            seconds_left=(steps - done) * seconds / since if since else None,
            learning_rate=training.learning_rate_at(done + 1),
        )


def choose_probe_images(dataset: Dataset) -> tuple[int, ...]:
    """The indices of up to eight held-out images (training images if none are held out), taking classes in turn."""
    _, pool = dataset.examples
    by_class = [pool[dataset.labels[pool] == label] for label in range(len(dataset.classes))]
    longest = max(map(len, by_class))
    turns = [int(images[i]) for i in range(longest) for images in by_class if i < len(images)]
    return tuple(turns[:PROBES])
