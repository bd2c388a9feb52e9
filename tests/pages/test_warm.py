"""A server loads torch before a page needs it, but not before the first page."""

import pytest

LATER = """
import sys, threading
import dashboard
from pages.server import warm

warm.PATIENCE = {patience}
thread = threading.Thread(target=warm._wait_and_load)
thread.start()
if {drawn}:
    assert "torch" not in sys.modules
    warm.page_drawn()
thread.join()
import torch
assert {{"pages.explain", "pages.train"}} <= set(sys.modules)
print(torch.get_num_threads())
"""


@pytest.mark.parametrize(("patience", "drawn"), [(60, True), (0.01, False)])
def test_pages_are_loaded_after_the_first_is_drawn_or_when_nobody_comes(run_python, patience, drawn):
    ended = run_python("-c", LATER.format(patience=patience, drawn=drawn))
    assert (ended.returncode, ended.stdout.strip()) == (0, "1"), ended.stderr
