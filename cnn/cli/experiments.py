"""`experiment` and `experiments`: trains many runs one after another, and says what came of them."""

import time
from collections.abc import Sequence
from dataclasses import replace

from cnn.cli.arguments import spec_from
from cnn.cli.label_decisions import print_decisions, with_decisions
from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, reading_bar
from cnn.data.dataset import Dataset, read_dataset
from cnn.data.mirror_test import mirror_test
from cnn.engine import experiment as engine
from cnn.engine import queue as engine_queue
from cnn.engine.foresight import Foreseen, foresee, images_to_use, misfit, most_images
from cnn.errors import UserError
from cnn.size import size_text
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.distinct_variants import distinct
from cnn.specs.experiment_spec import ExperimentSpec, Variant, value_from_text, vary
from cnn.specs.ready_experiments import READY
from cnn.store import experiments as stored
from cnn.store.experiments import Experiment
from cnn.store.run import Run
from cnn.store.runs import RunStore
from cnn.training.speed import Speedometer

LOOK_EVERY = 0.5  # seconds between looks at the runs
ASK_EVERY = 0.1  # seconds between questions whether the speed has been measured

_speedometer = Speedometer()


def experiment(options) -> int:
    """Starts an experiment, and follows it to its end."""
    store = RunStore(options.runs)
    spec = _spec(options, store)
    dataset = read_dataset(options.folder, spec.dataset, store.cache, reading_bar(options))
    clear_bar(options)
    if not options.foresee:
        print_decisions(options, dataset)
    if options.ready and READY[options.ready].mirrors and mirror_changes_classes(dataset):
        spec = _spec(options, store, may_mirror=False)
    spec = replace(spec, dataset=replace(spec.dataset, decisions=dataset.spec.decisions))  # only those that count here
    spec, left_out = distinct(spec, most_images(dataset), len(dataset.train))
    if problem := misfit(spec, len(dataset.classes)):
        raise UserError(problem)
    if left_out and not options.json:
        print(left_out)
    if options.foresee:
        _print_foreseen(options, foresee(spec, images_to_use(dataset), _measure), left_out)
        return 0
    experiment_id = engine.start(store, dataset.folder, spec, options.guess or "")
    if options.json:
        print_json({"event": "started", "experiment": experiment_id, "runs": spec.runs, "left_out": left_out})
    else:
        print(f"Experiment {experiment_id}: {spec.runs} runs, {engine_queue.places()} at a time.")
    if options.no_wait:
        return 0
    try:
        _follow(options, store, experiment_id)
    except KeyboardInterrupt:
        clear_bar(options)
        if not options.json:
            print(f"The runs go on. To see them: python -m cnn experiments {experiment_id}")
        return 130
    _print_outcome(options, store, experiment_id)
    return 0


def experiments(options) -> int:
    """Lists the experiments; shows, pauses, continues, extends, cancels or deletes one."""
    store = RunStore(options.runs)
    engine_queue.advance(store)
    if options.experiment is None:
        if options.pause or options.resume or options.cancel or options.delete or options.extend is not None:
            raise UserError("Name the experiment, too. `python -m cnn experiments` lists them.")
        found = stored.all_experiments(store)
        if options.json:
            print_json([_facts(store, one) for one in found])
        elif not found:
            print("There are no experiments yet. To start one: python -m cnn experiment FOLDER --seeds 3")
        else:
            rows = [[one.id, one.spec.name, one.folder, _progress_text(store, one)] for one in found]
            print_table(["experiment", "name", "folder", "runs"], rows)
        return 0
    one = stored.get(store, options.experiment)
    if options.pause:
        engine.pause(store, one.id)
    elif options.resume:
        engine.resume(store, one.id)
    elif options.cancel:
        engine.cancel(store, one.id)
    elif options.extend is not None:
        if options.extend < 1:
            raise UserError(f"--extend needs a number of seeds, 1 or more, not {options.extend}.")
        engine.extend(store, one.id, options.extend)
    elif options.delete:
        engine.delete(store, one.id)
        if options.json:
            print_json({"deleted": one.id})
        else:
            print(f"Experiment {one.id} is deleted. Its trained runs stay.")
        return 0
    _print_outcome(options, store, one.id)
    return 0


def _spec(options, store: RunStore, may_mirror: bool = True) -> ExperimentSpec:
    images = with_decisions(options, store, spec_from(options, DatasetSpec))
    specs = images, spec_from(options, NetworkSpec), spec_from(options, TrainingSpec)
    if options.ready and options.vary:
        raise UserError("An experiment that is ready has its own values to try: give --ready or --vary, not both.")
    if options.ready:
        ready = READY.get(options.ready)
        if ready is None:
            raise UserError(f"There is no experiment {options.ready!r}. There are: {'; '.join(READY)}.")
        spec = ready.spec(options.name or options.ready, specs, may_mirror)
    else:
        name = options.name or ", ".join(text.split("=")[0] for text in options.vary or ()) or "seeds"
        spec = ExperimentSpec(name, _variants(options.vary or ()), (0, 1, 2), *specs)
    first, count = specs[2].seed, len(spec.seeds) if options.seeds is None else options.seeds
    return replace(spec, seeds=tuple(range(first, first + count)))


def mirror_changes_classes(dataset: Dataset) -> bool:
    """Whether a mirrored image may belong to another class, as far as a quick test can tell."""
    test = mirror_test(dataset.images, dataset.labels, dataset.train, dataset.classes)
    return test is not None and test.changes_classes


def _variants(texts: Sequence[str]) -> tuple[Variant, ...]:
    """The values of --vary NAME=VALUE,VALUE; without any, the same settings with several seeds."""
    if not texts:
        return (Variant("same settings", {}),)
    settings = {}
    for text in texts:
        name, is_given, values = text.partition("=")
        if not is_given:
            raise UserError(f"--vary needs a setting and its values, as in dense_activation=on,off, not {text!r}.")
        name = name.strip().replace("-", "_")
        settings[name] = [value_from_text(name, value.strip()) for value in values.split(",")]
    return vary(settings)


def _measure(*question) -> dict:
    while (answer := _speedometer.ask("", *question)) is None:
        time.sleep(ASK_EVERY)
    return answer


def _follow(options, store: RunStore, experiment_id: str) -> None:
    """Waits until no run is left; prints each as it ends."""
    shown: set[str] = set()
    while True:
        engine_queue.advance(store)
        runs = engine.runs(store, experiment_id)
        spec = stored.get(store, experiment_id).spec
        for (variant, seed), run in runs.items():
            if not run.ongoing and run.id not in shown:
                shown.add(run.id)
                clear_bar(options)
                _print_run(options, store, spec.variants[variant].label, seed, run)
        if not any(run.ongoing for run in runs.values()):
            clear_bar(options)
            return
        bar(options, len(shown) / max(len(runs), 1), f"{len(shown)} of {len(runs)} runs")
        time.sleep(LOOK_EVERY)


def _print_run(options, store: RunStore, label: str, seed: int, run: Run) -> None:
    epochs = store.history(run.id).epochs()
    accuracy = epochs[-1].val_accuracy if epochs else None
    if options.json:
        print_json(
            {
                "event": "run",
                "run": run.id,
                "value": label,
                "seed": seed,
                "status": run.status,
                "val_accuracy": accuracy,
            }
        )
    else:
        print(f"{label}, seed {seed}: {run.status} {percent(accuracy)}".rstrip())


def _print_outcome(options, store: RunStore, experiment_id: str) -> None:
    one, found = stored.get(store, experiment_id), engine.outcome(store, experiment_id)
    if options.json:
        print_json(_facts(store, one))
        return
    rows = [
        [
            result.label,
            f"{len(result.accuracies)}/{result.runs}",
            percent(result.mean) if result.accuracies else "",
            "" if result.spread is None else f"± {100 * result.spread:.1f}",
        ]
        for result in found.results
    ]
    print_table(["value", "runs", "held-out accuracy", "spread"], rows)
    sentences = found.sentences()[-1:] if one.spec.compares else []
    print(" ".join([f"\n{_progress_text(store, one)}.", *sentences]))


def _facts(store: RunStore, one: Experiment) -> dict:
    outcome = engine.outcome(store, one.id)
    return {
        "experiment": one.id,
        "name": one.spec.name,
        "folder": one.folder,
        "paused": one.paused,
        "guess": one.guess,
        "runs": [
            {"run": run.id, "value": one.spec.variants[variant].label, "seed": seed, "status": run.status}
            for (variant, seed), run in engine.runs(store, one.id).items()
        ],
        "results": [
            {
                "value": result.label,
                "accuracies": {str(seed): accuracy for seed, accuracy in result.accuracies.items()},
                "mean": result.mean if result.accuracies else None,
                "spread": result.spread,
            }
            for result in outcome.results
        ],
        "against_best": [
            {
                "value": result.label,
                "best": outcome.best.label if outcome.best else None,
                "difference": found and found.mean,
                "low": found.low if found and found.seeds > 1 else None,
                "high": found.high if found and found.seeds > 1 else None,
                "seeds": found.seeds if found else 0,
            }
            for result, found in outcome.against_best()
        ],
        "sentences": outcome.sentences(),
    }


def _progress_text(store: RunStore, one: Experiment) -> str:
    runs = engine.runs(store, one.id).values()
    done = sum(run.status == "finished" for run in runs)
    paused = ", paused" if one.paused and any(run.ongoing for run in runs) else ""
    return f"{done} of {one.spec.runs} finished{paused}"


def _print_foreseen(options, found: Foreseen, left_out: str) -> None:
    seconds = found.total_seconds
    if options.json:
        facts = {"runs": found.runs, "seconds": seconds, "disk": found.disk, "problems": list(found.problems)}
        print_json(facts | {"left_out": left_out})
        return
    takes = "" if seconds is None else f", about {seconds / 60:.1f} minutes, {found.at_once} at a time"
    print(f"{found.runs} runs{takes}, {size_text(found.disk)} of disk.")
    for problem in found.problems:
        print(problem)
