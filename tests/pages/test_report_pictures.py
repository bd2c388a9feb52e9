"""The routes that serve the pictures in reports and hand-ins, and what the pages say of them to the browser."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit
from starlette.requests import Request
from starlette.routing import Match
from streamlit.testing.v1 import AppTest

from cnn.report.exports import Export
from cnn.report.hand_in import read_hand_in
from cnn.report.report import Evidence
from cnn.report.report_store import HEAD, Reports
from pages.server import report_pictures
from tests.report.examples import report as example_report

SOURCE = "# Own\n## First {#first}\n### Why? {#why}"
PICTURE = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 311"><text>{"ä" * HEAD}</text></svg>'


@pytest.fixture
def reports(store, monkeypatch):
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    streamlit.cache_resource.clear()
    return Reports(store)


def fetch(address: str):
    """The server's answer."""
    scope = {"type": "http", "method": "GET", "path": f"/{address}", "headers": []}
    matches = [(route, *route.matches(scope)) for route in report_pictures.ROUTES]
    ((route, _, found),) = [one for one in matches if one[1] == Match.FULL]
    with ThreadPoolExecutor(1) as own_thread:  # Playwright keeps an event loop in this one
        return own_thread.submit(asyncio.run, route.endpoint(Request(scope | found))).result()


def test_a_picture_is_served_whole_and_can_be_kept_for_ever(reports):
    report = reports.create(SOURCE)
    piece = reports.add_evidence(report, Evidence("", "first", "filters", "Filters", picture=PICTURE))
    answer = fetch(report_pictures.address(report, piece))
    assert answer.body.decode() == PICTURE and answer.media_type == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_picture_is_served_only_to_who_knows_its_report(reports):
    report, other = reports.create(SOURCE), reports.create(SOURCE)
    piece = reports.add_evidence(report, Evidence("", "first", "filters", "Filters", picture=PICTURE))
    assert fetch(report_pictures.address(other, piece)).status_code == 404
    assert fetch(report_pictures.address(report, "unknown")).status_code == 404


def test_the_page_names_the_size_of_a_picture_and_does_not_send_it(open_page, reports):
    report = reports.create(SOURCE)
    piece = reports.add_evidence(report, Evidence("", "first", "filters", "Filters <1>", picture=PICTURE))
    app = open_page("report", report=report)
    (image,) = [one.proto.body for one in app.get("html") if "<img" in one.proto.body]
    assert f'src="{report_pictures.address(report, piece)}"' in image and 'loading="lazy"' in image
    assert 'width="720" height="311"' in image and 'alt="Filters &lt;1&gt;"' in image


def test_the_pictures_of_hand_ins_are_served_while_somebody_has_these_open(open_page, tmp_path):
    own = example_report(pieces=3)
    content = Export(own, None).without_documents()
    (tmp_path / "ada.zip").write_bytes(content)
    id = read_hand_in(content, "").id
    addresses = [report_pictures.hand_in_address(id, place) for place in range(3)]
    assert fetch(addresses[1]).status_code == 404
    app = open_page("hand_ins", hand_ins=tmp_path, marking="one question", question="notice")
    assert not app.exception
    for address, piece in zip(addresses, own.evidence, strict=True):
        answer = fetch(address)
        assert answer.body.decode() == piece.picture and "sandbox" in answer.headers["Content-Security-Policy"]
    assert fetch(report_pictures.hand_in_address(id, 3)).status_code == 404
    (tmp_path / "ada.zip").unlink()
    assert fetch(addresses[1]).status_code == 503


def test_a_hand_in_s_evidence_names_the_addresses_of_its_pictures():
    def page(content: bytes) -> None:
        from cnn.report.hand_in import read_hand_in
        from pages.shared.report.mark_fields import show_evidence

        hand_in = read_hand_in(content, "a.zip")
        show_evidence(hand_in, hand_in.report.of_step("data"))

    content = Export(example_report(pieces=4), None).without_documents()
    app = AppTest.from_function(page, args=(content,)).run()
    shown = [one.proto.body for one in app.get("html") if "<img" in one.proto.body]
    id = read_hand_in(content, "").id
    assert len(shown) == 2  # the others belong to another step
    assert all(report_pictures.hand_in_address(id, place) in text for place, text in zip((1, 3), shown, strict=True))
    assert all('loading="lazy"' in text and "data:" not in text for text in shown)
