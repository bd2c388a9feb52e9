"""The contents of dialogs: AppTest cannot open dialogs, so the tests call the functions inside."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.archive import Unpacked
from cnn.data.incoming import Incoming
from cnn.data.listing import list_images
from cnn.errors import Cancelled
from cnn.size import size_text
from pages.server import work
from pages.shared import run_choice
from pages.shared.dataset import folders, uploads
from pages.shared.text import plain
from tests.app import sentences
from tests.conftest import draw_images, running_work
from tests.pages.test_jobs import wait_id


def find_a_folder():
    import streamlit as st

    from pages.shared.dataset import folders, uploads

    if st.session_state.pop("closing", False):
        uploads.cancel()
        return
    if st.session_state.pop("sent", False):
        uploads.take()
    folders.browse.__wrapped__(lambda folder: st.session_state.update(taken=folder))


@pytest.fixture
def finder(open_app):
    return AppTest.from_function(find_a_folder, default_timeout=200).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


TYPED = ("~nobody_here/images", "a\0b", "", "   ", "'/tmp'", "/" + "x" * 5000, "../../..", "😀")


@pytest.mark.parametrize("path", TYPED)
def test_the_dialog_survives_any_typed_path(finder, monkeypatch, path):
    monkeypatch.setattr(folders, "COUNT_TIME", 0.2)
    monkeypatch.setattr(folders, "CHECK_TIME", 0.2)
    finder.text_input[0].set_value(path).run()
    assert not finder.exception
    press(finder, "Use this folder")
    assert not finder.exception
    assert bool(finder.error) != ("taken" in finder.session_state)  # "/" is too large to be checked in time


def test_a_clicked_folder_is_chosen(finder, image_folder):
    finder.text_input[0].set_value(f"  '{image_folder.parent}' ").run()
    press(press(finder, image_folder.name.replace("_", "\\_")), "Use this folder")
    assert not finder.exception and finder.session_state.taken == str(image_folder)


def test_an_archive_whose_path_is_typed_is_unpacked_once(finder, image_folder, tmp_path, wait):
    file = shutil.make_archive(tmp_path / "pets", "zip", image_folder.parent, image_folder.name)
    finder.text_input[0].set_value(f'"{file}"').run()
    assert any(f"is an archive of {size_text(Path(file).stat().st_size)}" in text.value for text in finder.markdown)
    press(finder, "Use this archive")
    wait(lambda: "taken" in finder.run().session_state)
    taken = Path(finder.session_state.taken)
    assert taken.parent == run_choice.store().uploads and list_images(taken).classes == ("dark", "light")
    del finder.session_state["taken"]
    finder.text_input[0].set_value(file).run()
    assert any("It is unpacked already" in text.value for text in finder.markdown)
    press(finder, "Use this archive")
    assert not finder.exception and finder.session_state.taken == str(taken)


def test_a_damaged_archive_is_named_and_the_path_stays(finder, tmp_path, wait):
    (tmp_path / "pets.tar.gz").write_bytes(b"\x1f\x8b and no more")
    finder.text_input[0].set_value(str(tmp_path / "pets.tar.gz")).run()
    press(finder, "Use this archive")
    wait(lambda: finder.error or finder.run().error)
    finder.run()  # as when something else on the page is done
    assert "The archive is" in finder.error[0].value and finder.text_input[0].value == str(tmp_path / "pets.tar.gz")


def test_the_path_of_an_image_opens_its_folder(finder, image_folder):
    finder.text_input[0].set_value(str(image_folder / "dark" / "0.png")).run()
    assert finder.text_input[0].value == str(image_folder / "dark")


def test_another_drive_is_a_click_away(finder, image_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "drives", lambda: [tmp_path, image_folder])
    press(finder.run(), plain(str(image_folder)))
    press(finder, "Use this folder")
    assert not finder.exception and finder.session_state.taken == str(image_folder)


def test_the_dialog_starts_at_home_and_offers_the_usual_places(finder):
    assert finder.text_input[0].value == str(Path.home())
    finder.text_input[0].set_value("/").run()
    finder.button(key="place_Home").click().run()
    assert finder.text_input[0].value == str(Path.home())


def test_the_dialog_says_which_classes_a_folder_would_give(finder, image_folder, wait):
    def counted() -> str:
        wait(lambda: not running_work(finder.run()))
        return "\n".join(caption.value for caption in finder.caption)

    finder.text_input[0].set_value(str(image_folder)).run()
    assert "**2 classes, 24 images**: dark (12), light (12)" in counted()
    finder.text_input[0].set_value(str(image_folder / "dark")).run()
    assert "classes, " not in counted() and "It needs at least two classes" in counted()


def test_a_folder_whose_name_is_not_valid_text_is_refused(finder, tmp_path):
    draw_images(tmp_path / "caf\udce9")
    finder.text_input[0].set_value(str(tmp_path)).run()
    next(button for button in finder.button if button.label.startswith("caf")).click().run()
    press(finder, "Use this folder")
    assert not finder.exception and "Rename the folder" in sentences(finder) and "taken" not in finder.session_state


def fields(app: AppTest) -> list:
    """The fields for a folder or an archive."""
    return [one for one in app.get("bidi_component") if one.proto.component_name == "cnn_upload"]


def left_of_uploads() -> list[Path]:
    return [path for path in run_choice.store().uploads.rglob("*") if path.is_file()]


@pytest.fixture
def unpacking(finder, monkeypatch, wait, tmp_path):
    """The dialog while an archive is unpacked, until it is cancelled or `done` is added to the list."""
    done, ended = [], []

    def unpack(file, target, progress, cancelled, needs_classes):
        assert needs_classes and file.read_bytes() == b"zipped" and target.name == "pets"
        try:
            progress(5_000_000, 20_000_000)
            wait(lambda: done or cancelled())
            if cancelled():
                raise Cancelled
            return Unpacked(tmp_path / "pets", 24, 1, ("Read as GBK.",))
        finally:
            ended.append(True)

    monkeypatch.setattr("cnn.data.incoming.unpack", unpack)
    ticket = finder.session_state.session.ticket
    ticket.incoming = Incoming(ticket.uploads, [("pets.zip", 6)])
    ticket.incoming.write(0, b"zipped")
    finder.session_state.sent = True
    (status,) = running_work(finder.run())
    assert status["progress"] == {"share": 0.25, "text": "Unpacking: 5 MB of 20 MB"} and not status["ended"]
    assert not fields(finder)
    yield finder, done, ended
    done.append("the test has ended")


def test_an_unpacked_archive_is_chosen_and_summarized(unpacking, wait):
    app, done, _ = unpacking
    done.append("now")
    wait(lambda: not running_work(app.run()))
    assert app.session_state.taken.endswith("pets") and app.session_state.session.unpacked.notes == ("Read as GBK.",)
    told = ("24 images were uploaded; 1 other file was left out.", uploads.ICON)
    assert app.session_state.session.notices == [told]  # for the next run of the page
    assert not left_of_uploads()
    assert len(fields(app)) == 1 and not app.exception and not app.error


def test_after_cancelled_unpacking_another_archive_can_be_uploaded(unpacking, wait):
    app, _, ended = unpacking
    assert work.cancel(wait_id(app))["cancelled"]
    app.run()
    assert "Cancelled; nothing was saved." in sentences(app)
    assert len(fields(app)) == 1 and not running_work(app) and "taken" not in app.session_state
    wait(lambda: ended)


def test_closing_the_dialog_stops_unpacking(unpacking, wait):
    app, _, ended = unpacking
    app.session_state.closing = True
    app.run()
    wait(lambda: ended)
    assert len(fields(app.run())) == 1 and not app.error
    wait(lambda: not left_of_uploads())


def ask_before_deleting():
    from functools import partial

    from cnn.store import disk
    from pages.shared import run_choice, view
    from pages.shared.runs import deletion

    view.load("storage")
    ids = [run.id for run in run_choice.store().all()]
    delete = partial(deletion.delete_all, disk.delete_run, ids)
    deletion.ask.__wrapped__("2 runs", ids, 5_000_000, "They will be gone.", delete)


@pytest.mark.parametrize(("answer", "left"), [("Keep", 1), ("Delete", 0)])
def test_nothing_is_deleted_without_confirmation(open_app, store, trained, answer, left):
    app = AppTest.from_function(ask_before_deleting, default_timeout=200).run()
    text = "\n".join(element.value for element in app.markdown)
    assert "This deletes 2 runs" in text and trained.replace("-", "\\-") in text and "**5 MB** of the disk" in text
    assert len(store.all()) == 1
    press(app, answer)
    assert not app.exception and len(store.all()) == left
    assert [text[:8] for text, _ in app.session_state.session.notices] == ["Deleted:"] * (answer == "Delete")


def test_a_run_that_has_started_meanwhile_is_not_deleted(open_app, store, trained):
    app = AppTest.from_function(ask_before_deleting, default_timeout=200).run()
    with store.lock(trained).acquire():
        press(app, "Delete")
    assert not app.exception and "is being trained" in sentences(app) and len(store.all()) == 1
