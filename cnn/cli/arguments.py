"""The command-line parser."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cnn.fields import Choice, Names, Number, Setting, Spec, Text, Widths
from cnn.specs import NOT_IN_RATE_TEST, SPECS
from cnn.specs.ready_experiments import READY


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for `arguments`: a command and its settings.

    A value that should be a number but is not stays a string, so that the check of the setting can report it.
    """
    parser = argparse.ArgumentParser(prog="python -m cnn", description="Train and open up convolutional networks.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--runs", default="runs", metavar="DIR", help="folder of the runs (default: ./runs)")
        sub.add_argument("--json", action="store_true", help="print JSON, for programs")
        return sub

    _add_training(command)
    _add_experiments(command)
    _add_runs(command)
    _add_networks(command, explain="explain" in arguments)
    _add_reports(command)
    return parser


Command = Callable[[str, str], argparse.ArgumentParser]  # a new command, from its name and its help text


def _add_training(command: Command) -> None:
    sub = command("check", "Say whether this computer can run everything, what is missing, and what to do.")
    sub.set_defaults(runs=os.environ.get("CNN_RUNS") or "runs")  # the dashboard's folder

    sub = command("scan", "Read a folder of images and list its classes and the files left out.")
    sub.add_argument("folder", help="a folder of images, or an archive of one")
    _add_settings(sub, only=("reading", "classes", "test_images"))

    sub = command("train", "Train a network on a folder of images.")
    _add_training_options(sub)

    sub = command("find-rate", "Suggest a learning rate: train for a moment while the rate rises.")
    sub.add_argument("folder")
    _add_settings(sub, leave_out=NOT_IN_RATE_TEST)


def _add_experiments(command: Command) -> None:
    sub = command("experiment", "Train a network with several values of a setting and several seeds, and compare.")
    _add_experiment_options(sub)

    sub = command("experiments", "List the experiments; show, pause, continue, extend, cancel or delete one.")
    sub.add_argument("experiment", nargs="?", metavar="EXPERIMENT", help="(default: list them all)")
    action = sub.add_mutually_exclusive_group()
    action.add_argument("--pause", action="store_true", help="its runs wait; those in training save a checkpoint first")
    action.add_argument("--continue", dest="resume", action="store_true", help="train what is not finished")
    action.add_argument("--cancel", action="store_true", help="stop its runs, and drop those that have not begun")
    action.add_argument("--delete", action="store_true", help="cancel and forget it; what has been trained stays")
    action.add_argument("--extend", type=int, metavar="N", help="train N more seeds of everything")

    sub = command("queue", "List the runs that train and wait; move, start or remove one.")
    sub.add_argument("run", nargs="?", metavar="RUN", help="(default: list the queue)")
    action = sub.add_mutually_exclusive_group()
    action.add_argument("--to", type=int, metavar="PLACE", help="move it; 1 is next")
    action.add_argument("--now", action="store_true", help="let it through: the longest training waits meanwhile")
    action.add_argument("--remove", action="store_true", help="take it off the queue")


def _add_runs(command: Command) -> None:
    command("runs", "List the runs.")

    sub = command("rename", "Change the name of a run, its tags or its note.")
    sub.add_argument("run")
    sub.add_argument("name", nargs="?", metavar="NAME", help='"" removes the name')
    _add_tags(sub)
    sub.add_argument("--note", metavar="TEXT", help="what you want to remember about it; it replaces the old note")

    sub = command("compare", "Compare runs: what differs, what came of it, and of two runs whether it could be luck.")
    sub.add_argument("compared", nargs="+", metavar="RUN")

    sub = command("evaluate", "Measure the accuracy of a run on its own images, or on new ones.")
    sub.add_argument("run")
    sub.add_argument("folder", nargs="?", help="where the images of the run are now, if they have moved")
    sub.add_argument(
        "--split",
        choices=("held-out", "training", "test"),
        default="held-out",
        help="test: for once, when all choices are made; each time is kept with the run (default: held-out)",
    )
    sub.add_argument(
        "--images",
        metavar="FOLDER_OR_ARCHIVE",
        help="other images, in a folder for each class; prepared as those of the run were",
    )
    sub.add_argument("--csv", metavar="FOLDER", help="write tables there: confusion, classes, calibration, images")


def _add_networks(command: Command, explain: bool) -> None:
    """explain: whether the options of the explanation methods are needed, too."""
    sub = command("predict", "Predict the class of images.")
    sub.add_argument("run")
    sub.add_argument("images", nargs="+", metavar="IMAGE")

    sub = command("activations", "Write the activations of every layer for an image.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command("explain", "Write how much each pixel of an image contributes to a class.")
    sub.add_argument("run")
    sub.add_argument("image")
    sub.add_argument("--class", dest="class_name", metavar="NAME", help="(default: the predicted class)")
    if explain:
        _add_explanation_options(sub)
    sub.add_argument("--output", required=True, metavar="FILE.npz")

    sub = command("export", "Export a trained network.")
    sub.add_argument("run")
    sub.add_argument("--output", metavar="FILE.pt", help="the weights, and the settings needed to use them")
    sub.add_argument("--code", metavar="FILE.py", help="a program that predicts with them")


def _add_reports(command: Command) -> None:
    sub = command("report", "Write a report, or a run, as a notebook, a PDF, an HTML page and a file to hand in.")
    sub.add_argument("name", nargs="?", metavar="RUN_OR_REPORT", help="(default: list the reports)")
    sub.add_argument("--to", default=".", metavar="DIR", help="where to write the files (default: here)")
    forms = ("notebook", "pdf", "html", "hand-in")
    sub.add_argument("--format", nargs="+", choices=forms, metavar="FORMAT", help=f"some of: {', '.join(forms)}")

    sub = command("hand-ins", "List what students handed in, with the accuracy recomputed from their weights.")
    sub.add_argument("folder", help="a folder of hand-in files, or one file")
    sub.add_argument("--csv", metavar="FILE.csv", help="also write a table, with points and comments")


Record = TypeVar("Record", bound=Spec)


def spec_from(options: argparse.Namespace, spec: type[Record]) -> Record:
    """The spec with the settings given on the command line, and defaults for the rest."""
    given = vars(options)
    return spec.from_dict({name: given[name] for name in spec.settings() if name in given})


def _add_training_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "folder",
        nargs="?",
        help="a folder of images: a folder for each class, with or without train and val around them; files named like "
        "cat.0.jpg; or a table of labels. Or an archive of one",
    )
    sub.add_argument(
        "--resume",
        metavar="RUN",
        help="continue this run, with another --learning-rate if given; "
        "--epochs N: for N more epochs; a folder: where its images are now",
    )
    sub.add_argument("--name", help="name of the run (default: its time and folder)")
    _add_tags(sub)
    _add_settings(sub)


def _add_experiment_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", help="a folder of images, or an archive of one")
    sub.add_argument(
        "--vary",
        action="append",
        metavar="SETTING=VALUE,VALUE",
        help="the values to try, as in dense_activation=on,off; several widths: filters=16,16+32; may be repeated: "
        "then all combinations are tried",
    )
    sub.add_argument("--ready", metavar="NAME", help=f"an experiment of the dashboard: {'; '.join(READY)}")
    sub.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="how many seeds for each value (default: 3, or those of the ready experiment)",
    )
    sub.add_argument("--name", help="name of the experiment")
    sub.add_argument("--guess", help="what you expect to be best")
    sub.add_argument("--foresee", action="store_true", help="only say how long it would take; start nothing")
    sub.add_argument("--no-wait", action="store_true", help="start it, and do not wait for its end")
    _add_settings(sub)


def _add_settings(sub: argparse.ArgumentParser, leave_out: Sequence[str] = (), only: Sequence[str] = ()) -> None:
    """One option for each setting; an option that two specs share (the seed) sets both. And one that leaves out the
    user's decisions about labels.

    only: the names of the settings; all, if empty.
    """
    names = [name for spec in SPECS for name, setting in spec.settings().items() if not setting.hidden]
    for name in dict.fromkeys(name for name in names if name not in leave_out and (not only or name in only)):
        specs = [spec for spec in SPECS if name in spec.settings()]
        help_text = " ".join(spec.settings()[name].help for spec in specs)
        _add_setting(sub, name, specs[0].settings()[name], specs[0].defaults()[name], help_text.replace("%", "%%"))
    sub.add_argument(
        "--without-decisions",
        action="store_true",
        help="take the labels of the folder, without what you have decided on the page “Wrong labels”",
    )


def _add_setting(sub: argparse.ArgumentParser, name: str, setting: Setting, default, help_text: str) -> None:
    """Adds an option that is absent from the parsed namespace unless given, so that --resume can tell whether --epochs
    was given."""
    if setting.flags:
        flags = sub.add_mutually_exclusive_group()
        for value, flag in setting.flags.items():
            flags.add_argument(
                flag, dest=name, action="store_const", const=value, default=argparse.SUPPRESS, help=help_text
            )
        return
    parse: Callable[[str], float | str] = _whole
    nargs: str | None = None
    metavar = "N"
    match setting:
        case Number():
            parse = _number
        case Widths():
            nargs = "+" if setting.least else "*"
        case Names():
            parse, nargs, metavar = str, "+", "NAME"
        case Choice():
            metavar = f"{{{','.join(map(str, setting.options))}}}"
            parse = str if isinstance(default, str) else _whole
        case Text():
            parse, metavar = str, setting.metavar
    sub.add_argument(
        f"--{name.replace('_', '-')}",
        type=parse,
        nargs=nargs,
        metavar=metavar,
        default=argparse.SUPPRESS,
        help=(f"{help_text} (default: {_as_typed(default)})" if default not in ("", ()) else help_text).strip(),
    )


def _as_typed(value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _whole(text: str) -> int | str:
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
    from cnn.explain.methods import METHODS  # takes seconds: it loads torch

    sub.add_argument("--method", required=True, choices=[method.slug for method in METHODS])
    parsers: dict[type, Callable[[str], Any]] = {int: _whole, float: _number, str: str}
    described = [(option, f"{method.slug}: {option.what}") for method in METHODS for option in method.options]
    for option in {option.name: option for option, _ in described}.values():
        texts = [text for other, text in described if other.name == option.name]
        sub.add_argument(f"--{option.name}", type=parsers[option.kind], metavar=option.unit, help="; ".join(texts))


def _add_tags(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--tag", dest="tags", nargs="*", metavar="TAG", help="single words; they replace the old tags")
