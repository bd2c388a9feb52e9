import time
from pathlib import Path

import pytest

from cnn import launch


@pytest.fixture
def finished(store, wait):
    def wait_for(run_id: str) -> bool:
        return wait(lambda: store.get(run_id).status == "finished")

    return wait_for


def test_a_run_is_trained_by_a_process_of_its_own(store, create_run, trainers, finished, wait):
    run_id = create_run()
    launch.start(store, run_id)
    assert finished(run_id) and len(trainers) == 1 and len(store.epochs(run_id)) == 3
    assert wait(lambda: trainers[0].poll() is not None) and trainers[0].returncode == 0


def test_a_waiting_process_takes_the_next_run_and_begins_at_once(store, create_run, trainers, finished, wait):
    launch.prepare(store)
    launch.prepare(store)
    assert len(trainers) == 1
    wait(lambda: idle(trainers[0].pid))
    run_id = create_run()
    start = time.monotonic()
    launch.start(store, run_id)
    finished(run_id)
    assert time.monotonic() - start < 0.9 and len(trainers) == 1
    launch.prepare(store)
    assert len(trainers) == 2 and trainers[1].poll() is None


def idle(pid: int) -> bool:
    """Whether a process has got through its imports, and has nothing to do but wait."""

    def seconds() -> int:
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))

    before = seconds()
    time.sleep(0.5)
    return before == seconds() > 50  # hundredths of a second of processor time


def test_a_waiting_process_that_died_is_replaced(store, create_run, trainers, finished):
    launch.prepare(store)
    trainers[0].kill()
    trainers[0].wait()
    run_id = create_run()
    launch.start(store, run_id)
    assert finished(run_id) and len(trainers) == 2
    launch.prepare(store)
    trainers[2].kill()
    trainers[2].wait()
    launch.prepare(store)
    assert len(trainers) == 4 and trainers[3].poll() is None


START = """
import sys
from cnn import launch
from cnn.runs import RunStore
store = RunStore(sys.argv[1])
launch.prepare(store)
launch.start(store, sys.argv[2])
"""


def test_the_trainer_outlives_the_process_that_started_it(store, create_run, finished, run_python):
    run_id = create_run()
    done = run_python("-c", START, store.directory, run_id)
    assert done.returncode == 0, done.stderr
    assert store.epochs(run_id) == []
    assert finished(run_id)


PREPARE = """
import sys
from cnn import launch
from cnn.runs import RunStore
launch.prepare(RunStore(sys.argv[1]))
print(next(iter(launch._spares.values())).pid)
"""


def test_a_waiting_process_ends_with_the_one_that_wanted_it(store, run_python, wait):
    pid = int(run_python("-c", PREPARE, store.directory).stdout)
    wait(lambda: gone(pid))


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
