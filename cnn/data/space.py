"""Room on the disk for what a user sends.

Imports neither torch nor Streamlit.
"""

import shutil
from pathlib import Path

from cnn.errors import UserError
from cnn.size import size_text

KEPT_FREE = 500_000_000  # bytes left for runs, and for the rest of the computer


class SpaceError(UserError):
    """The disk has no room; the message is a sentence for the user."""


def check_space(folder: Path, size: int, need: str) -> None:
    """Raises SpaceError if `size` more bytes do not fit the disk of a folder. need: how the sentence begins."""
    free = max(shutil.disk_usage(folder).free - KEPT_FREE, 0)
    if size > free:
        raise SpaceError(
            f"{need} {size_text(size)}, but only {size_text(free)} are free on the disk, beside the "
            f"{size_text(KEPT_FREE)} that are kept free. Free some space."
        )
