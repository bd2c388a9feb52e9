"""Explaining a model: one method per file, each a function of a model and an image."""
