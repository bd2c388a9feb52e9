"""The settings of runs, and those in which several runs differ."""

from dataclasses import replace

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run_summary import searchable, short_summary
from cnn.store.varied import by_luck, settings_of, varied


@pytest.fixture
def run(store, create_run):
    plain = (DatasetSpec(), NetworkSpec(), TrainingSpec())
    run = replace(store.get(create_run()), folder="/images/pets", classes=("cat", "dog"), status="finished")
    return replace(run, dataset_spec=plain[0], network_spec=plain[1], training_spec=plain[2])


def with_training(run, **changes):
    return replace(run, training_spec=replace(run.training_spec, **changes))


def test_only_what_differs_is_named(run):
    assert varied([]) == varied([run]) == varied([run, run]) == []
    wide = replace(with_training(run, learning_rate=0.01), network_spec=replace(run.network_spec, filters=(32,)))
    filters, rate = varied([run, wide, run])
    assert (filters.name, filters.label, [one.text for one in filters.values]) == (
        "filters",
        "filters per block",
        ["16, 16", "32", "16, 16"],
    )
    assert [one.text for one in rate.values] == ["0.001", "0.01", "0.001"]
    assert (filters.is_number, rate.is_number) == (False, True)
    assert [one.text for one in rate.options] == ["0.001", "0.01"]
    assert [one.text for one in varied([wide, run])[1].options] == ["0.001", "0.01"]  # by size


def test_a_setting_without_a_number_says_so_in_a_word(run):
    based = replace(run, network_spec=replace(run.network_spec, base="other", base_step=40))
    older = replace(run, network_spec=replace(run.network_spec, base="other", base_step=8))
    step = next(one for one in varied([run, based, older]) if one.name == "base_step")
    assert [one.text for one in step.values] == ["none", "40", "8"]
    assert [one.value for one in step.values] == [None, 40, 8]
    assert not step.is_number and [one.text for one in step.options] == ["8", "40", "none"]
    (patience,) = varied([with_training(run, patience=3), run])
    assert [one.text for one in patience.values] == ["3", "never"]
    assert settings_of(run)["base_step"].text == "none" and "step of the base none" in searchable(run)


def test_folders_of_the_same_name_are_told_apart(run):
    (folder,) = varied([run, replace(run, folder="/mine/pets")])
    assert [one.text for one in folder.values] == ["/images/pets", "/mine/pets"]


def test_the_two_seeds_have_different_labels(run):
    labels = [one.label for one in settings_of(run).values()]
    assert len(set(labels)) == len(labels)


def test_runs_that_differ_by_their_seeds_only_form_a_group(run):
    other_seed = replace(with_training(run, seed=7), dataset_spec=replace(run.dataset_spec, seed=7))
    runs = [run, with_training(run, epochs=3), other_seed, with_training(run, epochs=3, seed=2)]
    assert by_luck(runs) == [[0, 2], [1, 3]]


def test_a_run_is_found_by_all_that_was_written_about_it_and_by_its_settings(run):
    text = searchable(replace(run, given_name="First try", tags=("gray",), note="Too slow?"))
    for part in ("First try", "gray", "Too slow?", "pets", "dog", "learning rate 0.001", "kernel size 3 × 3"):
        assert part.casefold() in text.casefold()


def test_a_run_in_short(run):
    assert short_summary(run, []) == "33,506 parameters · 16, 16 filters of 3 × 3, ReLU, dense 16 · 10 epochs"
