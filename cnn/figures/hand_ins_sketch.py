"""A sketch of what the Hand-ins page shows: the table, and the answers to one question side by side. Bars stand for
texts and numbers."""

WIDTH, HEIGHT = 562, 330
COLUMNS = (("students", 0, 74), ("answers", 96, 46), ("points", 176, 36), ("stated", 244, 40), ("recomputed", 316, 40))
REMARK = 410
LINES = (100, 128, 88, 116), (60, 40), (124, 132, 96)  # of three answers
CARD = 176


def hand_ins_sketch() -> str:
    """An SVG element in the page's colours."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="A sketch: a table with a row for each hand-in; '
        f'below it the answers to one question side by side, each with points and a comment" font-family="inherit" '
        f'font-size="13" fill="currentColor" style="display:block; width:100%; max-width:{WIDTH}px">'
        f"{_table()}{_question()}</svg>"
    )


def _table() -> str:
    parts = ['<text y="14" font-weight="600">Students: who has answered what</text>']
    parts += [f'<text x="{x}" y="42" font-size="12">{name}</text>' for name, x, _ in COLUMNS]
    parts.append(f'<text x="{REMARK}" y="42" font-size="12">remark</text>')
    for row in range(3):
        y = 56 + 24 * row
        parts.append(f'<path d="M0 {y - 6}H{WIDTH}" stroke="currentColor" stroke-opacity="0.2"/>')
        parts += [_bar(x, y, width - 8 * ((row + x) % 3)) for _, x, width in COLUMNS]
    parts.append(f'<text x="{REMARK}" y="89" font-size="12" font-weight="600">other than stated</text>')
    return "".join(parts)


def _question() -> str:
    parts = ['<text y="156" font-weight="600">One question: all answers side by side</text>']
    for place, lines in enumerate(LINES):
        x = place * (CARD + 16)
        parts.append(
            f'<rect x="{x + 0.5}" y="168.5" width="{CARD}" height="152" rx="6" fill="none" stroke="currentColor" '
            f'stroke-opacity="0.3"/>{_bar(x + 12, 182, 64, 0.5)}'
        )
        parts += [_bar(x + 12, 204 + 14 * line, width) for line, width in enumerate(lines)]
        for y, height, text in ((262, 22, "points"), (290, 22, "comment")):
            parts.append(
                f'<rect x="{x + 12}" y="{y}" width="{CARD - 24}" height="{height}" rx="4" fill="none" '
                f'stroke="currentColor" stroke-opacity="0.3"/><text x="{x + 20}" y="{y + 15}" font-size="11" '
                f'opacity="0.8">{text}</text>'
            )
    return "".join(parts)


def _bar(x: int, y: int, width: int, opacity: float = 0.25) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="8" rx="4" fill-opacity="{opacity}"/>'
