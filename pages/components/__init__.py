"""Components drawn in the browser. Each folder holds JavaScript, CSS, and the Python that sends the data. Components
import neither pages nor cnn."""
