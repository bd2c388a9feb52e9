"""Experiments in a real Chromium, with trainers: only there do results appear by themselves while runs train. And the
search for wrong labels, which is one: only there do buttons inside a part of a page lead to another."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cnn.engine import cleaning, experiment
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import experiments
from cnn.store.kept_decisions import all_decisions
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.browser.app import address, button, save_picture, see_page, select, settled
from tests.conftest import draw_images

TINY = {"folder": "shapes", "image_size": 16, "max_per_class": 20, "filters": "2", "dense": "4", "epochs": 1}


@pytest.fixture(autouse=True)
def forget_experiments(store):
    yield
    for one in experiments.all_experiments(store):
        experiments.forget(store, one.id)


def test_a_ready_experiment_is_guessed_paused_and_continued_and_shows_its_result(open_page, server, store, wait):
    page = open_page(address(server, "experiments", plan="With and without the ReLU", seeds=1, **TINY))
    see_page(page, "Experiments")
    expect(button(page, "Start 2 runs")).to_be_disabled()
    select(page, "Your guess: which is best?", "without")
    expect(button(page, "Start 2 runs")).to_be_enabled()  # a new one: a button with a hint is another element
    button(page, "Start 2 runs").click()
    button(page, "Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    (one,) = experiments.all_experiments(store)
    wait(lambda: not any(run.active for run in experiment.runs(store, one.id).values()))
    assert experiments.get(store, one.id).paused
    button(page, "Continue").click()
    expect(page.get_by_text("2 of 2 runs have finished.")).to_be_visible()  # without a click
    expect(page.get_by_text("You guessed")).to_be_visible()
    assert save_picture(page.locator(".cnn-chart-frame").filter(visible=True)) > 10_000
    expect(button(page, "Pause")).to_have_count(0)


def mislabelled(folder: Path) -> Path:
    """Dark and light images; two light ones are among the dark ones."""
    draw_images(folder)
    for name in ("3.png", "4.png"):
        (folder / "light" / name).rename(folder / "dark" / f"wrong{name}")
    return folder


def search(store: RunStore, folder: Path) -> list[str]:
    """Trains the networks of a search for wrong labels; returns their runs."""
    specs = (
        DatasetSpec(image_size=16),
        NetworkSpec(filters=(2,), dense=()),
        TrainingSpec(epochs=6, batch_size=4, learning_rate=0.01),
    )
    spec, experiment_id = cleaning.plan(specs), new_id()
    experiments.add(store, experiment_id, str(folder), spec)
    for variant, seed in experiments.get(store, experiment_id).missing:
        run_id = new_id()
        store.create(run_id, str(folder), *spec.specs(spec.variants[variant], seed))
        experiments.add_run(store, experiment_id, variant, seed, run_id)
        assert train_run(store, run_id) == "finished"
    return list(experiments.get(store, experiment_id).runs.values())


def test_a_wrong_label_leads_from_results_to_a_decision_that_makes_a_new_version_and_can_be_undone(
    open_page, server, store, tmp_path
):
    folder = mislabelled(tmp_path / "images")
    run_id, *_ = search(store, folder)
    page = open_page(address(server, "results", run=run_id))
    see_page(page, "Results")
    button(page, "Is its label right?").click()
    see_page(page, "Wrong labels")
    expect(page.get_by_text("has not seen it")).to_be_visible()
    page.get_by_text("suspicious labels", exact=True).click()
    expect(page.get_by_text("0 of 2 images decided")).to_be_visible()
    button(page, "It is “light”").click()
    expect(page.get_by_text("1 of 2 images decided")).to_be_visible()
    button(page, "Leave it out").click()
    expect(page.get_by_text("2 of 2 images decided")).to_be_visible()
    assert {(one.decision.given, one.decision.now) for one in all_decisions(store)} == {("dark", "light"), ("dark", "")}
    button(page, "Back to Data").click()
    expect(page.get_by_text("your decisions change 2 labels")).to_be_visible()
    expect(page.get_by_text("23 images")).to_be_visible()
    button(page, "Find wrong labels").click()
    see_page(page, "Wrong labels")
    page.get_by_text("Your decisions about labels", exact=True).click()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()  # it moves what is below
    button(page, "Undo the last one").click()
    expect(page.get_by_text("1 of 2 images decided")).to_be_visible()
    settled(page)
    button(page, "Undo the last one").click()
    expect(page.get_by_text("0 of 2 images decided")).to_be_visible()
    button(page, "Back to Data").click()
    expect(page.get_by_text("24 images", exact=True)).to_be_visible()
    assert all_decisions(store) == []


def test_all_that_one_can_decide_about_a_label_is_in_view(open_page, server, store, run):
    """With many classes, too, and once it is decided."""
    about = {"folder": "shapes", "run": run.id, "doubt": "surest mistakes"}
    page = open_page(address(server, "cleaning", **about))
    see_page(page, "Wrong labels")
    expect(button(page, "Leave it out")).to_be_in_viewport(ratio=1)
    button(page, "Leave it out").click()
    expect(page.get_by_text(re.compile("^1 of [0-9]+ images decided"))).to_be_visible()
    settled(page)
    page.locator(".st-key-doubts").get_by_role("option").first.click()
    for name in ("Leave it out", "Undo"):
        expect(button(page, name)).to_be_in_viewport(ratio=1)
    button(page, "Undo").click()
    expect(page.get_by_text(re.compile("^0 of [0-9]+ images decided"))).to_be_visible()
