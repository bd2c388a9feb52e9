"""The route that serves the pictures in reports, and what the Report page says of them to the browser."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit
from starlette.requests import Request

from cnn.report.report import Evidence
from cnn.report.report_store import HEAD, Reports
from pages.server import report_pictures

SOURCE = "# Own\n## First {#first}\n### Why? {#why}"
PICTURE = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 311"><text>{"ä" * HEAD}</text></svg>'


@pytest.fixture
def reports(store, monkeypatch):
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    streamlit.cache_resource.clear()
    return Reports(store)


def fetch(address: str):
    """The server's answer."""
    (route,) = report_pictures.ROUTES
    scope = {"type": "http", "method": "GET", "path": f"/{address}", "headers": []}
    _, found = route.matches(scope)
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
