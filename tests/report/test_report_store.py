"""Saving reports: versions of answers, two windows, evidence, full disks, killed programs."""

import sqlite3
import time
from dataclasses import replace

import pytest

from cnn.report import report_store as saving
from cnn.report.report import Evidence, ReportError, Table
from cnn.report.report_store import Reports
from cnn.store.database import StoreError
from cnn.store.runs import RunStore
from tests.store.test_full_disk import fill, small_disk  # noqa: F401  (a fixture)

SOURCE = "# A\n## S {#s}\n### Q {#q}\n## T {#t}"
PIECE = Evidence("", "s", "filters", "Filters", "?layer=1", "See", "r1", "Run 1", "<svg/>", Table(("a",), ((1.5,),)))


@pytest.fixture
def reports(store):
    return Reports(store)


@pytest.fixture
def report(reports):
    return reports.create(SOURCE)


def values(reports, report):
    return [version.value for version in reports.versions(report, "q")]


def test_a_report_is_found_again_by_another_program(store, reports, report):
    reports.describe(report, group="7", students="Ada, Bo", run="r1")
    reports.answer(report, "q", "Text", "tab")
    reports.answer(report, "n", 3.5, "tab")
    piece = reports.add_evidence(report, PIECE)
    reports.count_wrong(report, "n")
    reports.count_wrong(report, "n")
    found = Reports(RunStore(store.directory)).get(report)
    assert (found.title, found.group, found.students, found.run) == ("A", "7", "Ada, Bo", "r1")
    assert (found.answers, found.tries) == ({"q": "Text", "n": 3.5}, {"n": 2})
    (kept,) = found.evidence
    assert kept == replace(PIECE, id=piece, created=kept.created)
    assert reports.all() == [(report, "A · 7", found.changed)]


def test_a_minute_of_typing_is_one_version(reports, report):
    start = time.time() - 1000
    for second in (0, 20, 40, 70, 90, 200):
        reports.answer(report, "q", "x" * (second + 1), "tab", typed=start + second)
    assert [len(value) - 1 for value in values(reports, report)] == [200, 90, 40]


def test_a_text_that_was_deleted_a_moment_ago_is_kept(reports, report):
    reports.answer(report, "q", "a long and careful answer", "tab")
    reports.answer(report, "q", "", "tab")
    assert values(reports, report) == ["", "a long and careful answer"]


def test_the_newer_text_of_two_windows_wins_and_the_other_is_kept(reports, report):
    first = reports.answer(report, "q", "first", "one")
    second = reports.answer(report, "q", "second", "two", seen=None)
    assert (first.replaced, second.replaced) == (False, True)
    assert reports.answer(report, "q", "second, longer", "two", seen=second.current.written).replaced is False
    assert values(reports, report) == ["second, longer", "first"]


def test_a_window_that_has_seen_the_other_text_replaces_it_knowingly(reports, report):
    first = reports.answer(report, "q", "first", "one")
    assert not reports.answer(report, "q", "first, more", "two", seen=first.current.written).replaced


def test_a_text_that_arrives_late_is_an_earlier_version(reports, report):
    reports.answer(report, "q", "new", "one")
    saved = reports.answer(report, "q", "typed before", "two", typed=time.time() - 60)
    assert (saved.current.value, saved.replaced) == ("new", False)
    assert values(reports, report) == ["new", "typed before"]
    reports.answer(report, "q", "typed before", "", typed=time.time() - 50)  # a browser may report it again
    assert len(reports.versions(report, "q")) == 2


def test_the_same_text_makes_no_version(reports, report):
    for writer in ("one", "two"):
        reports.answer(report, "q", "same", writer)
    assert values(reports, report) == ["same"]


def test_an_endless_answer_is_refused_with_a_sentence(reports, report):
    with pytest.raises(ReportError, match="Shorten it"):
        reports.answer(report, "q", "x" * 100_001, "tab")


def test_only_the_newest_versions_are_kept(reports, report, monkeypatch):
    monkeypatch.setattr(saving, "MOST_VERSIONS", 3)
    for number in range(5):
        reports.answer(report, "q", f"text {number}", "tab", typed=time.time() - 1000 + 100 * number)
    assert values(reports, report) == ["text 4", "text 3", "text 2"]


def test_evidence_moves_and_comes_back(reports, report):
    a, b, c = (reports.add_evidence(report, replace(PIECE, title=title)) for title in "abc")

    def order(step):
        return "".join(piece.title for piece in reports.get(report).of_step(step))

    reports.move(report, c, -1)
    reports.move(report, a, -1)  # is first
    assert order("s") == "acb"
    reports.put_in_step(report, a, "t")
    assert (order("s"), order("t")) == ("cb", "a")
    reports.remove(report, b)
    assert order("s") == "c"
    reports.restore(report, b)
    reports.caption(report, b, "New")
    assert order("s") == "cb"
    assert [piece.caption for piece in reports.get(report).of_step("s")] == ["See", "New"]


def test_a_report_from_a_file_becomes_a_report_of_the_store(reports, report):
    reports.answer(report, "q", "Text", "tab")
    reports.add_evidence(report, PIECE)
    before = reports.get(report)
    after = reports.get(reports.add(before))
    assert after.id != before.id
    assert (after.answers, after.title, after.evidence[0].picture) == (before.answers, "A", "<svg/>")


def test_a_deleted_report_cannot_be_written(reports, report):
    reports.add_evidence(report, PIECE)
    reports.delete(report)
    for act in (lambda: reports.get(report), lambda: reports.answer(report, "q", "x", "t")):
        with pytest.raises(ReportError, match="no such report"):
            act()
    assert reports.all() == []


def test_a_damaged_answer_is_told(reports, report, store):
    reports.answer(report, "q", "Text", "tab")
    with store.transaction() as db:
        db.execute("UPDATE answers SET value = 'no json'")
    with pytest.raises(ReportError, match="damaged"):
        reports.get(report)


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk):  # noqa: F811
    reports = Reports(RunStore(small_disk / "runs"))
    report = reports.create(SOURCE)
    reports.answer(report, "q", "before", "tab")
    ballast = fill(small_disk)
    with pytest.raises(StoreError, match="disk is full"):
        for _ in range(50):  # what is free inside the log is used up first
            reports.answer(report, "q", "x" * 90_000, "tab", typed=time.time())
            reports.answer(report, "q", "y" * 90_000, "other")
    kept = reports.get(report).answers["q"]
    ballast.unlink()
    assert reports.answer(report, "q", "after", "third").current.value == "after"
    assert kept in values(reports, report)


def test_thirty_large_pieces_of_evidence_are_kept_in_their_order(reports, report):
    pictures = [f"<svg>{number}{'x' * 200_000}</svg>" for number in range(30)]
    for picture in pictures:
        reports.add_evidence(report, replace(PIECE, picture=picture))
    assert [piece.picture for piece in reports.get(report).evidence] == pictures


def test_a_change_is_on_the_disk_when_the_call_returns(store, reports, report):
    reports.answer(report, "q", "Text", "tab")
    with sqlite3.connect(store.directory / "runs.sqlite") as db:  # as another program sees it after a kill
        assert db.execute("SELECT value FROM answers").fetchall() == [('"Text"',)]


def test_an_outline_has_all_but_the_pictures_and_their_numbers(reports, report):
    reports.add_evidence(report, PIECE)
    whole = reports.get(report)
    assert whole.evidence[0].picture and whole.evidence[0].numbers.rows
    lighter = replace(whole.evidence[0], picture="", numbers=Table())
    assert reports.outline(report) == replace(whole, evidence=(lighter,))
