"""The convolutional network: data, network, training and explanation. Nothing here needs Streamlit."""

import os

# Threads of PyTorch that wait for each other spin (GNU OpenMP, on Linux). Where anything else wants the processor, a
# browser say, they then keep each other from working: training beside a busy process was 15 times slower than with
# short spinning. It is read when torch is loaded, so it has to be said before.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
