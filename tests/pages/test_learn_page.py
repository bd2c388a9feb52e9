"""The Lessons page: the list, and a lesson from the guess to the last answer. The lesson on filters trains nothing."""

from urllib.parse import parse_qs

from cnn.lessons.demonstrations import DEMONSTRATIONS
from cnn.report.report_store import Reports
from cnn.store.run import FINISHED
from pages.learn import query_of
from pages.shared.lessons.lesson_answers import ending
from tests.app import control, sentences


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_the_list_has_ten_lessons_and_opens_one(open_page):
    app = open_page("learn")
    opened = [one for one in app.button if one.label.startswith("**")]
    assert not app.exception and len(opened) == 10
    opened[6].click().run()
    assert not app.exception and app.title[0].value == "7 · It cheats"
    assert app.query_params["lesson"] == "07_cheats"


def test_the_outcome_is_hidden_until_a_guess_is_kept_and_answers_survive_a_new_session(open_page, store):
    app = open_page("learn", lesson="01_filter", learner="0a1b2c3d")
    assert "You guessed" not in texts(app) and not app.radio
    assert control(app.select_slider, "Your guess").options[0] == "−4"
    control(app.select_slider, "Your guess").set_value(3).run()
    control(app.button, "Keep my guess and look").click().run()
    assert "You guessed 3. It is −4. Your guess was 7 too high." in texts(app)
    control(app.radio, app.radio[0].label).set_value("Everywhere inside the square").run()
    assert "the numbers cancel" in texts(app)
    assert [button.label for button in app.button if button.key == "next_after_questions"] == [
        "Next: Why not just dense layers?"
    ]

    report = Reports(store).get("0a1b2c3d" + ending("01_filter"))
    assert report.answers == {"right": 3.0, "transfer": "Everywhere inside the square"}
    (piece,) = report.evidence
    assert piece.picture.startswith("<svg") and ("right", -4.0) in piece.numbers.rows

    again = open_page("learn", lesson="01_filter", learner="0a1b2c3d")
    assert "You guessed 3." in texts(again)
    assert "2 of 3 answered" in texts(open_page("learn", learner="0a1b2c3d"))
    other = open_page("learn", lesson="01_filter", learner="ffffffff")
    assert "You guessed" not in texts(other)


def test_a_lesson_whose_runs_were_deleted_offers_to_train_again(open_page, store):
    reports = Reports(store)
    id = "0a1b2c3d" + ending("07_cheats")
    reports.create("# It cheats\n\n## A\n\n### B {#swapped}\nkind: guess\n", id=id)
    reports.answer(id, "swapped", 50.0, "test")
    reports.answer(id, "runs", "gone,gone too", "test")
    app = open_page("learn", lesson="07_cheats", learner="0a1b2c3d")
    assert not app.exception and "were deleted" in sentences(app)
    assert control(app.button, "Train again")


def test_a_lesson_whose_images_are_gone_offers_to_train_again(open_page, store, create_run, wait):
    run = create_run()
    store.set_status(run, FINISHED)
    reports = Reports(store)
    id = "0a1b2c3d" + ending("10_heatmap")
    reports.create("# Heatmap\n\n## A\n\n### B {#untrained}\nkind: guess\n", id=id)
    reports.answer(id, "untrained", 50.0, "test")
    reports.answer(id, "runs", run, "test")
    app = open_page("learn", lesson="10_heatmap", learner="0a1b2c3d")
    wait(lambda: any(one.label == "Train again" for one in app.run().button))
    assert not app.exception and sentences(app)


def test_another_page_shows_the_network_that_the_lesson_is_about_and_may_compare_all():
    query = query_of(DEMONSTRATIONS["02_dense"], ["dense", "convolutions", "moved"], "curve=shift+right")
    assert parse_qs(query) == {
        "folder": ["cats_dogs"],
        "run": ["convolutions"],
        "runs": ["dense,convolutions,moved"],
        "curve": ["shift right"],
    }
    assert query_of(DEMONSTRATIONS["01_filter"], [], "layer=conv1") == "layer=conv1"
