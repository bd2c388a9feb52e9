"""The Take apart page in a real Chromium, against cnn.explain.ablation."""

import re
from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import TimeoutError, expect

from cnn.explain.ablation import rank_units, with_filter, without
from cnn.explain.kernels import classic
from cnn.training.evaluation import predict, probabilities
from tests.browser.app import (
    PATIENCE,
    button,
    fill,
    go_to,
    metric,
    section,
    select,
    settled,
    shown_probabilities,
    shown_probability,
)


def switch(page, filter_name: str):
    return page.get_by_role("button", name=re.compile(rf"^switch off: filter {filter_name}\b"))


def type_into_kernel(page, kernel: np.ndarray, row: int, column: int, number: float) -> None:
    """Types a number into a cell of a kernel's table, and sets it in `kernel`, float32 (3, 3). The table is a canvas
    whose cells are readable by screen readers."""
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    cell = table.locator(f"#glide-cell-{column}-{row}")
    expect(cell).to_have_text(str(float(kernel[row, column])))
    editor = page.locator(".gdg-input")
    for _ in range(5):  # a table that is drawn again just now opens no field
        settled(page)
        table.evaluate("(table) => table.scrollIntoView({ block: 'center', behavior: 'instant' })")
        if (box := table.bounding_box()) is None:  # for a moment, it has no place
            continue
        height = box["height"] / 4  # the first row names the columns
        page.mouse.dblclick(box["x"] + (column + 0.5) * box["width"] / 3, box["y"] + (row + 1.5) * height)
        with suppress(TimeoutError):
            editor.wait_for(timeout=PATIENCE / 8)
            break
    editor.fill(str(number))
    editor.press("Enter")
    kernel[row, column] = number
    expect(cell).to_have_text(str(number))


def test_switching_filters_off_changes_accuracy_and_prediction_as_computed(visit, wait, run, model, dataset, typical):
    page = visit("take_apart", "Take apart")
    for name in ("1", "4"):
        switch(page, name).click()
        expect(switch(page, name)).to_have_attribute("aria-pressed", "true")
    changed = without(model, {"conv1": [1, 4]})
    expected = predict(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Accuracy on the held-out images")).to_have_text(f"{100 * expected:.1f} %")
    image = np.asarray(dataset.images[typical])
    predicted = probabilities(changed, image[None])[0]
    best = int(predicted.argmax())
    expect(section(page, "after").locator(".bar", has_text=run.classes[best])).to_be_visible()
    wait(lambda: shown_probability(page, "after", run.classes[best]) == pytest.approx(predicted[best], abs=0.002))


def test_ranking_sorts_the_filters_by_what_they_are_worth_and_a_classic_kernel_takes_effect_at_once(
    visit, model, dataset
):
    page = visit("take_apart", "Take apart")
    button(page, "Rank all filters").click()
    ranking = rank_units(model, "conv1", dataset.images, dataset.labels, dataset.val)
    for at, index in enumerate(ranking.order):
        worth = f"{ranking.worth[index]:+}".replace("-", "\N{MINUS SIGN}") if ranking.worth[index] else "0"
        expect(page.locator(".switch").nth(at)).to_have_text(f"{index} worth {worth}")
    page.get_by_text("Edit a filter", exact=True).click()
    select(page, "Kernel", "Sobel x")
    changed = with_filter(model, "conv1", 0, classic("Sobel x", 3))
    expected = predict(changed, dataset.images, dataset.labels, dataset.val).accuracy
    expect(metric(page, "Accuracy on the held-out images")).to_have_text(f"{100 * expected:.1f} %")


def test_changes_add_up_survive_page_changes_and_can_be_reset(visit, wait, run, model, dataset, typical):
    page = visit("take_apart", "Take apart")
    switch(page, "1").click()
    expect(switch(page, "1")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("conv2", exact=True).first.click()
    page.get_by_text("Edit a filter", exact=True).click()
    fill(page, "Filter", "2")
    weights = model.weights("conv2")[2]
    type_into_kernel(page, weights[0], 0, 1, 1.5)
    type_into_kernel(page, weights[0], 2, 2, -0.25)
    fill(page, "Input channel", "3")
    type_into_kernel(page, weights[3], 1, 0, 0.75)
    changed = without(with_filter(model, "conv2", 2, weights), {"conv1": [1]})
    expected = predict(changed, dataset.images, dataset.labels, dataset.val).accuracy
    predicted = probabilities(changed, np.asarray(dataset.images[typical])[None])[0]

    def changes_are_applied() -> None:
        expect(page.get_by_text("conv1 without 1 · conv2 filter 2: by hand")).to_be_visible()
        expect(metric(page, "Accuracy on the held-out images")).to_have_text(f"{100 * expected:.1f} %")
        wait(lambda: shown_probabilities(page, "after", run) == pytest.approx(predicted.tolist(), abs=0.002))

    changes_are_applied()
    go_to(page, "Explain")
    go_to(page, "Take apart")
    changes_are_applied()
    button(page, "Reset").click()
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()
    page.get_by_text("Switch filters off", exact=True).click()
    page.get_by_text("conv1", exact=True).first.click()
    expect(switch(page, "1")).to_have_attribute("aria-pressed", "false")
    expect(section(page, "after")).to_have_count(0)
