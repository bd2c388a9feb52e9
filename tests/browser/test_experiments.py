"""An experiment in a real Chromium, with trainers: only there do results appear by themselves while runs train."""

from playwright.sync_api import expect

from cnn.engine import experiment
from cnn.store import experiments
from tests.browser.app import address, button, see_page, select

OWN_SERVER = True  # its queue starts trainers
TINY = {"folder": "shapes", "image_size": 16, "max_per_class": 20, "filters": "2", "dense": "4", "epochs": 1}


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
    expect(button(page, "Pause")).to_have_count(0)
