"""Trained networks with the values that PyTorch computes, and the panel that explains one of them."""

import operator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch.nn import functional

from cnn.data.images import read_image
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.browser.app import MINUS, point_at, tile

SIZE = 20  # of the images, in pixels
NETWORKS = {  # name -> (channels, classes, network)
    "gray": (1, 2, NetworkSpec(filters=(3, 5), batch_norm=True, dropout=0.25, dense=(6, 5))),
    "colour": (3, 3, NetworkSpec((4, 3), 2, 5, "same", "average", "leaky_relu", dense=())),
    "deep": (3, 100, NetworkSpec((2, 3, 4), 1, 3, "same", "max", "sigmoid", batch_norm=True, dense=(5,))),
}
TOLERANCE = 1e-5  # float32 sums depend on their order


class Trained:
    """A run of one epoch, and the outputs of PyTorch's own functions with its weights."""

    def __init__(self, store: RunStore, folder: Path, channels: int, classes: int, spec: NetworkSpec):
        rng = np.random.default_rng(4)
        for label in range(classes):
            (folder / f"class {label:02}").mkdir(parents=True)
            for i in range(2 if classes > 10 else 6):
                pixels = rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
                Image.fromarray(pixels).save(folder / f"class {label:02}" / f"{i}.png")
        self.folder, self.spec, self.channels = folder, spec, channels
        self.run = new_id()
        data = DatasetSpec(image_size=SIZE, channels=channels, val_fraction=0.4)
        store.create(self.run, str(folder), data, spec, TrainingSpec(epochs=1, learning_rate=0.01))
        assert train_run(store, self.run) == "finished"
        step = store.history(self.run).snapshots()[-1].step
        self.pixels = store.get(self.run).facts["preprocessing"]
        self.state = torch.load(store.snapshot_path(self.run, step), weights_only=True)

    def values(self, file: str) -> dict[str, np.ndarray]:
        """The output of each layer: maps (n, h, w) and vectors (n,)."""
        pixels = read_image(self.folder / file, SIZE, self.channels)[0]
        mean, spread = (torch.tensor(self.pixels[name]) for name in ("mean", "spread"))
        numbers = (torch.from_numpy(pixels) / 255 - mean) / spread
        found = {"input": numbers.permute(2, 0, 1)[None].float()}
        spec, state = self.spec, self.state
        act = {"relu": torch.relu, "leaky_relu": functional.leaky_relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
        convs = acts = 0

        def add(name: str, values: torch.Tensor) -> torch.Tensor:
            found[name] = values
            return values

        x = found["input"]
        for block in range(len(spec.filters)):
            for _ in range(spec.convs_per_block):
                convs, acts = convs + 1, acts + 1
                padding = spec.kernel_size // 2 if spec.padding == "same" else 0
                weight, bias = state[f"conv{convs}.weight"], state[f"conv{convs}.bias"]
                x = add(f"conv{convs}", functional.conv2d(x, weight, bias, padding=padding))
                if spec.batch_norm:
                    keys = ("running_mean", "running_var", "weight", "bias")
                    x = add(f"norm{convs}", functional.batch_norm(x, *(state[f"norm{convs}.{key}"] for key in keys)))
                x = add(f"{spec.activation}{acts}", act[spec.activation](x))
            if spec.pooling != "none":
                pool = functional.max_pool2d if spec.pooling == "max" else functional.avg_pool2d
                x = add(f"pool{block + 1}", pool(x, 2))
        x = add("flatten", x.flatten(1))
        for i in range(len(spec.dense)):
            x = add(f"dense{i + 1}", functional.linear(x, state[f"dense{i + 1}.weight"], state[f"dense{i + 1}.bias"]))
            if spec.dense_activation:
                acts += 1
                x = add(f"{spec.activation}{acts}", act[spec.activation](x))
        x = add("logits", functional.linear(x, state["logits.weight"], state["logits.bias"]))
        add("probabilities", x.softmax(1))
        return {name: value[0].numpy() for name, value in found.items()}


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Enlarged tile")


def number(found: Locator) -> float:
    """A number with all its digits."""
    return float(found.get_attribute("title").replace(MINUS, "-"))


def numbers(found: Locator) -> list[float]:
    """The numbers of all that is found now, with all their digits."""
    titles = found.evaluate_all("(nodes) => nodes.map((node) => node.title)")
    return [float(title.replace(MINUS, "-")) for title in titles]


ACTIVATIONS = {
    "max(0, x)": lambda x: max(0, x),
    "x, or 0.01 x below 0": lambda x: x if x > 0 else 0.01 * x,
    "tanh(x)": np.tanh,
    "1 / (1 + e⁻ˣ)": lambda x: 1 / (1 + np.exp(-x)),
}
CALCULATIONS = {"+": operator.add, MINUS: operator.sub, "×": operator.mul, "÷": operator.truediv}


def see_number(page: Page, name: str, place: str, value: float) -> None:
    """Checks that the panel explains that number, and that its equation gives the value in the tensor."""
    expect(panel(page).locator("h2")).to_have_text(name)
    expect(panel(page).locator("header .note")).to_contain_text(place)
    equation = panel(page).locator(".equation")
    texts = [text.split("\n")[0] for text in equation.locator("> *").all_inner_texts()]
    titles = numbers(equation.locator("[title]"))
    assert titles[-1] == pytest.approx(float(value), abs=TOLERANCE)
    cells = numbers(panel(page).locator(".window-cell .number-text"))
    signs = texts[1::2]
    if cells:
        result = max(cells) if "largest" in texts[0] else np.mean(cells)
    elif signs[0] == "→":
        result = ACTIVATIONS[texts[2]](titles[0])
    elif texts[0] == "a copy":
        result = value
    else:
        result = titles[0]
        for sign, term in zip(signs[:-1], titles[1:-1], strict=True):
            result = CALCULATIONS[sign](result, term)
    assert result == pytest.approx(float(value), abs=TOLERANCE)


def map_canvas(page: Page, name: str, index: int) -> Locator:
    return tile(page, name, index).locator("canvas").last


def aim(page: Page, name: str, index: int, place: tuple[int, int], shape: tuple[int, ...]) -> None:
    point_at(page, map_canvas(page, name, index), *place, shape[-2:])


def pin(page: Page, name: str, index: int, place: tuple[int, int], shape: tuple[int, ...]) -> None:
    aim(page, name, index, place, shape)
    page.mouse.down()
    page.mouse.up()
    expect(panel(page).locator("header .note")).to_contain_text("pinned")


def label(name: str, index: int) -> str:
    return f"{name} · class {index:02}" if name in ("logits", "probabilities") else f"{name} · {index}"


def places(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Two corners and a place inside."""
    height, width = shape[-2:]
    return list(dict.fromkeys([(0, 0), (height - 1, width - 1), (height // 2, width // 3)]))


def layer_names(values: dict[str, np.ndarray], *kinds: str) -> list[str]:
    return [name for name in values if name.rstrip("0123456789") in kinds]
