"""Answers that many browsers ask for at the same time, such as the curves of a run that a whole class watches."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Makes each answer once for all who ask for it within `valid_for` seconds; who asks while it is being made waits
    for it. For the event loop only, in which nothing happens at the same time."""

    def __init__(self, valid_for: float):
        self.valid_for = valid_for
        self._answers: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}  # with the time when each was begun

    async def get(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer under this key, from `make` if there is no recent one. Raises what `make` raised."""
        now = time.monotonic()
        for old, (began, task) in list(self._answers.items()):
            if task.done() and now - began > self.valid_for:
                del self._answers[old]
        if key not in self._answers:
            self._answers[key] = now, asyncio.create_task(make())
        answer: Awaitable[T] = self._answers[key][1]
        return await asyncio.shield(answer)  # who leaves ends nothing for the others
