"""Benchmarks: python -m tests.benchmarks [NAME ...]

They compare the product with the plain script one would write instead, measured side by side, and show how it scales.
Absolute times depend on the machine; ratios are stable. Nothing here is a test.
"""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measure import Options, machine

NAMES = (
    "reading",
    "training",
    "augmentation",
    "live",
    "exploring",
    "load",
    "pages",
    "growth",
    "results",
    "judging",
    "gpu",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; all when left out")
    parser.add_argument("--folder", type=Path, help="photographs to use: one folder of images per class")
    parser.add_argument("--repeats", type=int, help="how often each side is measured")
    parser.add_argument("--small", action="store_true", help="few images and repeats, to see that everything works")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    print(f"python -m tests.benchmarks {' '.join(sys.argv[1:])}\n\n{machine()}")
    repeats = arguments.repeats or (1 if arguments.small else 3)
    for name in arguments.names or NAMES:
        with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as scratch:
            options = Options(Path(scratch), arguments.folder, repeats, arguments.small)
            importlib.import_module(f"tests.benchmarks.{name}").run(options)


if __name__ == "__main__":
    main()
