"""The Report page as a script, without a browser."""

from urllib.parse import quote
from xml.etree import ElementTree

import pyarrow.ipc
import pytest

from cnn.report.exported_sets import exported_sets
from cnn.report.report import Evidence, Table
from cnn.report.report_store import Reports
from cnn.store.database import StoreError
from cnn.store.snapshots import load_model
from pages.shared.report import report_start
from tests.app import add_to_report, control, go_to, sentences
from tests.conftest import running_work
from tests.report.examples import keep_new_images

SOURCE = """# Own
## First {#first}
page: data
needs: 3 to 10 classes
needs: 1 piece of evidence

### Why? {#why}

### How many parameters? {#many}
kind: number
fact: parameters

### How good? {#bet}
kind: guess
fact: held-out accuracy

## Second {#second}
after: why

### Which? {#which}
kind: choice

- [x] this
- [ ] that -> Think again.
"""


@pytest.fixture
def reports(store):
    return Reports(store)


def texts(app):
    return "\n".join(one.value for kind in (app.markdown, app.caption) for one in kind)


def test_a_report_begins_with_an_assignment_of_the_program(open_page, reports):
    app = open_page("report")
    control(app.button, "**Part B: your own convolutional network**").click().run()
    assert [title for _, title, _ in reports.all()] == ["Part B: your own convolutional network"]
    assert "**On which computer do you train? What could that limit?**" in texts(app)


def test_mistakes_in_an_assignment_are_told_with_their_lines(open_page, reports, monkeypatch):
    monkeypatch.setattr(report_start, "fetch", lambda address: SOURCE.replace("parameters", "nothing"))
    app = open_page("report")
    control(app.text_input, "Or a link to one").set_value("https://example.org/a.md").run()
    assert "Line 11: There is no fact" in sentences(app).replace("\\", "") and reports.all() == []


def test_a_step_says_what_is_missing_and_questions_are_held_against_the_run(open_page, reports, trained, image_folder):
    report = reports.create(SOURCE)
    app = open_page("report", folder=image_folder, run=trained, report=report)
    assert "3 to 10 classes: your network has 2" in texts(app)
    assert reports.get(report).run == trained
    assert [one.label for one in app.selectbox if one.label == "Step"] == ["Step"]
    control(app.text_input, "How many parameters?").set_value("5").run()
    assert "Not quite." in texts(app) and reports.get(report).tries == {"many": 1}
    control(app.text_input, "How good?").set_value("80 %").run()
    control(app.button, "Keep my guess").click().run()
    assert "You guessed 80\xa0%" in texts(app) and "older than your guess" in texts(app)


def test_a_step_counts_the_images_before_a_network_is_trained(open_page, reports, image_folder):
    report = reports.create(SOURCE.replace("needs: 1 piece", "needs: 500 images each\nneeds: 1 piece"))
    assert "3 to 10 classes: counted once you have opened your images" in texts(open_page("report", report=report))
    app = open_page("report", folder=image_folder, report=report)
    assert "3 to 10 classes: your dataset has 2" in texts(app)
    number = len([*(image_folder / "light").iterdir()])
    assert f"light has {number:,}" in texts(app)


def test_a_guess_is_kept_only_if_there_is_one(open_page, reports):
    report = reports.create(SOURCE)
    app = open_page("report", report=report)
    control(app.button, "Keep my guess").click().run()
    assert "There is no guess to keep yet" in app.toast[0].value
    for typed, said in (("1,000", "1,000 is not possible: it is a number from 0 to 100"), ("much", "is not a number")):
        control(app.text_input, "How good?").set_value(typed).run()
        control(app.button, "Keep my guess").click().run()
        assert said in app.toast[0].value
    assert "bet" not in reports.get(report).answers


def test_questions_about_images_and_layers_are_checked_before_training(open_page, reports, image_folder):
    source = SOURCE.replace(
        "### How good?", "### How many images?\nkind: number\nfact: images per class\n\n### How good?"
    )
    report = reports.create(source)
    app = open_page("report", folder=image_folder, report=report)
    number = len([*(image_folder / "light").iterdir()])
    control(app.text_input, "How many images?").set_value(f"{number}").run()
    assert "Right." in texts(app)
    control(app.text_input, "How many images?").set_value(f"{number + 1}").run()
    control(app.text_input, "How many parameters?").set_value("5").run()
    assert texts(app).count("Not quite.") == 2 and reports.get(report).run == ""


def test_a_report_on_images_only_is_about_the_chosen_images_and_not_about_a_run(
    open_page, reports, trained, image_folder
):
    app = open_page("report", folder=image_folder, run=trained)
    control(app.button, "**Tutorial 1: prepare a folder of images**").click().run()
    assert not app.exception and "at least 2 classes" in texts(app)
    assert [reports.get(id).run for id, _, _ in reports.all()] == [""]


def test_a_number_may_be_copied_from_a_page_and_cleared(open_page, reports):
    report = reports.create("# Own\n## A\n### How much? {#much}\nkind: number\nanswer: -4\n")
    app = open_page("report", report=report)
    control(app.text_input, "How much?").set_value("−4").run()
    assert "Right." in texts(app) and reports.get(report).answers == {"much": -4.0}
    control(app.text_input, "How much?").set_value("four").run()
    assert "is not a number" in app.toast[0].value and reports.get(report).answers == {"much": -4.0}
    control(app.text_input, "How much?").set_value("").run()
    assert "Right." not in texts(app) and reports.get(report).answers == {"much": ""}
    assert control(open_page("report", report=report).text_input, "How much?").value == ""


def test_thousands_may_be_separated_by_a_point_where_a_count_is_asked_for(open_page, reports):
    report = reports.create("# Own\n## A\n### How many? {#many}\nkind: number\nanswer: 25818\n")
    app = open_page("report", report=report)
    control(app.text_input, "How many?").set_value("25.818").run()
    assert "Right." in texts(app) and reports.get(report).answers == {"many": 25818.0}


def test_the_answers_of_a_choice_are_shown_as_markdown_however_many(open_page, reports):
    report = reports.create(
        "# Own\n## A\n### Which?\nkind: choice\n" + "- [x] $x_0$\n" + "".join(f"- [ ] $x_{n}$\n" for n in range(1, 8))
    )
    assert open_page("report", report=report).radio[0].options == [f"$x_{n}$" for n in range(8)]


def test_what_is_missing_is_listed_with_a_way_to_each_step(open_page, reports):
    report = reports.create(SOURCE.replace("after: why", "page: train\nneeds: a trained network"))
    app = open_page("report", report=report)
    assert "**Still missing.**" in texts(app)
    assert (
        "3 questions to answer · 3 to 10 classes: counted once you have opened your images on the Data page · 1 piece"
        in texts(app)
    )
    assert "1 question to answer · a trained network: train one first" in texts(app)
    control(app.button, "2. Second").click().run()
    assert "**Which?**" in texts(app)
    assert control(app.button, "Hand in as it is").key == "export hand-in"
    control(app.text_input, "Names of all who hand this in").set_value("Ada").run()
    assert reports.get(report).students == "Ada"
    assert not [one for one in app.text_input if one.label.startswith("Names of all")]


def test_a_report_that_lacks_nothing_is_handed_in_without_a_warning(open_page, reports):
    report = reports.create("# Own\n## A\n### How much? {#much}\nkind: number\nanswer: 4\n")
    reports.describe(report, students="Ada")
    app = open_page("report", report=report)
    assert "Still missing" in texts(app)
    control(app.text_input, "How much?").set_value("4").run()
    assert "Still missing" not in texts(app) and control(app.button, "Hand-in file")
    assert control(app.selectbox, "Step").options == ["1. ✓ A"]


def test_below_a_report_is_the_next_step_that_is_not_done(open_page, reports, trained, image_folder):
    assert open_page("report").button(key="next").label == "Next: Data"
    assert open_page("report", folder=image_folder).button(key="next").label == "Next: Network"
    app = open_page("report", folder=image_folder, run=trained)
    assert app.button(key="next").label == "Next: Results"
    for page in ("results", "filters"):
        go_to(app, page).run()
    assert go_to(app, "report").run().button(key="next").label == "Change the network and train it again"


def test_a_step_appears_once_its_question_is_answered(open_page, reports):
    report = reports.create(SOURCE)
    app = open_page("report", report=report)
    assert len(control(app.selectbox, "Step").options) == 1
    reports.answer(report, "why", "Because", "tab")
    app.run()
    app.button(key="Next step").click().run()
    app.radio[0].set_value("that").run()
    assert "Think again." in texts(app)
    app.radio[0].set_value("this").run()
    assert "Right." in texts(app) and reports.get(report).answers["which"] == "this"


def test_evidence_opens_the_view_it_was_taken_from(open_page, reports, trained, image_folder):
    report = reports.create(SOURCE)
    query = f"?folder={quote(str(image_folder))}&run={trained}&unit=1"
    piece = Evidence("", "first", "filters", "Filters", query, "", trained, "Run", "<svg/>", Table(("a",), ((1,),)))
    kept = reports.add_evidence(report, piece)
    app = open_page("report", report=report)
    app.button(key=f"open {kept}").click().run()
    go_to(app, "filters").run()
    assert app.query_params["run"] in (trained, [trained])
    assert app.query_params["unit"] in ("1", ["1"])


def test_numbers_in_a_report_have_four_digits_and_a_minus_sign(open_page, reports):
    report = reports.create(SOURCE)
    numbers = Table(("unit", "worth"), (("3", -0.123456), ("all", None)))
    reports.add_evidence(report, Evidence("", "first", "take_apart", "Worth", numbers=numbers))
    app = open_page("report", report=report)
    shown = pyarrow.ipc.open_stream(app.dataframe[0].proto.arrow_data.styler.display_values).read_pandas()
    assert shown.astype(str).values.tolist() == [["3", "−0.1235"], ["all", ""]]


def test_a_full_disk_is_told_and_hides_nothing(open_page, reports, trained, image_folder, monkeypatch):
    """Also what is changed in a part of the page that is drawn alone."""
    report = reports.create(SOURCE)
    kept = reports.add_evidence(report, Evidence("", "first", "filters", "Filters"))

    def full(*_, **__):
        raise StoreError("The disk is full.")

    for name in ("answer", "describe", "remove", "add_evidence"):
        monkeypatch.setattr(Reports, name, full)
    control(open_page("filters", folder=image_folder, run=trained).button, "Add to report").click().run()
    app = open_page("report", report=report, run=trained, folder=image_folder)
    assert "**Why?**" in texts(app) and not app.exception
    for act in (
        lambda: control(app.text_input, "How many parameters?").set_value("12"),
        lambda: app.button(key=f"remove {kept}").click(),
        lambda: app.text_input(key=f"group {report} ").set_value("7"),
    ):
        act().run()
        assert "The disk is full" in sentences(app) and not app.exception
    monkeypatch.undo()
    assert reports.get(report).answers == {} and reports.get(report).group == ""
    assert "The disk is full" not in sentences(app.run())  # what was typed was kept, and is saved now
    assert reports.get(report).answers == {"many": 12.0} and reports.get(report).group == "7"
    assert [one.id for one in reports.get(report).evidence] == [kept]


def test_a_guess_and_a_number_wait_while_the_disk_is_full(open_page, reports, monkeypatch):
    """Also while another page is shown."""
    report = reports.create(SOURCE)

    def full(*_, **__):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Reports, "answer", full)
    app = open_page("report", report=report)
    control(app.text_input, "How many parameters?").set_value("12").run()
    control(app.text_input, "How good?").set_value("80 %").run()
    control(app.button, "Keep my guess").click().run()
    app = go_to(go_to(app, "storage").run(), "report").run()
    shown = [control(app.text_input, name).value for name in ("How many parameters?", "How good?")]
    assert shown == ["12", "80"] and sentences(app).count("Not saved: The disk is full.") == 2
    monkeypatch.undo()
    app.button(key=f"save {report} many").click().run()
    assert "Not saved" not in sentences(app)
    assert reports.get(report).answers == {"many": 12.0, "bet": 80.0}


def test_a_picture_waits_while_the_disk_is_full(open_page, reports, trained, image_folder, monkeypatch):
    app = open_page("filters", folder=image_folder, run=trained)
    control(app.button, "Add to report").click().run()
    add = Reports.add_evidence

    def full(*_, **__):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Reports, "add_evidence", full)
    app = go_to(app, "report").run()
    control(app.button, "**Part B: your own convolutional network**").click().run()
    assert "The disk is full" in sentences(app)
    monkeypatch.setattr(Reports, "add_evidence", add)
    app.run()
    ((report, _, _),) = reports.all()
    assert [one.page for one in reports.get(report).evidence] == ["filters"]


def test_a_removed_piece_comes_back_and_a_lost_run_is_told(open_page, reports):
    report = reports.create(SOURCE)
    kept = reports.add_evidence(report, Evidence("", "first", "filters", "Filters", run="gone", run_name="Run 7"))
    app = open_page("report", report=report)
    assert "Run 7. This run is gone" in texts(app)
    app.button(key=f"remove {kept}").click().run()
    assert reports.get(report).evidence == ()
    app.button(key="undo removal").click().run()
    assert [one.id for one in reports.get(report).evidence] == [kept]
    app.session_state[f"more {kept}"] = True  # opens its popover
    app.run()
    app.selectbox(key=f"step of {kept}").set_value("second").run()
    assert [one.id for one in reports.get(report).of_step("second")] == [kept]


def test_the_chosen_report_comes_back_when_another_page_is_reloaded(open_page, reports, trained, image_folder, cookies):
    report = reports.create(SOURCE)
    cookies["cnn_report"] = report
    app = open_page("filters", folder=image_folder, run=trained)
    assert report not in str(app.query_params)  # a link to this page must not open the report
    control(app.button, "Add to report").click().run()
    assert [piece.page for piece in reports.get(report).evidence] == ["filters"]
    assert "**Why?**" in texts(go_to(app, "report").run())


def test_a_report_that_is_gone_does_not_come_back(open_page, reports, trained, image_folder, cookies):
    cookies["cnn_report"] = "0123456789abcdef"
    app = open_page("filters", folder=image_folder, run=trained)
    control(app.button, "Add to report").click().run()
    assert not app.exception and "kept until you choose a report" in sentences(go_to(app, "report").run())


def test_a_link_to_an_assignment_counts_more_than_the_report_that_was_chosen(open_page, reports, cookies):
    cookies["cnn_report"] = reports.create(SOURCE)
    app = open_page("report", assignment="part_c")
    assert app.button(key="begin linked").label.startswith("Begin: Part C")


def test_a_picture_goes_to_the_step_that_asks_for_its_view(open_page, reports, trained, image_folder, cookies):
    source = (
        "# Own\n## A {#a}\npage: results\n### One?\n## B {#b}\npage: results\nsettings: judged=training\n### Two?\n"
    )
    report = cookies["cnn_report"] = reports.create(source)
    for judged in ("training", "held-out"):
        add_to_report(open_page("results", folder=image_folder, run=trained, judged=judged), "Confusion matrix")
    assert [piece.step for piece in reports.get(report).evidence] == ["b", "a"]


def test_a_picture_does_not_go_to_a_step_that_asks_for_another_view(open_page, reports, trained, image_folder, cookies):
    needs = "page: results\nneeds: 1 piece of evidence\n"
    source = f"# Own\n## A {{#a}}\n{needs}## B {{#b}}\n{needs}settings: judged=new\n"
    report = cookies["cnn_report"] = reports.create(source)
    for _ in range(2):
        add_to_report(open_page("results", folder=image_folder, run=trained), "Confusion matrix")
    assert [piece.step for piece in reports.get(report).evidence] == ["a", "a"]


def test_a_picture_goes_to_a_step_that_names_its_page_among_others(open_page, reports, trained, image_folder, cookies):
    source = "# Own\n## A {#a}\npage: results\n## B {#b}\npage: train\nalso: filters, compare\n"
    report = cookies["cnn_report"] = reports.create(source)
    control(open_page("filters", folder=image_folder, run=trained).button, "Add to report").click().run()
    assert [piece.step for piece in reports.get(report).evidence] == ["b"]


def test_a_picture_goes_to_a_step_that_still_needs_one(open_page, reports, trained, image_folder):
    """Not to one that asks for none, although that was open last."""
    needs = "page: filters\nneeds: 1 piece of evidence\n"
    source = f"# Own\n## A {{#a}}\npage: filters\n## B {{#b}}\n{needs}## C {{#c}}\n{needs}"
    report = reports.create(source)
    app = go_to(open_page("report", report=report, folder=image_folder, run=trained), "filters").run()
    for _ in range(2):
        control(app.button, "Add to report").click().run()
    assert [piece.step for piece in reports.get(report).evidence] == ["b", "c"]


def test_a_picture_goes_to_the_step_that_was_open_last(open_page, reports, trained, image_folder):
    source = "# Own\n## A {#a}\npage: train\n## B {#b}\npage: train\n## C {#c}\n"
    report = reports.create(source)
    app = open_page("report", report=report, folder=image_folder, run=trained)
    app.button(key="Next step").click().run()
    app.button(key="page of the step").click().run()
    add_to_report(go_to(app, "train").run(), "Learning curves")
    control(go_to(app, "filters").run().button, "Add to report").click().run()
    assert [(piece.page, piece.step) for piece in reports.get(report).evidence] == [("train", "b"), ("filters", "b")]


def test_a_picture_that_no_step_asks_for_follows_the_newest_one(open_page, reports, trained, image_folder, cookies):
    report = cookies["cnn_report"] = reports.create(SOURCE)
    reports.add_evidence(report, Evidence("", "second", "train", "Curves"))
    control(open_page("filters", folder=image_folder, run=trained).button, "Add to report").click().run()
    assert [piece.step for piece in reports.get(report).evidence] == ["second", "second"]


PAGES = (
    *("data", "network", "train", "results", "compare", "filters", "activations", "explain", "take_apart"),
    *("change_image", "neighbours"),
)


def test_every_page_is_added_with_its_picture_its_numbers_and_its_view(open_page, reports, trained, image_folder, wait):
    report = reports.create(SOURCE)
    app = open_page("report", report=report, folder=image_folder, run=trained)
    for page in PAGES:
        go_to(app, page).run()
        wait(lambda: not running_work(app) or not running_work(app.run()))
        for button in app.button:
            if button.label == "Show it without a guess":
                button.click().run()
        wait(lambda: not running_work(app) or not running_work(app.run()))
        add_to_report(app, "Confusion matrix")
        assert not app.exception, page
    pieces = reports.get(report).evidence
    assert [piece.page for piece in pieces] == list(PAGES)
    for piece in pieces:
        drawn = ElementTree.fromstring(piece.picture)
        assert drawn.tag.endswith("svg") and "currentColor" not in piece.picture, piece.page
        assert piece.numbers.rows and all(len(row) == len(piece.numbers.columns) for row in piece.numbers.rows)
        assert trained in piece.query
        assert piece.run == ("" if piece.page in ("data", "network", "compare") else trained)
    assert {piece.step for piece in pieces} == {"first"}


def test_a_guess_about_new_images_is_held_against_those_in_the_report(open_page, reports, store, trained, tmp_path):
    """Only sets that the report shows count."""
    for name in ("phone", "internet"):
        keep_new_images(store, tmp_path / name, name)
    source = SOURCE.replace("fact: held-out accuracy", "fact: new images accuracy")
    report = reports.create(source, run=trained)
    reports.answer(report, "bet", 99.0, "test")
    assert "Your guess of" in texts(open_page("report", report=report, run=trained))
    reports.add_evidence(report, Evidence("", "first", "results", "New", query="?judged=new&set=phone", run=trained))
    (shown,), _ = exported_sets(store, load_model(store, store.get(trained)), ["phone"])
    expected = f"You guessed 99\xa0%; it is {100 * shown.right / len(shown.paths):.0f}\xa0%"
    assert expected in texts(open_page("report", report=report, run=trained))
