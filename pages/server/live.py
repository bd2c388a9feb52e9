"""What the browser is told of a run when it asks by itself, while the run is watched: its progress and its curves."""

import logging
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnn.figures import curves
from cnn.store.history import Live
from cnn.store.runs import Run, RunError
from cnn.system.log import went_wrong
from pages.shared import run_choice
from pages.shared.text import duration

log = logging.getLogger(__name__)


def state(run_id: str) -> str:
    """What changes when more of the page has to be drawn again than the progress and the curves."""
    store = run_choice.store()
    history = store.history(run_id)
    begun, progress = "begun" if history.steps(at_most=1) else "not begun", history.live().progress
    return f"{store.get(run_id).status}, {begun}, learning rate {progress and progress.learning_rate}"


def told(run_id: str, guess: float = 0.0) -> dict:
    """How the run is by now: state, progress and curves. guess: the accuracy that the user expects (0..1; 0 is none).

    The state is asked for first: what changes meanwhile is then another state the next time.
    """
    now = state(run_id)
    store = run_choice.store()
    run = store.get(run_id)
    history = store.history(run_id)
    live, epochs = history.live(), history.epochs()
    chance = 1 / len(run.classes) if run.classes else 0.0
    return {
        "state": now,
        "progress": progress(run, live),
        "curves": [
            curves.losses(history.steps(), epochs, history.learning_rates()),
            curves.accuracies(epochs, run.training_spec.epochs, chance, guess),
        ],
    }


def progress(run: Run, live: Live) -> dict | None:
    """How far the run is, as a share (0..1) and in words; None if it is not under way."""
    match run.status:
        case "reading" if read := live.reading:
            text = f"Reading {read.done:,} of {read.total:,} images · {read.rate:,.0f} images/s"
            return _progress(read.done, read.total, text)
        case "running" | "paused" if (trained := live.progress) and trained.steps:
            text = f"Epoch {trained.epoch} of {trained.epochs} · step {trained.step:,} of {trained.steps:,}"
            if run.status == "paused":
                text = f"Paused. {text}"
            elif trained.images_per_second and trained.seconds_left is not None:
                text += f" · {trained.images_per_second:,.0f} images/s on {_device(run)}"
                text += f" · {duration(trained.seconds_left)} left"
            return _progress(trained.step, trained.steps, text)
    return _progress(0, 1, "Starting…") if run.active else None


def _progress(done: int, total: int, text: str) -> dict:
    return {"share": min(done / total, 1.0) if total else 0.0, "text": text}


def _device(run: Run) -> str:
    return {"cpu": "the processor", "cuda": "the GPU", "mps": "the GPU"}.get(run.facts.get("device"), "this machine")


def address(run_id: str, guess: float) -> str:
    return f"runs/{run_id}/live?{urlencode({'guess': guess})}"


async def _live(request: Request) -> Response:
    try:
        guess = float(request.query_params.get("guess", 0))
    except ValueError:
        guess = 0.0
    try:
        answer = await run_in_threadpool(told, request.path_params["run"], guess if 0 < guess <= 1 else 0.0)
    except RunError as error:  # it is gone or damaged: the page says so when it is drawn again
        answer = {"state": str(error), "progress": None, "curves": []}
    except Exception:
        log.exception("The progress of run %r", request.path_params["run"])
        answer = {"state": went_wrong("the server"), "progress": None, "curves": []}
    return JSONResponse(answer)


ROUTES = [Route("/runs/{run}/live", _live)]
