"""One `python -m switch` on its own directory; may be killed and started again."""

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

START_TIMEOUT_S = 60.0
REPLY_TIMEOUT_S = 10.0
_LOG_TAIL_CHARACTERS = 2000
_PREFIX = "VAFA_SWITCH_"


class SwitchFailed(Exception):  # noqa: N818  (reads as a statement)
    """The switch did not start or did not answer; the text is for whoever started it."""


class SwitchProcess:
    """A switch process with its journal, keys and log under `directory`; ports are free ones of loopback.

    Args:
        master_key: 32 bytes, of which all terminals' keys come.
        feed_token: of the operations port.
    """

    def __init__(self, directory: Path, master_key: bytes, feed_token: str) -> None:
        self.command = [sys.executable, "-m", "switch"]
        self.directory = directory
        self.journal = directory / "journal"
        self.log = directory / "switch.log"
        self.process: subprocess.Popen[str] | None = None
        self.terminals = ("", 0)
        self.operations = ""
        self._feed_token = feed_token
        keys = directory / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        for name, content in (("master.key", master_key.hex()), ("feed.token", feed_token)):
            path = keys / name
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_text(content)

    def environment(self, **settings: object) -> dict[str, str]:
        """Environment of the process; `settings` by their lower-case names."""
        plain = {
            "terminals_port": 0,
            "operations_port": 0,
            "journal_directory": self.journal,
            "master_key_file": self.directory / "keys/master.key",
            "feed_token_file": self.directory / "keys/feed.token",
            "console_users_file": self.directory / "keys/console-users.json",
            **settings,
        }
        # What somebody has set for a switch of theirs is not meant for this one.
        own = {name: value for name, value in os.environ.items() if _is_for_all(name)}
        return own | {f"{_PREFIX}{name.upper()}": str(value) for name, value in plain.items()}

    def start(self, file_bytes_max: int | None = None, **settings: object) -> Self:
        """Start and wait for the ready line. `file_bytes_max` makes every longer file a full disk.

        Raises:
            SwitchFailed: it ended, or said nothing in 60 s.
        """

        def limit_files() -> None:
            if file_bytes_max is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))

        with self.log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603  (our own module)
                self.command,
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=None if file_bytes_max is None else limit_files,  # noqa: PLW1509  (only in tests)
            )
        ready = self._ready()
        host, _, port = ready["terminals"].rpartition(":")
        self.terminals = (host, int(port))
        self.operations = f"http://{ready['operations']}"
        return self

    def run_to_exit(self, **settings: object) -> tuple[int, str]:
        """Start a switch that is to refuse; exit code and stderr."""
        done = subprocess.run(  # noqa: S603
            self.command,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
        )
        return done.returncode, done.stderr

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self._started().send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """SIGKILL, as a power cut to the process."""
        self._started().kill()
        self.wait()

    def wait(self) -> int:
        """Exit code of the process."""
        process = self._started()
        code = process.wait(timeout=START_TIMEOUT_S)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def get(self, path: str, token: str | None = None) -> tuple[int, bytes]:
        """HTTP GET on the operations port."""
        request = urllib.request.Request(self.operations + path)  # noqa: S310  (our own loopback address)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=REPLY_TIMEOUT_S + 30) as response:  # noqa: S310
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def status(self) -> dict[str, int]:
        """/status."""
        status: dict[str, int] = json.loads(self.get("/status")[1])
        return status

    def feed(self, after: int = 0, limit: int = 1000, wait_ms: int = 0) -> list[dict[str, Any]]:
        """Lines of the feed: the journal's entries behind position `after`."""
        code, body = self.get(f"/feed?after={after}&limit={limit}&wait_ms={wait_ms}", self._feed_token)
        if code != HTTPStatus.OK:
            raise SwitchFailed(f"the feed answered {code}: {body[:200]!r}")
        return [json.loads(line) for line in body.splitlines()]

    def _started(self) -> "subprocess.Popen[str]":
        if self.process is None:
            raise SwitchFailed("the switch was never started")
        return self.process

    def _ready(self) -> dict[str, str]:
        process = self._started()
        output = process.stdout
        line = ""
        if output is not None and select.select([output], [], [], START_TIMEOUT_S)[0]:
            line = output.readline()
        with contextlib.suppress(ValueError):
            ready: dict[str, str] = json.loads(line)
            return ready
        process.kill()
        self.wait()
        tail = self.log.read_text("utf-8", "replace")[-_LOG_TAIL_CHARACTERS:].strip()
        raise SwitchFailed(f"the switch did not start: {tail or 'it said nothing'}")


def _is_for_all(name: str) -> bool:
    return not name.startswith(_PREFIX) or name == f"{_PREFIX}ENGINE"
