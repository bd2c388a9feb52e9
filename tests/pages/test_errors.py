"""Programming errors on a page give a message that names the log, never advice or a traceback."""

from pages.server import live
from pages.shared.runs import sidebar
from tests.app import sentences


def fail(*arguments, **settings):
    raise ValueError("operands could not be broadcast together")


def test_an_error_in_a_part_of_a_page_goes_to_the_log(open_page, store, image_folder, trained, logged, monkeypatch):
    monkeypatch.setattr(live, "address", fail)
    app = open_page("train", folder=image_folder, run=trained)
    log = store.directory / "log.txt"
    assert f"Something went wrong inside this part of the page. The details are in {log}." in sentences(app)
    assert "broadcast" not in sentences(app) and "could not be broadcast" in log.read_text(encoding="utf-8")
    assert app.button  # the rest of the page is there


def test_an_error_in_the_frame_goes_to_the_log(open_app, store, logged, monkeypatch):
    monkeypatch.setattr(sidebar, "distinct_names", fail)
    app = open_app().run()
    log = store.directory / "log.txt"
    assert f"Something went wrong inside this page. The details are in {log}." in sentences(app)
    assert "could not be broadcast" in log.read_text(encoding="utf-8") and not app.exception
