"""When a file was last changed, as far as its system can be relied on."""

import os
import sys


def changed_ns(status: os.stat_result) -> int:
    """The time in ns of the last change of a file: of its content or, except on Windows, of its permissions.

    Windows: the "ctime" is the time of creation where the file is known by its path, and of the last change where it is
    open (python/cpython#157671). So it differs for the same file, and only the "mtime" counts.
    """
    return status.st_mtime_ns if sys.platform == "win32" else max(status.st_mtime_ns, status.st_ctime_ns)
