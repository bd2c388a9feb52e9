"""A PyTorch module as data, for building the network and for its code, without loading torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TorchModule:
    """name: a class of torch.nn. arguments, options: its positional and keyword arguments."""

    name: str
    arguments: tuple = ()
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code: 'nn.Conv2d(1, 16, 3, padding=1)'."""
        arguments = [repr(value) for value in self.arguments]
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"nn.{self.name}({', '.join(arguments + options)})"
