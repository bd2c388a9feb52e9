"""A module of PyTorch as data: what the network is built from and what its copied code says, without loading torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TorchModule:
    """name: of a class of torch.nn. arguments, options: what it is called with, by place and by name."""

    name: str
    arguments: tuple = ()
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """As one writes it: 'nn.Conv2d(1, 16, 3, padding=1)'."""
        arguments = [repr(value) for value in self.arguments]
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"nn.{self.name}({', '.join(arguments + options)})"
