"""Decides which runs train now: as many at once as fit the cores and the memory of this machine.

`advance` starts the next runs. Whoever adds a run, ends one or looks at the queue calls it: trainers when they end, the
server while it runs, the command line. Any number may call it at the same time, so the queue needs no process of its
own. It hands runs to `cnn.engine.launch`, the one place that knows where a trainer runs.
"""

import os
import time
from collections.abc import Sequence
from math import inf

from cnn.engine import giving_way, launch
from cnn.model.layers import NetworkError, lay_out
from cnn.model.memory_needed import needed
from cnn.store import waiting
from cnn.store.lengths import lengths
from cnn.store.run import FAILED, QUEUED, READING, RUNNING, STARTING, Run
from cnn.store.runs import RunError, RunStore
from cnn.system.gpu import free_gpu_memory
from cnn.system.memory import available

CORES_EACH = 2  # for one trainer, which computes in several threads; a rough choice
# Bytes of a trainer besides its network. Measured on Linux, without a GPU: 318 MB with a tiny network, besides what
# trainers share, such as the libraries of torch.
TRAINER_MEMORY = 350_000_000
# Of these bytes and those of its network, the share that surely is free once a trainer has ended: an estimate counts
# rather too much.
FREED = 0.8
# Bytes of an NVIDIA GPU that CUDA and its libraries take for a trainer. Measured on an H200 with PyTorch 2.11: 874 to
# 901 MB besides three small networks and their images. A trainer itself asks torch what is free before it begins.
TRAINER_GPU_MEMORY = 900_000_000


def places() -> int:
    """How many runs may train at once: one for every two cores, or the number in the environment variable
    CNN_AT_ONCE."""
    chosen = os.environ.get("CNN_AT_ONCE", "")
    return int(chosen) if chosen.isdecimal() and int(chosen) else max(1, (os.cpu_count() or 1) // CORES_EACH)


def advance(store: RunStore) -> list[str]:
    """Starts waiting runs as long as there is a place; returns their ids. Runs of the queue whose trainer is gone wait
    again first. If there is no place for a short run, a long one may be asked to give way.

    Raises RunError if no process can be started; the run then waits as before.
    """
    started: list[str] = []
    if waiting.is_idle(store):
        return started
    while (run_id := waiting.reserve(store, places(), has_memory)) is not None:
        try:
            launch.start(store, run_id)
        except RunError:
            waiting.put_back(store, run_id)
            raise
        started.append(run_id)
    _let_short_run_through(store)
    return started


def start(store: RunStore, run_id: str, owner: str = "") -> None:
    """Trains a new or reopened run: at once if there is a place for it, else when its turn comes.

    Raises RunError if no process can be started; the run then failed, or is again as it had ended.
    """
    waiting.add(store, run_id, owner)
    try:
        advance(store)
    except RunError as error:
        waiting.leave(store, run_id, FAILED, str(error))
        raise
    waiting.forget_turn(store, run_id)


def let_through(store: RunStore, run_id: str) -> str | None:
    """Starts a waiting run next. If all places are taken, the run that has longest to go gives up its own: it saves a
    checkpoint, waits behind the other, and later goes on exactly where it was. Returns its id; None if none had to.

    Raises RunError if the run does not wait.
    """
    waiting.move(store, run_id, 1)
    advance(store)
    if store.get(run_id).status != QUEUED:
        return None
    training = [(_seconds_left(store, run), run) for run in _training(store) if run.request != "yield"]
    longest = max(training, key=lambda item: inf if item[0] is None else item[0], default=(None, None))[1]
    if longest is None or not waiting.give_way_to(store, longest.id, run_id):
        return None
    return longest.id


def _let_short_run_through(store: RunStore) -> None:
    """If a waiting run is short against all that train, asks one of these to give way (see cnn.engine.giving_way)."""
    with store.transaction(writing=True):  # so that only one process asks, and only one run
        training, queue = _training(store), {run.id: run for run in waiting.waiting(store)}
        if not queue or any(run.request == "yield" for run in training):
            return
        if len(training) < places() and has_memory(next(iter(queue.values())), training):
            return  # the next can start
        seconds = lengths(store)
        found = giving_way.choose(
            [giving_way.Training(run.id, _seconds_left(store, run), _may_give_way(run)) for run in training],
            [giving_way.Waiting(run.id, seconds.get(run.id), run.by_hand) for run in queue.values()],
        )
        if found is None:
            return
        short, long = found
        if has_memory(queue[short], training, leaving=store.get(long)):
            waiting.give_way_to(store, long, short)


def _may_give_way(run: Run) -> bool:
    """Whether a run can be asked to give way. One that the command line trains belongs to nobody in the queue."""
    is_of_queue = run.turn is not None or run.owner != ""
    has_just_begun = abs(time.time() - run.launched) < giving_way.LEAST  # the clock may have been set back since
    return (
        run.status == RUNNING
        and run.request == ""
        and is_of_queue
        and not has_just_begun
        and not run.by_hand
        and run.gave_way < giving_way.MOST
    )


def way_given(store: RunStore, run: Run) -> tuple[Run, float | None] | None:
    """The run for which a run that trained waits now, and for how many seconds more; None in place of the seconds if
    that is unknown, in place of all if it does not wait for another."""
    if run.status != QUEUED or not run.way_for:
        return None
    other = store.find([run.way_for]).get(run.way_for)
    if other is None or not other.ongoing:
        return None
    return other, lengths(store).get(other.id) if other.status == QUEUED else _seconds_left(store, other)


def has_memory(run: Run, trained: Sequence[Run], leaving: Run | None = None) -> bool:
    """Whether there is memory to train a run beside others, in the machine and on its GPU. Those that run have theirs
    already; those that start do not. leaving: one that runs, and would end first."""
    coming = [run, *(one for one in trained if one.status in (STARTING, READING))]
    freed = FREED * memory_of(leaving) if leaving else 0
    if sum(map(memory_of, coming)) > available() + freed:
        return False
    if any(one.facts.get("device") == "cpu" for one in trained):  # if there is a GPU, torch cannot use it
        return True
    free = free_gpu_memory()
    freed = FREED * gpu_memory_of(leaving) if leaving else 0
    return free is None or sum(map(gpu_memory_of, coming)) <= free + freed


def memory_of(run: Run) -> int:
    """Estimated bytes of the machine's memory that a trainer needs for a run."""
    return TRAINER_MEMORY + _network_memory(run)


def gpu_memory_of(run: Run) -> int:
    """Estimated bytes of a GPU that a trainer needs for a run: for its network and its images. Until they are read, as
    many images count as there can be."""
    data, facts = run.dataset_spec, run.facts
    most = data.max_per_class * max(2, len(run.classes))
    known = [facts.get(name) for name in ("train_images", "val_images")]
    images = sum(known) if all(isinstance(number, int) for number in known) else most  # type: ignore[arg-type]
    return TRAINER_GPU_MEMORY + images * data.image_size**2 * data.channels + _network_memory(run)


def _network_memory(run: Run) -> int:
    data = run.dataset_spec
    try:
        layers = lay_out(run.network_spec, data.image_size, data.channels, max(2, len(run.classes)))
    except NetworkError:  # its trainer will say so
        return 0
    return needed(layers, run.training_spec.batch_size, run.training_spec.optimizer)


# When a waiting run will start


def starts_in(store: RunStore) -> dict[str, float | None]:
    """For each waiting run, in the order of the queue: the expected seconds until it starts; None if unknown."""
    with store.transaction():
        free = [0.0 if run.request == "yield" else _seconds_left(store, run) for run in _training(store)]
        free += [0.0] * (places() - len(free))
        expected: dict[str, float | None] = {}
        for run_id, length in lengths(store).items():
            known = [seconds for seconds in free if seconds is not None]
            # A place with unknown end may be free first: only if all are known, so is the start.
            start = min(known) if len(known) == len(free) or 0.0 in known else None
            expected[run_id] = start
            if start is None:
                free = [None]
                continue
            free[free.index(start)] = None if length is None else start + length
        return expected


def _training(store: RunStore) -> list[Run]:
    """The runs that take a place."""
    return [run for run in store.with_status(STARTING, READING, RUNNING) if run.active]


def _seconds_left(store: RunStore, run: Run) -> float | None:
    """How long a run will still train; None if that is not known yet."""
    progress = store.history(run.id).live().progress
    return progress.seconds_left if progress else None
