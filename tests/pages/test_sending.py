"""The routes that take files from a browser in pieces."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.server import sending

FILES = [["pets/cat.0.png", 3], ["pets/dog.0.png", 4]]


@pytest.fixture
def browser():
    return TestClient(Starlette(routes=sending.ROUTES))


@pytest.fixture
def ticket(tmp_path):
    ticket = sending.new_ticket(tmp_path / "uploads")
    yield ticket
    sending.end(ticket)


def begin(browser, ticket, files=FILES):
    return browser.post(f"/sending/{ticket.id}", content=json.dumps(files))


def put(browser, ticket, offset, data):
    return browser.put(f"/sending/{ticket.id}?offset={offset}", content=data)


def test_all_pieces_arrive_and_only_then_are_taken(browser, ticket):
    assert begin(browser, ticket).json() == {"received": 0}
    assert put(browser, ticket, 0, b"abc12").json() == {"received": 5}
    assert browser.get(f"/sending/{ticket.id}").json() == {"received": 5}
    assert sending.take(ticket) is None
    assert put(browser, ticket, 5, b"34").json() == {"received": 7}
    incoming = sending.take(ticket)
    assert sorted(path.read_bytes() for path in incoming.folder.rglob("*.png")) == [b"1234", b"abc"]
    assert browser.get(f"/sending/{ticket.id}").status_code == 404
    incoming.drop()


def test_a_repeated_piece_is_answered_with_what_has_arrived(browser, ticket):
    begin(browser, ticket)
    put(browser, ticket, 0, b"abc")
    answer = put(browser, ticket, 0, b"abc")
    assert (answer.status_code, answer.json()) == (409, {"received": 3})


def test_a_large_piece_arrives_whole(browser, ticket):
    size = 3 * sending.CHUNK + 5
    begin(browser, ticket, [["pets.zip", size]])
    assert put(browser, ticket, 0, bytes(size)).json() == {"received": size}


def test_a_cancelled_upload_is_removed_and_another_may_begin(browser, ticket):
    begin(browser, ticket)
    put(browser, ticket, 0, b"abc")
    browser.delete(f"/sending/{ticket.id}")
    assert [path for path in ticket.uploads.rglob("*") if path.is_file()] == []
    assert put(browser, ticket, 3, b"1").status_code == 404
    assert begin(browser, ticket).json() == {"received": 0}


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'[["a.png"]]', b'[["a.png", "x"]]', b"[]", b'[["../a.png", 3]]'])
def test_a_wrong_list_of_files_is_refused_with_a_sentence(browser, ticket, body):
    answer = browser.post(f"/sending/{ticket.id}", content=body)
    assert answer.status_code == 400 and answer.json()["error"].endswith(".")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_without_a_ticket_nothing_is_taken(browser, method):
    answer = browser.request(method, "/sending/0123", content=json.dumps(FILES))
    assert answer.status_code == 404 and "Send them again" in answer.json()["error"]


def test_an_invalid_offset_is_refused(browser, ticket):
    begin(browser, ticket)
    assert put(browser, ticket, "x", b"abc").status_code == 400


def test_files_of_a_browser_that_is_gone_are_removed(browser, ticket, monkeypatch, wait):
    monkeypatch.setattr(sending, "PATIENCE", 0.05)
    begin(browser, ticket)
    wait(lambda: ticket.incoming is None)
    assert [path for path in ticket.uploads.rglob("*") if path.is_file()] == []
