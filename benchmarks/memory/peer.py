"""The peer, LoopBack's DataSource Juggler on Node, as a process that runs one case at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

VERSION = "7.0.3"
HERE = Path(__file__).parent
#: The peer is installed here by npm, once.
HOME = HERE / ".node"


class Peer:
    """Runs the peer's cases, so that its rounds can stand between ours."""

    def __init__(self) -> None:
        node = shutil.which("node")
        npm = shutil.which("npm")
        if node is None or npm is None:
            msg = "the peer needs Node and npm on the path"
            raise SystemExit(msg)
        if not (HOME / "node_modules").exists():
            HOME.mkdir(exist_ok=True)
            package = f"loopback-datasource-juggler@{VERSION}"
            subprocess.run(
                [npm, "install", "--silent", "--no-save", "--prefix", str(HOME), package],
                check=True,
            )
        self.process = subprocess.Popen(
            [node, str(HERE / "peer.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_PATH": str(HOME / "node_modules")},
        )
        self.version = self._answer()["ready"]

    def run(self, case: str) -> float:
        """Seconds per operation of one round of a case."""
        if self.process.stdin is None:
            return float("nan")
        self.process.stdin.write(f"{case}\n")
        self.process.stdin.flush()
        return float(self._answer()["seconds"])

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()

    def _answer(self) -> dict[str, str]:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            msg = "the peer ended before it answered"
            raise SystemExit(msg)
        answer: dict[str, str] = json.loads(line)
        return answer
