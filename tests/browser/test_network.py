"""The drawing of a network and the glossary in a real Chromium: sizes, the pointer, keys and text in components."""

import re

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.app import TRAIN, address, button, go_to, metric, press, see_page, settled, slider


@pytest.fixture
def network_page(open_page, server):
    settings = {"folder": "shapes", "image_size": 32, "filters": "8,8,8,8", "padding": "same"}
    page = open_page(address(server, "network", **settings))
    expect(page.get_by_role("option", name="conv4")).to_be_visible()
    settled(page)
    return page


def test_a_layer_is_explained_under_the_pointer_and_by_keys_and_the_drawing_fits_any_width(network_page):
    page = network_page
    note = page.locator(".note:popover-open")
    page.get_by_role("option", name="conv2").hover()
    expect(note).to_contain_text("8 × (3 × 3 × 8 + 1) = 584")
    page.mouse.move(5, 5)
    expect(note).to_have_count(0)
    press(page.locator(".drawing [data-note][tabindex='0']"), "ArrowRight", times=2)
    expect(note).to_contain_text("pool2")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        expect(page.get_by_role("option", name="logits")).to_be_visible()
        drawing = page.locator(".drawing", has=page.get_by_role("listbox"))
        assert drawing.evaluate("(node) => node.scrollWidth - node.clientWidth") == 0


def test_the_drawing_stays_in_view_beside_each_setting_and_no_setting_moves_when_it_is_pressed(network_page):
    page = network_page
    drawing = page.locator(".drawing", has=page.get_by_role("listbox"))
    page.get_by_text("ReLU after the dense layer", exact=True).hover()
    expect(drawing).to_be_in_viewport(ratio=0.99)
    no_padding = page.get_by_role("radiogroup", name="Padding").get_by_text("none", exact=True)
    no_padding.hover()
    before = no_padding.bounding_box()
    no_padding.click()
    expect(page.get_by_text("This network cannot be built.")).to_be_in_viewport()
    settled(page)
    assert no_padding.bounding_box()["y"] == pytest.approx(before["y"], abs=2)


def test_the_words_of_a_page_are_explained_and_all_words_can_be_searched(network_page):
    page = network_page
    expect(page.get_by_text("Padding", exact=True).first).to_be_visible()
    button(page, "Words explained").click()
    words = page.get_by_role("dialog", name="Words on this page").locator("dt")
    for word in ("flatten", "logit", "padding"):  # in the drawing, too, and in the help behind a label
        expect(words.filter(has_text=word).first).to_be_visible()
    expect(words.filter(has_text="occlusion")).to_have_count(0)
    page.keyboard.type("occl")
    expect(words).to_have_text(["occlusion"])
    page.keyboard.press("Escape")
    expect(words.first).to_be_hidden()
    expect(button(page, "Words explained")).to_be_focused()


def ask_for_a_time(page, held, wait) -> None:
    """Changes the network until the page asks whether its time is measured. It does not ask if the time is known when
    it is drawn."""
    wait(lambda: press(slider(page, "Filters in block 1"), "ArrowRight") or page.wait_for_timeout(1000) or held)


def with_newest_states(message: bytes, newest) -> bytes:
    """The message of a part of the page, had the browser sent it after that of the page."""
    late = BackMsg.FromString(message)
    states = late.rerun_script.widget_states.widgets
    known = {state.id for state in newest.widget_states.widgets}
    asked = [state for state in states if state.id not in known]
    del states[:]
    states.extend([*newest.widget_states.widgets, *asked])
    return late.SerializeToString()


def test_a_part_of_the_page_that_asks_for_a_rerun_when_the_page_has_lost_it_draws_nothing(open_page, server, wait):
    """The time of an epoch is measured in such a part; a network that does not fit has none."""
    held, of_page = [], []

    def connect(socket) -> None:
        to_server = socket.connect_to_server()

        def pass_on(message) -> None:
            asked = BackMsg.FromString(message).rerun_script
            if asked.fragment_id:
                held.append((to_server, message))
            else:
                of_page.append(asked)
                to_server.send(message)

        socket.on_message(pass_on)

    with open_page("about:blank") as page:
        page.route_web_socket(re.compile("_stcore/stream"), connect)
        page.goto(address(server, "network", folder="shapes", image_size=32, filters="5,5,5", padding="valid"))
        ask_for_a_time(page, held, wait)
        press(slider(page, "Convolution blocks"), "ArrowRight")
        expect(page.get_by_text("does not fit")).to_be_visible()
        settled(page)
        to_server, message = held[0]
        to_server.send(with_newest_states(message, of_page[-1]))
        page.wait_for_timeout(1000)  # for what the server answers, if it does
        see_page(page, "Network")
        expect(page.get_by_text("does not fit")).to_be_visible()
        expect(metric(page, "Time per epoch")).to_have_count(0)


def page_of(message: bytes) -> str:
    return BackMsg.FromString(message).rerun_script.page_script_hash


def test_a_message_of_the_page_before_leaves_the_new_page_as_it_is(open_page, server, wait):
    """The part that measures the time of an epoch asks for a rerun just after the browser has asked for Train."""
    held, sent = [], []

    def connect(socket) -> None:
        to_server = socket.connect_to_server()

        def pass_on(message) -> None:
            asked = BackMsg.FromString(message).rerun_script
            if asked.fragment_id:
                held.append(message)
                return
            to_server.send(message)
            is_of_train = held and asked.page_script_hash != page_of(held[0])
            if is_of_train and not sent:
                sent.append(held[0])
                to_server.send(held[0])

        socket.on_message(pass_on)

    with open_page("about:blank") as page:
        page.route_web_socket(re.compile("_stcore/stream"), connect)
        page.goto(address(server, "network", folder="shapes", image_size=30, filters="5,5", padding="same"))
        ask_for_a_time(page, held, wait)
        go_to(page, "Train")
        assert sent
        page.wait_for_timeout(1000)  # for what the server answers, if it does
        settled(page)
        expect(button(page, TRAIN)).to_be_visible()
