"""A file is saved although its page has just been drawn again, and the browser does not know that yet."""

import csv
import re
from functools import partial

import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.app import address, button, see_page, select, window_that_saves

pytestmark = pytest.mark.browser


def test_a_press_on_a_button_that_the_server_has_just_replaced_saves_its_file(browser, server, run, wait):
    held, is_holding = [], []

    def connect(socket) -> None:
        to_server = socket.connect_to_server()

        def pass_on(message) -> None:
            if is_holding:
                held.append((socket, message))
            else:
                socket.send(message)

        to_server.on_message(pass_on)

    def has_come(kind: str) -> bool:
        page.wait_for_timeout(50)  # lets messages come
        return any(ForwardMsg.FromString(message).WhichOneof("type") == kind for _, message in held)

    with window_that_saves(browser) as page:
        page.route_web_socket(re.compile("_stcore/stream"), connect)
        page.goto(address(server, "results", run=run.id))
        see_page(page, "Results")
        save = button(page.locator(".st-key-download-confusion-csv-CSV"), "CSV")
        expect(save).to_be_visible()
        is_holding.append(True)
        select(page, "Numbers", "% of the class")

        wait(partial(has_come, "script_finished"))
        with page.expect_download() as saved:
            save.click()
            wait(partial(has_come, "backend_operation_response"))
            is_holding.clear()
            for socket, message in held:
                socket.send(message)
        with open(saved.value.path(), encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        assert {name for name in rows[0] if name} >= set(run.classes)
