"""Reading a folder of images: the first time, again, and with how much memory."""

import json
import shutil

from cnn.data.dataset import read_dataset
from cnn.specs import DatasetSpec
from tests.benchmarks import images
from tests.benchmarks.measure import Options, in_turn, lines, note, seconds, table, title
from tests.benchmarks.plain import reading as plain

SIZE = 50
# Reads a folder in a process of its own and tells how much memory that took at most, and each of the processes that
# read for it. The array is mapped only after it is written, and none of its pages is touched: it is not part of what is
# measured.
READ = """
import sys
from psutil import NoSuchProcess, Process
from cnn.data.dataset import read_dataset
from cnn.specs import DatasetSpec
from tests.benchmarks.measure import peak_memory
largest = 0
def look(progress):
    global largest
    for process in Process().children():
        try:
            largest = max(largest, process.memory_info().rss)
        except NoSuchProcess:
            pass
before = peak_memory()
dataset = read_dataset(sys.argv[1], DatasetSpec(image_size=32, channels=3, max_per_class=1_000_000), sys.argv[2], look)
print([before, peak_memory(), dataset.images.nbytes, largest])
"""


def run(options: Options) -> None:
    photographs(options)
    memory(options)


def photographs(options: Options) -> None:
    count = options.pick(400, 5000)
    folder = options.photographs or images.photographs(options.scratch / "photographs", count)
    spec, cache = DatasetSpec(image_size=SIZE, max_per_class=1_000_000), options.scratch / "reading"
    count = len(read_dataset(folder, spec, cache).labels)

    def first() -> float:
        shutil.rmtree(cache)
        return seconds(read_dataset, folder, spec, cache)

    found = in_turn(
        options.repeats,
        {
            "ours": first,
            "again": lambda: seconds(read_dataset, folder, spec, cache),
            "ImageFolder + Resize, DataLoader with two workers": lambda: seconds(plain.image_folder, folder, SIZE, 2),
            "ImageFolder + Resize, DataLoader as it comes": lambda: seconds(plain.image_folder, folder, SIZE, 0),
            "Pillow in a loop": lambda: seconds(plain.pillow, folder, SIZE),
        },
    )
    ours, again = found.pop("ours"), found.pop("again")
    title(f"Reading {count:,} photographs as {SIZE} × {SIZE} grayscale")
    rows = [
        [name, f"{count / ours:,.0f}", f"{count / other:,.0f}", f"{other / ours:.1f}"] for name, other in found.items()
    ]
    table(["against", "ours, images/s", "the other, images/s", "ours is faster, times"], rows)
    note(f"Opened again: {again:.3f} s, {ours / again:,.0f} times faster than reading ({ours:.2f} s).")


def memory(options: Options) -> None:
    title("Memory while reading 32 × 32 colour images")
    rows = []
    for count in options.pick((500, 2000), (5_000, 20_000, 60_000)):
        folder = images.thumbnails(options.scratch / f"thumbnails {count}", count)
        cache = options.scratch / f"thumbnails {count} read"
        (_, answer), *_ = lines("-c", READ, folder, cache)
        before, peak, size, reader = json.loads(answer)
        megabytes = [f"{value / 1e6:.0f}" for value in (size, before, peak - before, reader)]
        rows.append([f"{count:,}", *megabytes])
    head = ["images", "array on disk, MB", "process before, MB", "added at most, MB"]
    table([*head, "each that reads for it, MB"], rows)
