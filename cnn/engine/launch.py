"""Starts trainer processes. The one way to have a run trained elsewhere: `start(store, run_id)`."""

import subprocess
import sys
import threading
from pathlib import Path

from cnn.store.runs import RunError, RunStore
from cnn.system.files import rotate
from cnn.system.processes import start_process

ROOT = Path(__file__).resolve().parents[2]
LOG_LIMIT = 1_000_000  # bytes of what trainers print: warnings of libraries, and what a crash leaves

_lock = threading.Lock()
_spares: dict[Path, subprocess.Popen] = {}  # runs folder -> a trainer that has loaded torch and waits


def prepare(store: RunStore) -> None:
    """Has a trainer load torch and wait, so that the next `start` takes effect at once.

    Raises RunError if no process can be started.
    """
    with _lock:
        spare = _spares.get(store.directory)
        if spare is None or spare.poll() is not None:
            _spares[store.directory] = _spawn(store)


def start(store: RunStore, run_id: str) -> None:
    """Has a run trained (or gone on with) by a process of its own, which outlives this one.

    Raises RunError if no process can be started.
    """
    with _lock:
        trainer = _spares.pop(store.directory, None)
        if trainer is None or not _hand_over(trainer, run_id):
            trainer = _spawn(store)
            _hand_over(trainer, run_id)
    # Reaps the process when it ends; otherwise it would stay in the process table until this one ends.
    threading.Thread(target=trainer.wait, daemon=True).start()


def _spawn(store: RunStore) -> subprocess.Popen:
    try:
        rotate(store.directory / "trainers.log", LOG_LIMIT)
        with open(store.directory / "trainers.log", "ab") as log:
            command = [sys.executable, "-m", "cnn.engine.trainer", "--runs", str(store.directory)]
            return start_process(command, ROOT, lasting=True, stdin=subprocess.PIPE, stdout=log, stderr=log)
    except OSError as error:  # a full disk, too little memory
        raise RunError(f"No training process could be started: {error.strerror or error}.") from error


def _hand_over(trainer: subprocess.Popen, run_id: str) -> bool:
    try:
        trainer.stdin.write(f"{run_id}\n".encode())
        trainer.stdin.close()
    except OSError:  # it ended while it waited
        return False
    return True
