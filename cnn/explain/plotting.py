"""Matplotlib. Everything imports it from here; the reason is in third_party.py."""

from matplotlib import pyplot

__all__ = ["pyplot"]
