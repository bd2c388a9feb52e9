"""Behind nginx, with the configuration of docs/server.md, in a real Chromium: all that a page requests arrives.

A JupyterHub is played by a proxy that removes a long path.
"""

import json
import os
import re
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
import plotly
import pytest
from PIL import Image
from playwright.sync_api import expect

from cnn.report.report import Evidence
from cnn.report.report_store import Reports
from pages.server import report_pictures
from tests.browser.app import (
    LONG,
    button,
    go_to,
    section,
    see_more_steps,
    see_page,
    start_training,
    subject,
    upload_image,
)
from tests.browser.server import ROOT, free_port
from tests.conftest import wait

pytestmark = pytest.mark.usefixtures("stop_runs")
RECIPES = ROOT / "docs" / "server.md"
PATHS = {"kept": "course/cnn", "removed": "user/a.student@school.edu/proxy/8501"}  # the second: as JupyterHub does
NGINX_LIMIT = 1_000_000  # bytes of an upload that nginx accepts unless its configuration allows more
PROBES = {f"/{page}/_stcore/{name}" for page in ("activations", "train") for name in ("health", "host-config")}
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    server {{
        listen 127.0.0.1:{port};
{locations}
    }}
}}
"""


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


@contextmanager
def nginx(folder, locations: list[str]):
    """Runs nginx with these locations; yields its address."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        reason = "nginx is not installed."
        pytest.fail(reason) if os.environ.get("CNN_REQUIRE_NGINX") == "1" else pytest.skip(reason)
    port, file, errors = free_port(), folder / "nginx.conf", folder / "errors"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, locations="".join(locations)))
    process = subprocess.Popen([program, "-p", folder, "-c", file, "-e", errors])
    try:
        wait(lambda: is_open(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def proxy(browser, serve, server, store, tmp_path_factory):
    """The address of nginx in front of two servers: one below PATH, and one that knows of no path."""
    below = serve(ROOT / "dashboard.py", CNN_RUNS=str(store.directory), STREAMLIT_SERVER_BASE_URL_PATH=PATHS["kept"])
    keeps, removes = re.findall(r"```nginx\n(.*?)```", RECIPES.read_text(), re.DOTALL)
    locations = [
        keeps.replace(":8501", f":{below.port}"),
        removes.replace(":8501", f":{server.port}").replace(PATHS["kept"], PATHS["removed"]),
    ]
    with nginx(tmp_path_factory.mktemp("nginx"), locations) as address:
        yield address


def answers(page) -> dict[str, int]:
    """The address of each request that the page makes, without its query -> the status of the last answer."""
    found = {}

    def note(answer) -> None:
        if answer.url.startswith("http"):  # not data: or blob:
            found[answer.url.split("?")[0]] = answer.status

    page.on("response", note)
    return found


@pytest.mark.hardening
@pytest.mark.parametrize("path", PATHS)
def test_everything_on_the_pages_works_behind_a_proxy(open_page, proxy, path, run, wait, tmp_path, store):
    report = Reports(store).create("# Own\n## First {#first}\n### Why? {#why}")
    piece = Reports(store).add_evidence(report, Evidence("", "first", "filters", "Filters", picture="<svg/>"))
    picture = report_pictures.address(report, piece)
    root = f"{proxy}/{PATHS[path]}"
    page = open_page("about:blank")
    answered = answers(page)
    page.goto(root)  # without a slash at its end, as people type it
    see_page(page, "Start")

    go_to(page, "Activations")
    page.goto(f"{root}/activations?run={run.id}")  # a link
    see_page(page, "Activations")
    expect(section(page, "conv2").get_by_role("option")).to_have_count(8)  # modules, and bytes through the WebSocket
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (800, 800, 3), np.uint8)).save(tmp_path / "noise.png")
    assert (tmp_path / "noise.png").stat().st_size > NGINX_LIMIT
    upload_image(page, tmp_path / "noise.png")
    expect(subject(page)).to_contain_text("noise.png")

    page.goto(f"{root}/train?{urlencode(LONG)}")
    see_page(page, "Train")
    start_training(page)
    see_more_steps(page, wait, than=see_more_steps(page, wait))  # live data
    page.reload()
    see_more_steps(page, wait)
    go_to(page, "Data")
    assert page.url.startswith(f"{root}/data")
    page.go_back()
    see_page(page, "Train")
    button(page, "Stop").click()
    expect(page.get_by_text("Stopped after step")).to_be_visible()

    assert [url for url in answered if not url.startswith(root)] == []
    assert {url.removeprefix(root) for url, status in answered.items() if status >= 400} <= PROBES
    for part in ("/components/", "/runs/", "/_stcore/upload_file/"):
        assert any(url.startswith(root + part) for url in answered), part
    with urlopen(f"{root}/plotly-{plotly.__version__}.min.js") as answer:
        assert len(answer.read()) > NGINX_LIMIT
    with urlopen(f"{root}/{picture}") as answer:  # of a report
        assert answer.read() == b"<svg/>"
    with urlopen(f"{root}/work/unknown") as answer:  # a wait that no longer exists
        assert json.load(answer)["ended"]
    with pytest.raises(HTTPError) as refused:  # where datasets are sent
        urlopen(f"{root}/sending/unknown")
    assert "no longer expects" in json.load(refused.value)["error"]
    with urlopen(f"{root}/train/") as answer:  # a slash too many is redirected
        assert answer.url == f"{root}/train"
