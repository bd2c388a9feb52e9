from streamlit.testing.v1 import AppTest

from cnn.engine.trainer import train_run
from cnn.store.final_test import final_tests
from tests.conftest import draw_images, running_work


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_test_images_are_used_once_on_purpose(open_page, create_run, store, tmp_path, wait):
    for name, per_class in (("train", 4), ("val", 2), ("test", 3)):
        draw_images(tmp_path / "split" / name, per_class=per_class)
    run_id = create_run(folder=tmp_path / "split", epochs=1)
    train_run(store, run_id)
    app = open_page("train", run=run_id)
    assert "6 test images are set aside" in texts(app) and final_tests(store.get(run_id)) == []
    app.button(key="final_test").click().run()
    wait(lambda: not running_work(app.run()))
    (kept,) = final_tests(store.get(run_id))
    assert kept.images == 6 and f"{kept.right} of the 6 test images are right" in texts(app)
    for again in (app.run(), open_page("train", run=run_id)):
        assert "final_test" not in [button.key for button in again.button]
    assert final_tests(store.get(run_id)) == [kept]
    store.reopen(run_id, 1)
    train_run(store, run_id)
    if store.history(run_id).step_to_show(False) != kept.step:
        assert open_page("train", run=run_id).button(key="final_test").label == "Test again"
