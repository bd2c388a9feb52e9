"""Answers that many ask for at the same time are made once."""

import asyncio
from types import SimpleNamespace

from pages.server import recent as module
from pages.server.recent import Recent


def test_who_asks_while_an_answer_is_made_waits_for_it():
    made = []

    async def make() -> str:
        made.append("begun")
        await asyncio.sleep(0.05)
        return "answer"

    async def all_ask() -> list[str]:
        recent: Recent[str] = Recent(valid_for=60)
        found = await asyncio.gather(*(recent.get("run", make) for _ in range(5)))
        return [*found, await recent.get("run", make)]

    assert asyncio.run(all_ask()) == ["answer"] * 6 and made == ["begun"]


def test_an_old_answer_and_another_key_are_made_again(monkeypatch):
    numbers, now = iter(range(10)), [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def make() -> int:
        return next(numbers)

    async def ask() -> list[int]:
        recent: Recent[int] = Recent(valid_for=2)
        found = [await recent.get("run", make), await recent.get("run", make), await recent.get("other", make)]
        now[0] += 1.9
        found.append(await recent.get("run", make))
        now[0] += 0.2
        return [*found, await recent.get("run", make)]

    assert asyncio.run(ask()) == [0, 0, 1, 0, 2]


def test_who_leaves_ends_nothing_for_the_others_and_a_failure_is_told_to_all():
    async def make() -> None:
        await asyncio.sleep(0.02)
        raise ValueError("no such run")

    async def ask() -> list:
        recent: Recent[None] = Recent(valid_for=60)
        asked = [asyncio.create_task(recent.get("run", make)) for _ in range(3)]
        await asyncio.sleep(0)
        asked[0].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    left, *others = asyncio.run(ask())
    assert isinstance(left, asyncio.CancelledError) and [str(other) for other in others] == ["no such run"] * 2
