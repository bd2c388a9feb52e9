import json
import time

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.training import speed
from cnn.training.speed import Speedometer


def network_of(filters: int) -> tuple:
    return DatasetSpec(image_size=16), NetworkSpec(filters=(filters,)), TrainingSpec(batch_size=8), 2


def answer(speedometer: Speedometer, question: tuple, patience: float = 60) -> dict:
    deadline = time.monotonic() + patience
    while (found := speedometer.ask(*question)) is None:
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.1)
    return found


def test_it_says_how_many_images_a_second_are_trained_and_evaluated():
    found = answer(Speedometer(), network_of(4))
    assert found.keys() == {"train", "evaluate"}
    assert 0 < found["train"] < found["evaluate"]  # evaluating is only the way there


@pytest.fixture
def worked_on(monkeypatch) -> list[tuple]:
    """The filters of each network that was worked on; nothing is trained."""
    found = []

    def put(process, question: str) -> dict:
        found.append(tuple(json.loads(question)["network"]["filters"]))
        return {"train": 1.0, "evaluate": 2.0}

    monkeypatch.setattr(speed, "_put", put)
    return found


def test_while_a_slider_moves_only_where_it_rests_is_worked_on(worked_on):
    speedometer = Speedometer()
    for filters in range(1, 21):
        speedometer.ask(*network_of(filters))
        time.sleep(0.05)
    answer(speedometer, network_of(20))
    assert worked_on == [(20,)]


def test_what_was_measured_is_not_measured_again(worked_on):
    speedometer = Speedometer()
    for filters in (3, 4, 3):
        answer(speedometer, network_of(filters))
    assert worked_on == [(3,), (4,)]


def test_a_process_that_died_is_a_sentence_and_the_next_question_gets_another(monkeypatch):
    put = speed._put

    def kill_and_put(process, question: str) -> dict:
        process.kill()
        process.wait()
        return put(process, question)

    speedometer = Speedometer()
    monkeypatch.setattr(speed, "_put", kill_and_put)
    assert "could not be tried out on this machine" in answer(speedometer, network_of(5))["error"]
    monkeypatch.setattr(speed, "_put", put)
    assert "train" in answer(speedometer, network_of(6))
