"""The code of a notebook that trains and judges a network without this program: a text for each cell.

The notebook needs torch, numpy, pillow and matplotlib. It uses the same images in the same order, the same first
weights and the same augmentation as the run.
"""

from itertools import pairwise
from pathlib import PurePath
from pprint import pformat

from cnn.data.dataset import SPLIT_NAMES
from cnn.data.decoding import STANDARD
from cnn.model.code import network_code, reading_code
from cnn.report.exported_run import ExportedRun
from cnn.report.exported_sets import PLAIN

NAMED = {"train": "training", "val": "held-out", "test": "test"}  # splits, as the notebook calls them

SETUP = """\
from collections import OrderedDict
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import ExifTags, Image
from torch import nn

print("PyTorch", torch.__version__)"""


def settings(results: ExportedRun) -> str:
    version, training = results.version, results.run.training_spec
    return f"""\
FOLDER = Path({results.run.folder!r})  # of the images: change it if they are elsewhere
SIZE, CHANNELS = {version.image_size}, {version.channels}  # sides of an image in pixels; 1: gray, 3: colour
CLASSES = {pformat(list(version.classes), width=100, compact=True)}
EPOCHS, BATCH_SIZE = {training.epochs}, {training.batch_size}
LEARNING_RATE, SEED = {training.learning_rate!r}, {training.seed}"""


def listing(results: ExportedRun) -> str:
    """Every image of the run in order: label, split, path."""
    version = results.version
    rows = zip(version.labels, version.splits, version.paths, strict=True)
    lines = [f"    ({label}, {NAMED[SPLIT_NAMES[split]]!r}, {path!r})," for label, split, path in rows]
    return "\n".join(["# Each image: the number of its class, what it is for, its file.", "LISTING = [", *lines, "]"])


def read_is_short(results: ExportedRun) -> bool:
    """Whether the few lines below read the files of this run."""
    suffixes = {PurePath(path).suffix.lower() for path in results.version.paths}
    is_plain = results.version.decoding == STANDARD and suffixes <= set(PLAIN)
    return is_plain and all(one.is_plain for one in results.sets)


def reader(results: ExportedRun) -> str:
    """The function `read_image(path)`, which gives uint8 (SIZE, SIZE, CHANNELS)."""
    if not read_is_short(results):
        return f"""\
# How this program reads files of any kind: a copy of its code.
{reading_code()}


def read_image(path, read=read_image):
    return read(path, SIZE, CHANNELS, {results.version.decoding!r})[0]"""
    return '''\
TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
         6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}  # how a camera was held


def read_image(path):
    """uint8 (SIZE, SIZE, CHANNELS): the picture, stretched to a square."""
    image = Image.open(path)
    image.draft("L" if CHANNELS == 1 else None, (2 * SIZE, 2 * SIZE))  # a JPEG can be decoded smaller
    turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    if image.has_transparency_data:
        image = image.convert("LA" if image.mode == "LA" else "RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if image.size != (SIZE, SIZE):
        image = image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if image.mode in ("LA", "RGBA"):  # transparent: on white
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255)), image.convert("RGBA"))
    image = image.convert("L" if CHANNELS == 1 else "RGB")
    if turn in TURNS:
        image = image.transpose(Image.Transpose[TURNS[turn]])
    return np.array(image).reshape(SIZE, SIZE, CHANNELS)'''


READ = """\
files = [FOLDER / path for _, _, path in LISTING]
images = np.zeros((len(LISTING), SIZE, SIZE, CHANNELS), np.uint8)
if all(file.is_file() for file in files):
    available = np.arange(len(files))
    for i, file in enumerate(files):
        images[i] = read_image(file)
elif Path("images.npz").exists():  # on another computer: those that came with this notebook, already small
    with np.load("images.npz", allow_pickle=False) as saved:
        available = saved["indices"]
        images[available] = saved["images"]
else:
    raise FileNotFoundError("The images are not here. Set FOLDER above to where they are.")"""

SPLIT = """\
labels = np.array([label for label, _, _ in LISTING])
use = np.array([split for _, split, _ in LISTING])
train, held_out = np.flatnonzero(use == "training"), np.flatnonzero(use == "held-out")
can_train = set(train) <= set(available)

print(f"{'class':20} {'training':>9} {'held-out':>9} {'test':>9}")
for label, name in enumerate(CLASSES):
    counts = [np.sum((labels == label) & (use == split)) for split in ("training", "held-out", "test")]
    print(f"{name:20.20} " + " ".join(f"{count:9,}" for count in counts))"""

SAMPLES = """\
def show(pictures, titles, columns=6):
    \"\"\"Images with their titles, from left to right.\"\"\"
    rows = -(-len(pictures) // columns)
    figure, axis = plt.subplots(figsize=(1.5 * columns, 1.7 * rows))
    for place, (picture, title) in enumerate(zip(pictures, titles)):
        row, column = divmod(place, columns)
        top = -1.15 * row
        extent = (column, column + 0.95, top - 0.95, top)
        axis.imshow(picture.squeeze(), cmap="gray", vmin=0, vmax=255, extent=extent)
        axis.text(column, top + 0.03, title[:24], fontsize=8, parse_math=False)
    axis.set(xlim=(0, columns), ylim=(-1.15 * rows, 0.2))
    axis.axis("off")
    figure.subplots_adjust(0, 0, 1, 1)


some = np.concatenate([[i for i in available if labels[i] == label][:6] for label in range(min(len(CLASSES), 10))])
some = some.astype(int)
show(images[some], [CLASSES[label] for label in labels[some]])"""


def prepare(results: ExportedRun) -> str:
    preprocessing = results.model.preprocessing
    mean, spread = list(preprocessing.mean), list(preprocessing.spread)
    return f'''\
MEAN, SPREAD = {mean}, {spread}  # for each channel, or one for all


def unit_pixels(chosen):
    """float32 (n, channels, height, width), from 0 (black) to 1 (white)."""
    return torch.from_numpy(images[chosen]).permute(0, 3, 1, 2).float() / 255


def standardize(pixels):
    """What the network gets: minus the mean, divided by the standard deviation."""
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(SPREAD)[:, None, None]


some = available[:: len(available) // 1000 + 1]
numbers = standardize(unit_pixels(some))
print(f"{{len(some):,}} images as numbers: mean {{numbers.mean():.3f}}, standard deviation {{numbers.std():.3f}}, "
      f"from {{numbers.min():.2f}} to {{numbers.max():.2f}}")'''


def network(results: ExportedRun) -> str:
    """The network with the first weights of the run."""
    layers, spec = list(results.model.layers), results.run.network_spec
    lines = ["torch.manual_seed(SEED)  # the same first weights as in the run", network_code(layers)]
    if spec.initial_weights != "pytorch":
        draw = "xavier_uniform_" if spec.initial_weights == "glorot" else "kaiming_normal_"
        lines.append(f"""\
for module in network:  # {spec.initial_weights.title()}
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.{draw}(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)""")
    active = [
        dense.name
        for dense, after in pairwise(layers)
        if dense.kind == "dense" and dense.bias and after.function == "relu"
    ]
    if spec.dense_bias and active:
        lines.append(f"""\
for name in {active!r}:  # start in the active range of ReLU
    network.get_parameter(name + ".bias").data += {spec.dense_bias!r}""")
    return "\n".join(lines)


TABLE = """\
values = torch.zeros(1, CHANNELS, SIZE, SIZE)
network.eval()
print(f"{'layer':12} {'output':>18} {'parameters':>12}")
with torch.no_grad():
    for name, module in network.named_children():
        values = module(values)
        shape = " x ".join(f"{side:,}" for side in values.shape[1:])
        print(f"{name:12} {shape:>18} {sum(p.numel() for p in module.parameters()):12,}")
print(f"{'all':12} {'':18} {sum(p.numel() for p in network.parameters()):12,}")"""


CURVES = """\
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
if history:
    epochs, loss, accuracy, held_out_loss, held_out_accuracy = zip(*history)
    left.plot(epochs, loss, "o-", color="#5f7186", markersize=3, label="training")
    right.plot(epochs, accuracy, "o-", color="#5f7186", markersize=3, label="training")
    if held_out_loss[0] is not None:
        left.plot(epochs, held_out_loss, "o-", color="#d81b60", markersize=3, label="held-out")
        right.plot(epochs, held_out_accuracy, "o-", color="#d81b60", markersize=3, label="held-out")
    left.legend()
for axis, name in ((left, "loss"), (right, "accuracy")):
    axis.set_xlabel("epoch")
    axis.set_ylabel(name)
    axis.grid(alpha=0.3)"""

SAVE = """\
if history:
    torch.save({"state_dict": network.state_dict()}, "trained_again.pt")"""

JUDGE = """\
judged = held_out if len(held_out) else train
logits = predict(judged)
probabilities = torch.softmax(logits, 1).numpy()
answers, truth = logits.argmax(1).numpy(), labels[judged]
print(f"{np.sum(answers == truth):,} of {len(judged):,} images are right: {100 * np.mean(answers == truth):.2f} %")
confusion = np.zeros((len(CLASSES), len(CLASSES)), int)
np.add.at(confusion, (truth, answers), 1)
print(f"{'class':20} {'images':>8} {'right':>8} {'accuracy':>9}")
for label, name in enumerate(CLASSES):
    count = confusion[label].sum()
    share = f"{100 * confusion[label, label] / count:7.1f} %" if count else ""
    print(f"{name:20.20} {count:8,} {confusion[label, label]:8,} {share}")"""

CONFUSION = """\
side = min(3 + 0.5 * len(CLASSES), 10)
figure, axis = plt.subplots(figsize=(side, side), layout="constrained")
axis.imshow(confusion / np.maximum(confusion.sum(1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
ticks = range(len(CLASSES))
names = [name if len(name) <= 20 else f"{name[:12]}…{name[-7:]}" for name in CLASSES]
axis.set_xticks(ticks, names, rotation=45, ha="right", parse_math=False)
axis.set_yticks(ticks, names, parse_math=False)
axis.set_xlabel("answer of the network")
axis.set_ylabel("true class")
for row in range(len(CLASSES)):
    for column in range(len(CLASSES)):
        if len(CLASSES) <= 20:
            axis.text(column, row, f"{confusion[row, column]:,}", ha="center", va="center", fontsize=9,
                      color="white" if confusion[row, column] > confusion[row].sum() / 2 else "black")"""

WORST = """\
wrong = np.flatnonzero(answers != truth)
worst = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:12]
if len(worst):
    sure = [f"{CLASSES[answers[i]]} {100 * probabilities[i].max():.0f} %" for i in worst]
    show(images[judged[worst]], [f"{CLASSES[truth[i]]}: {text}" for i, text in zip(worst, sure)])"""

FILTERS = """\
first = next((module for module in network if isinstance(module, nn.Conv2d)), None)
if first is not None:
    weights = first.weight.detach().mean(1).numpy()  # the mean over the channels
    figure, axis = plt.subplots(figsize=(8, 1 + len(weights) // 8))
    for place, kernel in enumerate(weights):
        row, column = divmod(place, 8)
        most = abs(kernel).max()
        extent = (column, column + 0.9, -row - 0.9, -row)
        axis.imshow(kernel, cmap="RdBu_r", vmin=-most, vmax=most, extent=extent)
    axis.set(xlim=(0, 8), ylim=(-1 - (len(weights) - 1) // 8, 0))
    axis.axis("off")
    figure.subplots_adjust(0, 0, 1, 1)"""
