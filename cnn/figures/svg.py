"""SVG texts for reports: their size, and drawings of pages in light colours."""

import re

from cnn.figures.sheet import FONT, INK, WIDTH


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of an SVG text, from its first tag; those of a sheet if that does not say."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg.partition(">")[0])
    width, height = map(float, found.groups()) if found else (WIDTH, 400.0)
    return width, height


def standalone(drawing: str, background: str = "#fff") -> str:
    """A drawing made for a page (an SVG element in the page's colours and font), as a self-contained one in light
    colours."""
    head, rest = drawing.split(">", 1)
    found = re.search(r'viewBox="([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)"', head)
    left, top, width, height = found.groups() if found else ("0", "0", "720", "400")
    head = re.sub(r' (style|xmlns|width|height|role|tabindex|fill)="[^"]*"', "", head)
    head = head.replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"')
    ground = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{background}"/>'
    light = f'{head} fill="{INK}">{ground}{rest}'
    return light.replace("currentColor", INK).replace('font-family="inherit"', f'font-family="{FONT}"')
