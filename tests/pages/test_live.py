"""The server's answers about the progress of a run."""

import pytest
import streamlit

from cnn.store.database import Database
from pages.server import live


@pytest.fixture
def pages_store(store, monkeypatch):
    """The store that pages use."""
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    streamlit.cache_resource.clear()
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
