"""TLS from the Cortex-M3 over its modem's UART, to a server that a test authority vouches for."""

import asyncio
import contextlib
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from firmware.rig.board_memory import lay_out
from firmware.rig.cortex import CortexFault, Image, machine
from tests.cortex.conftest import RUN_TIMEOUT_S, Figures
from tests.cortex.test_cortex_budgets import BUDGETS

SERVER = "switch.test"
LIFE = datetime.timedelta(days=1)


class Authority:
    """An issuer, and one server's certificate and key in a folder."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        own_key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _certificate("Test CA", "Test CA", key.public_key(), key)
        server = _certificate(SERVER, "Test CA", own_key.public_key(), key)
        self.server = folder / "server.pem"
        private = own_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.server.write_bytes(private + server.public_bytes(serialization.Encoding.PEM))


def _certificate(
    name: str, issuer: str, key: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


async def exchanged(image: Image, folder: Path, server_file: Path, trusted: x509.Certificate) -> list[str]:
    """What the image prints against a server of `server_file`; it trusts one issuer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(64):
                writer.write(data)
        except (ConnectionError, ssl.SSLError):
            pass  # the terminal ends without a farewell
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()

    memory = folder / "memory.bin"
    settings = b'{"tls_ca_file": "ca.der", "server_name": "%s"}' % SERVER.encode()
    authority = trusted.public_bytes(serialization.Encoding.DER)
    lay_out(memory, {"config.json": settings, "ca.der": authority})
    async with (
        await asyncio.start_server(silent, "127.0.0.1", 0) as devices,
        await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context) as switch,
    ):
        device, modem = (server.sockets[0].getsockname() for server in (devices, switch))
        command = machine(image, memory=memory, lines=[device, device, device, modem])
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), RUN_TIMEOUT_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    if process.returncode:
        raise CortexFault(said.decode())
    return said.decode().splitlines()


def test_a_trusted_server(handshake_image: Image, figures: Figures, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    said = asyncio.run(exchanged(handshake_image, tmp_path, authority.server, authority.certificate))
    words = {line.split()[0]: line.split()[1:] for line in said}
    assert words["reply"] == ["hello"]
    busy_us, longest_us, peak_bytes, held_bytes = map(int, words["tls"])
    measured = {
        "handshake_ms": busy_us // 1000,
        "longest_block_ms": longest_us // 1000,
        "exchange_us": int(words["exchange"][0]),
        "peak_bytes": peak_bytes,
        "held_bytes": held_bytes,
    }
    for name, budget in BUDGETS["tls"].items():
        figures.add("TLS " + name.replace("_", " "), f"{measured[name]:,}", f"{budget:,}")
        assert measured[name] <= budget, name


def test_a_server_of_another_issuer_is_refused(handshake_image: Image, tmp_path: Path) -> None:
    server = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    with pytest.raises(CortexFault, match="OSError"):
        asyncio.run(exchanged(handshake_image, tmp_path, server.server, stranger.certificate))
