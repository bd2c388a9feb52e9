"""Which packages have a wheel for which system and Python: python -m tests.wheels

Asks pip, and prints the table of docs/systems.md: for each version in requirements.txt, and for each compiled package
that those need, the versions of Python for which pip finds a wheel. Nothing is downloaded or installed. Takes minutes.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

from cnn.cli.check import pins

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# System -> the tags of wheels that it accepts. Linux: with glibc 2.28, of 2018, or newer.
SYSTEMS = {
    "Windows x64": ["win_amd64"],
    "macOS arm64": ["macosx_14_0_arm64"],
    "Linux x86-64": [f"manylinux_2_{minor}_x86_64" for minor in range(5, 29)] + ["manylinux2014_x86_64"],
    "Linux arm64": [f"manylinux_2_{minor}_aarch64" for minor in range(17, 29)] + ["manylinux2014_aarch64"],
    "Windows arm64": ["win_arm64"],
    "macOS Intel": ["macosx_14_0_x86_64"],
}


def needed(names: list[str]) -> dict[str, str]:
    """The compiled packages that these need, directly or not: package -> version installed here."""
    seen: set[str] = set()
    found, waiting = {}, list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        tags = [line for line in (package.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
        if name not in names and not all(tag.endswith("-any") for tag in tags):
            found[name] = package.version
        parsed = map(Requirement, package.requires or ())
        waiting += [one.name for one in parsed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return dict(sorted(found.items()))


def has_wheel(package: str, version: str, system: str, python: str) -> bool:
    platforms = [part for tag in SYSTEMS[system] for part in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "index", "versions", package, "--only-binary=:all:", "--pre"]
    command += ["--implementation", "cp", "--python-version", python, *platforms]
    done = subprocess.run(command, capture_output=True, text=True)
    available = re.search(r"Available versions: (.*)", done.stdout)
    if available is None and "No matching distribution" not in done.stderr:
        raise RuntimeError(done.stderr)
    return available is not None and version in available[1].split(", ")


def cell(package: str, version: str, system: str) -> str:
    """The versions of Python with a wheel: "all", "none", or their numbers."""
    found = [python for python in PYTHONS if has_wheel(package, version, system, python)]
    return "all" if len(found) == len(PYTHONS) else ", ".join(found) or "none"


def print_table(packages: dict[str, str]) -> None:
    print("| package | version |", " | ".join(SYSTEMS), "|\n|--|--|" + "--|" * len(SYSTEMS))
    with ThreadPoolExecutor(2) as pool:
        for package, version in packages.items():
            cells = pool.map(lambda system, p=package, v=version: cell(p, v, system), SYSTEMS)
            print(f"| {package} | {version} |", " | ".join(cells), "|", flush=True)


def main() -> None:
    print(f"“all” means a wheel for each of Python {', '.join(PYTHONS)}.\n")
    print_table(pins())
    print("\nThe compiled packages that these need, in the versions installed here:\n")
    print_table(needed(list(pins())))


if __name__ == "__main__":
    main()
