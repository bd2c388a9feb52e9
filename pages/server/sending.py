"""Receives files that a browser sends in pieces.

Before a browser may send, its page asks for a ticket. Nobody else can guess its id, so no other site can send anything
in the user's name. The browser then sends a list of the files, and all of their bytes as one stream, piece by piece.
Each piece says where in the stream it begins. If the connection breaks, the browser asks how much has arrived and goes
on there.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnn.data.archive_members import MAX_CONTENTS
from cnn.data.incoming import Incoming, OffsetError
from cnn.errors import UserError
from cnn.system.clock import seconds_awake

PATIENCE = 300.0  # seconds without a piece until what has arrived is removed
CHUNK = 1 << 20  # bytes written at once
NO_LIST = "The list of files is damaged. Send them again."


@dataclass
class Ticket:
    """Allows one browser to send files into `uploads`."""

    uploads: Path
    id: str = field(default_factory=lambda: uuid4().hex)
    incoming: Incoming | None = None

    def drop(self) -> None:
        """Removes what has arrived."""
        incoming, self.incoming = self.incoming, None
        if incoming is not None:
            incoming.drop()


_tickets: dict[str, Ticket] = {}


def new_ticket(uploads: Path) -> Ticket:
    ticket = Ticket(uploads)
    _tickets[ticket.id] = ticket
    return ticket


def take(ticket: Ticket) -> Incoming | None:
    """What the browser has sent, if it has arrived whole; the caller finishes or drops it. The ticket ends."""
    incoming = ticket.incoming
    if incoming is None or not incoming.is_whole:
        return None
    ticket.incoming = None
    _tickets.pop(ticket.id, None)
    return incoming


def end(ticket: Ticket) -> None:
    """Ends a ticket, and removes what has arrived."""
    _tickets.pop(ticket.id, None)
    ticket.drop()


def _watch(ticket: Ticket, incoming: Incoming) -> None:
    """Drops the files when no more pieces come: the browser is gone."""
    while ticket.incoming is incoming:
        if seconds_awake() - incoming.touched > PATIENCE:
            ticket.drop()
        time.sleep(PATIENCE / 10)


# Answers to the browser


async def _state(request: Request) -> Response:
    """How much has arrived."""
    ticket = _tickets.get(request.path_params["ticket"])
    incoming = ticket.incoming if ticket else None
    return JSONResponse({"received": incoming.received}) if incoming else _gone()


async def _begin(request: Request) -> Response:
    """Takes the list of files, {"files": [[path, bytes], ...], "others": the number of those that are not sent}."""
    ticket = _tickets.get(request.path_params["ticket"])
    if ticket is None:
        return _gone()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_CONTENTS:
            return _refused("There are too many files. Copy the folder to this computer instead.")
    try:
        sent = json.loads(body)
        files, others = [(str(path), int(size)) for path, size in sent["files"]], int(sent["others"])
    except (ValueError, TypeError, LookupError):
        return _refused(NO_LIST)
    try:
        await run_in_threadpool(_receive, ticket, files, others)
    except UserError as error:
        return _refused(str(error))
    return JSONResponse({"received": 0})


def _receive(ticket: Ticket, files: list[tuple[str, int]], others: int) -> None:
    ticket.drop()
    ticket.incoming = incoming = Incoming(ticket.uploads, files, others)
    threading.Thread(target=_watch, args=(ticket, incoming), daemon=True).start()


async def _piece(request: Request) -> Response:
    """Takes a piece of the stream, which begins at `offset`. What has arrived of a broken piece stays."""
    ticket = _tickets.get(request.path_params["ticket"])
    incoming = ticket.incoming if ticket else None
    if ticket is None or incoming is None:
        return _gone()
    try:
        offset = int(request.query_params.get("offset", ""))
    except ValueError:
        return Response(status_code=400)
    waiting = bytearray()
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= CHUNK:
                await run_in_threadpool(incoming.write, offset, bytes(waiting))
                offset += len(waiting)
                waiting.clear()
        await run_in_threadpool(incoming.write, offset, bytes(waiting))
    except OffsetError as error:
        return JSONResponse({"received": error.received}, status_code=409)
    except ClientDisconnect:
        return Response(status_code=400)
    except UserError as error:
        ticket.drop()
        return _refused(str(error))
    return JSONResponse({"received": incoming.received})


async def _drop(request: Request) -> Response:
    """Removes what has arrived; the ticket stays valid."""
    if ticket := _tickets.get(request.path_params["ticket"]):
        await run_in_threadpool(ticket.drop)
    return JSONResponse({"received": 0})


def _gone() -> Response:
    return JSONResponse({"error": "The server no longer expects these files. Send them again."}, status_code=404)


def _refused(sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=400)


ROUTES = [
    Route("/sending/{ticket}", _state),
    Route("/sending/{ticket}", _begin, methods=["POST"]),
    Route("/sending/{ticket}", _piece, methods=["PUT"]),
    Route("/sending/{ticket}", _drop, methods=["DELETE"]),
]
