"""Captum, and matplotlib, which it loads. Everything imports them from here.

While two threads import different parts of matplotlib for the first time, each can see the other's half-finished
modules; the import fails, and so does every later one. The import of this module is the one that all threads wait for.
"""

from captum.attr import IntegratedGradients, LayerGradCam, Occlusion, Saliency
from matplotlib import pyplot

__all__ = ["IntegratedGradients", "LayerGradCam", "Occlusion", "Saliency", "pyplot"]
