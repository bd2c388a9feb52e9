"""The components' JavaScript: types, linting, its own tests, and its numbers against PyTorch."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from pages.components import maps
from pages.components.common import message
from tests.torch_sections import FORMULAS, sections_of

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "node_modules" / ".bin"


def node() -> str:
    """Node, which runs JavaScript. If it is missing, the test is skipped, or fails where CNN_REQUIRE_NODE is 1."""
    return _present(shutil.which("node"), "There is no node on the path.")


def tool(name: str) -> list[str]:
    node()
    path = shutil.which(name, path=TOOLS)
    return [_present(path, f"There is no {TOOLS / name}: run `npm ci`.")]


def _present(path: str | None, reason: str) -> str:
    if path is None:
        pytest.fail(reason) if os.environ.get("CNN_REQUIRE_NODE") == "1" else pytest.skip(reason)
    return path


def run(command: list[str], given: bytes = b"") -> bytes:
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout


def test_type_checker_finds_no_errors():
    run([*tool("tsc"), "--noEmit"])


def test_linter_finds_no_errors():
    run([*tool("eslint"), "."])


def test_node_tests_pass():
    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "tests" / "js").rglob("*.test.js"))]
    assert files
    imports = "\n".join(f'import "./{name}";' for name in files)  # in one process: `node --test` takes one for each
    run([node(), "--input-type=module", "--eval", imports])


# Messages


def test_an_array_is_sent_once_however_often_it_is_used():
    array = np.arange(1000, dtype=np.float32)
    once, twice = message.encode({"a": array}), message.encode({"a": array, "b": [array]})
    assert len(twice) < len(once) + 200
    assert once.count(array.tobytes()) == 1


def test_arrays_start_where_the_browser_can_read_them():
    sent = message.encode({"bytes": np.zeros(3, np.uint8), "numbers": np.array([1.5], np.float32)})
    length = int.from_bytes(sent[:4], "little")
    header, start = json.loads(sent[4 : 4 + length]), -(-(4 + length) // 8) * 8
    assert header["numbers"] == {"dtype": "<f4", "shape": [1], "offset": 8}
    assert np.frombuffer(sent, "<f4", 1, start + 8) == 1.5
    assert len(sent) % 8 == 0


@pytest.mark.parametrize("value", [np.zeros(2), np.zeros(2, np.int64), object(), {1, 2}])
def test_unknown_array_types_are_refused(value):
    with pytest.raises(TypeError, match="uint8, uint32 or float32"):
        message.encode({"value": value})


def test_numbers_that_json_cannot_hold_are_refused():
    with pytest.raises(ValueError):
        message.encode({"value": float("nan")})


# Numbers, against PyTorch


SIDES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def layers(draw) -> tuple[torch.Tensor, list[nn.Module]]:
    """An image (bytes as float, (1, c, h, w)) and layers that fit it, in any order that a network may have."""
    torch.manual_seed(draw(st.integers(0, 999)))
    channels, height, width = draw(st.sampled_from([1, 3])), draw(st.integers(3, 12)), draw(st.integers(3, 12))
    image = torch.randint(0, 256, (1, channels, height, width))
    found, shape = [], (channels, height, width)
    activations = st.sampled_from(list(FORMULAS))
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["conv", "pool", "global", "norm", "activation"]))
        channels, height, width = shape
        kernel = tuple(min(side, length) for side, length in zip(draw(SIDES), (height, width), strict=True))
        if kind == "conv":
            groups = draw(st.sampled_from([n for n in (1, 2, 3, channels) if channels % n == 0]))
            dilation = tuple(
                d if k == 1 or (k - 1) * d < n else 1
                for d, k, n in zip(draw(SIDES), kernel, (height, width), strict=True)
            )
            padding = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
            options = {"stride": draw(SIDES), "padding": padding, "dilation": dilation, "groups": groups}
            module = nn.Conv2d(channels, groups * draw(st.integers(1, 2)), kernel, bias=draw(st.booleans()), **options)
        elif kind == "pool":
            padding = tuple(draw(st.integers(0, side // 2)) for side in kernel)
            module = draw(st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]))(kernel, draw(SIDES), padding)
        elif kind == "global":
            module = nn.AvgPool2d((height, width), (1, 1), (0, 0))
        elif kind == "norm":
            module = nn.BatchNorm2d(channels)
        else:
            module = draw(activations)()
        found.append(module)
        shape = tuple(module.eval()(torch.zeros(1, *shape)).shape[1:])
    found.append(nn.Flatten())
    size = int(np.prod(shape))
    for _ in range(draw(st.integers(1, 2))):
        units = draw(st.integers(2, 6))
        found += [nn.Linear(size, units, bias=draw(st.booleans()))]
        found += draw(st.sampled_from([[], [nn.BatchNorm1d(units)], [draw(activations)()]]))
        size = units
    return image, [*found, nn.Softmax(1)]


@settings(max_examples=15, deadline=None)
@given(layers())
def test_every_explanation_agrees_with_pytorch(drawn):
    image, modules = drawn
    for module in modules:
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            for tensor in (module.running_mean, module.running_var, module.weight.data, module.bias.data):
                tensor.uniform_(0.5, 2)
    sections, expected = sections_of(image, modules)
    explained = json.loads(run([node(), "tests/js/explain_all.js"], maps._message(sections)))
    for name, tensor in expected.items():
        computed = np.array(explained[name])
        assert computed[:, 0] == pytest.approx(tensor.numpy().ravel(), rel=1e-5, abs=1e-6)
        assert computed[:, 1] == pytest.approx(tensor.numpy().ravel(), rel=1e-3, abs=1e-4)
