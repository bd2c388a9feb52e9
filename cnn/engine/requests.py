"""What the user asks of a trainer while it works: stop, pause, another learning rate."""

import os
import threading
from collections.abc import Callable

from cnn.store.run import STOPPED
from cnn.store.runs import RunStore, StoreError

POLL = 0.1  # seconds between looks
STOP_PATIENCE = 0.3  # seconds that a step may go on after Stop before the process ends in the middle of it


class Requests(threading.Thread):
    """Looks for requests in the store, so that the training loop need not.

    request: the newest one, "stop", "pause" or "". rate: the learning rate asked for, or None.
    """

    def __init__(self, store: RunStore, run_id: str, stop_asked: Callable[[], bool], may_exit: bool):
        super().__init__(daemon=True)
        self.store, self.run_id, self.stop_asked, self.may_exit = store, run_id, stop_asked, may_exit
        self.rate: float | None = None
        self.request = ""
        self._noticed = threading.Event()
        self._look()

    @property
    def stop(self) -> bool:
        return self.request == "stop"

    @property
    def pause(self) -> bool:
        return self.request == "pause"

    def notice(self) -> None:
        """The loop is stopping, or has ended: nobody needs to look any more, nor to end the process."""
        self._noticed.set()

    def _look(self) -> None:
        try:
            request, self.rate = self.store.requests(self.run_id)
        except StoreError:  # another program keeps it busy, or its disk is full: look again
            return
        self.request = "stop" if self.stop_asked() else request

    def run(self) -> None:
        while not self._noticed.wait(POLL):
            self._look()
            # A step of a large network may take seconds. Nobody should wait for it after Stop.
            if self.stop and self.may_exit and not self._noticed.wait(STOP_PATIENCE):
                try:
                    self.store.set_status(self.run_id, STOPPED)
                finally:
                    os._exit(0)
