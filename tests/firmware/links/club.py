"""A real switch with a shop, reached in plain and under mutual TLS; a bridge; ways that can be cut."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.mosquitto_broker import BRIDGE, PASSWORD, MosquittoBroker
from tests.switch.conftest import HOST, MASTER_KEY, MERCHANT, TERMINAL, Link, SwitchProcess
from tests.switch.links.certificates import Certificates
from tests.switch.links.running_gate import eventually

MEMBERS_CARD = Card.issue("628000", 1)
SERVER_NAME = "switch.example"
HEAP_BYTES = 160 * 1024
CLOCK_LAG_S = 2  # how far behind a terminal's clock may be: it is set by answers, which say whole seconds
FAST: dict[str, object] = {
    "response_timeout_ms": 2000,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 20,
    "backoff_limit_ms": 100,
    "notice_ms": 50,
    "languages": ["en"],
}


def terminal_key() -> bytes:
    return derive_terminal_key(MASTER_KEY, TERMINAL, 1)


def free_port() -> int:
    """For the link of certificates, whose port the switch tells nobody."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Club:
    """The switch's process, `address` of its plain link and `tls_address` of the one for certificates."""

    def __init__(self, folder: Path) -> None:
        self.certificates = Certificates(folder / "tls")
        certificate, key = self.certificates.make(SERVER_NAME, is_server=True)
        self.tls_address = ("127.0.0.1", free_port())
        tls = {
            "certificate_file": str(certificate),
            "key_file": str(key),
            "ca_file": str(self.certificates.ca),
            "client_certificate": "required",
            "minimum_version": "1.2",
            "terminals_by_certificate": {TERMINAL: [TERMINAL]},
        }
        links = folder / "links.json"
        address = f"127.0.0.1:{self.tls_address[1]}"
        links.write_text(
            json.dumps({"links": [{"role": "server", "name": "shops", "address": address, "tls": tls}]})
        )
        self._links = links
        self.switch = SwitchProcess(folder / "switch")

    @property
    def address(self) -> tuple[str, int]:
        return self.switch.terminals

    def start(self) -> None:
        self.switch.start(links_file=self._links)

    def found(self) -> None:
        """Make the shop, its terminal, the member and the card."""
        with closing(Link(self.address)) as link:
            link.sign_on(HOST)
            assert link.make_terminal().fields[39] == "00"
            link.make_member(card=MEMBERS_CARD.number)


@contextmanager
def running_club(folder: Path) -> Iterator[Club]:
    club = Club(folder)
    club.start()
    try:
        club.found()
        yield club
    finally:
        club.switch.kill()


def der_files(certificates: Certificates, folder: Path, name: str = TERMINAL) -> dict[str, object]:
    """The terminal's settings for certificates of its own, as it wants them."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate_file, key_file = certificates.make(name)
    settings = {}
    for setting, source in (("tls_ca_file", certificates.ca), ("tls_certificate_file", certificate_file)):
        certificate = x509.load_pem_x509_certificate(source.read_bytes())
        path = folder / f"{setting}.der"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
        settings[setting] = str(path)
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    path = folder / "key.der"
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return {**settings, "tls_key_file": str(path), "tls_server_name": SERVER_NAME}


def over_mqtt(broker: MosquittoBroker, folder: Path) -> dict[str, object]:
    """The terminal's settings for a route through the broker."""
    password = folder / "mqtt.password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    route = {"host": "127.0.0.1", "port": broker.port, "mqtt": True}
    return {"routes": [route], "mqtt_username": TERMINAL, "mqtt_password_file": str(password)}


class BridgeProcess:
    """`vafa mqtt-bridge` between the broker and the club's plain link."""

    def __init__(self, folder: Path, broker: MosquittoBroker, switch: tuple[str, int]) -> None:
        password = folder / "bridge.password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)
        self._log = folder / "bridge.log"
        self._environment = os.environ | {
            "VAFA_MQTT_BRIDGE_BROKER": f"127.0.0.1:{broker.port}",
            "VAFA_MQTT_BRIDGE_SWITCH": f"{switch[0]}:{switch[1]}",
            "VAFA_MQTT_BRIDGE_USERNAME": BRIDGE,
            "VAFA_MQTT_BRIDGE_PASSWORD_FILE": str(password),
            "VAFA_MQTT_BRIDGE_RETRY_FIRST_S": "0.05",
            "VAFA_MQTT_BRIDGE_RETRY_LIMIT_S": "0.1",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.cli", "mqtt-bridge"],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line and json.loads(line)["ready"] == "mqtt_bridge", self._log.read_text()

    def stop(self, number: int) -> int:
        """Send the signal; the exit code."""
        assert self.process is not None and self.process.stdout is not None
        self.process.send_signal(number)
        code = self.process.wait(10)
        self.process.stdout.close()
        self.process = None
        return code


@contextmanager
def running_bridge(folder: Path, broker: MosquittoBroker, switch: tuple[str, int]) -> Iterator[BridgeProcess]:
    bridge = BridgeProcess(folder, broker, switch)
    bridge.start()
    try:
        yield bridge
    finally:
        if bridge.process is not None:
            bridge.stop(9)


@asynccontextmanager
async def terminal_at(
    vm: MicropythonVm, folder: Path, address: tuple[str, int], **parameters: object
) -> AsyncIterator[VirtualTerminal]:
    """The shop's terminal, signed on."""
    await eventually(lambda: int(time.time()) > _in_use["until_s"])
    terminal = new_terminal(vm, folder, address, **parameters)
    try:
        async with terminal:
            await terminal.signed_on()
            yield terminal
    finally:
        _in_use["until_s"] = int(time.time()) + CLOCK_LAG_S


# On fresh flash a terminal counts from 1 again: in the second of the one before, its sales would pass for
# that one's, as nothing else tells them apart.
_in_use = {"until_s": 0}


def new_terminal(
    vm: MicropythonVm, folder: Path, address: tuple[str, int], **parameters: object
) -> VirtualTerminal:
    return VirtualTerminal(
        vm,
        directory=folder / "terminal",
        terminal_id=TERMINAL,
        merchant_id=MERCHANT,
        switch=address,
        key=terminal_key(),
        heap_bytes=HEAP_BYTES,
        parameters={**FAST, **parameters},
    )


class Scissors:
    """A way to `target` that may be cut: at once, or when so many more bytes have come back over it."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.bytes_left: int | None = None

    async def __aenter__(self) -> tuple["Scissors", tuple[str, int]]:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return self, ("127.0.0.1", self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break all connections; new ones are whole."""
        self.bytes_left = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back, counted=False), self._pass(there, writer, counted=True))
        self._writers -= {writer, back}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        try:
            while data := await reader.read(4096):
                if counted and self.bytes_left is not None:
                    kept = data[: self.bytes_left]
                    self.bytes_left -= len(kept)
                    writer.write(kept)
                    if self.bytes_left == 0:
                        await writer.drain()
                        self.cut()
                        return
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
