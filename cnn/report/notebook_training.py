"""The code of a notebook's training loop: the same steps as those of the run, without this program."""

import inspect
import re

from cnn.model.code import OPTIMIZERS
from cnn.report.exported_run import ExportedRun
from cnn.training import augmentation, schedule


def optimizer(results: ExportedRun) -> str:
    """The optimizer, and the layers that it leaves as they are."""
    spec = results.run.training_spec
    momentum = ", momentum=0.9" if spec.optimizer == "sgd" else ""
    decay = f", weight_decay={spec.weight_decay!r}" if spec.weight_decay else ""
    parts, frozen, tuned = [], _frozen(results), _tuned(results)
    groups = "network.parameters()"
    if frozen:
        groups = "[p for p in network.parameters() if p.requires_grad]"
        parts.append(f"""\
FROZEN = {frozen!r}  # training does not change these layers
for name in FROZEN:
    network.get_submodule(name).requires_grad_(False)""")
    if tuned:  # with a share of the learning rate
        own = f'[p for key, p in network.named_parameters() if key.split(".")[0] {{}} {tuned!r}]'
        groups = f"""[
    {{"params": {own.format("not in")}, "share": 1.0}},
    {{"params": {own.format("in")}, "share": {spec.base_rate!r}}},
]"""
    parts.append(f"optimizer = torch.optim.{OPTIMIZERS[spec.optimizer]}({groups}, lr=LEARNING_RATE{momentum}{decay})")
    return "\n\n".join(parts)


def _frozen(results: ExportedRun) -> list[str]:
    return [one.name for one in results.model.layers if one.start == "frozen" and one.kind != "input"]


def _tuned(results: ExportedRun) -> list[str]:
    return [one.name for one in results.model.layers if one.start == "fine-tuned" and one.parameters]


def training(results: ExportedRun) -> str:
    """The functions of the training loop."""
    spec = results.run.training_spec
    smoothing = f", label_smoothing={spec.label_smoothing!r}" if spec.label_smoothing else ""
    frozen, tuned = _frozen(results), _tuned(results)
    norms = [layer.name for layer in results.model.layers if layer.kind == "norm" and layer.start != "frozen"]
    parts = []
    if spec.augments:
        parts.append(_augmentation_code(results))
    if spec.schedule != "constant":
        parts.append(_schedule_code())
    plain = ""
    if spec.label_smoothing:
        plain = f"{' ' * 8}loss = nn.functional.cross_entropy(logits.detach(), targets)  # without label smoothing\n"
    changed = "unit_pixels(chosen)"
    if spec.augments:
        changed = "augment(unit_pixels(chosen), torch.from_numpy(changes[chosen]), AUGMENTATION)"
    parts.append(f"""\
batches = -(-len(train) // BATCH_SIZE)  # in an epoch


def train_epoch(epoch):
    \"\"\"Sees every training image once; returns the mean loss and the accuracy on them.\"\"\"
    # The order of the images depends on seed and epoch only.
    order = train[np.random.default_rng([SEED, epoch]).permutation(len(train))]
    torch.manual_seed(SEED * 100_003 + epoch)  # for dropout
{_indented(_epoch_changes(results))}    losses, right = 0.0, 0
    for start in range(0, len(order), BATCH_SIZE):
        chosen = order[start : start + BATCH_SIZE]
        step = (epoch - 1) * batches + start // BATCH_SIZE + 1
        network.train()
{_indented(_step_setup(frozen, norms), 8)}        # Forward: a score (logit) for each class, and how wrong they are.
        inputs, targets = standardize({changed}), torch.from_numpy(labels[chosen])
        logits = network(inputs)
        loss = nn.functional.cross_entropy(logits, targets{smoothing})
        # Backward: the gradient of the loss for each weight.
        optimizer.zero_grad()
        loss.backward()
        # Update: change each weight a little, against its gradient.
{_indented(_rate(results, bool(tuned)), 8)}        optimizer.step()
{plain}        losses += loss.item() * len(chosen)
        right += (logits.argmax(1) == targets).sum().item()
    return losses / len(order), right / len(order)


@torch.no_grad()
def predict(chosen):
    \"\"\"float32 (n, classes): the logits for images.\"\"\"
    network.eval()
    parts = np.array_split(chosen, len(chosen) // 250 + 1)
    return torch.cat([network(standardize(unit_pixels(part))) for part in parts])


def judge(chosen):
    \"\"\"The mean loss and the accuracy on images that training never sees; None without such images.\"\"\"
    if not len(chosen):
        return None, None
    logits, targets = predict(chosen), torch.from_numpy(labels[chosen])
    loss = nn.functional.cross_entropy(logits, targets).item()
    return loss, (logits.argmax(1) == targets).float().mean().item()


def show_epoch(row):
    epoch, loss, accuracy, held_out_loss, held_out_accuracy = row
    text = f"epoch {{epoch:3}}: loss {{loss:.4f}}, accuracy {{100 * accuracy:5.1f}} %"
    if held_out_loss is not None:
        text += f"; held-out loss {{held_out_loss:.4f}}, accuracy {{100 * held_out_accuracy:5.1f}} %"
    print(text)""")
    return "\n\n\n".join(parts)


def _indented(code: str, spaces: int = 4) -> str:
    return "".join(" " * spaces + line + "\n" for line in code.splitlines())


def _rate(results: ExportedRun, is_tuned: bool) -> str:
    """The lines that set the learning rate of a step, if it ever changes."""
    spec, lines, rate = results.run.training_spec, [], "LEARNING_RATE"
    if results.rates:  # it was changed during training
        lines += [f"rates = { ({1: spec.learning_rate} | results.rates)!r}  # from these steps on"]
        rate = "rates[max(first for first in rates if first <= step)]"
    if spec.schedule != "constant":
        rate += f" * share_of_rate({spec.schedule!r}, step, EPOCHS * batches)"
    if not (results.rates or spec.schedule != "constant" or is_tuned):
        return ""
    lines += [f"rate = {rate}", "for group in optimizer.param_groups:"]
    return "\n".join([*lines, f"""    group["lr"] = rate{' * group["share"]' if is_tuned else ""}"""])


def _epoch_changes(results: ExportedRun) -> str:
    if not results.run.training_spec.augments:
        return ""
    return "changes = changes_of(draw_numbers(len(labels), SEED, epoch), AUGMENTATION, (SIZE, SIZE))"


def _step_setup(frozen: list[str], norms: list[str]) -> str:
    lines = []
    if frozen:
        lines += ["for name in FROZEN:", "    network.get_submodule(name).eval()"]
    if norms:
        lines += [
            f"for name in {norms!r}:  # average over all batches so far, later over about the last ten",
            "    network.get_submodule(name).momentum = max(0.1, 1 / step)",
        ]
    return "\n".join(lines)


def _augmentation_code(results: ExportedRun) -> str:
    """The functions of augmentation, and the run's settings of it."""
    names = ("mirror", "shift", "rotate", "zoom", "brightness", "contrast", "erase")
    spec = results.run.training_spec
    chosen = ", ".join(f"{name}={getattr(spec, name)!r}" for name in names)
    functions = (augmentation.draw_numbers, augmentation.changes_of, augmentation.augment)
    code = "\n\n".join(inspect.getsource(function) for function in functions)
    centres = inspect.getsource(augmentation._centres.__wrapped__).partition("\n")[2]  # without its decorator
    code = re.sub(r": TrainingSpec\b", "", f"{centres}\n\n{code}")
    return f"""\
from types import SimpleNamespace

from torch.nn.functional import grid_sample

AUGMENTATION = SimpleNamespace({chosen})
NUMBERS = {augmentation.NUMBERS}  # random numbers for each image


{code.strip()}"""


def _schedule_code() -> str:
    code = "\n\n".join(inspect.getsource(one) for one in (schedule.share_of_rate, schedule._half_cosine))
    constants = f"WARM_UP, RISE, START = {schedule.WARM_UP}, {schedule.RISE}, {schedule.START}"
    return f"from math import cos, pi\n\n{constants}\n\n\n{code.strip()}"


def loop(results: ExportedRun) -> str:
    patience = results.run.training_spec.patience
    start, stop = "history = []", ""
    missing = "The training images or the first weights" if results.run.network_spec.base else "The training images"
    if patience:
        start = 'history, lowest, best_epoch = [], float("inf"), 0'
        stop = f"""
        if history[-1][3] is not None and history[-1][3] < lowest:
            lowest, best_epoch = history[-1][3], epoch
        if epoch - best_epoch >= {patience} and len(held_out):  # the held-out loss no longer falls
            break"""
    return f"""\
{start}
if can_train:
    for epoch in range(1, EPOCHS + 1):
        history.append((epoch, *train_epoch(epoch), *judge(held_out)))
        show_epoch(history[-1]){stop}
else:
    print("{missing} are not here, so the network is not trained again.")"""
