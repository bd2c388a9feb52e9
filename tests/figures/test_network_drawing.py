from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnn.figures.charts import class_color
from cnn.figures.network_drawing import WIDTHS, layer_cards, network_drawing
from cnn.figures.network_layout import SIDES, rows_of
from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Norm, Pool
from cnn.model.layers import NetworkError, lay_out, stack
from cnn.specs import PRESETS, NetworkSpec

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = ("cat", "dog")
# Names of folders: anything but a slash and a zero byte. What is no text has been written out before (caf\xe9).
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=40)


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def options(drawing: str) -> list[ElementTree.Element]:
    """The layers, in order."""
    return [element for element in parsed(drawing).iter(f"{SVG}g") if element.get("role") == "option"]


def rectangles(drawing: str, kind: str) -> list[ElementTree.Element]:
    return [rect for rect in parsed(drawing).iter(f"{SVG}rect") if rect.get("class") == kind]


def sides_of(rects: list[ElementTree.Element]) -> list[tuple[float, float]]:
    return [(float(rect.get("width")), float(rect.get("height"))) for rect in rects]


def texts(drawing: str) -> list[str]:
    return [element.text for element in parsed(drawing).iter(f"{SVG}text")]


@given(spec=..., size=st.integers(16, 128), channels=st.sampled_from((1, 3)), picture=st.sampled_from(("", "data:,")))
def test_every_network_is_drawn_with_the_name_and_shape_of_each_of_its_layers(
    spec: NetworkSpec, size, channels, picture
):
    try:
        layers = lay_out(spec, size, channels, 2)
    except NetworkError:
        assume(False)
    drawing = network_drawing(layers, CLASSES, picture)
    said = [option.get("aria-description") for option in options(drawing)]
    expected = [f"{layer.name}: {layer.shape_text}." for layer in layers]
    assert [text[: len(start)] for text, start in zip(said, expected, strict=True)] == expected
    shown = texts(drawing)
    for layer in layers:
        if layer.kind in ("input", "conv", "pool", "flatten", "dense", "output"):
            assert layer.name in shown and layer.shape_text in shown


@pytest.mark.parametrize(("fine_tune", "word"), [(False, "frozen"), (True, "fine-tuned")])
def test_a_frame_surrounds_the_layers_of_another_network(fine_tune, word):
    layers = lay_out(NetworkSpec(base="one", fine_tune=fine_tune), 50, 1, 2)
    drawing = network_drawing(layers, CLASSES)
    (text,) = [text for text in texts(drawing) if text.startswith(word)]
    frame = next(rect for rect in parsed(drawing).iter(f"{SVG}rect") if rect.get("stroke-dasharray"))
    left = float(frame.get("x"))
    right = left + float(frame.get("width"))
    places = {one.text: float(one.get("x")) for one in parsed(drawing).iter(f"{SVG}text")}
    assert places["input"] < left < places["conv1"] < places["pool2"] < right < places["flatten"]
    assert text not in texts(network_drawing(lay_out(NetworkSpec(), 50, 1, 2), CLASSES))


@given(st.lists(NAMES, min_size=2, max_size=12).map(tuple))
def test_classes_of_any_name_give_valid_markup(classes):
    layers = lay_out(NetworkSpec(filters=(2,)), 16, 1, len(classes))
    root = parsed(network_drawing(layers, classes))
    assert root.tag == f"{SVG}svg" and not list(root.iter(f"{SVG}script"))


def test_markup_in_a_class_name_is_text():
    drawing = network_drawing(lay_out(NetworkSpec(), 50, 1, 2), ("<script>", "a&b \"'"))
    assert "<script" not in drawing and {"<script>", "a&b \"'"} <= set(texts(drawing))


def test_the_input_shows_the_image_with_receptive_fields_as_frames():
    layers = lay_out(PRESETS["TinyVGG"].network_spec, 50, 3, 2)
    drawing = network_drawing(layers, CLASSES, "data:image/png;base64,AA==")
    (image,) = parsed(drawing).iter(f"{SVG}image")
    assert image.get("href") == "data:image/png;base64,AA=="
    side = float(image.get("width"))
    fields = [layer.receptive_field[0] for layer in layers if layer.kind in ("conv", "pool")]
    frames = rectangles(drawing, "field")
    assert [float(frame.get("width")) for frame in frames] == pytest.approx([side * f / 50 for f in fields], abs=0.1)
    centre = float(image.get("x")) + side / 2
    for frame in frames:
        assert float(frame.get("x")) + float(frame.get("width")) / 2 == pytest.approx(centre, abs=0.15)
    assert not list(parsed(network_drawing(layers, CLASSES)).iter(f"{SVG}image"))


def test_maps_are_drawn_to_scale():
    layers = lay_out(NetworkSpec(padding="same"), 64, 1, 2)  # 64, then 32, then 16 pixels
    fronts = [width for width, _ in sides_of(rectangles(network_drawing(layers, CLASSES), "front"))]
    assert [round(fronts[0] / side) for side in fronts] == [1, 1, 2, 2, 4]


def test_classes_have_their_colours_and_many_classes_are_summarized():
    classes = tuple(f"class {i}" for i in range(20))
    drawing = network_drawing(lay_out(NetworkSpec(), 50, 1, 20), classes)
    assert "and 13 more" in texts(drawing) and "class 6" in texts(drawing) and "class 7" not in texts(drawing)
    colors = [circle.get("fill") for circle in parsed(drawing).iter(f"{SVG}circle") if circle.get("r") == "7"]
    assert colors == [*map(class_color, range(7)), "none"]


LONG = NetworkSpec(filters=(256, 8, 64, 128), convs_per_block=2, batch_norm=True, padding="same", dense=(64, 32, 16))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("spec", [*(one.network_spec for one in PRESETS.values()), LONG, NetworkSpec(filters=())])
def test_nothing_is_cut_off_and_no_columns_overlap_whatever_the_network_and_the_width(spec, width):
    drawing = network_drawing(lay_out(spec, 50, 3, 12), tuple(f"a long name {i}" for i in range(12)), "data:,", width)
    left, top, total, height = map(float, parsed(drawing).get("viewBox").split())
    assert (left, top, total) == (0, 0, width)
    places = []
    for rect in parsed(drawing).iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        if rect.get("fill") == "transparent" and h > 16:  # a column
            places.append((x, x + w, y, y + h))
    for i, (x0, x1, y0, y1) in enumerate(places):
        assert all(x1 <= u0 or u1 <= x0 or y1 <= v0 or v1 <= y0 for u0, u1, v0, v1 in places[:i])


def test_a_short_network_stays_in_one_row_and_a_long_one_goes_on_in_the_next():
    def rows(spec: NetworkSpec, width: int) -> int:
        drawing = parsed(network_drawing(lay_out(spec, 50, 3, 2), CLASSES, width=width))
        return len({text.get("y") for text in drawing.iter(f"{SVG}text") if text.get("font-weight")})

    assert rows(NetworkSpec(), 960) == 1 < rows(NetworkSpec(), 340)
    assert rows(LONG, 1360) == 1 < rows(LONG, 960)


def test_no_layer_is_left_alone_in_the_last_row():
    layers = lay_out(NetworkSpec(), 50, 1, 2)
    assert [len(row) for row in rows_of(layers, CLASSES, 480)] == [4, 4]
    names = [column.layer.name for row in rows_of(layers, CLASSES, 480) for column in row]
    assert names == ["input", "conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "logits"]


def test_maps_windows_and_receptive_fields_are_drawn_with_height_and_width():
    sequence = [Conv(4, (3, 5), stride=(1, 2), dilation=(2, 1)), Pool("max", (1, 4)), GlobalAverage(), Flatten()]
    drawing = network_drawing(stack(sequence, (1, 20, 40)), CLASSES, "data:,")
    pixel = SIDES[0] / 40
    fronts = [(40, 20), (18, 16), (4, 16), (1, 1)]
    windows = [(5, 5), (4, 1), (4, 16)]  # on the layer before: 3 rows with steps of 2 reach over 5
    fields = [(5, 5), (5 + 2 * 3, 5), (11 + 8 * 3, 5 + 15)]
    found = (sides_of(rectangles(drawing, kind)) for kind in ("front", "window", "field"))
    for rects, expected in zip(found, (fronts, windows, fields), strict=True):
        for rect, sides in zip(rects, expected, strict=True):
            assert rect == pytest.approx((pixel * sides[0], pixel * sides[1]), abs=0.06)


def test_a_network_whose_only_map_is_the_image_is_drawn():
    drawing = network_drawing(stack([Norm(), Flatten(), Dense(2)], (1, 8, 8)), CLASSES, "data:,")
    assert {"image", "batch norm", "flatten", "classes", "cat", "dog"} <= set(texts(drawing))


def test_layers_that_keep_the_shape_have_lines_and_options_of_their_own():
    sequence = [Conv(2, 3), *[Activation("relu"), Dropout(0.5)] * 3, Flatten()]
    drawing = network_drawing(stack(sequence, (1, 8, 8)), CLASSES)
    assert "ReLU" in texts(drawing)
    assert [option.get("data-note") for option in options(drawing)] == [str(i) for i in range(9)]
    assert options(drawing)[2].get("aria-description").startswith("relu1: 2 × 6 × 6.")


def test_a_card_about_each_layer_counts_its_parameters():
    sequence = [Conv(4, 3, stride=2, groups=2), Norm(), Activation("relu"), Pool("max"), GlobalAverage(), Flatten()]
    layers = stack([*sequence, Dropout(0.5), Dense(5), Dense(3, bias=False)], (2, 16, 16))
    cards = layer_cards(layers)
    counts = [ElementTree.fromstring(f"<div>{card}</div>").find(".//strong").text for card in cards]
    assert counts == [
        *("none", "4 × (3 × 3 × 1 + 1) = 40", "4 × (1 + 1) = 8", "none", "none", "none", "none", "none"),
        *("5 × (4 + 1) = 25", "3 × 5 = 15"),
    ]
    assert "Each filter reads 1 of the 2 maps" in cards[1] and "The stride is 2 × 2" in cards[1]
    assert "logit" in cards[-1] and "logit" not in cards[-2]
