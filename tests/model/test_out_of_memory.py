"""Runs and the server when the kernel kills a trainer because memory has run out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec
from tests.conftest import ROOT

LIMIT = 900_000_000  # bytes for a server and two trainers: small runs take a third of it each, at most
WIDE = NetworkSpec(filters=(256, 4), batch_norm=True)  # its first maps take 300 MB, several times, for 20 images

SERVER = """
import sys
with open(sys.argv[2], "w") as group:
    group.write("0")
from cnn.engine import launch
from cnn.store.runs import RunStore
store = RunStore(sys.argv[1])
for line in sys.stdin:
    launch.start(store, line.strip())
    print("started", flush=True)
"""


@pytest.fixture
def memory_group(wait):
    """A control group of Linux, to be left empty, whose processes may take LIMIT bytes together: a folder."""
    own = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    group = Path(f"/sys/fs/cgroup/memory{own.get('memory')}") / f"cnn-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("This user cannot limit the memory of processes.")
    (group / "memory.limit_in_bytes").write_text(str(LIMIT))
    yield group
    for process in (group / "cgroup.procs").read_text().split():
        os.kill(int(process), signal.SIGKILL)
    wait(lambda: (group / "cgroup.procs").read_text() == "")
    group.rmdir()


@pytest.fixture
def start(store, memory_group):
    """Has a process in that group, as a server would, start the trainer of a run."""
    command = [sys.executable, "-c", SERVER, store.directory, memory_group / "cgroup.procs"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    server = subprocess.Popen(command, cwd=ROOT, **pipes)

    def start(run_id: str) -> None:
        server.stdin.write(f"{run_id}\n")
        server.stdin.flush()
        assert server.stdout.readline() == "started\n", "The server is gone."

    yield start
    server.kill()
    server.wait()


@pytest.mark.hardening
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has control groups.")
def test_only_the_trainer_that_needs_too_much_is_killed_and_its_run_can_continue(
    store, create_run, start, memory_group, outcome, wait
):
    data = DatasetSpec(image_size=128)
    expected, greedy = (create_run(data=data, network=WIDE, batch_size=20, epochs=1) for _ in range(2))
    modest = create_run(epochs=2_000)
    assert train_run(store, expected) == "finished"
    start(modest)
    wait(lambda: store.history(modest).steps())
    start(greedy)
    wait(lambda: store.get(greedy).status == "running")
    wait(lambda: not store.get(greedy).active, 180)
    assert store.get(greedy).status == "interrupted" and "ran out of memory" in store.get(greedy).message
    assert "oom_kill 1\n" in (memory_group / "memory.oom_control").read_text()  # and nothing else was
    step = store.history(modest).steps()[-1].step
    wait(lambda: store.history(modest).steps()[-1].step > step)
    store.request(modest, "stop")
    wait(lambda: store.get(modest).status == "stopped")
    (memory_group / "memory.limit_in_bytes").write_text("-1")
    assert store.reopen(greedy)
    start(greedy)
    wait(lambda: not store.get(greedy).active, 180)
    assert store.get(greedy).status == "finished" and outcome(store, greedy) == outcome(store, expected)
