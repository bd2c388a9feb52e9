"""The charts of a run under way: the browser asks for their newest figures by itself.

Were they brought up to date by running a part of the page again, Streamlit would send all that is on it and draw it
anew: on two cores, a browser that is told so twice a second slows down the training that it shows.
"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnn import figures
from cnn.runs import RunError
from pages import runs


def losses(run_id: str) -> dict:
    """The figure of its losses so far."""
    store = runs.store()
    return figures.losses(store.steps(run_id), store.epochs(run_id), store.learning_rates(run_id))


def accuracies(run_id: str, guess: float = 0.0) -> dict:
    """The figure of its accuracies so far, beside chance and the user's guess (0..1; 0 is none)."""
    run = runs.store().get(run_id)
    chance = 1 / len(run.classes) if run.classes else 0.0
    return figures.accuracies(runs.store().epochs(run_id), run.training_spec.epochs, chance, guess)


def losses_address(run_id: str) -> str:
    return f"runs/{run_id}/losses"


def accuracies_address(run_id: str, guess: float) -> str:
    return f"runs/{run_id}/accuracies?{urlencode({'guess': guess})}"


async def _losses(request: Request) -> Response:
    return await _answer(losses, request.path_params["run"])


async def _accuracies(request: Request) -> Response:
    try:
        guess = float(request.query_params.get("guess", 0))
    except ValueError:
        guess = 0.0
    return await _answer(accuracies, request.path_params["run"], guess)


async def _answer(figure_of, run_id: str, *arguments) -> Response:
    """The figure, or nothing when the run has ended, is gone or damaged: the page says so."""

    def figure_of_active() -> dict | None:
        return figure_of(run_id, *arguments) if runs.store().get(run_id).active else None

    try:
        figure = await run_in_threadpool(figure_of_active)
    except RunError:
        figure = None
    return Response(status_code=204) if figure is None else JSONResponse(figure)


ROUTES = [Route("/runs/{run}/losses", _losses), Route("/runs/{run}/accuracies", _accuracies)]
