"""The commands report and hand-ins."""

import csv

import pytest

from cnn.report.report_store import Reports
from tests.report.examples import report


def test_a_report_is_written_handed_in_and_opened(answer, trained, tmp_path):
    store, run_id = trained
    id = Reports(store).add(report(run_id))
    runs = ("--runs", store.directory)
    assert [one["report"] for one in answer("report", *runs)[0]] == [id]
    (files,) = answer("report", id, "--to", tmp_path / "out", *runs)
    assert [one["format"] for one in files] == ["notebook", "pdf", "html", "hand-in"]
    (found,) = answer("hand-ins", tmp_path / "out", "--csv", tmp_path / "table.csv", *runs)
    (one,) = found["hand_ins"]
    assert (one["names"], one["answered"]) == ("Ada Lovelace, Alan Turing · group 7", 3)
    assert one["stated"] == one["recomputed"] is not None
    with open(tmp_path / "table.csv", encoding="utf-8-sig", newline="") as file:
        assert next(iter(csv.DictReader(file)))["accuracy recomputed"] == f"{one['recomputed']:.4f}"


def test_a_run_is_written_without_a_report(answer, trained, tmp_path):
    store, run_id = trained
    (files,) = answer("report", run_id, "--to", tmp_path, "--format", "pdf", "html", "--runs", store.directory)
    assert [one["format"] for one in files] == ["pdf", "html"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "nothing"), "There is no run 'nothing'"),
        (("report", "nothing", "--format", "hand-in"), "only a report can be handed in"),
        (("hand-ins", "/nowhere"), "There is no folder or file"),
    ],
)
def test_what_cannot_be_done_gives_a_sentence(run, store, arguments, sentence):
    status, _, error = run(*arguments, "--runs", store.directory)
    assert status == 2
    assert sentence in error


def test_a_report_whose_run_is_gone_is_written_without_it(run, trained, tmp_path):
    store, _ = trained
    id = Reports(store).add(report("gone"))
    status, _, error = run("report", id, "--to", tmp_path, "--format", "html", "--runs", store.directory)
    assert status == 0
    assert "the network is left out" in error
    assert "The <strong>dogs</strong> are darker" in next(tmp_path.glob("*.html")).read_text("utf-8")
