"""The commands that ask a trained network: `predict`, `activations`, `explain`, and `export`, which writes it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, printable
from cnn.data.images import ImageError, read_image
from cnn.errors import UserError
from cnn.store.base import origin
from cnn.store.runs import RunStore

if TYPE_CHECKING:  # these load torch, which not every command needs
    from cnn.explain.attribution import Method
    from cnn.model.model import Model


def predict(options) -> int:
    from cnn.training.evaluation import probabilities

    model = _model(options)
    rows, failed = [], False
    for path in options.images:
        try:
            pixels, _ = read_image(path, model.image_size, model.channels, model.decoding)
        except ImageError as error:
            print(f"error: {path}: {error}", file=sys.stderr)
            failed = True
            continue
        predicted = probabilities(model, pixels[None])[0].tolist()
        label = model.classes[predicted.index(max(predicted))]
        if options.json:
            by_class = dict(zip(model.classes, predicted, strict=True))
            print_json({"path": path, "label": label, "probabilities": by_class})
        rows.append([path, label, *map(percent, predicted)])
    if rows and not options.json:
        print_table(["image", "prediction", *model.classes], rows)
    return 2 if failed else 0


def _model(options) -> "Model":
    from cnn.store.snapshots import load_model

    store = RunStore(options.runs)
    return load_model(store, store.get(options.run))


def activations(options) -> int:
    import numpy as np

    from cnn.explain.activations import activations as compute

    model = _model(options)
    output = _output_path(options.output)
    pixels, _ = read_image(options.image, model.image_size, model.channels, model.decoding)
    arrays = compute(model, pixels)
    with open(output, "wb") as file:  # given a path, NumPy would append .npz
        np.savez(file, allow_pickle=False, **arrays)
    if not options.json:
        print_table(["layer", "shape"], [[name, " × ".join(map(str, a.shape))] for name, a in arrays.items()])
    return 0


def explain(options) -> int:
    import numpy as np

    from cnn.explain.methods import BY_SLUG
    from cnn.training.evaluation import probabilities

    method, model = BY_SLUG[options.method], _model(options)
    output = _output_path(options.output)
    pixels, _ = read_image(options.image, model.image_size, model.channels, model.decoding)
    predicted = probabilities(model, pixels[None])[0]
    name = options.class_name or model.classes[predicted.argmax()]
    if name not in model.classes:
        raise UserError(f"There is no class {name!r}. The classes are: {', '.join(model.classes)}.")
    target = model.classes.index(name)
    chosen = _options_of(method, options)
    answer = method.run(model, pixels, target, chosen, lambda fraction: bar(options, fraction, method.doing))
    arrays = {"attribution": answer.values, "image": pixels, "probabilities": predicted, "class": np.array(name)}
    with open(output, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    if not options.json:
        clear_bar(options)
        print(f"{method.name} for {printable(name)}. The network gives this class {percent(predicted[target])}.")
    return 0


def _options_of(method: "Method", options) -> dict:
    """The given options of a method. Raises UserError for an option the method does not have, or a wrong type."""
    from cnn.explain.methods import METHODS

    kinds = {int: "a whole number", float: "a number", str: "a name"}
    own = {option.name: option for option in method.options}
    chosen = {}
    for name in {option.name for method in METHODS for option in method.options}:
        value = getattr(options, name)
        if value is None:
            continue
        if name not in own:
            raise UserError(f"{method.name} has no option {name!r}.")
        if not isinstance(value, own[name].kind):
            raise UserError(f"{name} must be {kinds[own[name].kind]}, not {value!r}.")
        chosen[name] = value
    return chosen


def export(options) -> int:
    from cnn.model.code import prediction_script
    from cnn.model.export import save_weights

    if not options.output and not options.code:
        raise UserError("Choose what to write: --output FILE.pt (the weights), --code FILE.py (the program), or both.")
    model, run = _model(options), RunStore(options.runs).get(options.run)
    if options.output:
        settings = {
            "spec": run.network_spec.to_dict(),
            "dataset_spec": run.dataset_spec.to_dict(),
            "training_spec": run.training_spec.to_dict(),
        }
        if base := run.facts.get("base"):
            settings["base"] = base
        save_weights(model, _output_path(options.output), settings)
    if options.code:
        weights = Path(options.output).name if options.output else f"{Path(options.code).stem}.pt"
        _output_path(options.code).write_text(prediction_script(model, weights, origin(run)), encoding="utf-8")
    return 0


def _output_path(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        raise UserError(f"{path} is a folder. Name the file to write.")
    if not path.parent.is_dir():
        raise UserError(f"The folder {path.parent} does not exist, so {path.name} cannot be written there.")
    return path
