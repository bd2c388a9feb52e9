"""What one layer of a network does and how its parameters are counted, as a card: HTML with a small picture."""

from html import escape

from cnn.figures.layer_picture import layer_picture
from cnn.model.layers import Layer
from cnn.model.windows import sides


def layer_card(layer: Layer) -> str:
    """HTML: the name and shape of the layer, sentences about it, the arithmetic of its parameters, and its picture."""
    name, label = escape(layer.name), escape(layer.record.label)
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in (layer.description, *details(layer)))
    return (
        f'<h3>{name}</h3><p class="shape">{label}, output {escape(layer.shape_text)}</p>'
        f"{paragraphs}<p>Parameters: <strong>{escape(layer.count.text)}</strong></p>{layer_picture(layer)}"
    )


def spoken(layer: Layer) -> str:
    """The same as one text, for screen readers."""
    texts = [f"{layer.name}: {layer.shape_text}", layer.description, *details(layer)]
    return " ".join([f"{texts[0]}.", *texts[1:], f"Parameters: {layer.count.text}."])


def details(layer: Layer) -> list[str]:
    """What its place in the network decides: what it sees, and how it was started."""
    texts = []
    if layer.is_spatial and layer.kind != "input":
        texts.append(f"Each value sees {sides(layer.receptive_field)} pixels of the image.")
    if layer.start != "new":
        changes = "training does not change them" if layer.start == "frozen" else "training changes them slowly"
        texts.append(f"Its weights come from another network; {changes} ({layer.start}).")
    return texts
