"""The network as plain PyTorch code, to copy or to run without this program."""

import inspect
import re
from importlib.resources import files
from itertools import pairwise
from pprint import pformat
from typing import TYPE_CHECKING

from cnn.errors import UserError
from cnn.model.layers import Layer, NetworkError, frozen_parameters
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.specs.training_spec import SCHEDULES

if TYPE_CHECKING:  # it needs torch, and pages show code without it
    from cnn.model.model import Model

# The code that reads images; each file imports only those before it.
_READING = (
    *("size.py", "system/path_length.py"),
    *("data/decoding.py", "data/png.py", "data/samples.py", "data/unreadable.py", "data/images.py"),
)
OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


def network_code(layers: list[Layer]) -> str:
    """Code `network = nn.Sequential(...)` with the names and shapes of `layers`.

    Needs `from collections import OrderedDict` and `from torch import nn`. Each line has the output shape as a comment.
    """
    lines = [f'    ("{layer.name}", {layer.module.code}),' for layer in layers[1:]]
    width = max(map(len, lines))
    commented = [f"{line:<{width}}  # {layer.shape_text}" for line, layer in zip(lines, layers[1:], strict=True)]
    head = f"network = nn.Sequential(OrderedDict([  # input: {layers[0].shape_text}"
    return "\n".join([head, *commented, "]))"])


def training_code(layers: list[Layer], training: TrainingSpec, network: NetworkSpec, base: str = "") -> str:
    """Code of the network, its first weights, its optimiser and one training step, as in a notebook. A comment names
    what it leaves out.

    base: names the network that it starts from, if it does; its exported weights are then expected in base.pt.
    """
    momentum = ", momentum=0.9" if training.optimizer == "sgd" else ""
    says_decay = training.weight_decay or training.optimizer == "adamw"  # whose own default is not 0
    decay = f", weight_decay={training.weight_decay!r}" if says_decay else ""
    smoothing = f", label_smoothing={training.label_smoothing!r}" if training.label_smoothing else ""
    numbers = "float32 from 0 to 1"
    if network.preprocessing == "standardised":
        numbers += ", minus the mean of the training images, divided by their standard deviation"
    trained = _parameters(layers, training)
    optimizer = f"torch.optim.{OPTIMIZERS[training.optimizer]}({trained}, lr={training.learning_rate!r}"
    return f"""\
from collections import OrderedDict

import torch
from torch import nn

{network_code(layers)}
{_first_weights_code(layers, network)}{_base_code(layers, base)}
optimizer = {optimizer}{momentum}{decay})


def train_step(images, labels):
    # images: {training.batch_size} × {layers[0].shape_text}, {numbers}
    # labels: the numbers of their classes
    loss = nn.functional.cross_entropy(network(images), labels{smoothing})
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
{_left_out(training)}"""


def _first_weights_code(layers: list[Layer], network: NetworkSpec) -> str:
    """Code that replaces the first weights and biases that PyTorch has drawn, where others are chosen."""
    code = ""
    if network.initial_weights != "pytorch":
        function = {"glorot": "xavier_uniform_", "he": "kaiming_normal_"}[network.initial_weights]
        code += f"""for layer in network:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.{function}(layer.weight)
        nn.init.zeros_(layer.bias)
"""
    if network.dense_bias:
        for dense, after in pairwise(layers):
            if dense.kind == "dense" and after.function == "relu":
                code += f"network.{dense.name}.bias.data += {network.dense_bias!r}  # so that few units die\n"
    return code


def _left_out(training: TrainingSpec) -> str:
    """A comment that names what the training does besides; "" if nothing."""
    schedule = f"the {SCHEDULES[training.schedule]} schedule of the learning rate"
    parts = {
        "augmentation": training.augments,
        schedule: training.schedule != "constant",
        "stopping early": training.patience > 0,
    }
    names = [name for name, is_used in parts.items() if is_used]
    return f"\n# Not in this code: {', '.join(names)}.\n" if names else ""


def reading_code() -> str:
    """Code of `read_image`, which reads image files as this program does, and needs numpy and pillow only."""
    return "\n\n".join([inspect.getsource(UserError), *map(_without_own_imports, _READING)]).strip()


def _without_own_imports(name: str) -> str:
    """The text of a file in cnn, without what it imports from this program."""
    text = files("cnn").joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"^from cnn\..* import (\([^)]*\)|.*)\n", "", text, flags=re.MULTILINE)


def _base_code(layers: list[Layer], base: str) -> str:
    """Code that loads the weights of a base into the layers that start with them, and freezes those that are frozen."""
    # The layers with weights, and dropout, which frozen layers do without.
    names = [one.name for one in layers if one.start != "new" and one.kind in ("conv", "norm", "dropout")]
    if not names:
        return ""
    code = f"""
base = {names!r}  # these layers start with the weights of another network{_as_comment(base, ":")}
weights = torch.load("base.pt", weights_only=True)["state_dict"]
network.load_state_dict({{key: value for key, value in weights.items() if key.split(".")[0] in base}}, strict=False)
"""
    if frozen_parameters(layers):
        code += """for name in base:  # training does not change them
    network.get_submodule(name).requires_grad_(False).eval()
"""
    return code


def _parameters(layers: list[Layer], spec: TrainingSpec) -> str:
    """Code of the parameters that an optimiser trains."""
    starts = {layer.start for layer in layers}
    if "frozen" in starts:
        return "[p for p in network.parameters() if p.requires_grad]"
    if "fine-tuned" not in starts:
        return "network.parameters()"
    own = '[p for key, p in network.named_parameters() if key.split(".")[0] {} base]'
    rate = f"{spec.base_rate!r} * {spec.learning_rate!r}"
    return f"""[
    {{"params": {own.format("not in")}}},
    {{"params": {own.format("in")}, "lr": {rate}}},
]"""


def _as_comment(text: str, start: str = "\n#") -> str:
    """A comment that holds any text in one line, after `start`; "" without a text."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return f"{start} {line}" + "\n" * (start[0] == "\n") if text else ""


def prediction_script(model: "Model", weights: str, origin: str = "") -> str:
    """A Python script that needs only torch, numpy and pillow: it loads an exported .pt file (by default `weights`, in
    the same folder) and prints the prediction for the image on its command line.

    It contains a copy of this program's code for reading images, so the pixels are the same. origin: a sentence for its
    head, about where the weights come from. Raises NetworkError if the
    network's images are not square, because that code makes squares only.
    """
    height, width = model.image_sides
    if width != height:
        raise NetworkError(
            f"The script can read square images only, but this network takes images of {height} × {width} pixels."
        )
    mean, spread = model.preprocessing.mean, model.preprocessing.spread
    return f'''\
"""Predicts the class of an image with a trained network.

python THIS_FILE.py IMAGE [WEIGHTS.pt]

Needs torch, numpy and pillow.
"""
{_as_comment(origin)}
# ---- Reading an image ------------------------------------------------------------------------------------

{reading_code()}


# ---- The network -----------------------------------------------------------------------------------------

import json  # noqa: E402
import sys  # noqa: E402
from collections import OrderedDict  # noqa: E402
from pathlib import Path  # noqa: E402

import torch  # noqa: E402
from torch import nn  # noqa: E402

IMAGE_SIZE, CHANNELS = {model.image_size}, {model.channels}
DECODING = {model.decoding!r}  # how files become pixels
MEAN, SPREAD = {list(mean)}, {list(spread)}  # of the pixels from 0 to 1: one for each channel, or one for all
CLASSES = {pformat(list(model.classes), width=100, compact=True)}

{network_code(list(model.layers))}


def predict(image_path, weights_path):
    """The probability of each class, as a dict."""
    network.load_state_dict(torch.load(weights_path, map_location="cpu", weights_only=True)["state_dict"])
    network.eval()
    pixels, _ = read_image(image_path, IMAGE_SIZE, CHANNELS, DECODING)
    with torch.no_grad():
        numbers = (torch.from_numpy(pixels.copy()).float() / 255 - torch.tensor(MEAN)) / torch.tensor(SPREAD)
        batch = numbers[None].permute(0, 3, 1, 2)
        probabilities = torch.softmax(network(batch), 1)[0]
    return dict(zip(CLASSES, probabilities.tolist()))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("Usage: python " + Path(__file__).name + " IMAGE [WEIGHTS.pt]")
    weights = sys.argv[2] if len(sys.argv) == 3 else Path(__file__).with_name({weights!r})
    try:
        probabilities = predict(sys.argv[1], weights)
    except (ImageError, OSError) as error:
        sys.exit(f"{{sys.argv[1]}}: {{error}}")
    label = max(probabilities, key=probabilities.get)
    print(json.dumps({{"path": sys.argv[1], "label": label, "probabilities": probabilities}}))
'''
