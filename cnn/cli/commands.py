"""The command line: python -m cnn check | scan | train | experiment | experiments | queue | find-rate | runs | rename |
compare | evaluate | predict | activations | explain | export | report | hand-ins."""

import logging
import os
import sys

from cnn.cli.arguments import make_parser
from cnn.cli.check import check
from cnn.cli.compare import compare
from cnn.cli.evaluate import evaluate
from cnn.cli.experiments import experiment, experiments
from cnn.cli.find_rate import find_rate
from cnn.cli.hand_in_files import hand_ins, report
from cnn.cli.queue_list import queue
from cnn.cli.scan import print_readings, scan
from cnn.cli.stored_runs import rename, runs
from cnn.cli.train import train
from cnn.cli.trained_network import activations, explain, export, predict
from cnn.cli.unpacking import unpack_archive
from cnn.data.listing import UndecidedError
from cnn.errors import UserError
from cnn.system.log import keep_log, went_wrong
from cnn.system.streams import escape_unknown_characters

TAKE_A_FOLDER = ("scan", "train", "experiment", "find-rate", "evaluate")  # of images, or an archive of them

# The exit status when the reader closes the pipe early (`| head`), as shells report it: 128 + SIGPIPE.
BROKEN_PIPE_STATUS = 141


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        *(check, scan, train, experiment, experiments, queue, find_rate, runs, rename, compare, evaluate, predict),
        *(activations, explain, export, report, hand_ins),
    )
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 1 after a programming error, 2 after a user's error, 130 after
    Ctrl-C, 141 if nobody reads the output any more."""
    arguments = sys.argv[1:] if arguments is None else arguments
    escape_unknown_characters()
    options = make_parser(arguments).parse_args(arguments)
    keep_log(options.runs)
    try:
        if options.command in TAKE_A_FOLDER:
            unpack_archive(options)
        return COMMANDS[options.command](options)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the interpreter's last flush
        return BROKEN_PIPE_STATUS
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        print(f"error: {error.filename}: {reason}" if error.filename else f"error: {reason}", file=sys.stderr)
        return 2
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        if isinstance(error, UndecidedError) and not options.json:
            print_readings(error.readings)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception:
        logging.getLogger(__name__).exception("python -m cnn %s", options.command)
        print(f"error: {went_wrong(f'the command {options.command!r}')}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
