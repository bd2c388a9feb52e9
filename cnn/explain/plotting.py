"""Matplotlib. Everything imports it from here; the reason is in third_party.py."""

from matplotlib import pyplot

pyplot.switch_backend("Agg")  # draws into files, without a window

__all__ = ["pyplot"]
