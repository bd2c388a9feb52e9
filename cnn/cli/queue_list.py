"""`queue`: lists the runs that train and wait; moves, starts or removes one."""

from cnn.cli.terminal import print_json, print_table, time_left
from cnn.duration import duration_text
from cnn.engine import queue as engine_queue
from cnn.errors import UserError
from cnn.store import waiting
from cnn.store.run import ACTIVE, QUEUED, RUNNING, Run
from cnn.store.runs import RunStore


def queue(options) -> int:
    """Lists the queue; moves, starts or removes a run."""
    store = RunStore(options.runs)
    engine_queue.advance(store)
    if options.run is not None:
        if options.to is not None:
            waiting.move(store, options.run, options.to)
        elif options.now:
            engine_queue.let_through(store, options.run)
        elif not options.remove:
            raise UserError("Say what to do with the run: --to PLACE, --now or --remove.")
        elif not waiting.leave(store, options.run):
            raise UserError(f"Run {options.run} does not wait in the queue.")
        engine_queue.advance(store)
    elif options.to is not None or options.now or options.remove:
        raise UserError("Name the run, too: python -m cnn queue RUN --now. Without options, the queue is listed.")
    _print_queue(options, store)
    return 0


def _print_queue(options, store: RunStore) -> None:
    active = [run for run in store.with_status(*ACTIVE) if run.active]
    expected = engine_queue.starts_in(store)
    queued = store.find(expected)
    ways_given = {run_id: found[0] for run_id, run in queued.items() if (found := engine_queue.way_given(store, run))}
    held = len(store.with_status(QUEUED)) - len(expected)
    if options.json:
        print_json(
            {
                "at_once": engine_queue.places(),
                "training": [run.id for run in active],
                "gives_way": {run.id: run.way_for for run in active if run.request == "yield" and run.way_for},
                "waiting": [
                    {
                        "run": run_id,
                        "starts_in": seconds,
                        "paused_for": ways_given[run_id].id if run_id in ways_given else None,
                    }
                    for run_id, seconds in expected.items()
                ],
                "held": held,
            }
        )
        return
    rows = [["", run.id, run.name, _doing(store, run)] for run in active]
    for place, (run_id, seconds) in enumerate(expected.items(), 1):
        text = f"starts {_in_seconds(seconds)}"
        if run_id in ways_given:
            text = f"paused to let “{ways_given[run_id].exact_name}” through; goes on after it"
        rows.append([str(place), run_id, queued[run_id].name, text])
    if rows:
        print_table(["place", "run", "name", "what it does"], rows)
    else:
        print("No run trains, and none waits.")
    if held:
        print(f"\n{held} more in paused experiments. To go on: python -m cnn experiments EXPERIMENT --continue")
    print(f"\nUp to {engine_queue.places()} at a time.")


def _doing(store: RunStore, run: Run) -> str:
    if run.request == "yield" and run.way_for:
        return f"{run.status}, gives way to {run.way_for}"
    progress = store.history(run.id).live().progress
    if run.status != RUNNING or progress is None:
        return run.status
    return f"epoch {progress.epoch} of {progress.epochs}{time_left(progress.seconds_left)}"


def _in_seconds(seconds: float | None) -> str:
    return "when its turn comes" if seconds is None else f"in about {duration_text(seconds)}"
