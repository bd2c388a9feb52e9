"""A Streamlit server for tests, on a free port; it can be restarted on the same port."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`streamlit run SCRIPT`, answering at `url`. environment: variables added to those of the tests."""

    def __init__(self, script: Path, **environment: str):
        self.script, self.environment = script, os.environ | environment
        self.port = free_port()
        base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        self.url = f"http://127.0.0.1:{self.port}/{base}".rstrip("/")
        self.start()

    def start(self) -> None:
        options = {"server.port": self.port, "server.headless": "true", "browser.gatherUsageStats": "false"}
        command = [sys.executable, "-m", "streamlit", "run", str(self.script)]
        command += [f"--{name}={value}" for name, value in options.items()]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, **quiet)
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5)
                return
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"Streamlit did not answer at {self.url}.")

    def kill(self) -> None:
        """Kills the server, as a power cut would; its trainers go on."""
        self.process.kill()
        self.process.wait()
