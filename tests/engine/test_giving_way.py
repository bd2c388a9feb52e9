"""A long training gives its place to a short run by itself: the rule, and the queue that follows it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnn.engine import giving_way, launch, queue, recorder
from cnn.engine.giving_way import LEAST, MOST, TIMES, Training, Waiting, choose
from cnn.engine.launch import START_SECONDS
from cnn.engine.trainer import train_run
from cnn.store import waiting
from cnn.store.records import Progress
from tests.conftest import EPOCH, execute_sql

SHORT = 30.0
LONG = TIMES * (SHORT + START_SECONDS)  # just long enough


def training(*seconds, may=True) -> list[Training]:
    return [Training(f"trains {place}", one, may) for place, one in enumerate(seconds)]


def waits(*seconds, by_hand=()) -> list[Waiting]:
    return [Waiting(f"waits {place}", one, place in by_hand) for place, one in enumerate(seconds)]


@pytest.mark.parametrize(
    ("trains", "queued", "expected"),
    [
        (training(LONG), waits(SHORT), ("waits 0", "trains 0")),
        (training(LONG - 1), waits(SHORT), None),
        (training(LONG, 3 * LONG, 2 * LONG), waits(SHORT), ("waits 0", "trains 1")),  # the longest one
        (training(LONG, LONG - 1), waits(SHORT), None),  # a place will be free soon
        (training(LONG, None), waits(SHORT), None),
        (training(LONG), waits(None), None),
        (training(LONG), waits(LONG, None, SHORT, 1.0), ("waits 2", "trains 0")),  # the first that is short enough
        (training(LONG, may=False), waits(SHORT), None),
        ([*training(LONG), Training("asked", 9 * LONG, False)], waits(SHORT), ("waits 0", "trains 0")),
        (training(LONG), [], None),
        ([], waits(SHORT), None),
    ],
)
def test_the_longest_training_gives_way_to_a_run_that_is_short_against_all_that_train(trains, queued, expected):
    assert choose(trains, queued) == expected


def test_a_run_that_a_user_has_put_in_its_place_neither_overtakes_nor_is_overtaken():
    assert choose(training(LONG), waits(SHORT, LONG, by_hand=[0])) == ("waits 0", "trains 0")  # it overtakes nobody
    assert choose(training(LONG), waits(LONG, SHORT, by_hand=[0])) is None
    assert choose(training(LONG), waits(LONG, SHORT, by_hand=[1])) is None
    assert choose(training(LONG), waits(SHORT, LONG, by_hand=[1])) == ("waits 0", "trains 0")


@pytest.fixture
def long_run(store, create_run, begun):
    """A run that trains, and has long to go."""
    run_id = create_run(epochs=1000)
    queue.start(store, run_id, "ann")
    with store.lock(run_id):
        trains_on(store, run_id)
        yield run_id


def trains_on(store, run_id: str) -> None:
    """As if its trainer had been at work for a while."""
    store.set_status(run_id, "running")
    execute_sql(store, "UPDATE runs SET launched = ? WHERE id = ?", time.time() - LEAST - 1, run_id)
    store.history(run_id).set_progress(Progress(1, 1000, 5, 5000, 100.0, LONG, 0.01))


@pytest.fixture
def queued(store, create_run):
    """Puts a run into the queue that is foreseen to take so many seconds."""

    def put(seconds: float, owner: str = "bob") -> str:
        run_id = create_run()
        waiting.add(store, run_id, owner, seconds)
        return run_id

    return put


def order(store) -> list[str]:
    return [run.id for run in waiting.waiting(store)]


def test_the_long_run_waits_right_behind_the_short_one_and_goes_on_after_it(store, long_run, queued, begun):
    other = queued(LONG)
    short = queued(SHORT)
    assert queue.advance(store) == [] and store.requests(long_run)[0] == "yield"
    assert queue.starts_in(store)[short] == 0
    assert waiting.come_back(store, long_run) == "queued"
    assert order(store) == [short, long_run, other]
    assert queue.way_given(store, store.get(long_run)) == (store.get(short), SHORT)
    assert queue.advance(store) == [short] and order(store) == [long_run, other]
    later = queued(1.0, "cleo")  # comes too late to overtake the run that waits
    assert queue.advance(store) == [] and order(store)[0] == long_run
    store.set_status(short, "finished")
    assert queue.way_given(store, store.get(long_run)) is None
    assert queue.advance(store) == [long_run] and begun[-1] == long_run
    assert store.get(long_run).way_for == "" and store.get(long_run).gave_way == 1 and later in order(store)


def test_a_long_run_is_left_alone_after_each_start_and_gives_way_a_few_times_only(store, long_run, queued, begun):
    for time_given in range(MOST + 1):
        short = queued(SHORT)
        assert queue.advance(store) == []
        asked = store.requests(long_run)[0] == "yield"
        assert asked == (time_given < MOST)
        if asked:
            waiting.come_back(store, long_run)
            assert queue.advance(store) == [short]
            store.set_status(short, "finished")
            assert queue.advance(store) == [long_run]
            store.set_status(long_run, "running")
            queued(SHORT)
            assert queue.advance(store) == [] and store.requests(long_run)[0] == ""  # it has just begun
            waiting.leave(store, order(store)[0])
            trains_on(store, long_run)


def test_a_run_need_not_give_way_to_one_that_waits_no_more(store, long_run, queued, begun, monkeypatch):
    short = queued(SHORT)
    queue.advance(store)
    waiting.leave(store, short)
    queue.advance(store)
    assert (store.get(long_run).request, store.get(long_run).way_for) == ("", "")
    short = queued(SHORT)
    queue.advance(store)
    assert store.get(long_run).request == "yield"
    monkeypatch.setenv("CNN_AT_ONCE", "2")
    assert queue.advance(store) == [short]
    queue.advance(store)
    assert store.get(long_run).request == "" and store.get(long_run).gave_way == 0


def test_runs_that_a_user_started_first_or_in_a_terminal_do_not_give_way(store, long_run, queued, begun):
    queued(SHORT)
    execute_sql(store, "UPDATE runs SET by_hand = 1 WHERE id = ?", long_run)
    assert queue.advance(store) == [] and store.requests(long_run)[0] == ""
    execute_sql(store, "UPDATE runs SET by_hand = 0, owner = '' WHERE id = ?", long_run)
    assert queue.advance(store) == [] and store.requests(long_run)[0] == ""
    execute_sql(store, "UPDATE runs SET owner = 'ann' WHERE id = ?", long_run)
    assert queue.advance(store) == [] and store.requests(long_run)[0] == "yield"


def test_one_run_at_a_time_gives_way_and_no_run_that_does_not_fit_is_let_through(
    store, long_run, create_run, queued, begun, monkeypatch
):
    monkeypatch.setenv("CNN_AT_ONCE", "2")
    second = create_run(epochs=1000)
    queue.start(store, second, "ann")
    with store.lock(second):
        trains_on(store, second)
        short = queued(SHORT), queued(SHORT)
        monkeypatch.setattr(queue, "available", lambda: 0)
        queue.advance(store)
        assert [store.requests(run)[0] for run in (long_run, second)] == ["", ""]
        monkeypatch.undo()
        monkeypatch.setenv("CNN_AT_ONCE", "2")
        queue.advance(store), queue.advance(store)
        assert sorted(store.requests(run)[0] for run in (long_run, second)) == ["", "yield"]
        queue.let_through(store, short[1])  # by hand: another run gives way
        assert [store.requests(run)[0] for run in (long_run, second)] == ["yield", "yield"]


def test_a_long_run_gives_way_if_memory_is_short_and_what_it_frees_is_enough(
    store, long_run, queued, begun, monkeypatch
):
    monkeypatch.setenv("CNN_AT_ONCE", "9")
    short = queued(SHORT)
    each, free = queue.memory_of(store.get(short)), {"bytes": 0.1}
    monkeypatch.setattr(queue, "available", lambda: free["bytes"] * each)
    assert queue.advance(store) == [] and store.requests(long_run)[0] == ""  # 0.9 may be too little
    free["bytes"] = 0.3
    assert queue.advance(store) == [] and store.requests(long_run)[0] == "yield"
    waiting.come_back(store, long_run)
    free["bytes"] = 1.3
    assert queue.advance(store) == [short] and order(store) == [long_run]


def test_no_run_gives_way_to_one_that_can_start_beside_it(store, long_run, queued, begun, monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "2")
    short = queued(SHORT)
    assert queue.advance(store) == [short] and store.requests(long_run)[0] == ""


def test_a_long_run_that_loses_its_trainer_while_it_gives_way_waits_behind_the_short_one(
    store, create_run, queued, begun
):
    run_id = create_run(epochs=1000)
    queue.start(store, run_id, "ann")
    with store.lock(run_id):
        trains_on(store, run_id)
        short = queued(SHORT)
        queue.advance(store)
    assert queue.advance(store) == [short] and order(store) == [run_id]


def test_a_run_is_short_by_its_own_epochs_or_by_those_of_runs_like_it(store, long_run, create_run, begun):
    short = create_run(epochs=20)
    waiting.add(store, short, "bob")
    assert queue.advance(store) == [] and store.requests(long_run)[0] == ""  # nothing is known
    store.history(long_run).add_epoch(EPOCH)  # of 1.5 seconds, and the same settings but for the number of epochs
    assert queue.advance(store) == [] and store.requests(long_run)[0] == "yield"


# With trainings, in threads of this process: `python -m tests.hardening.queue_kills` has real ones, and kills them


def test_a_short_run_is_trained_while_a_long_one_waits_which_ends_as_if_it_had_not(
    store, create_run, outcome, wait, monkeypatch
):
    def train(run_id: str) -> None:
        train_run(store, run_id)
        queue.advance(store)

    monkeypatch.setenv("CNN_AT_ONCE", "1")
    monkeypatch.setattr(giving_way, "LEAST", 0.0)
    monkeypatch.setattr(recorder, "PROBE_EVERY", 0.02)
    monkeypatch.setattr(giving_way, "TIMES", 0)  # all runs are short against the first
    with ThreadPoolExecutor(1) as pool:  # one after the other: the random state is that of the process
        monkeypatch.setattr(launch, "start", lambda store, run_id: pool.submit(train, run_id))
        long_run = create_run(epochs=20)
        queue.start(store, long_run, "ann")
        wait(lambda: (now := store.history(long_run).live().progress) and now.seconds_left)
        short = create_run()
        waiting.add(store, short, "bob", SHORT)
        queue.advance(store)
        wait(lambda: store.get(short).status == "finished")
        assert store.get(long_run).status != "finished" and store.get(long_run).gave_way == 1
        wait(lambda: store.get(long_run).status == "finished")
    undisturbed = create_run(epochs=20)
    assert train_run(store, undisturbed) == "finished"
    assert outcome(store, long_run) == outcome(store, undisturbed)
