"""Retakes the pictures of the README: python -m tests.browser.screenshots"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.app import ARGUMENTS, find_chromium, free_port, settled

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SETTINGS = "folder=cats_dogs&channels=3&image_size=64&epochs=6"
