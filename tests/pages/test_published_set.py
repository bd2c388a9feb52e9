"""The Data page with published sets: which of several, and what one looks like."""

import pytest

from tests.app import control
from tests.conftest import running_work
from tests.published import cifar_10, digits, write_idx, write_npz, write_pickles


@pytest.fixture
def sets(tmp_path):
    """MNIST and CIFAR-10, as in the folder of Keras."""
    write_npz(tmp_path / "datasets" / "mnist.npz", digits(100, 20))
    write_pickles(tmp_path / "datasets" / "cifar-10-batches-py", cifar_10())
    return tmp_path / "datasets"


def text(app) -> str:
    return "\n".join(element.value.replace("\\", "") for element in [*app.markdown, *app.caption])


def test_the_page_shows_what_each_set_of_a_folder_gives(open_page, sets, wait):
    app = open_page("data", folder=sets)
    assert "This folder holds “CIFAR-10” and “MNIST”" in text(app)
    assert "MNIST: 10 classes, 120 images" in text(app) and "airplane (13)" in text(app)
    control(app.button, "Use MNIST").click().run()
    wait(lambda: not running_work(app.run()))
    assert "set aside for one last test" in text(app) and "Read as MNIST" in text(app)
    assert "As published: 9 × 9" in text(app) and app.query_params["reading"] == "MNIST"


@pytest.mark.parametrize("page", ["network", "train"])
def test_other_pages_work_with_a_set(open_page, tmp_path, page):
    app = open_page(page, folder=write_idx(tmp_path / "mnist", digits(100, 20), packed=True))
    assert not app.exception and not app.error
    assert control(app.button, "Train a new network" if page == "train" else "Assignment")
