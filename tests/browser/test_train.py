"""Training and watching it in a real Chromium."""

import json
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.app import (
    LONG,
    TRAIN,
    address,
    button,
    curves,
    press,
    quiet_pages,
    run_id,
    see_more_steps,
    settled,
    shown_step,
    slider,
    slider_text,
    start_training,
)
from tests.browser.conftest import stop


@pytest.mark.usefixtures("stop_runs")
def test_a_double_click_on_train_makes_one_run_that_can_be_stopped_at_once_and_continued(
    open_page, server, store, wait
):
    before = {run.id for run in store.all()}
    page = open_page(address(server, "train", **LONG))
    button(page, TRAIN).dblclick()
    run = run_id(page)
    for steps in (False, True):
        expect(button(page, "Stop")).to_be_visible()
        if steps:  # before the page polls less often
            see_more_steps(page, wait)
        button(page, "Stop").click()
        expect(button(page, "Continue")).to_be_visible()
        wait(lambda: store.get(run).status == "stopped")
        if not steps:
            button(page, "Continue").click()
    settled(page)
    assert {run.id for run in store.all()} - before == {run}


# An active run


@pytest.fixture(scope="module")
def training_page(browser, server, store):
    """The page of a run that trains as long as these tests take."""
    with quiet_pages(browser) as open_page:
        page = open_page(address(server, "train", **LONG))
        run = start_training(page)
        yield page
        stop(store, [run])


@pytest.fixture
def live_page(training_page, wait):
    training_page.bring_to_front()  # the browser seldom draws the others
    if button(training_page, "Continue").is_visible():
        button(training_page, "Continue").click()
        expect(button(training_page, "Pause")).to_be_visible()
    see_more_steps(training_page, wait)
    return training_page


def test_the_learning_rate_can_be_changed_and_the_chart_marks_the_change(open_page, live_page, store, wait):
    name = "Learning rate from the next step on"
    expect(slider_text(live_page, name)).to_have_text("0.001")
    press(slider(live_page, name), "ArrowRight")
    expect(slider_text(live_page, name)).to_have_text("0.003")
    wait(lambda: curves(live_page)["curves"][0]["changes"])
    (step,) = store.history(run_id(live_page)).learning_rates()
    assert curves(live_page)["curves"][0]["changes"] == [{"x": step, "text": "learning rate 0.003"}]
    expect(slider(live_page, name)).to_be_focused()
    button(live_page, "Pause").click()
    expect(button(live_page, "Resume")).to_be_visible()
    other = open_page(live_page.url)
    expect(slider_text(other, name)).to_have_text("0.003")
    press(slider(other, name), "ArrowLeft")  # while nothing trains, too
    expect(slider_text(other, name)).to_have_text("0.001")
    wait(lambda: store.requests(run_id(live_page)) == ("pause", 0.001))
    live_page.bring_to_front()
    button(live_page, "Resume").click()
    expect(slider_text(live_page, name)).to_have_text("0.001")
    other.close()


def test_other_browsers_see_that_a_run_stops_and_continues(open_page, live_page, wait):
    other = open_page(live_page.url)
    see_more_steps(other, wait)
    live_page.bring_to_front()
    button(live_page, "Stop").click()
    other.bring_to_front()
    expect(button(other, "Continue")).to_be_visible()
    button(other, "Continue").click()
    live_page.bring_to_front()
    expect(button(live_page, "Pause")).to_be_visible()
    see_more_steps(live_page, wait, than=shown_step(live_page))


def test_the_server_gives_the_newest_numbers_of_a_run_until_it_is_deleted(live_page, server, store, wait):
    def answer(run: str, guess: str = "0.5") -> dict:
        with urlopen(f"{server.url}/runs/{run}/live?guess={guess}") as answer:
            return json.load(answer)

    run = run_id(live_page)
    now = answer(run)
    assert now["state"].startswith("running, begun") and "of 78,000" in now["progress"]["text"]
    assert [curve["y"] for curve in now["curves"]] == ["loss", "accuracy"]
    assert [len(answer(run, guess)["curves"][1]["levels"]) for guess in ("0.5", "0", "nan", "x")] == [2, 1, 1, 1]
    button(live_page, "Stop").click()
    expect(live_page.get_by_text("Stopped after step")).to_be_visible()
    last = store.history(run).steps()[-1].step
    wait(lambda: shown_step(live_page) == last)
    now = answer(run)
    assert now["progress"]["text"].startswith("Stopped. Epoch") and now["curves"][0]["lines"][0]["x"][-1] == last
    assert answer("no-such-run")["curves"] == []
