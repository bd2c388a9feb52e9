"""Serves the JavaScript of the components as ES modules.

Streamlit takes one script per component and imports it from a blob, where relative imports do not work. So that script
is only a loader (loader.js), which imports the component's module from the addresses served here.
"""

import hashlib
import json
import posixpath
import re
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parents[1]
_IMPORT = re.compile(r'^(?:import|export) .*from "([^"]+)";$', re.MULTILINE)
_TYPES = {".js": "text/javascript", ".css": "text/css"}
# Read once, so that the content of an address never changes: browsers cache it permanently.
_FILES = {
    path.relative_to(_FOLDER).as_posix(): path.read_bytes()
    for path in sorted(_FOLDER.rglob("*"))
    if path.suffix in _TYPES
}
_VERSION = hashlib.sha256(b"".join(name.encode() + content for name, content in _FILES.items())).hexdigest()[:16]


def component(name: str, *styles: str, html: str | None = None, isolate_styles: bool = True) -> ComponentRenderer:
    """Registers the component that `NAME/NAME.js` draws; its default export is made by common/component.js.

    styles: its style sheets, as paths in pages/components. html: shown until the module is loaded.
    """
    css = "\n".join(_FILES[style].decode() for style in styles) or None
    loader = _FILES["common/loader.js"].decode()
    js = f'{loader}\nexport default load("components/{_VERSION}", {json.dumps(_with_imports(f"{name}/{name}.js"))});\n'
    return st.components.v2.component(f"cnn_{name}", html=html, css=css, js=js, isolate_styles=isolate_styles)


def _with_imports(module: str) -> list[str]:
    """The module and all modules it imports, directly or not."""
    names = [module]
    for name in names:  # the list grows inside the loop
        folder = posixpath.dirname(name)
        found = [posixpath.normpath(f"{folder}/{path}") for path in _IMPORT.findall(_FILES[name].decode())]
        names += [other for other in dict.fromkeys(found) if other not in names]
    return names


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_FILES[name], headers=headers, media_type=_TYPES[Path(name).suffix])


ROUTES = [Route(f"/components/{_VERSION}/{{name:path}}", _file)]
