"""Loads what the pages need before anybody asks for it: torch takes seconds, while everybody else waits for it."""

import importlib
import logging
import pkgutil
import threading

import pages
from cnn.system.threads import limit_torch
from pages.server.pool import TORCH_THREADS

PATIENCE = 3.0  # seconds to wait for the first page, which should open at once

_first_page = threading.Event()
log = logging.getLogger(__name__)


def page_drawn() -> None:
    """Call when a page has been drawn: the first one starts the loading."""
    _first_page.set()


def start() -> None:
    """Loads all pages in the background, after the first page has been drawn, or if nobody comes."""
    threading.Thread(target=_load, name="loads the pages", daemon=True).start()


def _load() -> None:
    _first_page.wait(PATIENCE)
    for module in pkgutil.iter_modules(pages.__path__):
        try:
            importlib.import_module(f"pages.{module.name}")
        except Exception:  # the page that needs it says so
            log.exception("Loading the page %s", module.name)
    limit_torch(TORCH_THREADS)
