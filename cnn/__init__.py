"""The convolutional network: data, network, training and explanation. Nothing here needs Streamlit."""
