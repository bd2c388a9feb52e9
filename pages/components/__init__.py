"""Components drawn in the browser: each folder holds JavaScript, CSS, and the Python that sends the data. They import
neither pages nor cnn."""
