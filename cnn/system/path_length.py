"""The longest path that programs can open: Windows has a limit, unless it was set up otherwise."""

import os
import sys
from functools import cache

MAX_PATH = 259  # characters, on Windows
_SWITCH = r"SYSTEM\CurrentControlSet\Control\FileSystem", "LongPathsEnabled"


def is_too_long(path: str | os.PathLike) -> bool:
    """Whether Windows says of this path that it does not exist, whatever is there."""
    return has_limit() and len(os.path.abspath(path)) > MAX_PATH


@cache
def has_limit() -> bool:
    """Whether there is a limit: on Windows, unless “long paths” are switched on."""
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _SWITCH[0]) as key:
            return winreg.QueryValueEx(key, _SWITCH[1])[0] != 1
    except OSError:  # it has never been switched
        return True
