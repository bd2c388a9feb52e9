"""The entry: streamlit run dashboard.py. Page frame and navigation, nothing else."""

import streamlit as st

from pages import sidebar, state

st.set_page_config("How convolutional networks see", ":material/blur_on:", layout="wide")

state.load()
page = st.navigation(
    {
        "Build": [
            st.Page("pages/data.py", title="Data", icon=":material/photo_library:", default=True),
            st.Page("pages/network.py", title="Network", icon=":material/layers:"),
            st.Page("pages/train.py", title="Train", icon=":material/show_chart:"),
        ],
        "Look inside": [
            st.Page("pages/filters.py", title="Filters", icon=":material/grid_on:"),
            st.Page("pages/activations.py", title="Activations", icon=":material/visibility:"),
        ],
    }
)
sidebar.draw()
page.run()
state.save()
