import json
from dataclasses import replace

import pytest

from cnn.report.report import Evidence, Report, ReportError, Table, dumps, loads, new_report

SOURCE = "# A\n## S {#s}\n### Q {#q}"
PIECE = Evidence(
    "e1", "s", "filters", "Filters", "?layer=1", "See", "r1", "Run 1", "<svg/>", Table(("a",), (("x",), (1.5,)))
)


def test_a_report_survives_json():
    report = replace(
        new_report("id", SOURCE, "r1"), answers={"q": "Text", "n": 3.5}, evidence=(PIECE,), times={"q": 1.0}
    )
    assert loads(dumps(report)) == report
    assert (report.title, report.run, report.of_step("s"), report.of_step("t")) == ("A", "r1", (PIECE,), ())
    assert report.parsed().question("q").title == "Q"


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_what_is_no_report_is_refused(text):
    with pytest.raises(ReportError):
        loads(text)


@pytest.mark.parametrize("damage", [{"answers": {"q": []}}, {"more": 1}, {"title": 5}, {"evidence": [{"id": "x"}]}])
def test_a_damaged_report_is_refused(damage):
    with pytest.raises(ReportError):
        loads(json.dumps(Report("i", "", "t").to_dict() | damage))
