"""What is drawn in the browser: a folder each of JavaScript, CSS and the Python that sends it data. They import neither
pages nor cnn."""
