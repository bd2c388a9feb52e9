import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cnn.system import processes
from cnn.system.processes import YIELDING, keep_freed_memory, start_process

PRINT_SESSION = "import os; print(os.getsid(0))"


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Only Linux chooses what to end.")
def test_linux_ends_a_trainer_before_the_server(run_python):
    code = (
        "from cnn.system.processes import prefer_as_oom_victim; prefer_as_oom_victim();"
        "print(open('/proc/self/oom_score_adj').read())"
    )
    assert int(run_python("-c", code).stdout) == 500


def test_a_process_that_yields_has_a_low_priority_and_may_say_so_twice(run_python):
    code = (
        "import psutil; from cnn.system.processes import yield_to_others; yield_to_others(); yield_to_others();"
        "print(int(psutil.Process().nice()))"
    )
    expected = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else max(psutil.Process().nice(), YIELDING)
    assert int(run_python("-c", code).stdout) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions.")
@pytest.mark.parametrize("lasting", [True, False])
def test_only_a_lasting_process_has_its_own_session(tmp_path, lasting):
    process = start_process([sys.executable, "-c", PRINT_SESSION], tmp_path, lasting, stdout=subprocess.PIPE, text=True)
    output, _ = process.communicate(timeout=300)
    assert int(output) == (process.pid if lasting else os.getsid(0))


@pytest.mark.parametrize(("lasting", "flags"), [(True, 0x8000200), (False, 0x8000000)])
def test_on_windows_a_process_has_no_window_and_a_lasting_one_its_own_group(tmp_path, monkeypatch, lasting, flags):
    given = {}
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x8000000, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: given.update(options))
    start_process(["python"], tmp_path, lasting)
    assert given == {"cwd": tmp_path, "creationflags": flags}


def test_keeping_freed_memory_is_no_error_without_glibc(monkeypatch):
    for error in (AttributeError, OSError, TypeError):

        def fail(name, error=error):
            raise error

        monkeypatch.setattr(processes.ctypes, "CDLL", fail)
        keep_freed_memory()
