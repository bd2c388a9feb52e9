"""Opening a model up: one method a file, each a function of a model and an image."""
