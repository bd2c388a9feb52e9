"""The time of a file's last change, as reliably as the platform allows."""

import os
import sys


def changed_ns(status: os.stat_result) -> int:
    """The time of a file's last change, in ns: of its content or, except on Windows, of its permissions.

    On Windows, the "ctime" is the time of creation if the status comes from a path, and the time of the last change if
    it comes from an open file (python/cpython#157671). It can differ for the same file, so only the "mtime" is used.
    """
    return status.st_mtime_ns if sys.platform == "win32" else max(status.st_mtime_ns, status.st_ctime_ns)
