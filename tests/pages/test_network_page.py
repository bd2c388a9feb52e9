"""Settings of the network, and presets."""

import pytest

from tests.app import control, sentences


@pytest.mark.parametrize("page", ["network", "train"])
def test_a_network_that_does_not_fit_names_the_layer_and_what_would_fit(open_page, image_folder, page):
    app = open_page(page, folder=image_folder, image_size=16, filters="4,4,4,4")
    assert "conv3 does not fit" in sentences(app)
    assert "What would fit" in sentences(app)


def test_a_network_needs_no_dense_layer(open_page, image_folder):
    app = open_page("network", folder=image_folder, dense="")
    assert control(app.slider, "Hidden dense layers").value == 0
    assert not app.error


def test_without_an_activation_the_page_explains_that_dense_layers_collapse(open_page, image_folder):
    app = open_page("network", folder=image_folder)
    assert "compute no more than one linear layer" not in sentences(app)
    control(app.selectbox, "Activation").select("none").run()
    assert not app.exception
    assert "No activation after the dense layer" in sentences(
        app
    ) and "compute no more than one linear layer" in sentences(app)
    assert app.query_params["activation"] == "none"
    assert not [toggle for toggle in app.toggle if "after the dense layer" in toggle.label]
    assert "relu" not in app.code[0].value.lower()


def test_only_settings_that_change_the_network_are_shown(open_page, image_folder):
    app = open_page("network", folder=image_folder)
    app.button(key="preset_Fully connected").click().run()
    assert not app.exception
    shown = {widget.label for kind in ("slider", "selectbox", "toggle", "button_group") for widget in app.get(kind)}
    assert {"Convolution blocks", "Activation", "Dropout"} <= shown
    assert not {"Kernel size", "Padding", "Pooling", "Batch normalisation", "Dropout after each block"} & shown
    assert any("there is no kernel size" in caption.value for caption in app.caption)
    control(app.slider, "Convolution blocks").set_value(1).run()
    assert control(app.toggle, "Batch normalisation") and not any("no kernel" in one.value for one in app.caption)
    control(app.slider, "Hidden dense layers").set_value(0).run()
    assert not [one for one in (*app.toggle, *app.slider) if "dense layer" in one.label and "Hidden" not in one.label]


def test_global_average_pooling_gives_one_value_for_each_map(open_page, image_folder):
    app = open_page("network", folder=image_folder)
    control(app.toggle, "Global average pooling").set_value(True).run()
    assert not app.exception
    assert app.query_params["global_average"] == "on"
    assert '("pool3", nn.AdaptiveAvgPool2d(1)),' in app.code[0].value
    assert '("dense1", nn.Linear(16, 16)),' in app.code[0].value


def test_a_preset_moves_the_sliders_and_the_address(open_page, image_folder):
    app = open_page("network", folder=image_folder)
    app.button(key="preset_LeNet-5").click().run()
    assert not app.exception
    assert [control(app.slider, f"Filters in block {i}").value for i in (1, 2)] == [6, 16]
    assert [control(app.slider, f"Width of dense layer {i}").value for i in (1, 2)] == [120, 84]
    assert app.query_params["filters"] == "6,16"


@pytest.mark.parametrize(("folder", "mirrored"), [("digits", False), ("shapes", True)])
def test_a_preset_mirrors_only_images_that_stay_what_they_are(open_page, folder, mirrored):
    app = open_page("network", folder=folder, max_per_class=40)
    preset = app.button(key="preset_Good practice")
    assert ("mirroring stays off" in preset.help) != mirrored
    preset.click().run()
    assert not app.exception
    assert app.session_state.session.settings["mirror"].value == mirrored
    assert app.session_state.session.settings["shift"].value == 0.1  # the rest of the augmentation is on


def test_a_preset_overrides_earlier_moves_and_not_later_ones(open_page, image_folder):
    app = open_page("network", folder=image_folder, filters="7,9")
    control(app.toggle, "Batch normalisation").set_value(True)
    control(app.slider, "Filters in block 1").set_value(5)  # before the click on the preset
    app.button(key="preset_LeNet-5").click().run()
    assert not app.exception
    assert [control(app.slider, f"Filters in block {i}").value for i in (1, 2)] == [6, 16]
    assert not control(app.toggle, "Batch normalisation").value
    control(app.slider, "Filters in block 1").set_value(5).run()
    assert app.query_params["filters"] == "5,16"


def test_an_emptied_field_keeps_the_setting(open_page, image_folder):
    app = open_page("train", folder=image_folder, epochs=7)
    control(app.number_input, "Epochs").set_value(None).run()
    assert not app.exception
    assert app.query_params["epochs"] == "7"
