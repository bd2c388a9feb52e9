import json
import os
import platform
import socket
import struct
import sys
import sysconfig
from collections import namedtuple
from types import SimpleNamespace

import pytest

from cnn.cli import check, trial
from cnn.cli.check import Finding, check_address, check_packages, check_python, check_store, pins, tried
from cnn.store import database
from cnn.store.runs import RunStore, StoreError
from cnn.system import machine


def statuses(findings) -> list[str]:
    return [finding.status for finding in findings]


# The command


@pytest.fixture
def found(monkeypatch):
    """Has `check` find these, and nothing else."""
    findings: list[Finding] = []
    monkeypatch.setattr(check, "_findings", lambda runs: iter(findings))
    return findings


def test_the_exit_status_says_whether_everything_works(found, capsys):
    found += [Finding("ok", "Fine."), Finding("note", "Slow.", "Wait.")]
    assert check.check(SimpleNamespace(runs="runs", json=False)) == 0
    output = capsys.readouterr().out
    assert "ok       Fine.\nnote     Slow. Wait.\n" in output and output.endswith("This computer can run everything.\n")
    found.append(Finding("problem", "Broken.", "Mend it."))
    assert check.check(SimpleNamespace(runs="runs", json=False)) == 2
    assert "problem  Broken. Mend it.\n\nProblems: 1." in capsys.readouterr().out
    assert check.check(SimpleNamespace(runs="runs", json=True)) == 2
    assert json.loads(capsys.readouterr().out)[2] == {"status": "problem", "text": "Broken.", "advice": "Mend it."}


def test_this_computer_is_checked_without_leaving_anything(run_python, tmp_path):
    done = run_python("-m", "cnn", "check", "--json", env=os.environ | {"CNN_RUNS": str(tmp_path / "runs")})
    findings = [Finding(**finding) for finding in json.loads(done.stdout)]
    assert done.returncode == 0 and "problem" not in statuses(findings) and len(findings) > 7, done.stdout
    texts = " ".join(finding.text for finding in findings)
    for part in ("Python 3.", "PyTorch", "numba compiles", "GB of memory", "GB are free", str(tmp_path), "camera"):
        assert part in texts
    assert list(tmp_path.iterdir()) == []


WITHOUT = """
import importlib.abc, runpy, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages}:
            raise ImportError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
import cnn.cli.check
cnn.cli.check.tried = lambda names: {{}}  # trying the packages takes seconds, and is another test
sys.argv = ["cnn", *{arguments}]
runpy.run_module("cnn", run_name="__main__")
"""
PACKAGES = ("torch", "numpy", "PIL", "psutil", "filelock", "streamlit", "pandas")


def test_it_works_without_any_package(run_python, tmp_path):
    arguments = ["check", "--json", "--runs", str(tmp_path)]
    done = run_python("-c", WITHOUT.format(packages=PACKAGES, arguments=arguments))
    findings = [Finding(**finding) for finding in json.loads(done.stdout)]
    assert done.returncode == 2 and done.stderr == "", done.stderr
    assert any(f.status == "problem" and "cannot be checked without" in f.text for f in findings)


def test_other_commands_say_where_to_look_when_a_package_is_missing(run_python):
    done = run_python("-c", WITHOUT.format(packages=("numpy",), arguments=["runs"]))
    assert done.returncode == 2
    assert done.stderr == "error: No module named 'numpy'. To see what is missing: python -m cnn check\n"


def test_a_fault_in_a_check_is_a_finding_and_the_others_run(monkeypatch, tmp_path, logged):
    def fail():
        raise ZeroDivisionError

    for name in ("check_packages", "check_memory", "check_address"):
        monkeypatch.setattr(check, name, fail)
    findings = list(check._findings(tmp_path))
    assert [f.status for f in findings] == ["ok", "problem", "problem", "ok", "ok", "ok", "problem"] and len(
        logged
    ) == 3
    assert findings[1].text.startswith("Something went wrong inside the check of the packages.")


# Python and the system


@pytest.mark.parametrize(
    ("system", "processor", "translated", "part"),
    [
        ("Windows", "AMD64", False, ""),
        ("Linux", "aarch64", False, ""),
        ("Darwin", "arm64", False, ""),
        ("Darwin", "x86_64", False, "Intel processor"),
        ("Darwin", "x86_64", True, "has an Apple chip"),
        ("Windows", "ARM64", False, "Windows on ARM"),
    ],
)
def test_computers_without_a_pytorch_are_known(monkeypatch, system, processor, translated, part):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    monkeypatch.setattr(machine, "_is_translated", lambda: translated)
    (finding,) = check_python()
    assert (finding.status == "ok") == (part == "") and part in finding.text
    assert (finding.advice != "") == (part != "")


def test_32_bit_free_threaded_and_newer_pythons_are_named(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(struct, "calcsize", lambda kind: 4)
        assert "32-bit" in next(check_python()).text
    with monkeypatch.context() as patch:
        patch.setattr(sysconfig, "get_config_var", lambda name: 1)
        assert "free-threaded" in next(check_python()).text
    version = namedtuple("version", "major minor micro releaselevel serial")
    monkeypatch.setattr(sys, "version_info", version(3, 15, 0, "final", 0))
    assert next(check_python()).status == "note"


def test_folders_of_packages_with_long_paths_are_told_where_windows_limits_them(monkeypatch):
    store = r"C:\Users\Ada\AppData\Local\Packages\PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0\LocalCache"
    store += r"\local-packages\Python313\site-packages"
    monkeypatch.setattr(check.site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(check.site, "getusersitepackages", lambda: store)
    monkeypatch.setattr(check, "has_limit", lambda: False)
    assert statuses(check_python()) == ["ok"]
    monkeypatch.setattr(check, "has_limit", lambda: True)
    _, note = check_python()
    assert note.status == "note" and store in note.text and r"C:\cnn" in note.advice
    monkeypatch.setattr(check.site, "ENABLE_USER_SITE", False)  # in an environment
    monkeypatch.setattr(check.sysconfig, "get_path", lambda name: r"C:\cnn\.venv\Lib\site-packages")
    assert statuses(check_python()) == ["ok"]


def test_an_older_python_is_refused_in_a_sentence(monkeypatch, capsys):
    from cnn.__main__ import main

    monkeypatch.setattr(sys, "version_info", (3, 9, 7, "final", 0))
    assert main() == 2
    assert capsys.readouterr().err == "error: Python 3.11 or newer is needed; this is Python 3.9.7.\n"


# Packages


@pytest.fixture
def installed(monkeypatch):
    """Sets the installed versions, and what trying the packages gives."""

    def install(results: dict[str, dict], **versions: str) -> None:
        def version(name: str) -> str:
            if (found := versions.get(name, pins()[name])) == "":
                raise check.PackageNotFoundError(name)
            return found

        monkeypatch.setattr(check, "version", version)
        monkeypatch.setattr(check, "tried", lambda names: {name: {"text": ""} for name in names} | results)

    return install


def test_missing_and_other_versions_are_named(installed):
    installed({}, torch=pins()["torch"] + "+cpu", plotly="6.0.0", captum="")
    findings = [finding for finding in check_packages() if finding.status != "ok"]
    assert [(f.status, f.text.split(" is ")[0]) for f in findings] == [
        ("problem", "The package captum"),
        ("note", "plotly 6.0.0"),
    ]
    assert all("pip install -r requirements.txt" in finding.advice for finding in findings)


def test_packages_that_do_not_load_are_problems_but_training_works_without_numba(installed, monkeypatch):
    library = "OSError: [WinError 126] The specified module could not be found. Error loading c10.dll"
    installed({"torch": {"error": library}, "numba": {"error": "ImportError: no"}, "device": {"text": "No GPU."}})
    monkeypatch.setattr(sys, "platform", "win32")
    findings = {f.text.partition(" ")[0]: f for f in check_packages() if f.status != "ok"}
    assert findings["numba"].status == "note"
    assert findings["The"].status == "problem" and "Visual C++" in findings["The"].advice
    installed({"torch": {"error": "OSError: [WinError 1455] The paging file is too small"}})
    (problem,) = (finding for finding in check_packages() if finding.status == "problem")
    assert "Close other programs" in problem.advice


def test_an_nvidia_gpu_that_pytorch_cannot_use_is_a_note(installed, monkeypatch):
    installed({"device": {"text": "No GPU that PyTorch can use: networks train on the processor."}})
    monkeypatch.setattr(check.shutil, "which", lambda name: None)
    assert set(statuses(check_packages())) == {"ok"}
    monkeypatch.setattr(check.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert next(f.text for f in check_packages() if f.status == "note").endswith("This computer has an NVIDIA GPU.")


def test_a_package_that_ends_python_does_not_hide_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "abort_at_import.py").write_text("import os\nprint('OMP: Error #15')\nos._exit(7)\n", encoding="utf-8")
    results = tried(["json", "abort_at_import", "no_such_package", "pillow"])
    assert results == {
        "json": {"text": ""},
        "abort_at_import": {"error": "it ends Python, with status 0x7 (OMP: Error #15)"},
        "no_such_package": {"error": "ModuleNotFoundError: No module named 'no_such_package'"},
        "pillow": {"text": ""},
    }


def test_a_package_that_never_loads_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(check, "PATIENCE", 1.0)
    (tmp_path / "sleep_at_import.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    assert tried(["sleep_at_import"]) == {"sleep_at_import": {"error": "it does not load within 1 seconds"}}


def test_the_way_a_process_ended_is_told(monkeypatch):
    assert machine.how_it_ended(-11) == "by signal 11"
    monkeypatch.setattr(sys, "platform", "win32")
    assert machine.how_it_ended(-1073741795) == "with status 0xc000001d"  # an unknown instruction


def test_a_wrong_result_is_an_error(monkeypatch):
    import cnn.model.relu_pool

    assert "text" in trial.attempt("numba")
    monkeypatch.setattr(cnn.model.relu_pool, "relu_pool", lambda maps, bias: maps[:, :, ::2, ::2])
    assert trial.attempt("numba")["error"].startswith("AssertionError: Tensor-likes are not")


# The run store


def test_a_folder_for_runs_is_tried_and_left_as_it_was(tmp_path, filled):
    before = sorted(path for path in tmp_path.rglob("*") if "opening.lock" not in path.name)
    assert (
        statuses(check_store(tmp_path / "not yet" / "runs")) == statuses(check_store(filled.directory)) == ["ok", "ok"]
    )
    assert sorted(path for path in tmp_path.rglob("*") if "opening.lock" not in path.name) == before


def test_a_folder_in_onedrive_or_on_a_network_drive_is_told(tmp_path, monkeypatch):
    (tmp_path / "OneDrive").mkdir()
    ok, note = check_store(tmp_path / "OneDrive" / "runs")
    assert ok.status == "ok" and note.status == "note" and "is in OneDrive," in note.text and "CNN_RUNS" in note.advice
    monkeypatch.setattr(database, "is_on_network", lambda folder: True)
    monkeypatch.setattr("cnn.system.drives.is_on_network", lambda folder: True)
    assert "a network drive" in list(check_store(tmp_path / "runs"))[1].text


def test_a_folder_that_cannot_be_used_is_a_problem(tmp_path, filled, monkeypatch):
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "runs.sqlite").write_bytes(b"not a database" * 100)
    (finding,) = check_store(tmp_path / "damaged")
    assert finding.status == "problem" and "is damaged" in finding.text

    def refuse(self, directory):
        raise StoreError(f"Files in {directory} cannot be locked.")

    monkeypatch.setattr(RunStore, "__init__", refuse)
    (finding,) = check_store(tmp_path / "runs")
    assert finding.text == f"Files in {tmp_path / 'runs'} cannot be locked." and list(tmp_path.glob(".check-*")) == []


def test_a_folder_that_refuses_new_files_is_a_problem_at_once(tmp_path, filled, monkeypatch):
    (filled.directory / "datasets").mkdir(exist_ok=True)
    assert "problem" not in statuses(check_store(filled.directory))
    assert list((filled.directory / "datasets").iterdir()) == []

    def refuse(folder, *_, **__):
        raise PermissionError(13, "Access is denied", str(folder))

    monkeypatch.setattr(check, "atomic_write", refuse)
    assert statuses(check_store(filled.directory)) == ["problem"]
    monkeypatch.setattr(check.Path, "mkdir", refuse)
    (finding,) = check_store(tmp_path)
    assert finding.status == "problem" and finding.text == f"Nothing can be written in {tmp_path}: Access is denied."


def test_locks_that_do_not_work_are_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr("cnn.system.locks.is_held", lambda lock: True)  # for ever
    assert statuses(check_store(tmp_path)) == ["problem"]


# The address


@pytest.fixture
def port(monkeypatch) -> int:
    """A free port, where the dashboard is to be."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(free))
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "127.0.0.1")
    return free


def test_a_free_port_and_a_local_address_are_fine(port):
    where, camera = check_address()
    assert (where.status, camera.status) == ("ok", "ok") and where.text.endswith(f"http://127.0.0.1:{port}")


def test_a_port_in_use_is_told(port):
    with socket.create_server(("127.0.0.1", port)):
        assert next(check_address()).text.startswith(f"Port {port} is in use")


def test_the_camera_needs_a_local_address_or_https(port, monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    camera = list(check_address())[-1]
    assert camera.status == "note" and "https://" in camera.text


def test_an_unknown_name_of_this_computer_is_a_problem(port, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_server", unknown)
    assert "127.0.0.1" in next(check_address()).advice
