"""The output of the command line: tables, JSON, progress bars and the progress of a run."""

import json
import os
import shutil
import sys

from cnn.data.progress import Progress
from cnn.duration import duration_text
from cnn.percent import NO_BREAK_SPACE
from cnn.system.streams import as_shown


def percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.1f} %"


def printable(text: str) -> str:
    """The text with line breaks, control characters and bytes that are not text escaped; file names can hold them."""
    text = text.replace(NO_BREAK_SPACE, " ")
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def print_table(head: list[str], rows: list[list[str]]) -> None:
    rows = [[as_shown(sys.stdout, printable(cell)) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_json(value) -> None:
    # ASCII only, so that any file name survives any terminal and pipe.
    print(json.dumps(value), flush=True)


def bar(options, fraction: float, text: str) -> None:
    """Draws a progress bar (fraction: 0..1) in place of the last one. Draws nothing with --json or without a
    terminal."""
    full, empty = ("█", "░") if as_shown(sys.stderr, "█░") == "█░" else ("#", ".")
    filled = round(30 * fraction)
    _draw(options, f"{full * filled}{empty * (30 - filled)} {text}")


def clear_bar(options) -> None:
    _draw(options, "")


def _draw(options, line: str) -> None:
    """Replaces the last line of the terminal. Blanks cover what was there: older consoles of Windows do not know the
    code that erases it."""
    if not options.json and sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1  # a full line would begin the next one
        print(f"\r{line[:width].ljust(width)}\r{line[:width]}", end="", file=sys.stderr, flush=True)


def time_left(seconds: float | None) -> str:
    """For the end of a line: ", 3:20 min left"; "" if it is not known."""
    return "" if seconds is None else f", {duration_text(seconds)} left"


def reading_bar(options):
    """A `progress` callback for `read_dataset` that draws a bar."""

    def show(progress: Progress) -> None:
        text = f"reading {progress.done:,} of {progress.total:,} images, {progress.rate:,.0f}/s"
        bar(options, progress.done / max(progress.total, 1), text + time_left(progress.seconds_left))

    return show


class Reporter:
    """Prints a trainer's events: one JSON object a line, or a table row per epoch and a bar below it."""

    def __init__(self, options):
        self.options = options

    def __call__(self, event: dict) -> None:
        try:
            self._print(event)
        except BrokenPipeError:  # the reader closed the pipe; the run goes on
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115

    def _print(self, event: dict) -> None:
        kind = event["event"]
        if self.options.json:
            if kind in ("started", "epoch"):
                print_json({k: v for k, v in event.items() if k != "step"})
        elif kind == "reading":
            text = f"reading {event['done']:,} of {event['total']:,} images, {event['rate']:,.0f}/s"
            bar(self.options, event["done"] / max(event["total"], 1), text)
        elif kind == "started":
            clear_bar(self.options)
            print(
                f"Run {event['run']}: {event['train_images']:,} training images, {event['val_images']:,} held-out "
                f"images, on {event['device']}\nepoch  training loss  accuracy    held-out loss  accuracy  images/s"
            )
        elif kind == "step":
            text = f"epoch {event['epoch']}/{event['epochs']}, loss {event['loss']:.3f}, "
            rate = f"{event['images_per_second'] or 0:,.0f} images/s"
            bar(self.options, event["step"] / event["steps"], text + rate + time_left(event["seconds_left"]))
        elif kind == "epoch":
            clear_bar(self.options)
            val_loss = "" if event["val_loss"] is None else f"{event['val_loss']:.4f}"
            print(
                f"{event['epoch']:>5}  {event['train_loss']:>13.4f}  {percent(event['train_accuracy']):>8}  "
                f"{val_loss:>15}  {percent(event['val_accuracy']):>8}  {event['images_per_second']:>8,.0f}",
                flush=True,
            )
