"""The command `find-rate`: a learning rate that suits a network and its images."""

from dataclasses import asdict

from cnn.cli.arguments import spec_from
from cnn.cli.terminal import bar, clear_bar, print_json, print_table, reading_bar
from cnn.cli.train import images_and_network
from cnn.data.dataset import read_dataset
from cnn.specs import TrainingSpec
from cnn.store.runs import RunStore

RATES_EACH = 5  # it prints every fifth step


def find_rate(options) -> int:
    from cnn.store.snapshots import load_model
    from cnn.training.device import best_device
    from cnn.training.rate_finder import find_rate_of

    store, training = RunStore(options.runs), spec_from(options, TrainingSpec)
    images, network, base = images_and_network(options, store)
    dataset = read_dataset(options.folder, images, store.cache, reading_bar(options))
    start = load_model(store, base.run, base.step) if base else None
    found = find_rate_of(
        *(network, dataset, training, best_device()),
        lambda fraction: bar(options, fraction, "trying learning rates"),
        start,
    )
    clear_bar(options)
    if options.json:
        print_json(asdict(found))
        return 0
    shown = list(zip(found.rates, found.losses, strict=True))[::RATES_EACH]
    print_table(["learning rate", "loss"], [[f"{rate:.2g}", f"{loss:.4f}"] for rate, loss in shown])
    print(f"\n{found.reason}")
    if found.suggestion is not None:
        print(f"Suggestion: --learning-rate {found.suggestion:g}")
    return 0
