"""The list of runs: searching, and ticks that stay while a search hides their runs."""

from types import SimpleNamespace

import pytest

from cnn.specs import NetworkSpec
from cnn.store.disk import StoredRun, stored_runs
from pages.shared.runs import run_table
from pages.shared.session import Versioned
from tests.app import control


@pytest.fixture
def stored(store, create_run):
    for name, tags, note in (("Plain", [], ""), ("Wide", ["big"], "Too slow?"), ("Fast", [], "larger rate")):
        run_id = create_run(learning_rate=0.1 if name == "Fast" else 0.01)
        store.label(run_id, name, tags, note)
    return stored_runs(store)


def found(stored, find: str, dataset: str = "") -> set[str]:
    return {one.run.name for one in run_table.matching(stored, find, dataset)}


def test_all_words_of_a_search_occur_in_what_is_known_of_a_run(stored, image_folder):
    assert found(stored, "") == {"Plain", "Wide", "Fast"}
    assert found(stored, "BIG") == found(stored, "slow") == {"Wide"}
    assert found(stored, "learning rate 0.1,") == {"Fast"}
    assert found(stored, f"{image_folder.name} plain") == {"Plain"} and found(stored, "plain big") == set()
    assert len(found(stored, "", image_folder.name)) == 3 and found(stored, "", "elsewhere") == set()


def test_a_damaged_run_is_found_by_its_id():
    [one] = run_table.matching([StoredRun("one", None, "it is damaged", 0)], "one", "")
    assert one.id == "one"


def test_runs_of_one_name_are_told_apart_before_they_are_deleted(store, create_run, monkeypatch):
    small, wide = create_run(), create_run(network=NetworkSpec(filters=(3, 5)))
    for run_id in (small, wide):
        store.label(run_id, "Mine", [], "")
    by_id, asked = {one.id: one for one in stored_runs(store)}, []
    monkeypatch.setattr(run_table, "delete_button", lambda what, names, *rest: asked.extend(names))
    run_table.delete_chosen([by_id[small], by_id[wide], StoredRun("odd", None, "it is damaged", 0)])
    assert asked[2] == "odd" and all(name.startswith("Mine, ") for name in asked[:2])
    assert "3, 5 filters of 3 × 3" in asked[1] and "3, 5 filters" not in asked[0]


def test_ticks_keep_their_order_and_survive_a_search(monkeypatch):
    kept = Versioned("runs", ("c", "a"))

    def tick(ids, rows):
        monkeypatch.setattr(run_table, "widget", lambda key: SimpleNamespace(selection=SimpleNamespace(rows=rows)))
        run_table._tick(kept, kept.value, ids, "key")
        return kept.value

    assert tick(["a", "b", "c"], [0, 1, 2]) == ("c", "a", "b")
    assert tick(["b"], []) == ("c", "a")  # the search hides the others
    assert tick(["b"], [0]) == ("c", "a", "b")
    assert tick(["a", "b", "c"], [1]) == ("b",)


def test_storage_shows_what_matches_the_search(open_page, stored):
    app = open_page("storage")
    control(app.text_input, "Search the runs").set_value("big").run()
    (table,) = (frame.value for frame in app.dataframe if "run" in frame.value)
    assert table["run"].tolist() == ["Wide"] and app.session_state.session.shown["find_run"] == "big"
    control(app.text_input, "Search the runs").set_value("nothing").run()
    assert "No runs match." in [caption.value for caption in app.caption]


def test_runs_chosen_by_name_are_ticked_and_many_are_only_counted(open_page, stored, monkeypatch):
    ids = {one.run.name: one.id for one in stored}
    app = open_page("compare", runs=ids["Wide"])
    names = control(app.multiselect, "Chosen runs")
    assert names.value == [ids["Wide"]]
    names.set_value([ids["Wide"], ids["Plain"]]).run()
    assert app.session_state.session.shown["runs"] == f"{ids['Wide']},{ids['Plain']}"
    assert control(app.multiselect, "Chosen runs").value == [ids["Wide"], ids["Plain"]]
    monkeypatch.setattr(run_table, "MOST_NAMED", 1)
    app.run()
    assert not app.multiselect and "2 runs are chosen." in [caption.value for caption in app.caption]
    control(app.button, "Choose none").click().run()
    assert app.session_state.session.shown.get("runs", "") == "" and control(app.multiselect, "Chosen runs").value == []
