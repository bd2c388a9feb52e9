"""From the first click to the teacher, in a real Chromium: a student writes, trains, adds evidence and saves a hand-in
file; a teacher opens ten such files."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cnn.report import facts
from cnn.report.case import read_case
from cnn.report.exported_run import results_of
from cnn.report.exports import Export
from cnn.report.hand_in import open_folder, read_hand_in
from cnn.report.marking import load_marks
from cnn.report.recomputed import recompute
from cnn.report.report_store import Reports
from tests.browser.app import (
    address,
    button,
    fill,
    go_to,
    run_id,
    see_page,
    select,
    settled,
    start_training,
    window_that_saves,
)
from tests.report.examples import answers, changed, report

PART_B = "Part B: your own convolutional network"
FIRST, COUNTED = "On which computer do you train? What could that limit?", "How many trainable parameters does it have?"


def add_to_report(page) -> None:
    """Adds what the page shows, once it shows it."""
    add, added = button(page, "Add to report"), page.get_by_text("Added to “")
    expect(added).to_have_count(0)
    settled(page)
    add.click()
    expect(added).to_be_visible()


def save(page, file: str) -> Path:
    pressed = page.get_by_role("button", name=f"Save {file}")
    expect(pressed).to_be_visible()
    with page.expect_download() as saved:
        pressed.click()
    return saved.value.path()


def test_a_guess_and_a_chosen_picture_are_answered_by_a_message(open_page, server, store, run):
    """Both are callbacks of fragments, whose own messages Streamlit loses."""
    source = "# Own\n## First {#first}\npage: results\n### How good? {#bet}\nkind: guess\nfact: held-out accuracy\n"
    report = Reports(store).create(source)
    page = open_page(address(server, "report", report=report, run=run.id))
    see_page(page, "Report")
    button(page, "Keep my guess").click()
    expect(page.get_by_text("There is no guess to keep yet")).to_be_visible()
    go_to(page, "Results")
    expect(page.locator(".confusion")).to_be_visible()
    settled(page)
    button(page, "Add to report").click()
    page.get_by_role("dialog").get_by_role("button", name="Confusion matrix of").click()
    expect(page.get_by_text("Added to “Own”, step “First”")).to_be_visible()
    assert [piece.page for piece in Reports(store).get(report).evidence] == ["results"]


@pytest.mark.usefixtures("stop_runs")
def test_a_student_does_an_assignment_from_the_first_click_to_the_hand_in_file(browser, server, store, wait):
    reports = Reports(store)
    with window_that_saves(browser) as page:
        page.context.clear_cookies()  # of the tests before
        page.goto(server.url)
        see_page(page, "Start")
        go_to(page, "Report")
        button(page, PART_B).click()
        page.get_by_label(FIRST).fill("A laptop: *no* GPU.")
        id = reports.all()[0][0]
        wait(lambda: reports.get(id).answers.get("computer") == "A laptop: *no* GPU.")
        settled(page)
        page.reload()
        expect(page.get_by_label(FIRST)).to_have_value("A laptop: *no* GPU.")
        settled(page)

        go_to(page, "Data")
        button(page, "Shapes").click()
        expect(page.get_by_role("listbox").first).to_be_visible()
        settled(page)
        page.reload()  # the browser remembers the report that was chosen on another page
        see_page(page, "Data")
        expect(page.get_by_role("listbox").first).to_be_visible()
        add_to_report(page)
        go_to(page, "Train")
        fill(page, "Epochs", "2")
        settled(page)
        run = start_training(page)
        wait(lambda: store.get(run).status == "finished")
        expect(page.get_by_text("Finished in").first).to_be_visible()
        add_to_report(page)

        go_to(page, "Report")
        assert run_id(page) == run
        select(page, "Step", "4. Define the network")
        right = facts.find("parameters").value(read_case(store, run))
        for answer, said in ((12, "Not quite."), (right, "Right.")):
            page.get_by_label(COUNTED).fill(str(answer))
            page.get_by_label(COUNTED).press("Enter")
            expect(page.get_by_text(said)).to_be_visible()
        settled(page)
        button(page, "Hand in as it is").click()
        handed_in = read_hand_in(save(page, PART_B.replace(":", "")), "own.zip")
    assert handed_in.report.answers == {"computer": "A laptop: *no* GPU.", "parameters": right}
    assert handed_in.report.tries == {"parameters": 1}
    assert [(piece.step, piece.page) for piece in handed_in.report.evidence] == [("load", "data"), ("fit", "train")]
    assert all(piece.picture.startswith("<svg") for piece in handed_in.report.evidence)
    found = recompute(handed_in)
    assert (found.right, found.images) == handed_in.claimed


def test_what_is_missing_leads_to_its_step_and_may_be_missing_in_what_is_handed_in(browser, server, store, wait):
    fields = "\n".join(f"### Question {number} {{#q{number}}}" for number in range(6))
    source = f"# Own\n## Many {{#many}}\n{fields}\n## Last {{#last}}\n### Why? {{#why}}\n"
    reports = Reports(store)
    report = reports.create(source)
    for number in range(5):
        reports.answer(report, f"q{number}", "Because.", "test")

    def hand_in(page, label: str, file: str) -> str:
        """The HTML page in the hand-in file that the button with that label makes."""
        settled(page)
        button(page, label).click()
        with zipfile.ZipFile(save(page, file)) as archive:
            return archive.read("report.html").decode()

    with window_that_saves(browser) as page:
        page.goto(address(server, "report", report=report))
        see_page(page, "Report")
        gaps = page.locator("[class*='st-key-gap_']")
        expect(gaps).to_have_text([re.compile("1. Many.*1 question to answer"), re.compile("2. Last.*1 question")])

        button(page, "2. Last").click()  # at the end of a long page; the step stands at its top
        expect(page.get_by_role("heading", name="Last")).to_be_in_viewport(ratio=1)
        assert page.get_by_test_id("stMain").evaluate("(page) => page.scrollTop") == 0
        page.get_by_label("Why?").fill("It learns.")
        expect(gaps).to_have_text([re.compile("1. Many")])
        assert "Not finished: 1 of 7 questions has no answer, no names." in hand_in(page, "Hand in as it is", "Own.zip")

        fill(page, "Names of all who hand this in", "Ada")
        expect(page.get_by_label("Names of all who hand this in")).to_have_count(0)
        button(page, "1. Many").click()
        page.get_by_label("Question 5").fill("Because.")
        expect(gaps).to_have_count(0)
        assert "Not finished" not in hand_in(page, "Hand-in file", "Own Ada.zip")


def test_what_was_typed_just_before_the_press_is_in_the_file(browser, server, store):
    report = Reports(store).create("# Own\n## First {#first}\n### Why? {#why}\n")
    with window_that_saves(browser) as page:
        page.goto(address(server, "report", report=report))
        see_page(page, "Report")
        button(page, "Hand in as it is").click()
        for text in ("First.", "Second."):
            expect(page.get_by_role("button", name="Save Own.zip")).to_be_visible()
            settled(page)
            page.get_by_label("Why?").fill(text)
            assert read_hand_in(save(page, "Own.zip"), "Own.zip").report.answers == {"why": text}


def test_a_teacher_opens_ten_hand_ins_and_gives_points(open_page, server, store, trained, tmp_path, wait):
    content = Export(report(trained, pieces=4), results_of(store, trained)).content("hand-in")
    for i in range(10):
        own = changed(content, answers_json=answers(content, students=f"Student {i}"))
        (tmp_path / f"{i}.zip").write_bytes(own)

    page = open_page(address(server, "hand_ins", hand_ins=tmp_path, marking="one question", question="notice"))
    see_page(page, "Hand-ins")
    for i in range(10):
        expect(page.get_by_text(f"Student {i} · group 7").first).to_be_visible()
    expect(page.get_by_text("The dogs are darker.")).to_have_count(10)
    settled(page)
    page.get_by_label("Comment").nth(3).fill("Well seen.")
    page.get_by_label("Points").nth(3).fill("4")
    page.get_by_label("Points").nth(3).press("Enter")
    fourth = next(one for one in open_folder(tmp_path)[0] if one.report.students == "Student 3")
    wait(lambda: load_marks(store, fourth.id).of("notice").points == 4)
    assert load_marks(store, fourth.id).of("notice").comment == "Well seen."
    page.get_by_test_id("stPopover").nth(2).get_by_role("button").click()  # after "Send files" and "Rubric"
    expect(page.get_by_alt_text("Filters, conv1").first).to_be_visible()
