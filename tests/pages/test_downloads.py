"""A file can still be saved just after the page was drawn again, and is deleted later."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pages.server import downloads

PLACE = "on the page"


@pytest.fixture
def files(monkeypatch):
    monkeypatch.setattr(MediaFileManager, "remove_orphaned_files", MediaFileManager.remove_orphaned_files)
    downloads.keep_replaced_files()
    return MediaFileManager(MemoryMediaFileStorage("/media"))


@pytest.fixture
def wait(monkeypatch):
    """Lets seconds pass, from 100 on."""
    now = [100.0]
    monkeypatch.setattr(downloads, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def draw(files: MediaFileManager, *buttons: bytes) -> list[str]:
    """The ids of the buttons of a page that is drawn as a whole; what each saves."""
    files.clear_session_refs()
    ids = [add(files, content, f"{PLACE} {place}") for place, content in enumerate(buttons)]
    files.remove_orphaned_files()
    return ids


def add(files: MediaFileManager, content: bytes, place: str) -> str:
    return files.add_deferred(lambda: content, "text/plain", place)


def press(files: MediaFileManager, button: str) -> str:
    """The address of the file, which is made now."""
    return files.execute_deferred(button)


def fetch(files: MediaFileManager, address: str) -> bytes | None:
    found = files.read_file(address.rsplit("/", 1)[1].split(".")[0])
    return found and found.content


def test_a_button_of_an_earlier_drawing_still_saves_what_it_showed(files):
    [old] = draw(files, b"old")
    [new] = draw(files, b"new")
    assert fetch(files, press(files, old)) == b"old"
    assert fetch(files, press(files, new)) == b"new"


def test_another_page_that_ends_while_a_page_is_being_drawn_ends_none_of_its_buttons(files):
    [button] = draw(files, b"table")
    files.clear_session_refs()  # the drawing begins
    files.remove_orphaned_files()  # another person's ends
    assert fetch(files, press(files, button)) == b"table"


def test_a_page_whose_drawing_begins_just_before_files_are_removed_keeps_its_buttons(files, monkeypatch):
    [button] = draw(files, b"table")
    streamlit_remove = downloads._streamlit_remove

    def remove(manager):
        files.clear_session_refs()
        streamlit_remove(manager)

    monkeypatch.setattr(downloads, "_streamlit_remove", remove)
    files.remove_orphaned_files()
    assert fetch(files, press(files, button)) == b"table"


def test_a_button_that_a_fragment_drew_again_still_saves(files):
    [old] = draw(files, b"table")
    new = add(files, b"table", f"{PLACE} 0")
    files.remove_orphaned_files()
    assert old != new and fetch(files, press(files, old)) == b"table"


def test_a_file_waits_for_the_browser_while_other_pages_are_drawn(files):
    [button] = draw(files, b"table")
    address = press(files, button)
    for _ in range(20):
        files.remove_orphaned_files()
    assert fetch(files, address) == b"table"


def test_buttons_and_files_that_no_page_shows_are_deleted_after_a_while(files, wait):
    [old] = draw(files, b"table")
    address = press(files, old)
    [new] = draw(files, b"table of now")
    wait(downloads.SECONDS + 1)
    for _ in range(2):  # Streamlit deletes a file that was made for a download the second time
        files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        press(files, old)
    assert fetch(files, address) is None
    assert fetch(files, press(files, new)) == b"table of now"


def test_pages_drawn_meanwhile_do_not_make_it_longer(files, wait):
    [old] = draw(files, b"first")
    for _ in range(4):
        [last] = draw(files, b"later")
        wait(0.4 * downloads.SECONDS)
    draw(files, b"now")
    with pytest.raises(MediaFileStorageError):
        press(files, old)
    assert fetch(files, press(files, last)) == b"later"


def test_a_file_that_is_shown_again_is_kept(files, wait):
    first = files.add(b"picture", "image/png", PLACE)
    files.clear_session_refs()
    files.remove_orphaned_files()
    wait(0.9 * downloads.SECONDS)
    assert files.add(b"picture", "image/png", PLACE) == first
    files.remove_orphaned_files()
    wait(0.9 * downloads.SECONDS)
    files.remove_orphaned_files()
    assert fetch(files, first) == b"picture"
