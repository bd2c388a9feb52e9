"""A server loads torch before a page needs it, but not before the first page."""

import os
import threading

import pytest

from pages.server import warm

LATER = """
import sys, threading
import dashboard
from pages.server import warm

warm.PATIENCE = 60
thread = threading.Thread(target=warm._wait_and_load)
thread.start()
assert "torch" not in sys.modules
warm.page_drawn()
thread.join()
import torch
assert {"pages.explain", "pages.train", "cnn.report.exports"} <= set(sys.modules)
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
    monkeypatch.setattr(warm, "load", load.set)
    thread = threading.Thread(target=warm._wait_and_load)
    thread.start()
    assert load.wait(30 if loaded else 0.1) == loaded
    first_page.set()
    thread.join()
