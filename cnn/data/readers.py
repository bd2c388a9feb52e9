"""Reads image files in several processes. Decoding holds Python's lock half of the time, so two threads read only 1.4
times as many images as one; two processes read 1.9 times as many.

    python -m cnn.data.readers    answers each line of JSON on standard input with a line, then the bytes of the images
"""

import json
import os
import queue
import subprocess
import sys
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnn.data.content import content_hash
from cnn.data.decoding import PLAIN_FILE, STANDARD, Decoding, Traits
from cnn.data.images import ImageError, read_file, read_picture
from cnn.data.walk import file_stats
from cnn.system.processes import start_process

ROOT = Path(__file__).resolve().parents[2]
MIN_FILES = 1500  # for fewer files, processes are not worth their start, which takes a tenth of a second


class ReadImage(NamedTuple):
    """pixels: uint8 (size, size, channels). picture: original width and height. hash: of the file's content. traits:
    what the file needs from the decoding of its dataset."""

    pixels: np.ndarray
    picture: tuple[int, int]
    hash: str
    traits: Traits = PLAIN_FILE


# For each file: the image, or the reason why it cannot be read.
Answer = ReadImage | str


def read_files(
    folder: Path, size: int, channels: int, files: list[tuple[str, tuple[int, int]]], decoding: Decoding = STANDARD
) -> list[Answer]:
    """Reads files, given as (path in the folder, stats when the folder was listed; see `walk.file_stats`)."""
    answers: list[Answer] = []
    for path, stats in files:
        try:
            data, status = read_file(os.path.join(folder, path), stats[0])
            if file_stats(status) != tuple(stats):
                answers.append("changed while it was read")
            else:
                pixels, picture, traits = read_picture(data, size, channels, decoding)
                answers.append(ReadImage(pixels, picture, content_hash(data), traits))
        except ImageError as error:
            answers.append(str(error))
    return answers


class Readers:
    """`count` processes that read files, for as many threads."""

    def __init__(self, folder: Path, size: int, channels: int, count: int, decoding: Decoding = STANDARD):
        self.settings = folder, size, channels
        self.decoding = decoding
        self.processes = []
        self.free: queue.SimpleQueue[subprocess.Popen] = queue.SimpleQueue()
        with suppress(OSError):  # too little memory, or too many processes: use fewer, or none
            for _ in range(count):
                self.processes.append(_start())
        for process in self.processes:
            self.free.put(process)

    def read(self, files: list[tuple[str, tuple[int, int]]]) -> list[Answer]:
        """As `read_files`. If a process has died, its files are read in this process."""
        try:
            process = self.free.get_nowait()
        except queue.Empty:
            return read_files(*self.settings, files, self.decoding)
        try:
            answers = _ask(process, *self.settings, files, self.decoding)
        except (OSError, ValueError):
            process.kill()
            return read_files(*self.settings, files, self.decoding)
        self.free.put(process)
        return answers

    def close(self) -> None:
        """Ends the processes."""
        for process in self.processes:
            process.kill()
            with suppress(OSError), process:  # waits for its end
                pass


def _start() -> subprocess.Popen:
    command = [sys.executable, "-m", "cnn.data.readers"]
    pipe = subprocess.PIPE
    return start_process(command, ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)


def _ask(
    process: subprocess.Popen, folder: Path, size: int, channels: int, files: list, decoding: Decoding
) -> list[Answer]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps([str(folder), size, channels, files, decoding.to_dict()]).encode() + b"\n")
    process.stdin.flush()
    answers = json.loads(process.stdout.readline())
    images = sum(not isinstance(answer, str) for answer in answers)
    pixels = np.frombuffer(process.stdout.read(size * size * channels * images), np.uint8)
    arrays = iter(pixels.reshape(-1, size, size, channels))
    return [answer if isinstance(answer, str) else _read_image(next(arrays), *answer) for answer in answers]


def _read_image(pixels: np.ndarray, picture: list[int], content: str, traits: list) -> ReadImage:
    """The image from its description as JSON."""
    low, high, invisible, bands = traits
    width, height = picture
    return ReadImage(pixels, (width, height), content, Traits(low, high, tuple(invisible), bands))


def main() -> None:
    for line in sys.stdin.buffer:
        folder, size, channels, files, decoding = json.loads(line)
        answers = read_files(folder, size, channels, files, Decoding.from_dict(decoding))
        described = [
            answer if isinstance(answer, str) else (answer.picture, answer.hash, astuple(answer.traits))
            for answer in answers
        ]
        sys.stdout.buffer.write(json.dumps(described).encode() + b"\n")
        for answer in answers:
            if not isinstance(answer, str):
                sys.stdout.buffer.write(answer.pixels.data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
