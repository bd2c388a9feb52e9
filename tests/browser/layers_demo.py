"""The maps component with layers of kinds that no slider makes: streamlit run tests/browser/layers_demo.py"""

import sys
from pathlib import Path

import streamlit as st
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from pages.components.maps import Section, maps
from pages.server.routes import all_routes
from tests.torch_sections import sections_of


def network() -> tuple[list[Section], dict[str, torch.Tensor]]:
    """The sections, and the output of each layer by name."""
    torch.manual_seed(5)
    image = torch.randint(0, 256, (1, 3, 30, 48))
    modules = [
        nn.Conv2d(3, 4, (11, 5), padding=(5, 2), bias=False),
        nn.SiLU(),
        nn.Conv2d(4, 6, (2, 3), stride=(1, 2), dilation=(2, 1), groups=2),
        nn.BatchNorm2d(6),
        nn.MaxPool2d((5, 3), (4, 4)),
        nn.Conv2d(6, 3, 1),
        nn.AvgPool2d((6, 6), (1, 1)),
        nn.Flatten(),
        nn.Linear(3, 2, bias=False),
        nn.Softmax(1),
    ]
    with torch.no_grad():
        return sections_of(image, modules)


def draw() -> None:
    st.set_page_config(layout="wide")
    maps(network()[0], key="layers", shared_scale=True, reports=False)


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=all_routes())
