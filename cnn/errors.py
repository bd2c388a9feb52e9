"""The errors whose message is a sentence for the user: what was found, what was expected, what to do.

Every other exception is a programming error: it goes to the log with its traceback and is never shown as advice.
"""


class UserError(ValueError):
    """The root of all errors meant for a user. str(error) is one or more whole sentences."""


class Cancelled(Exception):
    """The user cancelled the work under way."""
