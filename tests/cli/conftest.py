"""For tests of the command line."""

import json
import signal

import pytest

from cnn.cli.commands import main
from cnn.store.runs import RunStore

SETTINGS = (
    *("--image-size", "16", "--filters", "3", "--batch-norm", "--dropout", "0.25", "--dense", "4"),
    *("--batch-size", "4", "--learning-rate", "0.01", "--seed", "5"),
)


@pytest.fixture(autouse=True)
def keep_interrupts():
    """Training sets what Ctrl-C does; the tests' own Ctrl-C stays as it is."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def run(capsys):
    """Runs a command in this process: (exit status, standard output, standard error)."""

    def run(*arguments):
        capsys.readouterr()
        status = main(list(map(str, arguments)))
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def answer(run):
    """Runs a command that succeeds with --json, and returns its objects, one for each line."""

    def answer(*arguments) -> list:
        status, output, errors = run(*arguments, "--json")
        assert (status, errors) == (0, "")
        return [json.loads(line) for line in output.splitlines()]

    return answer


@pytest.fixture(scope="module")
def trained(image_folder, tmp_path_factory) -> tuple[RunStore, str]:
    """A store with a run of two epochs; tests that change runs train their own."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    handler = signal.getsignal(signal.SIGINT)
    assert main(["train", str(image_folder), "--runs", str(store.directory), *SETTINGS, "--epochs", "2"]) == 0
    signal.signal(signal.SIGINT, handler)
    return store, store.all()[0].id


@pytest.fixture
def photo(image_folder):
    return image_folder / "dark" / "0.png"
