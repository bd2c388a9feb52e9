"""What the server does besides answering: it loads what the pages need before anybody asks for it (torch takes seconds,
and a page that loads it delays others), and keeps the queue going."""

import importlib
import logging
import pkgutil
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pages
from cnn.engine import queue
from cnn.engine.foresight import foresee_waiting
from cnn.errors import UserError
from cnn.system.threads import limit_torch
from pages.server.pool import TORCH_THREADS
from pages.shared import run_choice
from pages.shared.speedometer import speedometer

ALSO = ("cnn.report.exports",)  # loads matplotlib and Typst, for seconds: the first export should not wait for it
QUEUE_EVERY = 1.0  # seconds between looks at the queue
PATIENCE = 3.0  # seconds to wait for the first page, which should open at once

_first_page = threading.Event()
log = logging.getLogger(__name__)


def page_drawn() -> None:
    """Call when a page has been drawn: the first one starts the loading."""
    _first_page.set()


@asynccontextmanager
async def while_serving(app: object) -> AsyncIterator[None]:
    """For `st.App`: loads all pages in the background, after the first one has been drawn, or if nobody comes; then
    keeps the queue going."""
    threading.Thread(target=_serve, name="loads the pages, keeps the queue going", daemon=True).start()
    yield


def _serve() -> None:
    _wait_and_load()
    keep_queue_going()


def _wait_and_load() -> None:
    _first_page.wait(PATIENCE)
    load()


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


def load() -> None:
    """Imports all pages, and what exports need. Then torch uses as many threads for a page as for work beside it."""
    for name in (*(f"pages.{module.name}" for module in pkgutil.iter_modules(pages.__path__)), *ALSO):
        try:
            importlib.import_module(name)
        except Exception:  # the page itself will say so
            log.exception("Loading %s", name)
    limit_torch(TORCH_THREADS)
