"""The convolutional network: data, network, training and explanation. Nothing here needs Streamlit."""

import os

# Threads of PyTorch that wait for each other spin (GNU OpenMP, on Linux). Where anything else wants the processor, a
# browser say, they then keep each other from working: on two cores beside two busy processes, training was three times
# slower than with spinning as short as here, which costs 5 to 12 % where nothing else runs. It is read when torch is
# loaded, so it has to be said before.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
