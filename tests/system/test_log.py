import logging

import pytest

from cnn.system import log
from cnn.system.log import keep_log, log_path, went_wrong


def fail_and_log(name: str, text: str = "") -> None:
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logging.getLogger(name).exception("While it was tested")


@pytest.mark.parametrize("name", ["cnn.engine.trainer", "pages.shared.jobs"])
def test_an_exception_is_logged_with_its_traceback_in_the_named_file(tmp_path, logged, name):
    keep_log(tmp_path / "runs")
    fail_and_log(name, "Too odd.")
    text = log_path().read_text(encoding="utf-8")
    assert "While it was tested" in text and "RuntimeError: Too odd." in text and "in fail_and_log" in text
    assert went_wrong("the training") == (
        f"Something went wrong inside the training. The details are in {tmp_path / 'runs' / 'log.txt'}."
    )


def test_without_a_log_the_message_names_the_terminal():
    assert log_path() is None
    assert went_wrong("this page") == "Something went wrong inside this page. The details are in the terminal."


def test_a_log_in_another_folder_does_not_change_the_previous_one(tmp_path, logged):
    for name in ("one", "two", "two"):
        keep_log(tmp_path / name)
        fail_and_log("cnn.errors")
    texts = [(tmp_path / name / "log.txt").read_text(encoding="utf-8") for name in ("one", "two")]
    lines = [text.count("While it was tested") for text in texts]
    assert lines == [1, 2]


def test_the_log_stays_small(tmp_path, logged, monkeypatch):
    monkeypatch.setattr(log, "LIMIT", 5_000)
    keep_log(tmp_path)
    for number in range(100):
        fail_and_log("cnn", f"Number {number}.")
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"log.txt", "log.txt.1"} and max(sizes.values()) < 6_000
    assert "Number 99." in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, logged, capsys):
    (tmp_path / "file").touch()
    keep_log(tmp_path / "file")
    fail_and_log("cnn", "Too odd.")
    assert "Too odd." in capsys.readouterr().err
