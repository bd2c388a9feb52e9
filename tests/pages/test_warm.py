"""A server loads torch before a page needs it, but not before the first page."""

import os
import threading
import time

import pytest

from pages.server import warm

LATER = """
import gc, sys, threading
import dashboard
from pages.server import warm

warm.PATIENCE = 60
thread = threading.Thread(target=warm._wait_and_load)
thread.start()
assert "torch" not in sys.modules
warm.page_drawn()
thread.join()
import torch
assert {"pages.explain", "pages.train"} <= set(sys.modules)
assert not {"matplotlib", "captum"} & set(sys.modules)  # they come when the server is calm
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print(torch.get_num_threads())
"""


def test_pages_are_loaded_after_the_first_is_drawn(run_python):
    ended = run_python("-c", LATER, env=os.environ | {"OMP_NUM_THREADS": "2"})
    assert (ended.returncode, ended.stdout.strip()) == (0, "1"), ended.stderr


@pytest.mark.parametrize(("patience", "loaded"), [(60, False), (0.01, True)])
def test_pages_are_loaded_when_nobody_comes(monkeypatch, patience, loaded):
    load = threading.Event()
    monkeypatch.setattr(warm, "_first_page", first_page := threading.Event())
    monkeypatch.setattr(warm, "PATIENCE", patience)
    monkeypatch.setattr(warm, "load", lambda names: load.set())
    monkeypatch.setattr(warm, "_loaded", threading.Event())
    thread = threading.Thread(target=warm._wait_and_load)
    thread.start()
    assert load.wait(30 if loaded else 0.1) == loaded
    first_page.set()
    thread.join()


def test_what_can_wait_is_loaded_once_the_pages_are_loaded_and_nobody_opens_any(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(warm, "_loaded", loaded := threading.Event())
    monkeypatch.setattr(warm, "CALM", 0.2)
    warm.when_calm(done.set)
    assert not done.wait(0.3)
    began = time.monotonic()
    warm.page_drawn()
    loaded.set()
    assert done.wait(30) and time.monotonic() - began > 0.1


def test_what_can_wait_comes_at_last_on_a_server_that_is_never_calm(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(warm, "_loaded", loaded := threading.Event())
    monkeypatch.setattr(warm, "CALM", 1000.0)
    monkeypatch.setattr(warm, "LATEST", 0.2)
    loaded.set()
    warm.page_drawn()
    warm.when_calm(done.set)
    assert done.wait(30)
