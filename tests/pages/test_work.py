"""Work for several sessions: done once in a few threads, shared by all waiting sessions, cancelled when none waits."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnn.errors import UserError
from pages.server import pool as pools
from pages.server import work
from pages.server.pool import Pool, size_of
from pages.server.work import Status
from tests.conftest import in_threads


class Session:
    """Requests work from a pool, as the pages of one session do."""

    def __init__(self, pool: Pool, name: str = ""):
        self.pool, self.name, self.waits = pool, name, {}

    def ask(self, key, function, kind="work", **options):
        return self.pool.ask(self.waits, (kind, key), function, "Doing it", session=self.name, **options)

    def get(self, key, function, **options):
        wait = self.ask(key, function, **options)
        assert wait.work.ended.wait(30)
        return wait.work.result


@pytest.fixture
def pool():
    return Pool(threads=2)


def test_thirty_sessions_with_the_same_request_start_the_work_once(pool, endless):
    sessions = [Session(pool) for _ in range(30)]
    waiting = iter(sessions)
    waits = in_threads(30, lambda: next(waiting).ask("same", endless.called("same")))
    endless.released.set()
    assert all(wait.work.ended.wait(30) for wait in waits)
    assert endless.begun == ["same"] and {wait.work.result for wait in waits} == {"same"}


def test_thirty_sessions_with_different_requests_share_the_threads(pool, endless):
    numbers = iter(range(30))
    waits = in_threads(30, lambda: Session(pool).ask(number := next(numbers), endless.called(number)))
    time.sleep(0.05)
    endless.released.set()
    assert all(wait.work.ended.wait(30) for wait in waits)
    assert sorted(endless.begun) == sorted(wait.work.result for wait in waits) == list(range(30))
    assert endless.most_at_once == 2


def test_torch_uses_one_core_for_each_piece_of_work(pool):
    assert Session(pool).get("a", lambda progress: torch.get_num_threads()) == 1


def test_work_is_done_in_order_and_says_how_much_is_ahead(endless, wait):
    pool = Pool(threads=1)
    waits = [Session(pool).ask(name, endless.called(name)) for name in "abc"]
    wait(lambda: endless.begun)
    texts = [one.status()["progress"]["text"] for one in waits[1:]]
    assert texts == ["Doing it · waiting for 1 other", "Doing it · waiting for 2 others"]
    endless.released.set()
    assert waits[2].work.ended.wait(30) and endless.begun == ["a", "b", "c"]


def test_a_session_that_moves_on_ends_only_its_own_wait(pool, endless, wait):
    one, other = Session(pool), Session(pool)
    first = one.ask("shared", endless.called("shared"))
    also = other.ask("shared", endless.called("shared"))
    one.ask("else", endless.called("else"))
    assert first.withdrawn and not also.withdrawn
    wait(lambda: len(endless.begun) == 2)
    assert endless.cancelled == [] and not also.ended
    endless.released.set()
    assert other.get("shared", endless.called("shared")) == "shared" and endless.begun == ["shared", "else"]


def test_work_is_cancelled_when_the_last_waiting_session_moves_on(pool, endless, wait):
    sessions = [Session(pool), Session(pool)]
    for session in sessions:
        session.ask("shared", endless.called("shared"))
    wait(lambda: endless.begun)
    for session in sessions:
        assert endless.cancelled == []
        session.ask("else", endless.called("else"))
    wait(lambda: endless.cancelled == ["shared"])


def test_queued_work_that_nobody_waits_for_never_starts(endless, wait):
    pool = Pool(threads=1)
    Session(pool).ask("first", endless.called("first"))
    session = Session(pool)
    session.ask("second", endless.called("second"))
    session.ask("third", endless.called("third"))
    endless.released.set()
    session.get("third", endless.called("third"))
    assert endless.begun == ["first", "third"]


def test_a_session_waits_for_one_piece_of_work_of_each_kind(pool, endless, wait):
    session = Session(pool)
    session.ask("a", endless.called("a"), kind="reading")
    session.ask("b", endless.called("b"), kind="predicting")
    wait(lambda: endless.begun == ["a", "b"])
    endless.released.set()
    assert session.get("b", endless.called("b"), kind="predicting") == "b" and endless.cancelled == []


def test_cancel_ends_the_wait_of_one_browser_and_the_other_gets_the_result(pool, endless, wait):
    one, other = [Session(pool).ask("shared", endless.called("shared")) for _ in range(2)]
    wait(lambda: endless.begun)
    status = work.cancel(one.id)
    assert status["ended"] and status["cancelled"] and one.error == "Cancelled."
    assert not work.status(other.id)["ended"] and not work.status(other.id)["cancelled"]
    endless.released.set()
    assert other.work.ended.wait(30)
    assert other.work.result == "shared" and not other.error and endless.cancelled == []


def test_work_that_its_only_browser_cancels_ends_and_restarts_on_request(pool, endless, wait):
    session = Session(pool)
    first = session.ask("a", endless.called("a"))
    wait(lambda: endless.begun)
    work.cancel(first.id)
    assert session.ask("a", endless.called("a")) is first and first.error == "Cancelled."  # until a retry
    wait(lambda: endless.cancelled == ["a"])
    pool.leave(session.waits, first)
    assert not session.ask("a", endless.called("a")).ended
    wait(lambda: endless.begun == ["a", "a"])


def test_a_session_that_is_long_disconnected_no_longer_counts(endless, wait, monkeypatch):
    monkeypatch.setattr(pools, "CHECK_EVERY", 0.01)
    monkeypatch.setattr(pools, "PATIENCE", 0.05)
    here = {"stays", "leaves"}
    pool = Pool(threads=2, is_connected=lambda session: session in here)
    for name, key in (("stays", "shared"), ("leaves", "shared"), ("leaves", "own")):
        Session(pool, name).ask(key, endless.called(key))
    wait(lambda: len(endless.begun) == 2)
    here.remove("leaves")
    wait(lambda: endless.cancelled)
    endless.released.set()
    assert Session(pool, "stays").get("shared", endless.called("shared")) == "shared" and endless.cancelled == ["own"]


def test_a_short_disconnection_loses_nothing(endless, wait, monkeypatch):
    monkeypatch.setattr(pools, "CHECK_EVERY", 0.01)
    here = {"blinks"}
    pool = Pool(threads=1, is_connected=lambda session: session in here)
    one = Session(pool, "blinks").ask("a", endless.called("a"))
    wait(lambda: endless.begun)
    here.clear()
    wait(lambda: one.away_since is not None)
    here.add("blinks")
    wait(lambda: one.away_since is None)
    assert not one.withdrawn and endless.cancelled == []


def test_no_work_starts_for_disconnected_sessions(endless, wait):
    here = {"stays", "leaves"}
    pool = Pool(threads=1, is_connected=lambda session: session in here)
    Session(pool, "stays").ask("first", endless.called("first"))
    Session(pool, "leaves").ask("second", endless.called("second"))
    third = Session(pool, "stays").ask("third", endless.called("third"))
    here.remove("leaves")
    endless.released.set()
    assert third.work.ended.wait(30) and endless.begun == ["first", "third"]


def test_leaving_a_replaced_wait_does_not_affect_the_new_one(pool, endless):
    session = Session(pool)  # two scripts of one session may run briefly; the older one has an older request
    older, newer = session.ask("a", endless.called("a")), session.ask("b", endless.called("b"))
    pool.leave(session.waits, older)
    assert not newer.withdrawn and session.waits == {"work": newer}


# Results


def test_later_requests_get_the_result_at_once(pool):
    made = []
    for session in (Session(pool), Session(pool)):
        assert session.get("a", lambda progress: made.append(1) or "result") == "result"
    assert made == [1]


def counting(made: list, key, size: int = 0):
    return lambda progress: made.append(key) or np.zeros(size, np.uint8)


def test_the_least_recently_used_results_are_dropped():
    pool, made = Pool(threads=1, kept_results=2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        Session(pool).get(key, counting(made, key))
    assert made == ["a", "b", "c", "b"]


def test_results_are_kept_up_to_a_size_and_the_newest_always():
    pool, made = Pool(threads=1, kept_bytes=100), []
    for key, size in (("a", 60), ("b", 40), ("a", 60), ("b", 40), ("huge", 1000), ("huge", 1000), ("a", 60)):
        Session(pool).get(key, counting(made, key, size))
    assert made == ["a", "b", "huge", "a"]


def test_an_outdated_result_is_computed_again():
    pool, made = Pool(threads=1), []
    for _ in range(2):
        Session(pool).get("a", counting(made, "a"), valid_for=60)
    time.sleep(0.01)
    for _ in range(2):
        Session(pool).get("b", counting(made, "b"), valid_for=0.001)
        time.sleep(0.01)
    assert made == ["a", "b", "b"]


def test_a_forgotten_result_is_computed_again():
    pool, made = Pool(threads=1), []
    for kind in ("other", "work"):
        Session(pool).get("a", counting(made, kind), kind=kind)
    pool.forget("work")
    for kind in ("other", "work"):
        Session(pool).get("a", counting(made, f"{kind} again"), kind=kind)
    assert made == ["other", "work", "work again"]


def test_the_size_of_a_result_is_that_of_its_arrays_in_memory(tmp_path):
    mapped = np.memmap(tmp_path / "array", np.uint8, "w+", shape=(1000, 1000))
    array = np.zeros((100, 100), np.float32)
    for result in (array, [array], {"one": array}, (array, mapped)):
        assert 40_000 <= size_of(result) < 41_000


# Errors


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (UserError("The patch must be smaller."), Status.FAILED, "The patch must be smaller."),
        (
            FileNotFoundError(2, "No such file", "/a/b"),
            Status.FAILED,
            "“/a/b” could not be read or written: No such file.",
        ),
        (MemoryError(), Status.FAILED, "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), Status.FAILED, "not enough memory"),
        (ValueError("operands could not be broadcast"), Status.BROKEN, "Something went wrong inside"),
        (KeyError("x"), Status.BROKEN, "Something went wrong inside"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_give_a_message_and_programming_errors_are_logged(pool, logged, error, status, sentence):
    def fail(progress):
        raise error

    wait = Session(pool).ask("a", fail)
    assert wait.work.ended.wait(30)
    assert wait.work.status == status and sentence in wait.error and "broadcast" not in wait.error
    assert [type(error).__name__ in text for text in logged] == [True] * (status == Status.BROKEN)


def test_all_waiting_sessions_see_a_failure_and_the_next_request_retries(pool, endless, wait):
    def fail(progress):
        endless.called("a")(progress)
        raise UserError("No.")

    sessions = [Session(pool), Session(pool)]
    waits = [session.ask("a", fail) for session in sessions]
    wait(lambda: endless.begun)
    endless.released.set()
    assert all(one.work.ended.wait(30) and one.error == "No." for one in waits)
    assert sessions[0].ask("a", fail) is waits[0]  # a redrawn page does not repeat the work
    Session(pool).get("a", fail)
    assert endless.begun == ["a", "a"]


def test_threads_go_on_after_an_error(pool, logged):
    for number in range(5):
        Session(pool).get(number, lambda progress: 1 / 0)
    assert Session(pool).get("last", lambda progress: "done") == "done" and len(logged) == 5


# Answers to the browser


def test_the_browser_gets_the_progress_and_the_time_left(pool, wait, monkeypatch):
    ended = threading.Event()

    def function(progress):
        progress(0.25, detail="Reading 1 of 4")
        wait(lambda: ended.is_set() or progress(0.5))

    one = Session(pool).ask("a", function)
    wait(lambda: one.work.progress.share == 0.5)
    one.work.progress.began = 100.0
    monkeypatch.setattr(work, "time", SimpleNamespace(monotonic=lambda: 160.0))
    expected = {"share": 0.5, "text": "Doing it · 1:00 min left"}
    assert work.status(one.id) == {"ended": False, "cancelled": False, "progress": expected, "preview": None}
    ended.set()
    assert one.work.ended.wait(30) and work.status(one.id)["ended"]


def test_the_browser_cancels_a_wait_by_its_id(pool, endless, wait):
    one, other = [Session(pool).ask(key, endless.called(key)) for key in "ab"]
    wait(lambda: len(endless.begun) == 2)
    assert work.cancel(one.id)["cancelled"]
    wait(lambda: endless.cancelled == ["a"])
    assert not work.status(other.id)["ended"]


@pytest.mark.parametrize("ask", [work.status, work.cancel])
def test_an_unknown_wait_has_ended(ask):
    assert ask("0" * 32) == {"ended": True, "cancelled": False, "progress": None, "preview": None}


def test_a_wait_that_its_session_just_left_does_not_rerun_the_page(pool, endless, monkeypatch):
    session = Session(pool)
    first = session.ask("a", endless.called("a"))
    monkeypatch.setattr(work, "REDRAW_TIME", 60.0)
    session.ask("b", endless.called("b"))
    assert not work.status(first.id)["ended"]
    monkeypatch.setattr(work, "REDRAW_TIME", -1.0)  # the browser still shows it, so the page must be redrawn
    assert work.status(first.id)["ended"]
