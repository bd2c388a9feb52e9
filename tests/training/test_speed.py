import json
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.training import speed
from cnn.training.speed import MeasuringProcess, Speedometer


def network_of(filters: int) -> tuple:
    return DatasetSpec(image_size=16), NetworkSpec(filters=(filters,)), TrainingSpec(batch_size=8), 2


def filters_of(question: str) -> int:
    return json.loads(question)["network"]["filters"][0]


def ask_until_answered(speedometer: Speedometer, asker: str, filters: int, wait) -> dict:
    """Repeats the same request, as a page does."""
    return wait(lambda: speedometer.ask(asker, *network_of(filters)), 180)  # a process may have to load torch


class Measure:
    """Measures nothing: its answer is the number of filters, after `seconds`, once `may_end` is set."""

    def __init__(self, seconds: float = 0.0):
        self.seconds, self.measured = seconds, []
        self.active = self.most_at_once = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, question: str) -> dict:
        self.active += 1
        self.most_at_once = max(self.most_at_once, self.active)
        time.sleep(self.seconds)
        self.may_end.wait(60)
        self.measured.append(filters_of(question))
        self.active -= 1
        return {"train": filters_of(question)}


@pytest.fixture(autouse=True)
def short_rest(monkeypatch):
    monkeypatch.setattr(speed, "REST", 0.1)


@pytest.fixture(scope="module")
def process() -> MeasuringProcess:
    """One for all tests: it takes seconds to load torch."""
    return MeasuringProcess()


@pytest.fixture(scope="module")
def real(process) -> Speedometer:
    return Speedometer(process.answer)


def test_a_process_that_dies_gives_an_error_message_and_is_replaced(real, process, wait, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/no/such/python")
        assert "could not be started" in ask_until_answered(real, "one", 5, wait)["error"]
    real.ask("one", *network_of(6))
    wait(lambda: process.process).kill()  # it has not even loaded torch
    assert ask_until_answered(real, "one", 6, wait) == {"error": speed.TOO_MUCH}
    assert "train" in ask_until_answered(real, "one", 7, wait)


def test_it_measures_images_per_second_for_training_and_evaluation(real, wait):
    found = ask_until_answered(real, "one", 4, wait)
    assert found.keys() == {"train", "evaluate", "start"}
    assert found["train"] > 0 and found["evaluate"] > 0 and found["start"] > 0


def test_a_network_that_cannot_be_trained_gives_an_error_message(real, wait):
    # 17 pixels, 13, 9, 5, 1: with one image a batch, batch normalisation has no spread to compute.
    tiny = DatasetSpec(image_size=17), NetworkSpec((2, 2, 2, 2), kernel_size=5, pooling="none", batch_norm=True)
    found = wait(lambda: real.ask("one", *tiny, TrainingSpec(batch_size=1), 2), 180)
    assert "Batch normalisation needs more than one value per map" in found["error"]


@pytest.mark.parametrize("askers", [2, 5, 30])
def test_simultaneous_requests_for_different_networks_are_all_answered(askers, wait):
    measure = Measure(seconds=0.01)
    speedometer, answers = Speedometer(measure), {}

    def ask(filters: int) -> None:
        answers[filters] = ask_until_answered(speedometer, f"asker {filters}", filters, wait)["train"]

    threads = [threading.Thread(target=ask, args=(filters,)) for filters in range(1, askers + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {filters: filters for filters in range(1, askers + 1)}
    assert sorted(measure.measured) == sorted(answers) and measure.most_at_once == 1


def test_a_moving_slider_measures_only_the_current_and_the_last_network(wait):
    measure = Measure()
    measure.may_end.clear()
    speedometer = Speedometer(measure)
    speedometer.ask("mover", *network_of(1))
    wait(lambda: measure.active)
    for filters in range(2, 31):
        speedometer.ask("mover", *network_of(filters))
    measure.may_end.set()
    assert ask_until_answered(speedometer, "mover", 30, wait) == {"train": 30}
    assert measure.measured == [1, 30]


def test_a_moving_slider_does_not_delay_other_sessions(wait):
    measure = Measure(seconds=0.15)
    speedometer = Speedometer(measure)
    moving = threading.Event()

    def move() -> None:
        filters = 100
        while not moving.wait(0.12):  # a little longer than a question has to rest
            filters += 1
            speedometer.ask("mover", *network_of(filters))

    thread = threading.Thread(target=move)
    thread.start()
    try:
        for filters in (1, 2, 3):
            speedometer.ask("other", *network_of(filters))
            before = len(measure.measured)
            ask_until_answered(speedometer, "other", filters, wait)
            # The current one, one that begins while this one rests, one before it in the round.
            assert measure.measured.index(filters) - before <= 3
    finally:
        moving.set()
        thread.join()


def test_a_network_is_measured_once_for_all_sessions(wait):
    measure = Measure()
    speedometer = Speedometer(measure)
    for asker, filters in (("one", 3), ("one", 4), ("other", 3)):
        ask_until_answered(speedometer, asker, filters, wait)
    assert measure.measured == [3, 4]


def test_nothing_is_measured_for_a_session_that_has_left(wait, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: now[0]))
    measure = Measure()
    measure.may_end.clear()
    speedometer = Speedometer(measure)
    speedometer.ask("first", *network_of(1))
    now[0] += 2 * speed.REST
    wait(lambda: measure.active)
    speedometer.ask("gone", *network_of(2))
    now[0] += speed.GONE
    speedometer.ask("first", *network_of(3))
    now[0] += 2 * speed.REST
    measure.may_end.set()
    ask_until_answered(speedometer, "first", 3, wait)
    assert measure.measured == [1, 3]


def test_a_programming_error_is_logged_and_the_next_request_is_answered(wait, logged):
    def measure(question: str) -> dict:
        return {"train": 1 / (filters_of(question) - 1)}

    speedometer = Speedometer(measure)
    assert "inside" in ask_until_answered(speedometer, "one", 1, wait)["error"]
    assert "ZeroDivisionError" in logged[0]
    assert ask_until_answered(speedometer, "one", 2, wait) == {"train": 1}
