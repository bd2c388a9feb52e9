"""python -m cnn check: can this computer run everything, what is missing, and what to do about it?

Works without any package, because it looks for missing and broken ones.
"""

import errno
import json
import logging
import os
import re
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from cnn.cli.arguments import make_parser
from cnn.system.files import atomic_write, delete
from cnn.system.log import keep_log, went_wrong
from cnn.system.machine import REINSTALL, advice_for, cores, describe, how_it_ended, obstacle
from cnn.system.path_length import MAX_PATH, has_limit
from cnn.system.processes import start_process
from cnn.system.streams import escape_unknown_characters

ROOT = Path(__file__).resolve().parents[2]
NEWEST_PYTHON = (3, 14)  # the newest for which the packages were looked up; see docs/systems.md
PATIENCE = 180.0  # seconds for trying all packages; a virus scanner may read each of their files first
# Bytes. On Linux, the server takes 0.45 GB, and each process that trains or measures speed 0.55 GB; three are usual.
ENOUGH_MEMORY = 2_000_000_000
ENOUGH_DISK = 1_000_000_000
LONGEST = 150  # characters of the longest path inside the packages; rounded up
PROBLEMS_STATUS = 2  # the exit status


@dataclass(frozen=True)
class Finding:
    """One thing that was checked. text: what was found. advice: what to do; "" if nothing.

    status: "ok"; "note" for what works but may surprise; "problem" for what keeps a part of the program from working.
    """

    status: Literal["ok", "note", "problem"]
    text: str
    advice: str = ""


def main() -> int:
    arguments = sys.argv[1:]
    escape_unknown_characters()
    options = make_parser(arguments).parse_args(arguments)
    keep_log(options.runs)
    return check(options)


def check(options) -> int:
    """Prints what was found; returns the exit status: 0 if everything works, 2 if not."""
    if not options.json:
        print("Checking this computer. This takes ten seconds or more; the first time is slowest.\n", flush=True)
    findings = []
    for finding in _findings(Path(options.runs).expanduser().absolute()):
        findings.append(finding)
        if not options.json:
            advice = f" {finding.advice}" if finding.advice else ""
            print(f"{finding.status:<8} {finding.text}{advice}", flush=True)
    problems = sum(finding.status == "problem" for finding in findings)
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings]))
    elif problems:
        print(f"\nProblems: {problems}. Some or all of the program does not work on this computer yet.")
    else:
        print("\nThis computer can run everything.")
    return PROBLEMS_STATUS if problems else 0


def _findings(runs: Path) -> Iterator[Finding]:
    """What each check finds. An error in a check is a finding, too: the others must still run."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "Python": check_python,
        "packages": check_packages,
        "memory": check_memory,
        "disk": lambda: check_disk(runs),
        "run store": lambda: check_store(runs),
        "address": check_address,
    }
    for name, findings in checks.items():
        try:
            yield from findings()
        except ImportError as error:
            yield Finding("problem", f"The {name} cannot be checked without {error.name}.", REINSTALL)
        except Exception:
            logging.getLogger(__name__).exception("Checking the %s", name)
            yield Finding("problem", went_wrong(f"the check of the {name}"))


def check_python() -> Iterator[Finding]:
    if found := obstacle():
        yield Finding("problem", f"{describe()}. {found[0]}", found[1])
    elif sys.version_info[:2] > NEWEST_PYTHON:
        newest = ".".join(map(str, NEWEST_PYTHON))
        yield Finding("note", f"{describe()}.", f"This program was made for Python 3.11 to {newest}.")
    else:
        yield Finding("ok", f"{describe()}.")
    if has_limit() and (where := max(_packages(), key=len)) and len(where) + LONGEST > MAX_PATH:
        text = f"pip puts packages into {where}, and Windows allows paths of at most {MAX_PATH} characters."
        short = (
            r"move this program to a short path, such as C:\cnn, and make an environment there (README.md says how)."
        )
        yield Finding("note", text, f"If pip says that a path is too long, or that a file does not exist: {short}")


def _packages() -> list[str]:
    """The folders into which pip may put packages: the Python's own, and the user's if that is read-only."""
    own = sysconfig.get_path("purelib")
    return [own, site.getusersitepackages()] if site.ENABLE_USER_SITE else [own]


def pins() -> dict[str, str]:
    """Package -> version, as in requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    return {pin[1]: pin[2] for pin in named if pin}


def check_packages() -> Iterator[Finding]:
    """Compares the installed versions with requirements.txt, then tries each package."""
    usable = []
    for name, wanted in pins().items():
        try:
            installed = version(name).partition("+")[0]  # without the kind of build: 2.13.0+cpu
        except PackageNotFoundError:
            yield Finding("problem", f"The package {name} is not installed.", REINSTALL)
            continue
        usable.append(name)
        if installed != wanted:
            text = f"{name} {installed} is installed, but this program was made for {wanted}."
            yield Finding("note", text, "If something fails: python -m pip install -r requirements.txt")
    plain = []
    for name, result in tried(usable + ["device"] * ("torch" in usable)).items():
        if error := result.get("error"):
            yield _broken(name, error)
        elif name == "device":
            yield _gpu(result["text"])
        elif result["text"]:
            yield Finding("ok", result["text"])
        else:
            plain.append(name)
    if plain:
        yield Finding("ok", f"These packages load: {', '.join(plain)}.")


def tried(names: list[str]) -> dict[str, dict[str, str]]:
    """The result of `cnn.cli.trial` for each name. If one ends the process, another process tries the rest."""
    results: dict[str, dict[str, str]] = {}
    while rest := [name for name in names if name not in results]:
        command = [sys.executable, "-m", "cnn.cli.trial", *rest]
        pipe = subprocess.PIPE
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe}
        with start_process(command, ROOT, text=True, errors="replace", **streams) as process:
            try:
                output, errors = process.communicate(timeout=PATIENCE)
                last = next((line for line in reversed(errors.splitlines()) if line.strip()), "")
                ended = f"it ends Python, {how_it_ended(process.returncode)}{last and f' ({last.strip()})'}"
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                ended = f"it does not load within {PATIENCE:.0f} seconds"
        begun = rest[0]
        for line in map(json.loads, output.splitlines()):
            if "begin" in line:
                begun = line["begin"]
            else:
                results[begun] = line
        if any(name not in results for name in rest):
            results[begun] = {"error": ended}
    return results


def _broken(name: str, error: str) -> Finding:
    if name == "numba":  # cnn.model.fast trains without it
        return Finding("note", f"numba does not work, so training is slower: {error}.", advice_for(error))
    if name == "device":
        return Finding("problem", f"The GPU does not work: {error}.", "Update its driver, or install another PyTorch.")
    return Finding("problem", f"The package {name} does not work: {error}.", advice_for(error))


def _gpu(text: str) -> Finding:
    if shutil.which("nvidia-smi") and text.startswith("No GPU"):
        return Finding("note", f"{text} This computer has an NVIDIA GPU.", "README.md says which PyTorch can use it.")
    return Finding("ok", text)


def check_memory() -> Iterator[Finding]:
    from cnn.system.memory import available

    free = available()
    text = f"{free / 1e9:.1f} GB of memory are free; {cores()} processor cores."
    if free < ENOUGH_MEMORY:
        yield Finding("note", text, f"Close other programs: {ENOUGH_MEMORY / 1e9:.0f} GB are better.")
    else:
        yield Finding("ok", text)


def check_disk(runs: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(runs)).free
    text = f"{free / 1e9:.1f} GB are free on the disk of {runs}."
    if free < ENOUGH_DISK:
        yield Finding("note", text, "Free some space: decoded images and snapshots of runs need it.")
    else:
        yield Finding("ok", text)


def check_store(runs: Path) -> Iterator[Finding]:
    """Makes a run store beside the runs, uses it and deletes it; then opens the real one, if there is one."""
    from filelock import FileLock

    from cnn.store.runs import RunStore, StoreError
    from cnn.system.drives import is_on_network, sync_program
    from cnn.system.locks import is_held

    elsewhere = "Choose another folder: --runs DIR here, the environment variable CNN_RUNS for the dashboard."
    # Not tempfile: on Windows, before Python 3.13, it tries names for hours in a folder that refuses new files.
    trial = _existing(runs) / f".check-{uuid4().hex}"
    try:
        trial.mkdir()
    except OSError as error:
        yield Finding("problem", f"Nothing can be written in {_existing(runs)}: {error.strerror or error}.", elsewhere)
        return
    try:
        has_wal = RunStore(trial).has_wal
        lock = FileLock(trial / "trainer.lock")
        with lock.acquire(timeout=5):
            locked = is_held(lock)
        if not locked or is_held(lock):
            yield Finding("problem", f"Locks do not work in {runs}: two trainers could take one run.", elsewhere)
            return
        if (runs / "runs.sqlite").exists():
            has_wal = RunStore(runs).has_wal
        if (datasets := runs / "datasets").is_dir():
            with atomic_write(datasets / trial.name):
                pass
            delete(datasets / trial.name)
    except (StoreError, OSError) as error:
        yield Finding("problem", str(error).replace(str(trial), str(runs)), elsewhere)
        return
    finally:
        shutil.rmtree(trial, ignore_errors=True)
    yield Finding("ok", f"Runs can be saved in {runs}, and locks work there.")
    if has_wal:
        yield Finding("ok", "The database has a write-ahead log: pages can read it while a trainer writes.")
    else:
        where = sync_program(runs) or (is_on_network(runs) and "a network drive") or "a disk without shared memory"
        text = f"That folder is in {where}, so pages may have to wait for a trainer that writes to the database."
        yield Finding("note", text, elsewhere)


def check_address() -> Iterator[Finding]:
    """Where a browser finds the dashboard, and whether it will let a page use the camera there."""
    with open(ROOT / ".streamlit" / "config.toml", "rb") as file:
        config = tomllib.load(file).get("server", {})
    host = os.environ.get("STREAMLIT_SERVER_ADDRESS") or config.get("address", "localhost")
    port = int(os.environ.get("STREAMLIT_SERVER_PORT") or config.get("port", 8501))
    address = f"http://{host}:{port}"
    yield from _port(host, port, address)
    camera = "The camera works only at an address that begins with http://localhost or https://"
    local = host in ("localhost", "127.0.0.1", "::1")
    yield Finding("ok" if local else "note", f"{camera}{', as here' if local else ''}.")


def _port(host: str, port: int, address: str) -> Iterator[Finding]:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        text = f"Port {port} is in use, perhaps by a dashboard: {address}"
        yield Finding("note", text, "Another dashboard takes the next free port and prints its address.")
        return
    try:
        socket.create_server((host, port)).close()
    except socket.gaierror:
        text = f"This computer does not know the address {host}."
        yield Finding("problem", text, "Start with: python -m streamlit run dashboard.py --server.address 127.0.0.1")
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            text = f"The dashboard cannot use port {port}: {error.strerror}."
            yield Finding("problem", text, "Start with: python -m streamlit run dashboard.py --server.port 8700")
        else:
            raise
    else:
        yield Finding("ok", f"The dashboard will be at {address}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())
