"""What lies in folders, and how much space it takes. Links are never followed, and what vanishes meanwhile is not
counted."""

import os
import stat
from contextlib import suppress
from pathlib import Path


def entries_of(folder: Path) -> list[Path]:
    """What is in a folder; nothing if it cannot be read."""
    try:
        return [Path(entry) for entry in os.scandir(folder)]
    except OSError:
        return []


def folders_in(parent: Path) -> list[Path]:
    """The folders in a folder, except links and hidden ones."""
    real = [path for path in entries_of(parent) if path.is_dir() and not path.is_symlink()]
    return sorted(path for path in real if not path.name.startswith("."))


def is_file(path: Path) -> bool:
    """Whether it is a regular file, and no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def files_below(folder: Path) -> list[Path]:
    """All regular files below a folder. Links are ignored."""
    if folder.is_symlink():
        return []
    walk = os.walk(folder, followlinks=False)
    return [path for parent, _, names in walk for name in names if is_file(path := Path(parent, name))]


def size_of(folder: Path) -> int:
    """Bytes of all regular files below a folder. Links are ignored."""
    return 0 if folder.is_symlink() else _size_below(str(folder))


def _size_below(folder: str) -> int:
    size = 0
    with suppress(OSError), os.scandir(folder) as entries:  # deleted meanwhile
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    size += _size_below(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    size += entry.stat(follow_symlinks=False).st_size
    return size
