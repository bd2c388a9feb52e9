"""The teacher's page: what is opened, what is shown, and that marks are kept."""

import json
import zipfile

import pytest

from cnn.report.exported_run import results_of
from cnn.report.exports import Export
from cnn.report.hand_in import open_folder
from cnn.report.marking import Mark, load_marks, rubric_id, save_mark
from cnn.store import example
from pages import hand_ins
from pages.hand_ins import letters
from pages.shared import run_choice
from tests.report.examples import ASSIGNMENT, changed, report


@pytest.fixture(scope="session")
def folder(ready_made, tmp_path_factory):
    """Two hand-ins, and a file that is none."""
    folder = tmp_path_factory.mktemp("hand-ins")
    store, run_id = ready_made
    results = results_of(store, run_id)
    evil = {"notice": "<script>alert(1)</script> **bold** ![x](https://example.org/x.png)"}
    for name, own in (("Ada", report(run_id, students="Ada")), ("Bob", report(students="Bob", answers=evil))):
        of = results if own.run else None
        (folder / f"{name}.zip").write_bytes(Export(own, of).content("hand-in"))
    (folder / "other.zip").write_bytes(b"nothing")
    return folder


def test_the_table_has_a_row_for_each_hand_in(open_page, folder):
    app = open_page("hand_ins", hand_ins=folder)
    table = app.dataframe[0].value
    assert list(table["students"]) == ["Ada · group 7", "Bob · group 7"]
    assert list(table["answers"]) == ["3 of 3", "1 of 3"]
    assert table["stated"][0] == table["recomputed"][0]
    assert table["remark"][1] == "It was handed in without a network."
    assert not app.exception


def test_hand_ins_that_name_the_same_students_show_their_files(open_page, tmp_path):
    for name, answer in (("first", "one"), ("second", "two")):
        own = report(students="Ada", answers={"notice": answer})
        (tmp_path / f"{name}.zip").write_bytes(Export(own, None).content("hand-in"))
    table = open_page("hand_ins", hand_ins=tmp_path).dataframe[0].value
    assert list(table["students"]) == ["Ada · group 7 (first.zip)", "Ada · group 7 (second.zip)"]


def test_answers_stand_side_by_side_and_marks_are_kept(open_page, folder, store):
    app = open_page("hand_ins", hand_ins=folder, marking="one question", question="notice")
    shown = " ".join(element.proto.body for element in app.get("html"))
    assert "<strong>dogs</strong> are darker" in shown
    assert "<strong>bold</strong>" in shown
    assert "<script" not in shown
    assert 'src="https' not in shown
    ada = next(one.id for one in open_folder(folder)[0] if one.report.students == "Ada")
    app.number_input(f"points {ada} notice").set_value(3.5).run()
    app.text_area(f"comment {ada} notice").set_value("Good, but *why*?").run()
    assert load_marks(store, ada).of("notice") == Mark(3.5, "Good, but *why*?")
    app.number_input(f"points {rubric_id(ASSIGNMENT)} notice").set_value(4.0).run()
    assert not app.exception and not any("More than" in one.value for one in app.caption)
    app.number_input(f"points {ada} notice").set_value(4.5).run()
    assert any("More than 4" in one.value for one in app.caption)
    app.number_input(f"points {ada} notice").set_value(3.5).run()
    again = open_page("hand_ins", hand_ins=folder)
    assert again.dataframe[0].value["points"][0] == "3.5 of 6"


def test_a_file_holds_the_marks_of_the_press_and_not_those_of_the_page(folder, store, monkeypatch):
    monkeypatch.setattr(run_choice, "store", lambda: store)
    drawn = hand_ins.marked_hand_ins(open_folder(folder)[0], {})
    ada = drawn[0].hand_in
    save_mark(store, ada.id, "notice", Mark(2.0, "Well seen."))
    save_mark(store, rubric_id(ada.report.assignment), "notice", Mark(5.0, "Any reason"))
    now = hand_ins.with_newest_marks(drawn)
    assert (now[0].of("notice"), now[0].rubric.of("notice").points) == (Mark(2.0, "Well seen."), 5.0)
    assert [(one.hand_in, one.title) for one in now] == [(one.hand_in, one.title) for one in drawn]
    assert "Ada.zip,3,2,7," in hand_ins._table(drawn, ".").decode("utf-8-sig")  # 2 of 7 points


def test_a_hand_in_says_what_is_odd_about_its_accuracy(open_page, folder, tmp_path):
    content = (folder / "Ada.zip").read_bytes()
    with zipfile.ZipFile(folder / "Ada.zip") as archive:
        settings = json.loads(archive.read("settings.json"))
    settings["judged"]["right"] -= 1
    (tmp_path / "modest.zip").write_bytes(changed(content, settings_json=json.dumps(settings).encode()))
    app = open_page("hand_ins", hand_ins=tmp_path)
    remark = app.dataframe[0].value["remark"][0]
    assert f"The file states {settings['judged']['right']} of" in remark
    table = app.dataframe[0].proto.id
    app.session_state[table[table.index("students ") :]] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert remark in [one.value for one in app.warning]


def test_names_are_sorted_by_their_letters():
    assert sorted(["Zoe", "Émile", "emma", "Emil"], key=letters) == ["Emil", "Émile", "emma", "Zoe"]


def test_a_folder_without_hand_ins_gives_a_sentence(open_page, tmp_path):
    app = open_page("hand_ins", hand_ins=tmp_path / "nowhere")
    assert "There is no folder or file" in app.warning[0].value


def test_files_from_the_browser_open_and_a_typed_folder_replaces_them(open_page, folder, wait):
    app = open_page("hand_ins")
    app.file_uploader[0].set_value([("Ada.zip", (folder / "Ada.zip").read_bytes(), "application/zip")]).run()
    wait(lambda: app.run().dataframe)
    assert list(app.dataframe[0].value["students"]) == ["Ada · group 7"]
    app.text_input[0].set_value(str(folder)).run()
    wait(lambda: len(app.run().dataframe) and len(app.dataframe[0].value) == 2)


def test_an_example_opens_with_one_click(open_page, wait, store, trained, monkeypatch):
    monkeypatch.setattr(example, "ID", trained)  # a run that takes less time than the example
    app = open_page("hand_ins")
    app.button("example_hand_ins").click().run()
    wait(lambda: app.run().dataframe)
    assert list(app.dataframe[0].value["students"]) == ["Student A", "Student B", "Student C"] and not app.exception
