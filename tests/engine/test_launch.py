import sys
import time

import psutil
import pytest

from cnn.engine import launch
from cnn.system.processes import YIELDING


@pytest.fixture
def finished(store, wait):
    def wait_for(run_id: str) -> bool:
        return wait(lambda: store.get(run_id).status == "finished")

    return wait_for


def test_a_run_is_trained_by_its_own_process(store, create_run, trainers, finished, wait):
    run_id = create_run()
    launch.start(store, run_id)
    assert finished(run_id) and len(trainers) == 1 and len(store.history(run_id).epochs()) == 3
    assert wait(lambda: trainers[0].poll() is not None) and trainers[0].returncode == 0


def test_a_waiting_process_takes_the_next_run_and_has_done_all_its_slow_imports(store, create_run, trainers, wait):
    launch.prepare(store)
    launch.prepare(store)
    assert len(trainers) == 1
    pid = trainers[0].pid
    assert sys.platform == "win32" or psutil.Process(pid).nice() >= YIELDING  # at once, while it loads torch
    before = wait(lambda: seconds_when_idle(pid))
    run_id, needed = create_run(), []
    launch.start(store, run_id)
    while store.get(run_id).status != "finished":
        needed.append(process_facts(pid)[1] - before)
    assert max(needed) < before / 2  # seconds of processor time, which other load does not change
    assert len(trainers) == 1
    launch.prepare(store)
    assert len(trainers) == 2 and trainers[1].poll() is None


def process_facts(pid: int) -> tuple[str, float]:
    """The state of a process, such as psutil.STATUS_SLEEPING, and the seconds of processor time it has taken."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            return process.status(), times.user + times.system
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE, 0


def seconds_when_idle(pid: int) -> float:
    """The processor time of a process that has got through its beginning and waits; 0 as long as it does not."""
    before = process_facts(pid)
    time.sleep(0.5)
    waits = before[0] == psutil.STATUS_SLEEPING or sys.platform != "linux"  # others call a waiting process "running"
    return before[1] if before == process_facts(pid) and waits and before[1] > 0.3 else 0


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
from cnn.engine import launch
from cnn.store.runs import RunStore
store = RunStore(sys.argv[1])
launch.prepare(store)
launch.start(store, sys.argv[2])
"""


def test_the_trainer_outlives_the_process_that_started_it(store, create_run, finished, run_python):
    run_id = create_run()
    done = run_python("-c", START, store.directory, run_id)
    assert done.returncode == 0, done.stderr
    assert store.history(run_id).epochs() == []
    assert finished(run_id)


PREPARE = """
import sys
from cnn.engine import launch
from cnn.store.runs import RunStore
launch.prepare(RunStore(sys.argv[1]))
print(next(iter(launch._spares.values())).pid)
"""


def test_a_waiting_process_ends_with_its_parent(store, run_python, wait):
    pid = int(run_python("-c", PREPARE, store.directory).stdout)
    wait(lambda: process_facts(pid)[0] == psutil.STATUS_ZOMBIE)


def test_the_output_file_of_trainers_stays_small(store, trainers, monkeypatch):
    monkeypatch.setattr(launch, "LOG_LIMIT", 100)
    log = store.directory / "trainers.log"
    for _ in range(3):
        log.write_text("x" * 1000)
        launch.prepare(store)
        trainers[-1].kill()
        trainers[-1].wait()
    assert log.stat().st_size < 1000 and (store.directory / "trainers.log.1").stat().st_size == 1000
