"""The server's answers about the progress of a run."""

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit
from starlette.requests import Request
from starlette.responses import Response

from cnn.store.database import Database
from pages.server import live
from pages.server.recent import Recent


@pytest.fixture
def pages_store(store, monkeypatch):
    """The store that pages use."""
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    streamlit.cache_resource.clear()
    monkeypatch.setattr(live, "_looks", Recent(live.VALID_FOR))
    monkeypatch.setattr(live, "_answers", Recent(live.VALID_FOR))
    live.run_choice.store()
    return store


def test_an_answer_uses_one_connection_to_the_store(pages_store, trained, monkeypatch):
    taken, take = [], Database._idle_one
    monkeypatch.setattr(Database, "_idle_one", lambda *args: taken.append(args) or take(*args))
    answer = live.status(trained)
    assert len(taken) == 1 and len(answer["curves"]) == 2


def test_the_phase_of_a_run_changes_with_its_status_and_its_learning_rate(pages_store, trained):
    before = live.phase(trained)
    assert live.status(trained)["state"] == before == "finished, begun, learning rate 0.01"
    pages_store.set_status(trained, "stopped")
    assert live.phase(trained) == "stopped, begun, learning rate 0.01"


def ask(run_id: str, *guesses: float, encoding: str = "") -> list[Response]:
    """The server's answers to browsers that ask at the same time."""
    (route,) = live.ROUTES

    async def one(guess: float) -> Response:
        path, _, query = live.address(run_id, guess).partition("?")
        scope = {"type": "http", "method": "GET", "path": f"/{path}", "query_string": query.encode()}
        _, found = route.matches(scope)
        return await route.endpoint(Request(scope | found | {"headers": [(b"accept-encoding", encoding.encode())]}))

    async def all_ask() -> list[Response]:
        return await asyncio.gather(*map(one, guesses))

    with ThreadPoolExecutor(1) as own_thread:  # Playwright keeps an event loop in this one
        return own_thread.submit(asyncio.run, all_ask()).result()


def test_one_look_into_the_store_serves_all_who_watch_a_run(pages_store, trained, monkeypatch):
    looks, look = [], live.status
    monkeypatch.setattr(live, "status", lambda run_id: looks.append(run_id) or look(run_id))
    first, *_, last = (json.loads(answer.body) for answer in ask(trained, *[0.0] * 20, *[0.8] * 10))
    assert looks == [trained] and first == json.loads(json.dumps(look(trained)))
    levels = [[level["text"] for level in answer["curves"][1]["levels"]] for answer in (first, last)]
    assert levels == [["guessing"], ["guessing", "your guess"]]


@pytest.mark.parametrize("encoding", ["gzip, br", ""])
def test_an_answer_is_compressed_for_browsers_that_can_read_it(pages_store, trained, encoding):
    (answer,) = ask(trained, 0.0, encoding=encoding)
    body = gzip.decompress(answer.body) if encoding else answer.body
    assert ("content-encoding" in answer.headers) == bool(encoding)
    assert json.loads(body) == json.loads(json.dumps(live.status(trained)))


def test_an_unknown_run_is_a_sentence_in_the_answer(pages_store):
    (answer,) = ask("nowhere", 0.0)
    assert "nowhere" in json.loads(answer.body)["state"]
