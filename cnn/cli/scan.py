"""The command `scan`: what is in a folder of images, and what to warn of."""

from collections.abc import Iterable
from dataclasses import replace

from cnn.cli.arguments import spec_from
from cnn.cli.terminal import bar, clear_bar, print_json, print_table, printable, reading_bar
from cnn.data.dataset import TEST, TRAIN, VAL, Dataset, read_dataset
from cnn.data.listing import folder_readings
from cnn.data.reading import Reading
from cnn.data.readings import OTHER_WAYS
from cnn.specs import DatasetSpec
from cnn.store.runs import RunStore
from cnn.training.dataset_warnings import DatasetWarning, dataset_warnings

SHOWN_IMAGES = 6  # scan names so many images behind a warning


def scan(options) -> int:
    spec = replace(spec_from(options, DatasetSpec), max_per_class=1_000_000)
    dataset, warnings = read_images(options, spec)
    others = [one for one in folder_readings(options.folder) if one.name != dataset.reading]
    if options.json:
        skipped = [{"path": s.path, "reason": s.reason} for s in dataset.skipped]
        splits = {
            name: dataset.counts(split) for name, split in (("training", TRAIN), ("held-out", VAL), ("test", TEST))
        }
        decoding = {"decoding": dataset.decoding.to_dict()} if dataset.decoding.text else {}
        facts = {"reading": dataset.reading, "read_as": dataset.read_as, "other_readings": [one.name for one in others]}
        found = [{"text": one.text, "images": [dataset.paths[i] for i in one.images]} for one in warnings]
        print_json(
            {"classes": dataset.counts(), "splits": splits, "images": len(dataset.labels), "skipped": skipped}
            | {"warnings": found}
            | facts
            | decoding
        )
        return 0
    print_table(["class", "images"], [[name, f"{count:,}"] for name, count in dataset.counts().items()])
    print(f"\n{len(dataset.labels):,} images in {len(dataset.classes)} classes.")
    print("\n".join([*dataset.read_as, dataset.decoding.text]).rstrip())
    if others:
        print(f"\n{OTHER_WAYS}:")
        print_readings(others)
    print_warnings(dataset, warnings)
    if dataset.skipped:
        print(f"\n{len(dataset.skipped):,} left out:")
        print_table(["file", "why"], [[s.path, s.reason] for s in dataset.skipped])
    return 0


def read_images(options, spec: DatasetSpec) -> tuple[Dataset, list[DatasetWarning]]:
    """The images in the folder of the options, and what to warn of."""
    dataset = read_dataset(options.folder, spec, RunStore(options.runs).cache, reading_bar(options))
    warnings = dataset_warnings(dataset, lambda fraction: bar(options, fraction, "comparing the images"))
    clear_bar(options)
    return dataset, warnings


def print_warnings(dataset: Dataset, warnings: Iterable[DatasetWarning]) -> None:
    for warning in warnings:
        print(f"\nWarning: {printable(warning.text)}")
        if warning.images:
            print(f"For example: {', '.join(printable(dataset.paths[i]) for i in warning.images[:SHOWN_IMAGES])}")


def print_readings(found: Iterable[Reading]) -> None:
    rows = [
        [f'--reading "{one.name}"', f"{len(one.counts):,}", f"{sum(one.counts.values()):,}", one.text] for one in found
    ]
    print_table(["option", "classes", "images", "what it does"], rows)
