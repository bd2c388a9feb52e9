from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnn.figures.charts import class_color
from cnn.figures.network_drawing import network_drawing
from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Norm, Pool
from cnn.model.layers import NetworkError, lay_out, stack
from cnn.specs import PRESETS, NetworkSpec

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = ("cat", "dog")
# Names of folders: anything but a slash and a zero byte. What is no text has been written out before (caf\xe9).
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=40)


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


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
    titles = "\n".join(element.text for element in parsed(drawing).iter(f"{SVG}title"))
    assert all(f"{layer.name}: {layer.shape_text}" in titles for layer in layers)
    shown = texts(drawing)
    for layer in layers:
        if layer.kind in ("input", "conv", "pool", "flatten", "dense", "output"):
            assert layer.name in shown and layer.shape_text in shown


@pytest.mark.parametrize(("fine_tune", "word"), [(False, "frozen"), (True, "fine-tuned")])
def test_a_frame_surrounds_the_layers_of_another_network(fine_tune, word):
    layers = lay_out(NetworkSpec(base="one", fine_tune=fine_tune), 50, 1, 2)
    drawing = network_drawing(layers, CLASSES)
    (text,) = [text for text in texts(drawing) if text.startswith(word)]
    frame = next(parsed(drawing).iter(f"{SVG}rect"))
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
    drawing = parsed(network_drawing(layers, CLASSES, "data:image/png;base64,AA=="))
    (image,) = drawing.iter(f"{SVG}image")
    assert image.get("href") == "data:image/png;base64,AA=="
    side = float(image.get("width"))
    fields = [layer.receptive_field[0] for layer in layers if layer.kind in ("conv", "pool")]
    frames = [rect for rect in drawing.iter(f"{SVG}rect") if rect.get("fill") == "none"]
    assert [float(frame.get("width")) for frame in frames] == pytest.approx([side * f / 50 for f in fields], abs=0.1)
    centre = float(image.get("x")) + side / 2
    for frame in frames:
        assert float(frame.get("x")) + float(frame.get("width")) / 2 == pytest.approx(centre, abs=0.15)
    assert not list(parsed(network_drawing(layers, CLASSES)).iter(f"{SVG}image"))


def test_maps_are_drawn_to_scale():
    layers = lay_out(NetworkSpec(padding="same"), 64, 1, 2)  # 64, then 32, then 16 pixels
    fronts = [
        float(rect.get("width"))
        for rect in parsed(network_drawing(layers, CLASSES)).iter(f"{SVG}rect")
        if rect.get("stroke-width") is None and rect.get("rx") is None
    ]
    assert [round(fronts[0] / side) for side in fronts] == [1, 1, 2, 2, 4]


def test_classes_have_their_colours_and_many_classes_are_summarized():
    classes = tuple(f"class {i}" for i in range(20))
    drawing = network_drawing(lay_out(NetworkSpec(), 50, 1, 20), classes)
    assert "and 13 more" in texts(drawing) and "class 6" in texts(drawing) and "class 7" not in texts(drawing)
    colors = [circle.get("fill") for circle in parsed(drawing).iter(f"{SVG}circle") if circle.get("r") == "7"]
    assert colors == [*map(class_color, range(7)), "none"]


def test_all_elements_stay_inside_the_drawing():
    for preset in (one.network_spec for one in PRESETS.values()):
        drawing = parsed(network_drawing(lay_out(preset, 50, 1, 2), CLASSES))
        _, _, width, height = map(float, drawing.get("viewBox").split())
        for rect in drawing.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            assert x >= 0 and y >= 0 and x + w <= width and y + h <= height


def rectangles(drawing: str, **attributes: str) -> list[tuple[float, float]]:
    """(width, height) of the rectangles with these attributes."""
    return [
        (float(rect.get("width")), float(rect.get("height")))
        for rect in parsed(drawing).iter(f"{SVG}rect")
        if all(rect.get(name.replace("_", "-")) == value for name, value in attributes.items())
    ]


def test_maps_windows_and_receptive_fields_are_drawn_with_height_and_width():
    sequence = [Conv(4, (3, 5), stride=(1, 2), dilation=(2, 1)), Pool("max", (1, 4)), GlobalAverage(), Flatten()]
    drawing = network_drawing(stack(sequence, (1, 20, 40)), CLASSES, "data:,")
    pixel = 132 / 40
    fronts = [(40, 20), (18, 16), (4, 16), (1, 1)]
    windows = [(5, 5), (4, 1), (4, 16)]  # on the layer before: 3 rows with steps of 2 reach over 5
    fields = [(5, 5), (5 + 2 * 3, 5), (11 + 8 * 3, 5 + 15)]
    found = rectangles(drawing, fill_opacity="0.25"), rectangles(drawing, fill_opacity="0.35")
    for rects, expected in zip((*found, rectangles(drawing, fill="none")), (fronts, windows, fields), strict=True):
        for rect, sides in zip(rects, expected, strict=True):
            assert rect == pytest.approx((pixel * sides[0], pixel * sides[1]), abs=0.06)


def test_a_network_whose_only_map_is_the_image_is_drawn():
    drawing = network_drawing(stack([Norm(), Flatten(), Dense(2)], (1, 8, 8)), CLASSES, "data:,")
    assert {"image", "batch norm", "flatten", "classes", "cat", "dog"} <= set(texts(drawing))


def test_many_layers_of_one_shape_are_summarized_and_listed_on_hover():
    sequence = [Conv(2, 3), *[Activation("relu"), Dropout(0.5)] * 3, Flatten()]
    drawing = network_drawing(stack(sequence, (1, 8, 8)), CLASSES)
    assert texts(drawing)[3:7] == ["3 × 3 filters", "ReLU", "and 5 more", "conv1"]
    titles = [element.text for element in parsed(drawing).iter(f"{SVG}title")]
    assert "conv1: 2 × 6 × 6\nrelu1: 2 × 6 × 6\ndropout1: 2 × 6 × 6\nrelu2: 2 × 6 × 6" in titles[1]
