"""Which lines of a Markdown text are code, where nothing is a heading, a field or an answer."""

from dataclasses import dataclass

from markdown_it import MarkdownIt

_BLOCKS = MarkdownIt("commonmark", {"html": False}).disable("inline")  # what stands in the lines does not matter


@dataclass(frozen=True)
class CodeBlock:
    """A block of code between fences. lines: their numbers, from 1, with the fences. is_closed: whether the second
    fence is there."""

    lines: range
    is_closed: bool


def code_blocks(lines: list[str]) -> list[CodeBlock]:
    """The blocks in a text, in their order."""
    found = []
    for token in _BLOCKS.parse("\n".join(lines)):
        if token.type == "fence" and token.map:
            first, end = token.map  # lines from 0, without the end
            is_closed = end - first > 1 and lines[end - 1].rstrip().endswith(token.markup)
            found.append(CodeBlock(range(first + 1, end + 1), is_closed))
    return found


def code_lines(lines: list[str]) -> set[int]:
    """The numbers of all lines of code, from 1."""
    return {number for block in code_blocks(lines) for number in block.lines}
