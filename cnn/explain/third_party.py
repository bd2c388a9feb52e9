"""Captum, which loads matplotlib. Everything imports it from here, and matplotlib from plotting.py.

While two threads import different parts of matplotlib for the first time, each can see the other's half-finished
modules; the import fails, and so does every later one. So all threads wait for the import of one module, plotting.py,
and whoever needs no more than matplotlib does not wait for captum.
"""

import cnn.explain.plotting  # isort: skip  # noqa: F401  before captum
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion, Saliency

__all__ = ["IntegratedGradients", "LayerGradCam", "Occlusion", "Saliency"]
