"""The one speedometer of this server, which measures how fast networks train."""

import streamlit as st

from cnn.training.speed import Speedometer


@st.cache_resource(show_spinner=False)
def speedometer() -> Speedometer:
    return Speedometer()
