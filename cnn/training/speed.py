"""How fast this machine trains a network: measured on that very network, in a process of its own.

A formula from multiply-adds alone would be several times off: few maps keep a processor less busy than many.
Nothing here loads torch but that process: python -m cnn.training.speed answers one JSON line with another.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from cnn.model.layers import lay_out
from cnn.model.memory import shortage
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

ROOT = Path(__file__).resolve().parents[2]
LEAST_SECONDS = 0.2  # to measure for
REST = 0.4  # seconds without another question before the newest is worked on: the page may need the processor
KEPT_ANSWERS = 200


class Speedometer:
    """Answers how fast networks train, from a process that it starts when first asked. For use by many threads."""

    def __init__(self):
        self._answers: dict[str, dict] = {}
        self._wanted: str | None = None
        self._news = threading.Condition()
        self._worker: threading.Thread | None = None

    def ask(self, dataset: DatasetSpec, network: NetworkSpec, training: TrainingSpec, n_classes: int) -> dict | None:
        """{"train": images/s, "evaluate": images/s}, or {"error": sentence}, or None while it is being measured.

        Only the newest question is worked on: ask again until there is an answer.
        """
        question = json.dumps(
            {
                "image_size": dataset.image_size,
                "channels": dataset.channels,
                "network": network.to_dict(),
                "batch_size": training.batch_size,
                "optimizer": training.optimizer,
                "classes": n_classes,
            }
        )
        with self._news:
            if question in self._answers:
                return self._answers[question]
            if question != self._wanted:
                self._wanted = question
                self._news.notify()
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()
        return None

    def _work(self) -> None:
        process = None
        while True:
            with self._news:
                while self._wanted is None:
                    self._news.wait()
                while self._news.wait(REST):  # another question came: a slider is being moved
                    pass
                question, self._wanted = self._wanted, None
            if question in self._answers:
                continue
            if process is None or process.poll() is not None:
                process = subprocess.Popen(
                    [sys.executable, "-m", "cnn.training.speed"],
                    cwd=ROOT,
                    text=True,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            answer = _put(process, question)
            with self._news:
                if len(self._answers) >= KEPT_ANSWERS:
                    self._answers.clear()
                self._answers[question] = answer


def _put(process: subprocess.Popen, question: str) -> dict:
    try:
        process.stdin.write(question + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())
    except (OSError, ValueError):  # it died, most likely for want of memory
        return {"error": "This network could not be tried out on this machine: most likely it needs too much memory."}


def measure(question: dict) -> dict:
    """Trains the network of a question on made-up images for a moment; images per second, or why it cannot."""
    import numpy as np
    import torch

    from cnn.model.build import build
    from cnn.model.fast import pool_first
    from cnn.model.model import unit_pixels
    from cnn.training.device import best_device, free_memory
    from cnn.training.loop import make_optimizer

    size, channels, batch = question["image_size"], question["channels"], question["batch_size"]
    data = DatasetSpec(image_size=size, channels=channels)
    network_spec = NetworkSpec.from_dict(question["network"])
    spec = TrainingSpec(batch_size=batch, optimizer=question["optimizer"])
    device = best_device()
    if too_much := shortage(data, network_spec, spec, question["classes"], free_memory(device)):
        return {"error": too_much}
    layers = lay_out(network_spec, size, channels, question["classes"])
    network = build(layers, seed=0).to(device)
    compute = pool_first(network)
    optimizer = make_optimizer(network, spec)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch, size, size, channels), np.uint8)
    labels = torch.from_numpy(rng.integers(0, question["classes"], batch)).to(device)

    def train():
        loss = torch.nn.functional.cross_entropy(compute(unit_pixels(images, device)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    @torch.no_grad()
    def evaluate():
        return compute(unit_pixels(images, device)).sum().item()

    return {"train": batch / _seconds(train), "evaluate": batch / _seconds(evaluate)}


def _seconds(action) -> float:
    """The time one call takes: the median of as many as fit, after one that does not count unless it is slow."""
    times = []
    while True:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
        if sum(times) > LEAST_SECONDS and (len(times) > 2 or times[0] > 1):
            counted = times[1:] or times
            return sorted(counted)[len(counted) // 2]


def main() -> None:
    from cnn.engine.trainer import keep_freed_memory

    keep_freed_memory()
    for line in sys.stdin:
        try:
            answer = measure(json.loads(line))
        except (RuntimeError, MemoryError, ValueError) as error:
            answer = {"error": f"This network could not be tried out on this machine: {str(error).splitlines()[0]}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
