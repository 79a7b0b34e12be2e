"""HTTPS: the certificate is asked for the name, though the connection goes to an address that was checked."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from host_api.services.webhooks.outcome import AttemptError, Outcome, Outgoing
from host_api.services.webhooks.sender import Sender
from tests.host_api.webhook_receiver import Receiver
from tests.host_api.webhooks.conftest import LOOPBACK

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and its own certificate for the name localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def _send(certificate: Path, host: str, *, trusted: bool) -> tuple[Outcome, Receiver]:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    sender = Sender(LOOPBACK, timeout_s=15, connections=1, certificates=trust)
    async with Receiver(tls=served) as receiver:
        url = f"https://{host}:{receiver.port}/"
        outcome = await sender.send(Outgoing(url, [("webhook-id", "evt_1")], b"{}"))
        await sender.close()
        return outcome, receiver


async def test_the_certificate_of_the_name_is_accepted(certificate: Path) -> None:
    outcome, receiver = await _send(certificate, "localhost", trusted=True)
    assert (outcome.error, outcome.status) == (None, 204)
    assert receiver.accepted == ["evt_1"]


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", True), ("localhost", False)])
async def test_another_certificate_is_not(certificate: Path, host: str, trusted: bool) -> None:
    outcome, receiver = await _send(certificate, host, trusted=trusted)
    assert (outcome.error, outcome.status) == (AttemptError.TLS, None)
    assert receiver.received == []
