"""A server whose certificate is not the right one: refused, and told on the display and in the log."""

import asyncio
import ssl
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from tests.firmware.links.club import SERVER_NAME, der_files, new_terminal
from tests.switch.links.certificates import Certificates

CASES = {
    "issuer": ("stranger", SERVER_NAME, 1, "Server: unknown issuer"),
    "expired": ("issuer", SERVER_NAME, -1, "Server: certificate expired"),
    "name": ("issuer", "another.example", 1, "Server: wrong name"),
}


@pytest.mark.parametrize("reason", CASES)
def test_a_wrong_certificate(vm: MicropythonVm, tmp_path: Path, reason: str) -> None:
    issuer, name, days, shown = CASES[reason]
    trusted = Certificates(tmp_path / "trusted")
    presenting = trusted if issuer == "issuer" else Certificates(tmp_path / "stranger", "stranger")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*presenting.make(name, is_server=True, days=days))

    async def scenario() -> None:
        heard: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.read(100))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        address = server.sockets[0].getsockname()[:2]
        terminal = new_terminal(vm, tmp_path, address, **der_files(trusted, tmp_path / "der"))
        async with terminal:
            refused = await terminal.wait_event("link_refused", 2)
            assert refused["reason"] == reason
            await terminal.wait_for(lambda: shown in terminal.lcd, "word on the display")
            assert "Call support" in terminal.lcd
            assert terminal.events_named("signed_on") == []
        assert heard == [] or set(heard) == {b""}, "nothing was said to a stranger"
        server.close()
        await server.wait_closed()

    asyncio.run(scenario())


def test_missing_certificates_are_a_failed_link_and_no_crash(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        address = server.sockets[0].getsockname()[:2]
        async with new_terminal(vm, tmp_path, address, tls_ca_file="nowhere.der") as terminal:
            failed = await terminal.wait_event("link_failed", 2)
            assert failed["phase"] == "connect"
        server.close()
        await server.wait_closed()

    asyncio.run(scenario())
