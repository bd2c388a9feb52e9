import psutil
import pytest

from cnn.system.memory import available


def test_available_memory_is_less_than_the_total():
    assert 0 < available() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("folder", "names", "spare"),
    [
        (".", ("memory.max", "memory.current"), "inactive_file"),
        ("memory", ("memory.limit_in_bytes", "memory.usage_in_bytes"), "total_inactive_file"),
    ],
)
def test_in_a_container_its_limit_applies(tmp_path, folder, names, spare):
    (tmp_path / folder).mkdir(exist_ok=True)
    for name, text in zip((*names, "memory.stat"), ("5000\n", "4000\n", f"anon 9\n{spare} 300\n"), strict=True):
        (tmp_path / folder / name).write_text(text)
    assert available(tmp_path) == 1300
    (tmp_path / folder / names[1]).write_text("9000")
    assert available(tmp_path) == 0


@pytest.mark.parametrize("limit", ["max\n", "", "9223372036854771712\n"])
def test_a_container_without_a_limit_has_the_memory_of_the_machine(tmp_path, limit):
    for name, text in (("memory.max", limit), ("memory.current", "0"), ("memory.stat", "")):
        (tmp_path / name).write_text(text)
    assert available(tmp_path) > 100_000_000
