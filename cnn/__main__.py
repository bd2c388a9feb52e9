"""python -m cnn: the command line."""

import sys

from cnn.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
