"""A path on the command line that is an archive of images instead of a folder."""

import argparse

from cnn.cli.terminal import bar, clear_bar, printable
from cnn.data.listing import resolve
from cnn.data.local_archive import LocalArchive, is_archive
from cnn.store.runs import RunStore


def unpack_archive(options: argparse.Namespace) -> None:
    """If the folder of the options is an archive, unpacks it beside the runs, once, and takes its folder instead.

    Raises UserError if it cannot be unpacked.
    """
    if options.folder is None or not is_archive(file := resolve(options.folder)):
        return
    archive = LocalArchive(file, RunStore(options.runs).uploads)
    if not archive.is_unpacked:
        unpacked = archive.finish(lambda done, total: bar(options, done / max(total, 1), f"unpacking {file.name}"))
        clear_bar(options)
        if not options.json:
            print(f"Unpacked into {printable(str(unpacked.folder))}.")
            print("".join(f"{printable(note)}\n" for note in unpacked.notes), end="")
    options.folder = str(archive.folder)
