"""The run that a new network starts from (its base), and what a run remembers of its own base. Imports no torch."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from cnn.errors import UserError
from cnn.fields import Spec
from cnn.specs import GIVEN_BY_BASE, NetworkSpec
from cnn.store.database import RunError
from cnn.store.history import History
from cnn.store.run import Run

FILE = "base.pt"  # a copy of the base's weights, in the folder of the run that starts with them

Record = TypeVar("Record", bound=Spec)


class BaseError(RunError):
    """A network cannot start from that run; the message says why, and what to do."""


@dataclass(frozen=True)
class Base:
    """A run and the step of one of its snapshots, from which a network can start."""

    run: Run
    step: int

    @property
    def name(self) -> str:
        """The run's own name, else that of its folder."""
        return self.run.given_name or Path(self.run.folder).name

    def spec(self, kind: type[Record]) -> Record:
        """The base's own spec of that kind."""
        specs = (self.run.dataset_spec, self.run.network_spec, self.run.training_spec)
        return next(spec for spec in specs if isinstance(spec, kind))

    def applied(self, spec: Record) -> Record:
        """The spec of a new run, with the settings that the base gives."""
        own = self.spec(type(spec))
        given = {name: getattr(own, name) for name in GIVEN_BY_BASE.get(type(spec), ())}
        if isinstance(spec, NetworkSpec):
            given["base_step"] = self.step
        return replace(spec, **given)  # type: ignore[type-var]  # every spec is a dataclass

    def facts(self) -> dict:
        """What the new run keeps, so that its base may be deleted."""
        facts: dict = {"base": {"run": self.run.id, "step": self.step, "name": self.name}}
        if "preprocessing" in self.run.facts:  # the mean and spread of the pixels belong to the weights
            facts["preprocessing"] = self.run.facts["preprocessing"]
        return facts


def base_at(run: Run, history: History, step: int) -> Base:
    """The run as the base of a network, at a step; negative: that of `History.step_to_show`. Raises BaseError if no
    network can start from there."""
    steps = [snapshot.step for snapshot in history.snapshots()]
    start = f"The network cannot start from run {run.id}"
    if not run.network_spec.filters:
        raise BaseError(f"{start}: that network has no convolutions. Choose a run with convolutions as the base.")
    if not steps:
        raise BaseError(f"{start}: it has no weights yet; it saves the first ones when training starts.")
    shown = history.step_to_show(run.active) if step < 0 else step
    if shown not in steps:
        raise BaseError(f"{start}: it has no snapshot at step {step}. It has: {', '.join(map(str, steps))}.")
    return Base(run, shown)


def check_given(base: Base, kind: type[Spec], given: dict) -> None:
    """Raises UserError if a user has set a setting that the base gives to something else. given: name -> value."""
    for name in GIVEN_BY_BASE.get(kind, ()):
        own, setting = getattr(base.spec(kind), name), kind.settings()[name]
        if name in given and setting.check(given[name]) != own:
            raise UserError(
                f"The base gives the setting “{setting.label.lower()}”: {setting.text(own)}. Its weights fit no other "
                "value; leave the setting out."
            )


def origin(run: Run) -> str:
    """A sentence that says which run a run's convolutions come from; "" if its weights all started at random."""
    base = run.facts.get("base")
    if not run.network_spec.base or not isinstance(base, dict):
        return ""
    name, step = base.get("name"), base.get("step")
    start = f"The convolutions are those of the run “{name}” ({base.get('run')}) after step {step}"
    if not run.network_spec.fine_tune:
        return f"{start}, frozen."
    return f"{start}, fine-tuned with {run.training_spec.base_rate:g} of the learning rate."
