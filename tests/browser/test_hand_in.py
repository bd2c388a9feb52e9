"""From the Report page to the teacher, in a real Chromium: a file is saved, and ten such files are opened."""

from playwright.sync_api import expect

from cnn.report.hand_in import open_folder
from cnn.report.marking import load_marks
from cnn.report.report_store import Reports
from tests.browser.app import address, see_page, settled, shared_context
from tests.report.examples import answers, changed, report


def test_a_student_hands_in_and_a_teacher_opens_ten_such_files(
    browser, open_page, server, store, trained, tmp_path, wait
):
    id = Reports(store).add(report(trained, pieces=4))
    with shared_context(browser, touch=False).new_page() as page:  # saving is a request to /media, on purpose
        page.goto(address(server, "report", report=id))
        see_page(page, "Report")
        page.get_by_role("button", name="Hand-in file").click()
        save = page.get_by_role("button", name="Save My own network")
        expect(save).to_be_visible()
        settled(page)
        with page.expect_download() as saved:
            save.click()
        content = saved.value.path().read_bytes()
    for i in range(10):
        own = changed(content, answers_json=answers(content, students=f"Student {i}"))
        (tmp_path / f"{i}.zip").write_bytes(own)

    page = open_page(address(server, "hand_ins", hand_ins=tmp_path, marking="one question", question="notice"))
    see_page(page, "Hand-ins")
    for i in range(10):
        expect(page.get_by_text(f"Student {i} · group 7")).to_be_visible()
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
