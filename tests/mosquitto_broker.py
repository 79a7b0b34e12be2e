"""An MQTT broker of the tests' own: Debian's Mosquitto on a loopback port, with an account for each user."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 60
BRIDGE = "bridge"
PASSWORD = "for-tests-only"
# A terminal has its own two topics, whatever it asks for; the bridge has all of them.
_ACCESS = """user bridge
topic read vafa/+/request
topic write vafa/+/reply
pattern write vafa/%u/request
pattern read vafa/%u/reply
"""


class MosquittoBroker:
    """A broker at `port`, or not: it may be stopped and started again."""

    def __init__(self, folder: Path, users: tuple[str, ...]) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        for user in (BRIDGE, *users):
            subprocess.run(
                [_program("mosquitto_passwd"), "-b", passwords, user, PASSWORD],
                check=True,
                capture_output=True,
            )
        (folder / "access").write_text(_ACCESS)
        (folder / "access").chmod(0o600)
        self._settings = folder / "mosquitto.conf"
        self._settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\nset_tcp_nodelay true\nuser root\n"
            f"password_file {passwords}\nacl_file {folder / 'access'}\npersistence false\n"
        )

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("mosquitto"), "-c", self._settings],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "mosquitto.log").read_text()) from None
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        """Kill it, as a power cut does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(_STOP_TIMEOUT_S)


@contextmanager
def running_broker(folder: Path, *users: str) -> Iterator[MosquittoBroker]:
    """A broker with accounts for `users` and the bridge, all with PASSWORD."""
    folder.mkdir(parents=True, exist_ok=True)
    broker = MosquittoBroker(folder, users)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise RuntimeError(f"these tests need {name}; run `apt-get install mosquitto`")
    return found
