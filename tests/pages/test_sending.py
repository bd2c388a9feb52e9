"""The routes that take files from a browser in pieces."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from starlette.applications import Starlette

from pages.server import sending

FILES = [["pets/cat.0.png", 3], ["pets/dog.0.png", 4]]


class Answer(NamedTuple):
    status: int
    content: dict | None


def request(method: str, address: str, *chunks: bytes, breaks: bool = False) -> Answer:
    """The server's answer to a request whose body comes in chunks. breaks: the connection breaks after them."""
    path, _, query = address.partition("?")
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": []}
    coming = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    coming.append({"type": "http.disconnect"} if breaks else {"type": "http.request", "body": b"", "more_body": False})
    messages = iter(coming)
    sent = []

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as own_thread:  # Playwright keeps an event loop in this one
        own_thread.submit(asyncio.run, Starlette(routes=sending.ROUTES)(scope, receive, send)).result()
    content = b"".join(message.get("body", b"") for message in sent)
    return Answer(sent[0]["status"], json.loads(content) if content else None)


@pytest.fixture
def ticket(tmp_path):
    ticket = sending.new_ticket(tmp_path / "uploads")
    yield ticket
    sending.end(ticket)


def begin(ticket, files=FILES) -> Answer:
    return request("POST", f"/sending/{ticket.id}", json.dumps({"files": files, "others": 2}).encode())


def put(ticket, offset, *data, breaks=False) -> Answer:
    return request("PUT", f"/sending/{ticket.id}?offset={offset}", *data, breaks=breaks)


def left(ticket) -> list:
    return [path for path in ticket.uploads.rglob("*") if path.is_file()]


def test_all_pieces_arrive_and_only_then_are_taken(ticket):
    assert begin(ticket) == (200, {"received": 0})
    assert put(ticket, 0, b"abc", b"12") == (200, {"received": 5})
    assert request("GET", f"/sending/{ticket.id}") == (200, {"received": 5})
    assert sending.take(ticket) is None
    assert put(ticket, 5, b"34") == (200, {"received": 7})
    incoming = sending.take(ticket)
    assert sorted(path.read_bytes() for path in incoming.folder.rglob("*.png")) == [b"1234", b"abc"]
    assert incoming.others == 2
    assert request("GET", f"/sending/{ticket.id}").status == 404
    incoming.drop()


def test_a_repeated_piece_is_answered_with_what_has_arrived(ticket):
    begin(ticket)
    put(ticket, 0, b"abc")
    assert put(ticket, 0, b"abc") == (409, {"received": 3})


def test_what_has_arrived_of_a_broken_piece_counts(ticket):
    size = 3 * sending.CHUNK + 5
    begin(ticket, [["pets.zip", size]])
    put(ticket, 0, bytes(sending.CHUNK), bytes(7), breaks=True)
    assert request("GET", f"/sending/{ticket.id}") == (200, {"received": sending.CHUNK})
    assert put(ticket, sending.CHUNK, bytes(2 * sending.CHUNK + 5)) == (200, {"received": size})


def test_a_cancelled_upload_is_removed_and_another_may_begin(ticket):
    begin(ticket)
    put(ticket, 0, b"abc")
    request("DELETE", f"/sending/{ticket.id}")
    assert left(ticket) == []
    assert put(ticket, 3, b"1").status == 404
    assert begin(ticket) == (200, {"received": 0})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[1]", b"{}", b'{"files": [], "others": 0}', b'{"files": [["a.png", 3]], "others": "many"}'),
        *(b'{"files": [["a.png"]], "others": 0}', b'{"files": [["../a.png", 3]], "others": 0}'),
    ],
)
def test_a_wrong_list_of_files_is_refused_with_a_sentence(ticket, body):
    status, content = request("POST", f"/sending/{ticket.id}", body)
    assert status == 400 and content["error"].endswith(".")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_without_a_ticket_nothing_is_taken(method):
    status, content = request(method, "/sending/0123", json.dumps(FILES).encode())
    assert status == 404 and "Send them again" in content["error"]


def test_an_invalid_offset_is_refused(ticket):
    begin(ticket)
    assert put(ticket, "x", b"abc").status == 400


def test_files_of_a_browser_that_is_gone_are_removed(ticket, monkeypatch, wait):
    monkeypatch.setattr(sending, "PATIENCE", 0.05)
    begin(ticket)
    wait(lambda: ticket.incoming is None and not left(ticket))
