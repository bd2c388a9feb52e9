"""Errors whose message is for the user: what was found, what was expected, what to do.

Every other exception is a programming error. It goes to the log (cnn.system.log) with its traceback; the user is told
only that something went wrong and where the log is.
"""


class UserError(ValueError):
    """The base class of all errors meant for the user: str(error) can be shown unchanged."""


class Cancelled(Exception):
    """The user cancelled the work."""
