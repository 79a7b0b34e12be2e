"""The measured processes: the real switch, the plain design, and the load that they are put under."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from switch.ledger.stores import Engine
from tools.bench import switch_club as club
from tools.bench.load.plan import ApiLoad, LinkLoad, LoadResult, PostLoad
from tools.bench.load.processor import pin
from tools.bench.switch_fault import BenchFault

_START_TIMEOUT_S = 240.0
_STOP_TIMEOUT_S = 30.0
_STATUS_TIMEOUT_S = 10.0
_LOAD_TIMEOUT_S = 180.0
_LOG_TAIL_CHARACTERS = 2000


class MeasuredProcess:
    """One process of ours that says on standard output when it serves; `ready_s` is how long that took."""

    def __init__(
        self, arguments: list[str], settings: Mapping[str, str], log: Path, processor: int | None
    ) -> None:
        self._log = log
        started = time.monotonic()
        with log.open("ab") as log_file:
            self._process = subprocess.Popen(  # noqa: S603  (our own modules)
                [sys.executable, *arguments],
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log_file,
                start_new_session=True,
            )
        pin(self._process.pid, processor)
        try:
            self.ready: dict[str, object] = json.loads(self._first_line())
        except BaseException:
            self.kill()
            raise
        self.ready_s = time.monotonic() - started

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    def address(self, name: str) -> str:
        """An address of the ready line."""
        return str(self.ready[name])

    def log_text(self) -> str:
        """All that it has logged."""
        return self._log.read_text("utf-8", "replace")

    def stop(self) -> None:
        """Ask it to end, and wait. Raises BenchFault where it doesn't end well."""
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise BenchFault(f"it did not stop: {self._last_words()}") from None
        self._close()
        if code != 0:
            raise BenchFault(f"it ended with code {code}: {self._last_words()}")

    def kill(self) -> None:
        """SIGKILL, where it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._close()

    def _first_line(self) -> bytes:
        output = self._process.stdout
        if output is None:
            raise BenchFault("no standard output")
        select.select([output], [], [], _START_TIMEOUT_S)
        os.set_blocking(output.fileno(), False)
        line = output.readline()
        if not line:  # None where it says nothing, empty where it has ended
            raise BenchFault(f"it did not start: {self._last_words()}")
        return line

    def _close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _last_words(self) -> str:
        return self.log_text()[-_LOG_TAIL_CHARACTERS:].strip()


class SwitchProcess(MeasuredProcess):
    """`python -m switch` with one engine, on a directory that `switch_club.write_setup` has set up."""

    def __init__(self, directory: Path, journal: Path, processor: int | None, engine: Engine) -> None:
        settings = {
            "ENGINE": engine.value,
            "TERMINALS_PORT": "0",
            "OPERATIONS_PORT": "0",
            "JOURNAL_DIRECTORY": str(journal),
            "MASTER_KEY_FILE": str(directory / "master.key"),
            "FEED_TOKEN_FILE": str(directory / "feed.token"),
            "RULES_FILE": str(directory / "rules.json"),
            "HOST_TERMINAL_ID": club.HOST_ID,
            "CONNECTIONS_MAX": "4096",
            # Every start is to read all of the journal, and nothing else is to run meanwhile.
            "SNAPSHOT_SEGMENTS": "0",
        }
        super().__init__(
            ["-m", "switch"],
            {f"VAFA_SWITCH_{name}": value for name, value in settings.items()},
            directory / "switch.log",
            processor,
        )
        if self.status().get("engine") != engine:
            raise BenchFault(f"it runs another engine than {engine}")

    def status(self) -> dict[str, int | str | bool]:
        """/status. Raises BenchFault."""
        url = f"http://{self.address('operations')}/status"
        try:
            with urllib.request.urlopen(url, timeout=_STATUS_TIMEOUT_S) as response:
                found: dict[str, int | str | bool] = json.loads(response.read())
        except OSError as error:
            raise BenchFault(f"no status: {error}") from None
        return found

    def count(self, name: str) -> int:
        """A number of /status. Raises BenchFault where there's none of this name."""
        found = self.status().get(name)
        if not isinstance(found, int):
            raise BenchFault(f"/status has no number {name}")
        return found


Running = TypeVar("Running", bound=MeasuredProcess)


@contextlib.contextmanager
def running(process: Running) -> Iterator[Running]:
    """Kill it at the end, whatever happens."""
    try:
        yield process
    finally:
        process.kill()


def load(plan: LinkLoad | PostLoad | ApiLoad) -> LoadResult:
    """Run a load in a process of its own. Raises BenchFault."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.load"],
            input=plan.model_dump_json() + "\n",
            capture_output=True,
            text=True,
            timeout=_LOAD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BenchFault("the load did not come to its end") from None
    if done.returncode != 0:
        raise BenchFault(f"the load failed: {done.stderr.strip()}")
    return LoadResult.model_validate_json(done.stdout)
