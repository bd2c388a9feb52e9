"""Measures alternatives in turn, so that other load affects them equally. Makes tables of medians and ratios."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """What a benchmark may use. scratch: an empty folder, gone afterwards. photographs: a folder of the user's own
    images, or None. small: few images and repeats, to see that everything works."""

    scratch: Path
    photographs: Path | None
    repeats: int
    small: bool

    def pick(self, small, full):
        return small if self.small else full


def in_turn(repeats: int, sides: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Calls each side once per repeat, one after the other; the median of what each returned."""
    found = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            found[name].append(side())
    return {name: statistics.median(values) for name, values in found.items()}


def seconds(action: Callable, *arguments) -> float:
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed."""
    return sorted(values)[max(0, -(-int(1000 * share * len(values)) // 1000) - 1)]


def lines(*command, **environment: str) -> Iterator[tuple[float, str]]:
    """Runs Python in the project's folder; yields each line that it prints with the time it came. Raises
    CalledProcessError, after showing what it said, if it fails."""
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        for line in process.stdout:
            yield time.perf_counter(), line
        complaint = process.stderr.read()
    if process.returncode:
        print(complaint, file=sys.stderr)
        raise subprocess.CalledProcessError(process.returncode, process.args)


def title(text: str) -> None:
    print(f"\n## {text}\n", flush=True)


def note(text: str) -> None:
    print(f"\n{text}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a Markdown table, its numbers to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    rules = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    for row in (head, rules, *rows):
        cells = [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(f"| {' | '.join(cells)} |")
    sys.stdout.flush()


def peak_memory() -> int:
    """Bytes that this process has had in memory at most."""
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    except OSError:  # not Linux
        memory = psutil.Process().memory_info()
        if hasattr(memory, "peak_wset"):  # Windows
            return memory.peak_wset
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def machine() -> str:
    import streamlit
    import torch

    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, PyTorch "
        f"{torch.__version__} with {torch.get_num_threads()} threads, Streamlit {streamlit.__version__}"
    )


def _processor() -> str:
    try:
        models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        return models[0].partition(": ")[2]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()
