"""Reads the pickles of CIFAR-10 and CIFAR-100 without running what is in them.

`pickle.load` imports and calls whatever a file names. This reader has no such power: it knows the opcodes that NumPy
arrays, lists, dicts, numbers and text are made of (protocol 2, https://docs.python.org/3/library/pickletools.html), and
recognises five names, each of which it answers with a record of its own. Everything else is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_OPCODES = 3_000_000  # CIFAR-100 needs 400,000
_SHORT = 255  # bytes; longer text is not copied


class NotPlainPickle(ValueError):
    """The bytes are damaged, or hold more than plain data."""


class Stored(NamedTuple):
    """Bytes in the pickle. start, size: where they are. is_text: whether they are stored as text in UTF-8, one
    character per byte, as Python 3 writes bytes in protocol 2."""

    start: int
    size: int
    is_text: bool


@dataclass(eq=False)
class Array:
    """A NumPy array. type: such as "u1"."""

    shape: tuple = ()
    type: str = ""
    in_rows: bool = False  # C order
    data: Stored | None = None


class _Type(NamedTuple):
    """A NumPy dtype."""

    name: str


_MARK = object()
_ARRAY, _NEW_ARRAY, _TYPE, _ENCODE = "ndarray", "_reconstruct", "dtype", "encode"
_NAMES = {
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): _TYPE,
    ("numpy.core.multiarray", "_reconstruct"): _NEW_ARRAY,
    ("numpy._core.multiarray", "_reconstruct"): _NEW_ARRAY,
    ("_codecs", "encode"): _ENCODE,  # how Python 3 writes bytes in protocol 2
}


class _Name(NamedTuple):
    """One of the five names."""

    name: str


def read_pickle(data: bytes) -> Any:
    """The value in a pickle: dicts, lists, tuples, int, bool, None, str (bytes are read as Latin-1), `Array`, and
    `Stored` for bytes or text of more than 255 bytes.

    Raises NotPlainPickle, whatever the bytes are. Takes time and memory in proportion to their number.
    """
    reader = _Reader(data)
    try:
        return reader.read()
    except NotPlainPickle:
        raise
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotPlainPickle("it is not a whole pickle") from error


class _Reader:
    """The machine that a pickle is a program for, with a stack and a memory."""

    def __init__(self, data: bytes):
        self.data, self.position = data, 0
        self.stack: list = []
        self.memory: dict[int, Any] = {}

    def read(self) -> Any:
        for _ in range(MAX_OPCODES):
            opcode = self.take(1)
            if opcode == b".":
                (value,) = self.stack
                return value
            if opcode not in _OPCODES:
                raise NotPlainPickle("it holds more than plain data")
            _OPCODES[opcode](self)
        raise NotPlainPickle("it holds more than the images and labels of a set")

    def take(self, size: int) -> bytes:
        """The next bytes of the pickle."""
        if size < 0 or self.position + size > len(self.data):
            raise NotPlainPickle("its end is missing")
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def line(self) -> str:
        end = self.data.index(b"\n", self.position)
        return self.take(end + 1 - self.position)[:-1].decode("ascii")

    def text(self, size_bytes: int, encoding: str) -> None:
        size = self.number(size_bytes)
        if size <= _SHORT:
            self.stack.append(self.take(size).decode(encoding))
        elif self.position + size > len(self.data):
            raise NotPlainPickle("its end is missing")
        else:
            self.stack.append(Stored(self.position, size, encoding == "utf-8"))
            self.position += size

    def since_mark(self) -> list:
        """Takes the values above the last mark from the stack."""
        values: list = []
        while (value := self.stack.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    def take_values(self, count: int) -> list:
        if len(self.stack) < count:
            raise IndexError
        values = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return values

    def name(self) -> None:
        module, name = self.line(), self.line()
        if (module, name) not in _NAMES:
            raise NotPlainPickle(f"it asks for {module}.{name}"[:80])
        self.stack.append(_Name(_NAMES[module, name]))

    def call(self) -> None:
        """What stands for the result of a call: nothing is called."""
        function, arguments = self.take_values(2)
        if type(function) is not _Name or type(arguments) is not tuple:
            raise NotPlainPickle("it holds more than plain data")
        if function.name == _NEW_ARRAY:
            self.stack.append(Array())
        elif function.name == _TYPE:
            self.stack.append(_Type(str(arguments[0])))
        elif function.name == _ENCODE and arguments[1] == "latin1":
            self.stack.append(arguments[0])
        else:
            raise NotPlainPickle("it holds more than plain data")

    def build(self) -> None:
        target, state = self.take_values(2)
        if type(target) is Array:
            _, shape, kind, by_columns, data = state
            if type(shape) is not tuple or type(kind) is not _Type or type(data) is not Stored:
                raise NotPlainPickle("it holds an array of another kind")
            target.shape, target.type, target.in_rows, target.data = shape, kind.name, not by_columns, data
        elif type(target) is not _Type:  # of a type, the state is its byte order
            raise NotPlainPickle("it holds more than plain data")
        self.stack.append(target)

    def set_items(self, items: list) -> None:
        target = self.stack[-1]
        if type(target) is not dict:
            raise TypeError
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) is not str:
                raise TypeError
            target[key] = value

    def append(self, values: list) -> None:
        if type(self.stack[-1]) is not list:
            raise TypeError
        self.stack[-1].extend(values)

    def tuple_of(self, values: list) -> None:
        self.stack.append(tuple(values))

    def put(self, place: int) -> None:
        self.memory[place] = self.stack[-1]


def _constant(value: Any) -> Callable[[_Reader], None]:
    return lambda reader: reader.stack.append(value)


_OPCODES: dict[bytes, Callable[[_Reader], Any]] = {
    b"\x80": lambda r: r.take(1),  # the protocol
    b"(": _constant(_MARK),
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b")": _constant(()),
    b"}": lambda r: r.stack.append({}),
    b"]": lambda r: r.stack.append([]),
    b"K": lambda r: r.stack.append(r.number(1)),
    b"M": lambda r: r.stack.append(r.number(2)),
    b"J": lambda r: r.stack.append(int.from_bytes(r.take(4), "little", signed=True)),
    b"\x8a": lambda r: r.stack.append(int.from_bytes(r.take(r.number(1)), "little", signed=True)),
    b"U": lambda r: r.text(1, "latin-1"),
    b"T": lambda r: r.text(4, "latin-1"),
    b"C": lambda r: r.text(1, "latin-1"),
    b"B": lambda r: r.text(4, "latin-1"),
    b"X": lambda r: r.text(4, "utf-8"),
    b"t": lambda r: r.tuple_of(r.since_mark()),
    b"\x85": lambda r: r.tuple_of(r.take_values(1)),
    b"\x86": lambda r: r.tuple_of(r.take_values(2)),
    b"\x87": lambda r: r.tuple_of(r.take_values(3)),
    b"a": lambda r: r.append(r.take_values(1)),
    b"e": lambda r: r.append(r.since_mark()),
    b"s": lambda r: r.set_items(r.take_values(2)),
    b"u": lambda r: r.set_items(r.since_mark()),
    b"q": lambda r: r.put(r.number(1)),
    b"r": lambda r: r.put(r.number(4)),
    b"h": lambda r: r.stack.append(r.memory[r.number(1)]),
    b"j": lambda r: r.stack.append(r.memory[r.number(4)]),
    b"c": lambda r: r.name(),
    b"R": lambda r: r.call(),
    b"b": lambda r: r.build(),
}
