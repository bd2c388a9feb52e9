"""Starts trainer processes: `start(store, run_id)` trains a run in a separate process.

Which run starts when is decided in `cnn.engine.queue`. An engine with other machines would replace `start` only.
"""

import subprocess
import sys
import threading
from pathlib import Path

from cnn.store.runs import RunError, RunStore
from cnn.system.files import rotate
from cnn.system.processes import start_process, yield_to_others

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 7.0  # until a trainer has loaded torch, where that is not measured; on two slow cores: 6.3 to 7.1
LOG_LIMIT = 1_000_000  # bytes of the trainers' output: library warnings, tracebacks

_lock = threading.Lock()
_spares: dict[Path, subprocess.Popen] = {}  # folder of runs -> a trainer that has loaded torch and waits for a run


def prepare(store: RunStore) -> None:
    """Starts a spare trainer that loads torch and waits, so that the next `start` takes effect at once.

    Raises RunError if no process can be started.
    """
    with _lock:
        spare = _spares.get(store.directory)
        if spare is None or spare.poll() is not None:
            _spares[store.directory] = _spawn(store)


def start(store: RunStore, run_id: str) -> None:
    """Trains or continues a run in a separate process, which outlives this one. Raises RunError if none can be
    started."""
    with _lock:
        trainer = _spares.pop(store.directory, None)
        if trainer is None or not _hand_over(trainer, run_id):
            trainer = _spawn(store)
            _hand_over(trainer, run_id)
    # Without a wait for its end, the process would stay in the process table (a zombie) until this one ends.
    threading.Thread(target=trainer.wait, daemon=True).start()


def _spawn(store: RunStore) -> subprocess.Popen:
    try:
        rotate(store.directory / "trainers.log", LOG_LIMIT)
        with open(store.directory / "trainers.log", "ab") as log:
            command = [sys.executable, "-m", "cnn.engine.trainer", "--runs", str(store.directory)]
            trainer = start_process(command, ROOT, lasting=True, stdin=subprocess.PIPE, stdout=log, stderr=log)
    except OSError as error:  # a full disk, too little memory
        raise RunError(f"No training process could be started: {error.strerror or error}.") from error
    yield_to_others(trainer.pid)  # now, because it first loads torch for seconds
    return trainer


def _hand_over(trainer: subprocess.Popen, run_id: str) -> bool:
    assert trainer.stdin is not None
    try:
        trainer.stdin.write(f"{run_id}\n".encode())
        trainer.stdin.close()
    except OSError:  # the trainer ended while it waited
        return False
    return True
