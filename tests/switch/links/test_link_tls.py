"""TLS on the terminals' port, with certificates made for the test."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from switch.gate.link_plan import ClientCertificate, LinksFault, ServerLink, ServerTls, TlsVersion
from switch.gate.tls import server_context
from tests.switch.links.certificates import Certificates
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    LIMITS,
    Peer,
    RunningGate,
    connected,
    eventually,
    furnish,
    network,
    purchase,
)

Issued = Callable[[str], Certificates]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "tls")


def listener(certificates: Certificates, **settings: object) -> ServerLink:
    certificate, key = certificates.make("switch.example", is_server=True)
    tls = {"certificate_file": certificate, "key_file": key, **settings}
    return ServerLink(
        role="server", name="terminals", address="127.0.0.1:0", tls=ServerTls.model_validate(tls)
    )


def client_context(certificates: Certificates, name: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates.ca)
    if name is not None:
        context.load_cert_chain(*certificates.make(name))
    return context


async def is_refused(address: str, context: ssl.SSLContext) -> bool:
    """Whether a peer gets no reply; in TLS 1.3 a client learns of it only when it reads."""
    try:
        async with connected(address, context) as peer:
            peer.send(network("001", "HOST0001"))
            return await peer.is_closed()
    except OSError:
        return True


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_sale_over_tls(
    run: Run, tmp_path: Path, certificates: Certificates, version: ssl.TLSVersion
) -> None:
    context = client_context(certificates)
    context.minimum_version = context.maximum_version = version

    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)]) as switch:
            address = switch.addresses["terminals"]
            await furnish(address, context=context)
            async with connected(address, context) as peer:
                assert await peer.code(purchase()) == "58"
                await peer.sign_on()
                peer.send(*(purchase() for _ in range(LIMITS.in_flight_max)))
                for _ in range(LIMITS.in_flight_max):
                    assert (await peer.receive()).fields[39] == "00"
            status = switch.status()
            assert (status.is_tls, status.opened, status.failures) == (True, 2, 0)

    run(main())


def test_an_old_version_is_refused(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    old, new = client_context(certificates), client_context(certificates)
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    async def main() -> None:
        async with RunningGate(
            tmp_path, [listener(certificates, minimum_version=TlsVersion.TLS_1_3)]
        ) as switch:
            address = switch.addresses["terminals"]
            assert await is_refused(address, old)
            async with connected(address, new) as peer:
                await peer.sign_on("HOST0001")
            await eventually(lambda: switch.status().failures == 1)

    run(main())


@pytest.mark.parametrize(
    ("wanted", "shown", "is_served"),
    [
        (ClientCertificate.NONE, "none", True),
        (ClientCertificate.NONE, "other issuer's", True),
        (ClientCertificate.OPTIONAL, "none", True),
        (ClientCertificate.OPTIONAL, "good", True),
        (ClientCertificate.OPTIONAL, "other issuer's", False),
        (ClientCertificate.REQUIRED, "none", False),
        (ClientCertificate.REQUIRED, "good", True),
        (ClientCertificate.REQUIRED, "other issuer's", False),
    ],
)
def test_client_certificates(
    run: Run,
    tmp_path: Path,
    certificates: Certificates,
    *,
    wanted: ClientCertificate,
    shown: str,
    is_served: bool,
) -> None:
    other = Certificates(tmp_path / "other", "other")
    context = client_context(certificates, "shop" if shown == "good" else None)
    if shown == "other issuer's":
        context.load_cert_chain(*other.make("shop"))
    ca_file = None if wanted is ClientCertificate.NONE else certificates.ca

    async def main() -> None:
        planned = listener(certificates, client_certificate=wanted, ca_file=ca_file)
        async with RunningGate(tmp_path, [planned]) as switch:
            address = switch.addresses["terminals"]
            if not is_served:
                assert await is_refused(address, context)
                await eventually(lambda: switch.status().failures == 1)
                return
            async with connected(address, context) as peer:
                await peer.sign_on("HOST0001")

    run(main())


def test_a_certificate_speaks_for_its_terminals(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    planned = listener(
        certificates,
        client_certificate="required",
        ca_file=certificates.ca,
        terminals_by_certificate={"club": ["HOST0001"], "shop-1": ["T0000001", "T0000002"]},
    )

    async def main() -> None:
        async with RunningGate(tmp_path, [planned]) as switch:
            address = switch.addresses["terminals"]
            club = client_context(certificates, "club")
            await furnish(address, "T0000001", "T0000002", "T0000003", context=club)
            async with connected(address, client_context(certificates, "shop-1")) as shop:
                await shop.sign_on("T0000001")
                await shop.sign_on("T0000002")
                for other in ("T0000003", "HOST0001"):
                    assert await shop.code(network("001", other)) == "58"
                    assert await shop.code(purchase(terminal_id=other)) == "58"
                assert await shop.code(purchase()) == "00"
            assert await is_refused(address, client_context(certificates, "stranger"))
            assert switch.status().turned_away == 1

    run(main())


def test_mute_peers_hold_no_handshake_for_long(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    """Two that never say a word take both places; who comes next waits in the backlog, and is served."""

    async def main() -> None:
        async with RunningGate(
            tmp_path, [listener(certificates)], handshakes_max=2, handshake_timeout_s=0.5
        ) as switch:
            address = switch.addresses["terminals"]
            async with connected(address) as first, connected(address) as second:
                async with connected(address, client_context(certificates)) as peer:
                    await peer.sign_on("HOST0001")
                assert await first.is_closed()
                assert await second.is_closed()
            assert switch.status().failures == 2
            assert switch.status().opened == 1

    run(main())


def test_noise_instead_of_tls_is_no_link(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)]) as switch:
            async with connected(switch.addresses["terminals"]) as peer:
                peer.send(network("001", "HOST0001"))
                while await peer.reader.read(4096):
                    pass  # an alert
            await eventually(lambda: switch.status().failures == 1)
            assert switch.counters.links_opened == 0

    run(main())


def test_connections_are_bounded_before_they_shake_hands(
    run: Run, tmp_path: Path, certificates: Certificates
) -> None:
    limits = LIMITS._replace(connections_max=2)
    context = client_context(certificates)

    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)], limits=limits) as switch:
            address = switch.addresses["terminals"]
            async with connected(address, context) as one, connected(address, context) as other:
                await one.sign_on("HOST0001")
                await other.sign_on("HOST0001")
                assert await is_refused(address, context)
                assert switch.status().turned_away == 1
            await eventually(lambda: not switch.gate.links)
            async with connected(address, context) as again:
                await again.sign_on("HOST0001")

    run(main())


def test_drain_over_tls_answers_what_came_in(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    context = client_context(certificates)

    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)]) as switch:
            address = switch.addresses["terminals"]
            await furnish(address, context=context)
            async with connected(address, context) as peer, connected(address) as mute:
                await peer.sign_on()
                switch.journal.moves.clear()
                peer.send(*(purchase() for _ in range(12)))
                await eventually(lambda: switch.status().decided == 12)
                draining = asyncio.create_task(switch.drain())
                await asyncio.sleep(0)
                switch.journal.moves.set()
                assert [(await peer.receive()).fields[39] for _ in range(12)] == ["00"] * 12
                assert await peer.is_closed()
                await peer.close()
                await draining
                assert await mute.is_closed()
            with pytest.raises(OSError):
                async with connected(address, context):
                    pass

    run(main())


def test_a_key_that_others_may_read_is_refused(certificates: Certificates) -> None:
    tls = listener(certificates).tls
    assert tls is not None
    tls.key_file.chmod(0o644)
    with pytest.raises(LinksFault, match="0600"):
        server_context(tls)


def test_a_peer_that_never_reads_holds_little(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    context = client_context(certificates)
    limits = LIMITS._replace(write_buffer_bytes_max=4096)

    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)], limits=limits) as switch:
            address = switch.addresses["terminals"]
            async with connected(address, context) as peer:
                await peer.sign_on("HOST0001")
                read_nothing(peer)
                echoes = Peer.framed(network("301", "HOST0001")) * 500
                with pytest.raises(TimeoutError):
                    for _ in range(1000):
                        peer.writer.write(echoes)
                        async with asyncio.timeout(1.0):
                            await peer.writer.drain()
                (link,) = switch.gate.links
                assert link.write_buffer_bytes < 64 * 1024
                assert link.held_bytes <= 512 * 1024
                async with connected(address, context) as other:
                    await other.sign_on("HOST0001")
                peer.writer.transport.abort()
                await eventually(lambda: not switch.gate.links)

    run(main())


def test_peers_close_without_a_word(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    """A cut connection, in TLS as in TCP, signs everybody off and leaves nothing behind."""
    context = client_context(certificates)

    async def main() -> None:
        async with RunningGate(tmp_path, [listener(certificates)]) as switch:
            async with connected(switch.addresses["terminals"], context) as peer:
                await peer.sign_on("HOST0001")
                assert switch.status().terminals == 1
                cut(peer)
                await eventually(lambda: not switch.gate.links)
            assert switch.status().terminals == 0

    run(main())


def cut(peer: Peer) -> None:
    peer.writer.transport.abort()


def read_nothing(peer: Peer) -> None:
    cast(asyncio.Transport, peer.writer.transport).pause_reading()
