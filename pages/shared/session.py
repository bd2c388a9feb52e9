"""What a browser session remembers, in one typed record."""

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.server.work import Wait


@dataclass
class Session:
    """One field for each thing that a person chose or that this session waits for."""

    # Work beside the pages
    id: str = field(default_factory=lambda: uuid4().hex)  # tells who asks
    waits: dict[str, Wait] = field(default_factory=dict)  # kind of work -> what this session waits for
    archive: UploadedFile | None = None  # the .zip that is being unpacked
    archives: int = 0  # how many were sent


def session() -> Session:
    """The record of the session whose script runs; made when it is first asked for."""
    return st.session_state.setdefault("session", Session())
