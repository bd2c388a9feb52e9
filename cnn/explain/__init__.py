"""Opening a network up: one method a file, each a function of a network and an image."""
