"""What people type on the command line."""

import argparse
from collections.abc import Sequence

from cnn.specs import ACTIVATIONS, KERNEL_SIZES, OPTIMIZERS, PADDINGS, POOLINGS, DatasetSpec, NetworkSpec, TrainingSpec


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for `arguments`: a command and its settings. Numbers are whatever was typed: the specs say what is
    wrong."""
    parser = argparse.ArgumentParser(prog="python -m cnn", description="Train and open up convolutional networks.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--runs", default="runs", metavar="DIR", help="where runs are kept (default: ./runs)")
        sub.add_argument("--json", action="store_true", help="print JSON, for programs")
        return sub

    sub = command("scan", "Read a folder of images and say what is in it.")
    sub.add_argument("folder")

    sub = command("train", "Train a network on a folder of images.")
    _add_training_options(sub)

    command("runs", "List the runs.")

    sub = command("rename", "Change the name of a run, its tags, or both.")
    sub.add_argument("run")
    sub.add_argument("name", nargs="?", metavar="NAME", help='("": none)')
    _add_tags(sub)

    sub = command("predict", "Predict the class of images.")
    sub.add_argument("run")
    sub.add_argument("images", nargs="+", metavar="IMAGE")

    sub = command("activations", "Write what each layer makes of an image.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command("explain", "Write how much each pixel of an image counts for a class.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--class", dest="class_name", metavar="NAME", help="(default: the one predicted)")
    if "explain" in arguments:
        _add_explanation_options(sub)
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command("export", "Write a trained network for use elsewhere.")
    sub.add_argument("run")
    sub.add_argument("--output", metavar="FILE.pt", help="the weights, and all that is needed to use them")
    sub.add_argument("--code", metavar="FILE.py", help="a program that predicts with them")
    return parser


def _whole(text: str) -> int | str:
    """A whole number. What is none stays a text: the check of the setting then says what it should be."""
    try:
        return int(text)
    except ValueError:
        return text


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _add_explanation_options(sub: argparse.ArgumentParser) -> None:
    from cnn.explain.methods import METHODS  # loads torch, which takes seconds

    sub.add_argument("--method", required=True, choices=[method.slug for method in METHODS])
    parsers = {int: _whole, float: _number, str: str}
    uses = [(option, f"of {method.slug}: {option.what}") for method in METHODS for option in method.options]
    for option in {option.name: option for option, _ in uses}.values():
        texts = [text for other, text in uses if other.name == option.name]
        sub.add_argument(f"--{option.name}", type=parsers[option.kind], metavar=option.unit, help="; ".join(texts))


def _add_tags(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--tag", dest="tags", nargs="*", metavar="TAG", help="short words, in place of those before")


def _add_training_options(sub: argparse.ArgumentParser) -> None:
    data, net, fit = DatasetSpec(), NetworkSpec(), TrainingSpec()
    sub.add_argument("folder", nargs="?", help="of images: class/image, train|val/class/image, or cat.0.jpg")
    sub.add_argument("--resume", metavar="RUN", help="go on with this run, or for N more epochs with --epochs N")
    sub.add_argument("--name", help="of the run (default: its time and folder)")
    _add_tags(sub)
    sub.add_argument("--image-size", type=_whole, default=data.image_size)
    colour = sub.add_mutually_exclusive_group()
    colour.add_argument("--grayscale", action="store_true", help="one channel (the default)")
    colour.add_argument("--color", action="store_true", help="three channels")
    sub.add_argument("--max-per-class", type=_whole, default=data.max_per_class)
    sub.add_argument("--val-fraction", type=_number, default=data.val_fraction)
    sub.add_argument("--filters", type=_whole, nargs="+", default=net.filters, help="per convolution block")
    sub.add_argument("--convs-per-block", type=_whole, default=net.convs_per_block)
    sub.add_argument("--kernel-size", type=_whole, choices=KERNEL_SIZES, default=net.kernel_size)
    sub.add_argument("--padding", choices=PADDINGS, default=net.padding)
    sub.add_argument("--pooling", choices=POOLINGS, default=net.pooling)
    sub.add_argument("--activation", choices=ACTIVATIONS, default=net.activation)
    sub.add_argument("--batch-norm", action="store_true")
    sub.add_argument("--dropout", type=_number, default=net.dropout)
    sub.add_argument("--dense", type=_whole, nargs="*", default=net.dense, help="width of each hidden dense layer")
    sub.add_argument("--no-dense-activation", action="store_true", help="leave the dense layers without activation")
    sub.add_argument("--global-average", action="store_true", help="one value per map, its mean, for the dense layers")
    sub.add_argument("--epochs", type=_whole, help=f"(default: {fit.epochs})")
    sub.add_argument("--batch-size", type=_whole, default=fit.batch_size)
    sub.add_argument("--learning-rate", type=_number, default=fit.learning_rate)
    sub.add_argument("--optimizer", choices=OPTIMIZERS, default=fit.optimizer)
    sub.add_argument("--weight-decay", type=_number, default=fit.weight_decay)
    sub.add_argument("--seed", type=_whole, default=fit.seed)
