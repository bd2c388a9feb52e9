"""Turns: how many scripts run at a time, in which order, and what ends a wait."""

import threading
import time

import pytest

from pages.server.turns import Turns


def start(action) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


def waiting(turns: Turns) -> int:
    return len(turns._waiting)


def test_as_many_as_allowed_run_at_once_and_the_others_in_order(wait):
    turns, inside, most, order = Turns(at_once=2, patience=60), [], [], []
    leave = [threading.Event() for _ in range(6)]

    def script(number: int) -> None:
        with turns.taken():
            order.append(number)
            inside.append(number)
            most.append(len(inside))
            leave[number].wait(60)
            inside.remove(number)

    threads = []
    for number in range(6):
        threads.append(start(lambda number=number: script(number)))
        wait(lambda number=number: len(order) + waiting(turns) == number + 1)
    assert order == [0, 1]
    for ended, number in enumerate((1, 0, 2, 3, 4, 5), 1):
        leave[number].set()
        threads[number].join(60)
        wait(lambda ended=ended: len(order) == min(6, 2 + ended))
    assert order == [0, 1, 2, 3, 4, 5]
    assert max(most) == 2


def test_a_script_that_only_waits_lends_its_turn(wait):
    turns, ran = Turns(at_once=1, patience=60), []
    with turns.taken():
        other = start(lambda: _run(turns, ran))
        wait(lambda: waiting(turns) == 1)
        assert ran == []
        with turns.lent():
            other.join(60)
        assert ran == [True]
        another = start(lambda: _run(turns, ran))
        wait(lambda: waiting(turns) == 1)  # the turn came back
    another.join(60)
    assert ran == [True, True]


def test_nobody_waits_longer_than_the_patience():
    turns, ran = Turns(at_once=1, patience=0.05), []
    with turns.taken():
        _run_in_thread(turns, ran)
        assert ran == [True]  # without a turn, which it therefore did not give back
        began = time.monotonic()
        _run_in_thread(turns, ran)
        assert time.monotonic() - began >= 0.05
    with turns.taken():
        assert waiting(turns) == 0


def test_a_turn_inside_a_turn_is_the_same_one():
    turns, ran = Turns(at_once=1, patience=60), []
    with turns.taken():
        with turns.taken():
            pass
        assert turns._free == 0  # still taken
    _run_in_thread(turns, ran)
    assert ran == [True]


def test_an_error_gives_the_turn_back_and_lending_without_a_turn_does_nothing():
    turns, ran = Turns(at_once=1, patience=60), []
    with pytest.raises(ValueError, match="damaged"), turns.taken():
        raise ValueError("damaged")
    with turns.lent():
        pass
    _run_in_thread(turns, ran)
    assert ran == [True]


def _run(turns: Turns, ran: list) -> None:
    with turns.taken():
        ran.append(True)


def _run_in_thread(turns: Turns, ran: list) -> None:
    start(lambda: _run(turns, ran)).join(60)
