"""An archive on this computer whose path was typed: it is read as if it had been uploaded.

Imports neither torch nor Streamlit.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cnn.data.archive import Unpacked, cannot_write, folder_name, move_dataset, unpack
from cnn.data.archive_members import OPENED, ArchiveError
from cnn.data.published.names import may_be_published
from cnn.data.space import check_space
from cnn.data.staging import Staging


def is_archive(path: Path) -> bool:
    """Whether the path is that of an archive that can be opened."""
    try:
        return path.name.lower().endswith(OPENED) and path.is_file()
    except (OSError, ValueError):
        return False


class LocalArchive:
    """An archive on this computer.

    folder: where it is unpacked among the `uploads`. It depends on the archive's path, size and time of change, so an
    archive is unpacked once, and a changed one again. Raises OSError if the archive is gone.
    """

    def __init__(self, file: Path, uploads: Path):
        self.file, self.uploads = file, uploads
        stats = file.stat()
        key = f"{os.path.abspath(file)}\0{stats.st_size}\0{stats.st_mtime_ns}"
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        self.folder = uploads / f"{folder_name(file.name)} {digest}"

    @property
    def is_unpacked(self) -> bool:
        return self.folder.is_dir()

    def finish(
        self,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Unpacked:
        """Unpacks the archive, if it is not. Parameters and exceptions are those of `archive.unpack`."""
        if self.is_unpacked:
            return Unpacked(self.folder, 0, 0)
        if may_be_published(self.file.name):  # the archive of CIFAR is read as it is
            with suppress(ArchiveError):
                return self._copy()
        try:
            return unpack(self.file, self.folder, progress, cancelled)
        except ArchiveError:
            if self.is_unpacked:  # by another session meanwhile
                return Unpacked(self.folder, 0, 0)
            raise

    def _copy(self) -> Unpacked:
        try:
            with Staging(self.uploads) as part:
                check_space(part, self.file.stat().st_size, "A copy of the archive needs")
                shutil.copyfile(self.file, part / self.file.name)
                move_dataset(part, self.folder)
        except OSError as error:
            raise ArchiveError(cannot_write(error)) from error
        return Unpacked(self.folder, 0, 0)

    def drop(self) -> None:
        """Nothing is left to remove, as nothing was sent."""
