"""An experiment on the Experiments page: its results so far, the progress of its runs, and what one can do with it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from cnn.duration import duration_text
from cnn.engine import experiment, queue
from cnn.errors import UserError
from cnn.figures.evidence_pictures import experiment_picture
from cnn.figures.experiment_drawing import experiment_chart
from cnn.percent import percent, with_minus
from cnn.report.report import Table
from cnn.store.experiments import Experiment
from cnn.store.lengths import lengths
from cnn.store.run import Run
from cnn.store.run_results import Result
from cnn.store.runs import RunStore
from cnn.store.side_by_side import Pair
from cnn.training.experiment_outcome import Difference, Outcome
from cnn.training.experiment_outcome import Result as VariantResult
from pages.components.chart import chart
from pages.components.rerun import rerun_every
from pages.shared import jobs, run_choice, view
from pages.shared.compare.experiment_plan import LUCK, LUCK_LIMITS
from pages.shared.report import offers
from pages.shared.results import judging, result_files
from pages.shared.session import session
from pages.shared.text import count, plain, unbroken

EVERY = 1.5  # seconds between drawings while runs train
RUNS_HEIGHT = 196  # CSS pixels at most: half a row says that there are more
MOST_SEEDS = 20  # to add at once
IMAGE_BY_IMAGE = (
    "Both networks on the same images, each at the snapshot with its lowest held-out loss. The chance is that of "
    "McNemar's exact test: only images that one of the two gets right, and the other wrong, can tell them apart."
)


def choose(found: Mapping[str, Experiment]) -> Experiment:
    """The experiment that the page shows, with a list to choose another. found: id -> experiment, the newest first."""
    kept, chosen = view.among("experiment", found, next(iter(found)))
    times = {one.id: f"{one.spec.name} · {one.id[9:11]}:{one.id[11:13]}:{one.id[13:15]}" for one in found.values()}
    st.selectbox("Experiment", **kept.bound_choice(times), label_visibility="collapsed")
    return found[chosen]


def draw(experiment_id: str, waiting: Sequence[str]) -> None:
    """A fragment, which reruns while runs train or wait. waiting: the ids of the runs in the queue that the page shows
    below it: if these are others, or in another order, the whole page reruns."""
    if session().deleted_experiment or [run.id for run in run_choice.queued()] != waiting:
        session().deleted_experiment = False
        st.rerun()
    store = run_choice.store()
    with store.transaction():
        now = experiment.standing(store, experiment_id)
        expected, seconds = queue.starts_in(store), lengths(store)
        rows = _rows(store, now, expected)
    one, runs, outcome = now.experiment, now.runs, now.outcome
    if error := session().not_started:
        session().not_started = ""
        st.error(error, icon=":material/error:")
    chart(experiment_chart(outcome.results), key=f"experiment {experiment_id}", file="experiment")
    conclusion = outcome.sentences()[-1]
    st.markdown(unbroken(f"**{plain(conclusion)}** {plain(held_against_guess(one, outcome))}"))
    ongoing = [run for run in runs.values() if run.ongoing]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _buttons(one, runs)
    st.caption(_progress(one, runs, expected, seconds))  # below the buttons: when it grows, nothing moves
    _draw_runs(rows)
    _image_by_image(now)
    with st.expander("Numbers", icon=":material/table:"):
        _numbers(one, outcome)
        st.caption(
            "Each run counts with its accuracy after the last epoch. (That of its best epoch would flatter: the "
            "held-out images choose it.) All runs are judged on the same held-out images; on others, all could be "
            f"a little better or worse together. Interval: {percent(0.95)}, by Student's t, paired by seed."
        )
        result_files.table_button("experiment.csv", partial(_each_run, outcome))
    _offer(one, outcome)
    if (ongoing and not one.paused) or any(run.active for run in ongoing):
        rerun_every(EVERY, key="experiment")


def _image_by_image(now: experiment.Standing) -> None:
    """Compares the best value with the one closest behind it, on the images that both hold out."""
    found = now.outcome.leaders
    if found is None:
        return
    *values, seed = found
    labels = [f"“{plain(one.label)}”" for one in values]
    first, second = (now.runs[now.outcome.results.index(one), seed] for one in values)
    wait = jobs.wait_for(*judging.both(first, second))
    if not wait.ended:
        jobs.draw(wait)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pair = wait.error or jobs.take(wait)
        if not isinstance(pair, Pair):
            st.caption(f"Image by image: {plain(str(pair))}", width="stretch")
            return
        paired = pair.paired
        text = f"**Image by image**, with seed {seed}, on {count(len(paired), 'held-out image', 'held-out images')}:"
        st.caption(f"{text} {paired.sentence(*labels)}", width="stretch", help=IMAGE_BY_IMAGE)
        link = urlencode({"runs": f"{first.id},{second.id}", "compared": "two runs"})
        st.button(
            "Compare", icon=":material/compare_arrows:", key="compare both", on_click=_compare, args=(link,),
            help="Shows the images that only one of the two gets right.",
        )  # fmt: skip


def _compare(link: str) -> None:
    view.open_link("compare", link, keep=True)


def _offer(one: Experiment, outcome: Outcome) -> None:
    """Offers the outcome for a report."""
    results = outcome.results

    def picture() -> str:
        about = f"{one.spec.name}. {outcome.sentences()[-1]} {held_against_guess(one, outcome)}"
        labels = [result.label for result in results]
        return experiment_picture(about, labels, [list(result.accuracies.values()) for result in results])

    def numbers() -> Table:
        return Table(
            ("value", "runs", "mean held-out accuracy", "spread"),
            tuple(
                (one.label, len(one.accuracies), one.mean if one.accuracies else None, one.spread) for one in results
            ),
        )

    offers.offer(f"Experiment: {one.spec.name}", picture, numbers)


def _each_run(outcome: Outcome) -> Table:
    """The accuracy of each run."""
    rows = [(one.label, seed, found) for one in outcome.results for seed, found in sorted(one.accuracies.items())]
    return Table(("value", "seed", "held-out accuracy after the last epoch"), tuple(rows))


def held_against_guess(one: Experiment, outcome: Outcome) -> str:
    """What the user expected, and what came of it once all runs have finished."""
    if not one.guess:
        return ""
    if outcome.best is None or any(len(result.accuracies) < result.runs for result in outcome.results):
        return f"You guessed: {one.guess}."
    if len(outcome.results) == 1:
        found = luck_text(outcome.best)
        return f"You guessed it: {one.guess}." if found == one.guess else f"You guessed: {one.guess}. It is {found}."
    if outcome.best.label == one.guess:
        return f"You guessed it: {one.guess}."
    chance = [result.label for result, found in outcome.against_best() if found is None or found.could_be_chance]
    close = ", which could be as good" if one.guess in chance else ""
    return f"You guessed: {one.guess}{close}."


def luck_text(result: VariantResult) -> str:
    """How far apart the best and the worst run are: one of the guesses in LUCK."""
    values = result.accuracies.values()
    points = round(100 * (max(values) - min(values)), 1)  # as shown
    return LUCK[sum(points > limit for limit in LUCK_LIMITS)]


def _buttons(one: Experiment, runs: Mapping[tuple[int, int], Run]) -> None:
    store, ongoing = run_choice.store(), any(run.ongoing for run in runs.values())
    if ongoing and not one.paused:
        _button("Pause", "pause", partial(experiment.pause, store, one.id))
    elif ongoing or one.missing or any(run.status != "finished" for run in runs.values()):
        _button("Continue", "play_arrow", partial(experiment.resume, store, one.id))
    if ongoing:
        _button("Cancel", "close", partial(experiment.cancel, store, one.id))
    with st.popover("More seeds", icon=":material/add:"):
        more = st.number_input("Seeds to add", 1, MOST_SEEDS, 2, key="more_seeds", width=140)
        _button(f"Add {count(more, 'seed', 'seeds')}", "add", partial(experiment.extend, store, one.id, more))
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(
            "The experiment and its conclusion will be gone. The trained runs stay: see *Compare* and *Storage*."
        )
        _button("Delete the experiment", "delete", partial(_delete, store, one.id))


def _button(label: str, icon: str, action) -> None:
    def act() -> None:
        try:
            action()
        except UserError as error:
            session().not_started = str(error)

    st.button(label, key=f"experiment {icon}", icon=f":material/{icon}:", on_click=act)


def _delete(store: RunStore, experiment_id: str) -> None:
    experiment.delete(store, experiment_id)
    view.part("experiment").replace(None)
    session().deleted_experiment = True  # the whole page is out of date, not only this part of it


def _progress(
    one: Experiment,
    runs: Mapping[tuple[int, int], Run],
    expected: dict[str, float | None],
    seconds: dict[str, float | None],
) -> str:
    done = sum(run.status == "finished" for run in runs.values())
    text = f"{done} of {one.spec.runs} runs have finished."
    queued = [run for run in runs.values() if run.status == "queued"]
    if one.paused and queued:
        return f"{text} Paused."
    own = {run.id for run in queued}
    if last := next((run_id for run_id in reversed(expected) if run_id in own), None):
        start, length = expected[last], seconds.get(last)
        if start is not None and length is not None:
            text += f" The last ends in about {duration_text(start + length)}."
    return text


def _rows(store: RunStore, now: experiment.Standing, expected: dict[str, float | None]) -> list[dict]:
    """A row for each run: those that train first, then those that wait, then the others."""
    places = {run_id: place for place, run_id in enumerate(expected, 1)}
    rows = []
    for (variant, seed), run in now.runs.items():
        result = now.results.get(run.id, Result())  # none if its history is damaged
        live = store.history(run.id).live().progress if run.active else None
        done, seconds = result.epochs / run.training_spec.epochs, expected.get(run.id)
        time = f"starts in {duration_text(seconds)}" if seconds else ""
        if way_given := queue.way_given(store, run):
            time = f"after {way_given[0].name}"  # the column is narrow; the queue below says it in full
        if live and live.seconds_left is not None:
            time = f"{duration_text(live.seconds_left)} left"
        row = {
            "value": now.experiment.spec.variants[variant].label,
            "seed": seed,
            "status": f"{run_choice.STATUS_MARKS[run.status]} {run.status}",
            "progress": 100 * min(1.0, live.step / live.steps if live and live.steps else done),
            "accuracy": _percent(result.last),
            "images/s": round(live.images_per_second) if live and live.images_per_second else None,
            "place": places.get(run.id),
            "time": time,
        }
        if run.status == "finished":  # perhaps early
            row["progress"] = 100.0
        rows.append((0 if run.active else 1 if run.status == "queued" else 2, places.get(run.id, 0), row))
    return [row for *_, row in sorted(rows, key=lambda ranked: ranked[:2])]


def _draw_runs(rows: list[dict]) -> None:
    columns: dict[str, Any] = {
        "seed": st.column_config.NumberColumn(width=50),
        "status": st.column_config.TextColumn(width=90),
        "progress": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=100),
        "accuracy": st.column_config.NumberColumn(format="%.1f %%", width=75),
        "images/s": st.column_config.NumberColumn(format="localized", width=70),
        "place": st.column_config.NumberColumn("in queue", width=70, help="Its place among all waiting runs."),
        "time": st.column_config.TextColumn(width=135),
    }
    if len({row["value"] for row in rows}) == 1:
        columns["value"] = None
    for name in ("images/s", "place", "time"):
        if not any(row[name] for row in rows):
            columns[name] = None  # hides the column
    st.dataframe(
        rows, hide_index=True, column_config=columns, height=min(38 + 35 * len(rows), RUNS_HEIGHT), placeholder=""
    )


def _numbers(one: Experiment, outcome: Outcome) -> None:
    against = {result.label: found for result, found in outcome.against_best()}
    rows = []
    for result in outcome.results:
        found = against.get(result.label)
        is_best = result is outcome.best
        rows.append(
            {
                "value": result.label,
                "runs": len(result.accuracies),
                "mean": _percent(result.mean if result.accuracies else None),
                "spread": _percent(result.spread),
                "behind the best": "best" if is_best else _interval(found) if found else "",
            }
        )
    columns = {
        "mean": st.column_config.NumberColumn(format="%.1f %%"),
        "spread": st.column_config.NumberColumn(format="%.1f points", help="The standard deviation over the seeds."),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, placeholder="")


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _interval(found: Difference) -> str:
    points = f"{100 * found.mean:.1f} points"
    return with_minus(points if found.seeds == 1 else f"{points} ({100 * found.low:+.1f} to {100 * found.high:+.1f})")
