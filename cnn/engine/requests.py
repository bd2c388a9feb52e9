"""A user's requests to a running trainer: stop, pause, go back to the queue, another learning rate."""

import os
import threading
from collections.abc import Callable

from cnn.engine.queue import advance
from cnn.store.run import STOPPED
from cnn.store.runs import RunStore, StoreError

POLL = 0.1  # seconds between two reads of the store
STOP_PATIENCE = 0.3  # seconds that the current step may take after Stop before the process exits in the middle of it


class Requests(threading.Thread):
    """Polls the store for requests in a separate thread, so that the training loop need not.

    may_exit: whether the process may exit in the middle of a step; `end` is then called before, with the status. Once
    started: request is the newest request, "stop", "pause", "yield" or ""; rate the requested learning rate, or None.
    """

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        stop_requested: Callable[[], bool],
        may_exit: bool,
        end: Callable[[str], None],
    ):
        super().__init__(daemon=True)
        self.store, self.run_id, self.stop_requested, self.may_exit = store, run_id, stop_requested, may_exit
        self.end = end
        self.rate: float | None = None
        self.request = ""
        self._closed = threading.Event()
        self._poll()

    @property
    def stop(self) -> bool:
        return self.request == "stop"

    @property
    def pause(self) -> bool:
        return self.request == "pause"

    @property
    def yields(self) -> bool:
        """Whether the run should give its place to another, and wait in the queue."""
        return self.request == "yield"

    def close(self) -> None:
        """Ends the polling: the loop is stopping or has ended, and the process must not exit early any more."""
        self._closed.set()

    def _poll(self) -> None:
        try:
            request, self.rate = self.store.requests(self.run_id)
        except StoreError:  # the store is busy, or its disk is full: try again later
            return
        self.request = "stop" if self.stop_requested() else request

    def run(self) -> None:
        while not self._closed.wait(POLL):
            self._poll()
            # A step of a large network can take seconds. The user should not have to wait for it after Stop.
            if self.stop and self.may_exit and not self._closed.wait(STOP_PATIENCE):
                try:
                    self.end(STOPPED)
                    advance(self.store)
                finally:
                    os._exit(0)
