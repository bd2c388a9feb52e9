"""The command `compare`: runs side by side, and whether two of them differ by more than luck."""

from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, printable
from cnn.errors import UserError
from cnn.store.run import Run
from cnn.store.run_results import Compared, compared
from cnn.store.runs import RunStore
from cnn.store.varied import Varied, varied

RESULTS = ("accuracy", "likely", "parameters", "multiply-adds", "time")
IMAGE_BY_IMAGE = ("common_images", "both_right", "only_first_right", "only_second_right", "chance")


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
        said = [pair["not_paired"], pair["left_out"], pair["sentence"], pair["over_seeds"]]
        print("\n" + "\n".join(filter(None, said)))
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
    """Two runs on the images that both hold out, or a sentence that says why they cannot be compared there."""
    from cnn.store.side_by_side import DifferentImages, judge_both, left_out_text, over_seeds

    names = [f"“{printable(run.given_name or run.id)}”" for run in (first, second)]
    facts: dict = dict.fromkeys(IMAGE_BY_IMAGE)
    facts |= {"images_differ": False, "not_paired": "", "left_out": "", "sentence": ""}
    try:
        found = judge_both(store, first, second, lambda share: bar(options, share, "predicting"))
    except UserError as error:
        facts["not_paired"] = str(error)
        if isinstance(error, DifferentImages):
            facts |= {"images_differ": True, "common_images": 0}
    else:
        paired = found.paired
        counts = len(paired), paired.both, len(paired.only_first), len(paired.only_second)
        facts |= dict(zip(IMAGE_BY_IMAGE, (*counts, paired.chance), strict=True))
        facts |= {"left_out": left_out_text(found), "sentence": paired.sentence(*names)}
    clear_bar(options)
    seeds = over_seeds(store, first, second)
    return facts | {"over_seeds": seeds.sentence(*names) if seeds else ""}
