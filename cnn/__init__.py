"""The convolutional network: data, network, training and explanation. Nothing here needs Streamlit."""

import os

# How long PyTorch's threads spin while they wait for each other (GNU OpenMP, on Linux). By default they spin so long
# that they take the cores from each other as soon as another process, such as a browser, wants one: on two cores beside
# two busy processes, training was three times slower than with this value, which costs 5 to 12 % on an idle machine. It
# must be set before torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
