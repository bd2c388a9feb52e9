"""A file can be saved while pages are drawn again, one's own or another person's.

Each drawing of a page gives its download buttons new ids. At the end of any drawing on the server, Streamlit forgets
all ids of earlier drawings, and deletes the files that no page shows. So a press failed on a button that the browser
still showed, and a file that was made for a press could be gone before the browser fetched it.
"""

import time

from streamlit.runtime.media_file_manager import MediaFileManager

SECONDS = 30.0  # of patience with a slow browser, which still shows the old button
_REPLACED = "files of earlier drawings"  # the name under which Streamlit finds them, like that of a session

_unused_since: dict[str, float] = {}  # monotonic seconds, by the id of a file or of a button


def keep_replaced_files() -> None:
    """Makes Streamlit keep the files of earlier drawings for SECONDS."""
    MediaFileManager.remove_orphaned_files = _remove  # type: ignore[assignment, method-assign]


_streamlit_remove = MediaFileManager.remove_orphaned_files


def _remove(manager: MediaFileManager) -> None:
    now = time.monotonic()
    with manager._lock:
        drawings = manager._files_by_session_and_coord
        shown = {file for name, files in drawings.items() if name != _REPLACED for file in files.values()}
        known = {*manager._file_metadata, *manager._deferred_callables}
        since = {file: _unused_since.get(file, now) for file in known - shown}
        _unused_since.clear()
        _unused_since.update(since)
        # Also what pages show now: before the next line, a page may begin to be drawn, and then shows nothing.
        drawings[_REPLACED] = {file: file for file in known if now - since.get(file, now) < SECONDS}
    _streamlit_remove(manager)
