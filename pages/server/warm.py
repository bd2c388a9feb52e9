"""What the server does besides answering: it loads what the pages need before anybody asks for it (torch takes seconds,
and a page that loads it delays others), and keeps the queue going.

A class that opens a new server at once is to wait only for what its pages need. What exports and single clicks need is
loaded when the server is calm.
"""

import gc
import importlib
import logging
import pkgutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import partial
from types import ModuleType

import pages
from cnn.engine import queue
from cnn.engine.foresight import foresee_waiting
from cnn.errors import UserError
from cnn.system.threads import limit_torch
from pages.server.pool import TORCH_THREADS
from pages.server.turns import turns
from pages.shared import run_choice
from pages.shared.training.speedometer import speedometer

PAGES = [f"pages.{module.name}" for module in pkgutil.iter_modules(pages.__path__)]
LATER = ("cnn.explain.third_party", "cnn.report.exports")  # load Captum, matplotlib and Typst, for a second or two
QUEUE_EVERY = 1.0  # seconds between looks at the queue
PATIENCE = 3.0  # seconds to wait for the first page, which should open at once
CALM = 1.0  # seconds without a page after which the server is calm
LATEST = 15.0  # seconds after which it counts as calm anyway

_first_page, _loaded = threading.Event(), threading.Event()
_drawn = 0.0  # when a page was drawn last, by time.monotonic()
_calm = threading.Lock()  # one thing at a time
log = logging.getLogger(__name__)


def page_drawn() -> None:
    """Call when a page has been drawn: the first one starts the loading."""
    global _drawn
    _drawn = time.monotonic()
    _first_page.set()


def page(name: str) -> ModuleType:
    """The module of a page. While it is being loaded, other pages are drawn."""
    with nullcontext() if _loaded.is_set() else turns.lent():
        return importlib.import_module(f"pages.{name}")


@asynccontextmanager
async def while_serving(app: object) -> AsyncIterator[None]:
    """For `st.App`: loads all pages in the background, after the first one has been drawn, or if nobody comes; then
    keeps the queue going."""
    threading.Thread(target=_serve, name="loads the pages, keeps the queue going", daemon=True).start()
    yield


def _serve() -> None:
    _wait_and_load()
    when_calm(partial(load, LATER))
    keep_queue_going()


def _wait_and_load() -> None:
    _first_page.wait(PATIENCE)
    with no_search_for_garbage():
        load(PAGES)
    limit_torch(TORCH_THREADS)  # for a page as for work beside it
    _loaded.set()


def when_calm(action: Callable[[], object]) -> None:
    """Does this in the background once all pages are loaded and nobody opens any."""
    threading.Thread(target=_wait_and_do, args=(action,), name="waits until it is calm", daemon=True).start()


def _wait_and_do(action: Callable[[], object]) -> None:
    latest = time.monotonic() + LATEST
    _loaded.wait(LATEST)
    with _calm:
        while (left := min(latest, _drawn + CALM) - time.monotonic()) > 0:
            time.sleep(left)
        with no_search_for_garbage():
            action()


def keep_queue_going() -> None:
    """Starts waiting runs for as long as the server lives: a trainer that was killed starts no other. Foresees how long
    they will take, so that a short one need not wait for a long training."""
    speed = partial(speedometer().ask, "the queue")
    while True:
        try:
            queue.advance(run_choice.store())
            foresee_waiting(run_choice.store(), speed)
        except UserError as error:  # such as a full disk
            log.warning("The queue: %s", error)
        except Exception:
            log.exception("The queue")
        time.sleep(QUEUE_EVERY)


def load(names: Sequence[str]) -> None:
    """Imports these modules."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # the page itself will say so
            log.exception("Loading %s", name)


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """In this block, and for all that is in memory at its end, Python does not search for unused objects. Modules stay
    in use, and all pages stop while the search goes through the objects of torch."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
