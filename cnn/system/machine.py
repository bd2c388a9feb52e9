"""Names this computer, and says whether PyTorch can be installed on it."""

import os
import platform
import struct
import subprocess
import sys
import sysconfig

REINSTALL = "Install the packages again: python -m pip install -r requirements.txt"


def describe() -> str:
    """Python and the system, such as "Python 3.11.7 on Windows 11, AMD64"."""
    name, release = platform.system(), platform.release()
    if name == "Darwin":
        name, release = "macOS", platform.mac_ver()[0]
    return f"Python {platform.python_version()} on {name} {release}, {platform.machine()}"


def obstacle() -> tuple[str, str] | None:
    """Why there is no PyTorch for this Python, and what to do; None if there is one."""
    if struct.calcsize("P") != 8:
        return "This Python is a 32-bit program, for which there is no PyTorch.", "Install the 64-bit Python."
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "This Python is the free-threaded build, which is not supported.", "Install the usual build of Python."
    system, processor = platform.system(), platform.machine().lower()
    if system == "Darwin" and processor == "x86_64":
        if _is_translated():
            return "This Python is for Intel Macs, but this Mac has an Apple chip.", "Install Python for Apple chips."
        return "There is no PyTorch of this version for Macs with an Intel processor.", "Use another computer."
    if system == "Windows" and processor == "arm64":
        return (
            "There is no PyTorch of this version for Windows on ARM.",
            "Install the 64-bit Python for Intel and AMD (x64), which Windows on ARM also runs.",
        )
    return None


def _is_translated() -> bool:
    """On macOS: whether this process was made for Intel processors, and an Apple chip runs it."""
    try:
        done = subprocess.run(["sysctl", "-n", "sysctl.proc_translated"], capture_output=True, text=True)
    except OSError:
        return False
    return done.stdout.strip() == "1"


def advice_for(error: str) -> str:
    """What to do about a package that cannot be loaded, from the text of its error."""
    if "WinError 1455" in error:  # the paging file is too small
        return "Windows has no memory left for it. Close other programs, or restart the computer, and try again."
    lacks_library = any(text in error for text in ("DLL load failed", "WinError 126", "WinError 127", "WinError 1114"))
    if sys.platform == "win32" and lacks_library:
        return f"Install Microsoft's “Visual C++ Redistributable” (x64) and restart the computer. Or: {REINSTALL}"
    return REINSTALL


def how_it_ended(status: int) -> str:
    """The exit status of a process that has died, in words."""
    if sys.platform == "win32" or status > 0:
        return f"with status {status & 0xFFFFFFFF:#x}"
    return f"by signal {-status}"


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
