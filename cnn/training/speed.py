"""Measures how fast this machine trains a network, by training that network in a separate process.

A formula based on multiply-adds would be wrong by several times, because few maps use a processor less well than many.
Only the separate process loads torch: python -m cnn.training.speed answers each JSON line with a JSON line.
"""

import json
import logging
import subprocess
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np

from cnn.data.dataset import TRAIN, VAL, Dataset
from cnn.errors import UserError
from cnn.model.layers import lay_out
from cnn.model.memory_needed import shortage
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.system.log import went_wrong
from cnn.system.memory import is_out_of_memory
from cnn.system.processes import start_process

ROOT = Path(__file__).resolve().parents[2]
LEAST_SECONDS = 0.2  # of measuring
REST = 0.4  # seconds without a new question before measuring starts: the user may still be moving a slider
GONE = 10.0  # seconds after which an asker who does not ask again is dropped
KEPT_ANSWERS = 200
TRY_AGAIN = 30.0  # seconds until a failed measurement is repeated
# One answer holds for all of these; with a larger learning rate, some networks would diverge on noise.
SPEED_DOES_NOT_DEPEND_ON = {"learning_rate": 1e-6, "epochs": 1, "schedule": "constant", "seed": 0, "patience": 0}
TOO_MUCH = "This machine could not run this network; it probably needs too much memory."

log = logging.getLogger(__name__)


@dataclass
class _Asker:
    """question: the newest one. since: when it was first asked. seen: when it was last asked."""

    question: str
    since: float
    seen: float


class Speedometer:
    """Answers how fast networks train, one at a time, with a process that it starts for the first question. Safe for
    many threads.

    Askers take turns. Only the newest question of each counts, so moving a slider causes one measurement, not many.
    """

    def __init__(self, measure: Callable[[str], dict] | None = None):
        """measure: question (JSON) -> answer; by default the process answers."""
        self._measure = measure or MeasuringProcess().answer
        self._answers: OrderedDict[str, tuple[dict, float]] = OrderedDict()  # question -> answer, valid until
        self._askers: OrderedDict[Hashable, _Asker] = OrderedDict()  # in the order of their turns
        self._news = threading.Condition()
        self._worker: threading.Thread | None = None

    def ask(
        self, asker: Hashable, dataset: DatasetSpec, network: NetworkSpec, training: TrainingSpec, n_classes: int
    ) -> dict | None:
        """{"train": images/s, "evaluate": images/s, "start": seconds until a process that trains has loaded torch}, or
        {"error": sentence}, or None while measuring: ask again for the answer. If the output of frozen layers is
        computed once, {"prepare": images/s} says how fast, and the other two do not include it.

        asker: identifies the caller; a new question replaces its earlier one.
        """
        question = json.dumps(
            {
                "image_size": dataset.image_size,
                "channels": dataset.channels,
                "network": network.to_dict() | ({"base": "any", "base_step": 0} if network.base else {}),
                "training": training.to_dict() | SPEED_DOES_NOT_DEPEND_ON,
                "classes": n_classes,
            }
        )
        now = time.monotonic()
        with self._news:
            answer, until = self._answers.get(question, (None, 0.0))
            if now < until:
                self._askers.pop(asker, None)
                return answer
            waiting = self._askers.setdefault(asker, _Asker(question, now, now))
            if waiting.question != question:
                waiting.question, waiting.since = question, now
            waiting.seen = now
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="speedometer", daemon=True)
                self._worker.start()
            self._news.notify()
        return None

    def _work(self) -> None:
        while True:
            with self._news:
                while (question := self._next()) is None:
                    self._news.wait(REST / 4 if self._askers else None)
            try:
                answer, lasts = self._measure(question), inf
            except OSError as error:
                reason = error.strerror or error
                answer, lasts = {"error": f"The process that measures speed could not be started: {reason}."}, TRY_AGAIN
            except Exception:
                log.exception("Measuring a network failed: %s", question)
                answer, lasts = {"error": went_wrong("the measuring of this network")}, TRY_AGAIN
            with self._news:
                self._answers[question] = answer, time.monotonic() + lasts
                if len(self._answers) > KEPT_ANSWERS:
                    self._answers.popitem(last=False)
                for asker in [asker for asker, waiting in self._askers.items() if waiting.question == question]:
                    del self._askers[asker]

    def _next(self) -> str | None:
        """The question whose turn it is; None if there is none, or if all of them are too new."""
        now = time.monotonic()
        for asker in [asker for asker, waiting in self._askers.items() if now - waiting.seen > GONE]:
            del self._askers[asker]
        for asker, waiting in self._askers.items():
            if now - waiting.since >= REST:
                self._askers.move_to_end(asker)  # its next question comes after those of the others
                return waiting.question
        return None


class MeasuringProcess:
    """The process that measures; restarted if it dies."""

    def __init__(self):
        self.process: subprocess.Popen | None = None

    def answer(self, question: str) -> dict:
        """Raises OSError if no process can be started, and RuntimeError with the traceback of a programming error."""
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, "-m", "cnn.training.speed"]
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            self.process = start_process(command, ROOT, text=True, stdin=pipe, stdout=pipe, stderr=nowhere)
        try:
            print(question, file=self.process.stdin, flush=True)
            assert self.process.stdout is not None
            answer = json.loads(self.process.stdout.readline())
        except (OSError, ValueError):  # it died, probably because memory ran out
            return {"error": TOO_MUCH}
        if "traceback" in answer:
            raise RuntimeError(answer["traceback"])
        return answer


def measure(question: dict) -> dict:
    """Trains the network of a question on random images for a moment; returns images per second, or an error."""
    from cnn.model.build import build
    from cnn.model.model import PLAIN, Model, Preprocessing
    from cnn.training.device import best_device, free_memory
    from cnn.training.loop import Training

    size, channels, n_classes = question["image_size"], question["channels"], question["classes"]
    data = DatasetSpec(image_size=size, channels=channels)
    network_spec = NetworkSpec.from_dict(question["network"])
    spec = TrainingSpec.from_dict(question["training"])
    device = best_device()
    if too_much := shortage(data, network_spec, spec, n_classes, free_memory(device)):
        return {"error": too_much}
    layers, dataset = lay_out(network_spec, size, channels, n_classes), _noise(data, n_classes, spec.batch_size)
    preprocessing = PLAIN
    if network_spec.preprocessing == "standardised":
        preprocessing = Preprocessing.standardised(dataset.images, dataset.train)
    network = build(layers, 0, network_spec.initial_weights, network_spec.dense_bias)
    training = Training(Model(layers, network, dataset.classes, preprocessing), dataset, spec, device)
    batch = dataset.train
    seconds = {
        "train": _seconds(lambda: training.step(batch)),
        "evaluate": _seconds(lambda: training.evaluate(dataset.val)),
    }
    frozen = training.frozen
    if frozen and len(frozen.kept):
        pixels = training.batch(batch)
        seconds["prepare"] = _seconds(lambda: frozen.compute(pixels))
    return {name: len(batch) / taken for name, taken in seconds.items()}


def _noise(spec: DatasetSpec, n_classes: int, batch_size: int) -> Dataset:
    """A dataset of random images, in memory: one batch to train on, and one held out."""
    rng, images = np.random.default_rng(0), 2 * batch_size
    return Dataset(
        folder="",
        spec=spec,
        layout="folders",
        classes=tuple(map(str, range(n_classes))),
        images=rng.integers(0, 256, (images, spec.image_size, spec.image_size, spec.channels), np.uint8),
        labels=rng.integers(0, n_classes, images),
        splits=np.repeat([TRAIN, VAL], batch_size).astype(np.uint8),
        paths=tuple(map(str, range(images))),
        hashes=("",) * images,
        sizes=np.full((images, 2), spec.image_size, np.int32),
        skipped=(),
        fingerprint="",
    )


def _seconds(action) -> float:
    """The median time of a call in seconds, without the first one (warm-up) unless it is slow."""
    times = []
    while True:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
        if sum(times) > LEAST_SECONDS and (len(times) > 2 or times[0] > 1):
            counted = times[1:] or times
            return sorted(counted)[len(counted) // 2]


def _load_torch() -> float:
    """Loads what a trainer loads; returns how many seconds this process has taken until then."""
    import torch

    from cnn.system.processes import own_age

    torch.optim.Adam(torch.nn.Linear(1, 1).parameters())  # the first optimiser takes a second to import
    return own_age()


def main() -> None:
    from cnn.system.processes import keep_freed_memory, yield_to_others

    yield_to_others()  # like the trainers, whose speed it measures
    keep_freed_memory()
    start = _load_torch()
    for line in sys.stdin:
        try:
            answer = measure(json.loads(line)) | {"start": start}
        except UserError as error:
            answer = {"error": str(error)}
        except Exception as error:
            answer = {"error": TOO_MUCH} if is_out_of_memory(error) else {"traceback": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
