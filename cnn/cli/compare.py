"""The command `compare`: runs side by side, and whether two of them differ by more than luck."""

from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, printable
from cnn.errors import UserError
from cnn.store.run import Run
from cnn.store.run_results import Compared, compared
from cnn.store.runs import RunStore
from cnn.store.varied import Varied, varied

RESULTS = ("accuracy", "likely", "parameters", "multiply-adds", "time")


def compare(options) -> int:
    """Prints only the settings in which the runs differ, and what came of each. For two runs, also the images on which
    they differ."""
    store = RunStore(options.runs)
    if len(set(options.compared)) < 2:
        raise UserError("Name at least two different runs. `python -m cnn runs` lists them.")
    runs = [store.get(run_id) for run_id in dict.fromkeys(options.compared)]
    rows, settings = compared(store, runs), varied(runs)
    pair = _pair(options, store, *runs) if len(runs) == 2 else None
    if options.json:
        print_json({"runs": [_facts(one, settings, runs.index(one.run)) for one in rows]} | (pair or {}))
        return 0
    head = ["run", "name", *(one.label for one in settings), *RESULTS]
    print_table(head, [_row(one, settings, runs.index(one.run)) for one in rows])
    if not settings:
        print("\nThey have the same settings.")
    if pair:
        print("\n" + "\n".join(filter(None, [pair["left_out"], pair["sentence"], pair["over_seeds"]])))
    return 0


def _facts(one: Compared, settings: list[Varied], position: int) -> dict:
    accuracy = one.accuracy
    return {
        "run": one.run.id,
        "name": one.run.given_name,
        "settings": {setting.name: setting.values[position].value for setting in settings},
        "accuracy": accuracy and accuracy.value,
        "interval": accuracy and list(accuracy.interval),
        "images": accuracy and accuracy.images,
        "parameters": one.parameters,
        "multiply_adds": one.multiply_adds,
        "seconds": one.result.seconds,
        "epochs": one.result.epochs,
    }


def _row(one: Compared, settings: list[Varied], position: int) -> list[str]:
    low, high = one.accuracy.interval if one.accuracy else (None, None)
    return [
        one.run.id,
        one.run.given_name,
        *(setting.values[position].text for setting in settings),
        percent(one.accuracy.value if one.accuracy else None),
        f"{percent(low)} to {percent(high)}" if one.accuracy else "",
        "" if one.parameters is None else f"{one.parameters:,}",
        "" if one.multiply_adds is None else f"{one.multiply_adds:,}",
        f"{one.result.seconds:.1f} s",
    ]


def _pair(options, store: RunStore, first: Run, second: Run) -> dict:
    """Two runs on the images that both hold out."""
    from cnn.store.side_by_side import judge_both, left_out_text, over_seeds

    found = judge_both(store, first, second, lambda share: bar(options, share, "predicting"))
    clear_bar(options)
    paired, seeds = found.paired, over_seeds(store, first, second)
    names = [f"“{printable(run.given_name or run.id)}”" for run in (first, second)]
    return {
        "common_images": len(paired),
        "both_right": paired.both,
        "only_first_right": len(paired.only_first),
        "only_second_right": len(paired.only_second),
        "chance": paired.chance,
        "left_out": left_out_text(found),
        "sentence": paired.sentence(*names),
        "over_seeds": seeds.sentence(*names) if seeds else "",
    }
