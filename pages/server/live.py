"""Serves the progress and the curves of a run to the browsers that show it.

Thirty people who watch one run ask sixty times a second. One look into the store serves all of them, and people with
the same guess, or none, get the same bytes.
"""

import gzip
import json
import logging
from functools import partial
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnn.duration import duration_text
from cnn.engine import queue
from cnn.figures import curves
from cnn.store.history import History
from cnn.store.records import Live
from cnn.store.runs import Run, RunError
from cnn.store.verdict import Verdict, steps_of
from cnn.system.log import went_wrong
from pages.server.recent import Recent
from pages.shared import run_choice

VALID_FOR = 0.2  # seconds: less than half of the time between two requests of a browser, so its answers are always new

log = logging.getLogger(__name__)
_looks: Recent[dict] = Recent(VALID_FOR)  # run -> its status, without a guess
_answers: Recent[tuple[bytes, bytes]] = Recent(VALID_FOR)  # run and guess -> the answer, and the same compressed


def phase(run_id: str) -> str:
    """A text that changes when more than the progress and the curves must be redrawn."""
    store = run_choice.store()
    with store.transaction():
        history = store.history(run_id)
        return _phase(store.get(run_id), history)


def _phase(run: Run, history: History) -> str:
    training = "begun" if history.steps(at_most=1) else "not begun"
    return f"{run.status}, {training}, learning rate {history.chosen_rate(run.training_spec)}"


def status(run_id: str) -> dict:
    """The phase of the run, its progress and its curves. Reads everything in one transaction, so the parts are
    consistent."""
    store = run_choice.store()
    with store.transaction():
        run, history = store.get(run_id), store.history(run_id)
        live = history.live()
        now = _phase(run, history)
        steps, epochs = history.steps(), history.epochs(at_most=curves.MAX_EPOCHS)
        rates = history.learning_rates()
    verdict, planned = Verdict(run, epochs), planned_steps(run)
    chance, loss = (verdict.guess, verdict.guess_loss) if run.classes else (0.0, 0.0)
    return {
        "state": now,
        "progress": progress(run, live),
        "curves": [
            curves.losses(steps, epochs, rates, loss, planned),
            curves.accuracies(epochs, run.training_spec.epochs, chance, planned),
        ],
    }


def with_guess(found: dict, guess: float) -> dict:
    """The status with the accuracy that the user expects (0..1; 0 is none) as a line among the accuracies."""
    if not (guess and found["curves"]):
        return found
    losses, accuracies = found["curves"]
    return found | {"curves": [losses, curves.with_guess(accuracies, guess)]}


def planned_steps(run: Run) -> int | None:
    """How many steps the whole run takes; None while its images are being read."""
    images = run.facts.get("train_images")
    spec = run.training_spec
    return steps_of(images, spec.batch_size, spec.epochs)[0] if isinstance(images, int) and images else None


def progress(run: Run, live: Live) -> dict | None:
    """The progress as a fraction (0..1) and a text; None if nothing was trained."""
    match run.status:
        case "queued":
            now = live.progress
            return _progress(now.step if now else 0, now.steps if now else 1, _place(run))
        case "reading" if reading := live.reading:
            text = f"Reading {reading.done:,} of {reading.total:,} images · {reading.rate:,.0f} images/s"
            return _progress(reading.done, reading.total, text)
        case "running" | "paused" if (now := live.progress) and now.steps:
            text = f"Epoch {now.epoch} of {now.epochs} · step {now.step:,} of {now.steps:,}"
            if run.status == "paused":
                text = f"Paused. {text}"
            elif now.images_per_second and now.seconds_left is not None:
                text += f" · {now.images_per_second:,.0f} images/s on {_device(run)}"
                text += f" · {duration_text(now.seconds_left)} left"
            return _progress(now.step, now.steps, text)
        case "finished" | "stopped" | "interrupted" | "failed" if (now := live.progress) and now.steps:
            text = f"{run.status.capitalize()}. Epoch {now.epoch} of {now.epochs} · step {now.step:,} of {now.steps:,}"
            return _progress(now.step, now.steps, text)
    return _progress(0, 1, "Starting…") if run.active else None


def _place(run: Run) -> str:
    """Where a run stands in the queue, and when it is expected to start."""
    store = run_choice.store()
    if text := run_choice.way_given(store, run):
        return text
    expected = queue.starts_in(store)
    if run.id not in expected:
        return "Waiting: its experiment is paused."
    text = f"Waiting: number {list(expected).index(run.id) + 1} of {len(expected)} in the queue"
    seconds = expected[run.id]
    return f"{text}, starts in about {duration_text(seconds)}" if seconds else text


def _progress(done: int, total: int, text: str) -> dict:
    return {"share": min(done / total, 1.0) if total else 0.0, "text": text}


def _device(run: Run) -> str:
    return {"cpu": "the processor", "cuda": "the GPU", "mps": "the GPU"}.get(
        run.facts.get("device", ""), "this machine"
    )


def address(run_id: str, guess: float) -> str:
    return f"runs/{run_id}/live?{urlencode({'guess': guess})}"


async def _live(request: Request) -> Response:
    try:
        guess = float(request.query_params.get("guess", 0))
    except ValueError:
        guess = 0.0
    run_id, guess = request.path_params["run"], guess if 0 < guess <= 1 else 0.0
    plain, compressed = await _answers.get((run_id, guess), partial(_answer, run_id, guess))
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {"content-encoding": "gzip", "vary": "Accept-Encoding"}
        return Response(compressed, headers=headers, media_type="application/json")
    return Response(plain, media_type="application/json")


async def _answer(run_id: str, guess: float) -> tuple[bytes, bytes]:
    found = await _looks.get(run_id, partial(run_in_threadpool, _look, run_id))
    plain = json.dumps(with_guess(found, guess), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return plain, gzip.compress(plain, compresslevel=1)


def _look(run_id: str) -> dict:
    try:
        return status(run_id)
    except RunError as error:  # the run was deleted or is damaged: the redrawn page shows the error
        return {"state": str(error), "progress": None, "curves": []}
    except Exception:
        log.exception("The progress of run %r", run_id)
        return {"state": went_wrong("the server"), "progress": None, "curves": []}


ROUTES = [Route("/runs/{run}/live", _live)]
