"""python -m cnn: the command line."""

import sys


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is all that an older Python can read
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"error: Python 3.11 or newer is needed; this is Python {version}.", file=sys.stderr)
        return 2
    try:
        if sys.argv[1:2] == ["check"]:  # imports no other package: it finds out which are missing
            from cnn.cli.check import main as run
        else:
            from cnn.cli.commands import main as run
    except ImportError as error:
        if (error.name or "cnn").partition(".")[0] == "cnn":  # a programming error
            raise
        print(f"error: {error}. To see what is missing: python -m cnn check", file=sys.stderr)
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
