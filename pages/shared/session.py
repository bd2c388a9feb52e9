"""What a browser session remembers, in one typed record."""

from dataclasses import dataclass

import streamlit as st


@dataclass
class Session:
    """One field for each thing that a person chose or that this session waits for."""


def session() -> Session:
    """The record of the session whose script runs; made when it is first asked for."""
    return st.session_state.setdefault("session", Session())
