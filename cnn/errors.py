"""The errors whose message is for the user: what was found, what was expected, what to do.

Every other exception is a programming error: it goes to the log (cnn.system.log) with its traceback, and the user reads
only that something went wrong and where the log is.
"""


class UserError(ValueError):
    """The root of all errors meant for a user: str(error) can be shown as it is."""


class Cancelled(Exception):
    """The user cancelled the work under way."""
