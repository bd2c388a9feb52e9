"""The log: programming errors with their tracebacks, for developers. Users are shown where it is.

keep_log(folder)                                   once, when a program starts
logging.getLogger(__name__).exception("...")       where an unexpected exception is caught
went_wrong("the training")                         the sentence for the user
"""

import logging
from pathlib import Path

from cnn.system.files import rotate

NAME = "log.txt"
LIMIT = 1_000_000  # bytes; one older file is kept too
LOGGERS = ("cnn", "pages")


class _LogFile(logging.Handler):
    """Opens the file for each record, because several processes write it and it can be renamed only while closed."""

    def __init__(self, path: Path):
        super().__init__(logging.ERROR)
        self.path = path
        self.setFormatter(logging.Formatter("%(asctime)s process %(process)d, %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            rotate(self.path, LIMIT)
            with open(self.path, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.format(record) + "\n")
        except OSError:
            self.handleError(record)  # to the terminal


def keep_log(folder: str | Path) -> None:
    """Logs the errors of `cnn` and `pages` to `log.txt` in this folder, instead of the folder of an earlier call."""
    path = Path(folder).expanduser().absolute() / NAME
    for logger in map(logging.getLogger, LOGGERS):
        for handler in [handler for handler in logger.handlers if isinstance(handler, _LogFile)]:
            logger.removeHandler(handler)
        logger.addHandler(_LogFile(path))


def log_path() -> Path | None:
    """The log file; None if errors go to the terminal."""
    handlers = logging.getLogger(LOGGERS[0]).handlers
    return next((handler.path for handler in handlers if isinstance(handler, _LogFile)), None)


def went_wrong(where: str) -> str:
    """The message for a user after a programming error. where: a part of the program, such as "the training"."""
    return f"Something went wrong inside {where}. The details are in {log_path() or 'the terminal'}."
