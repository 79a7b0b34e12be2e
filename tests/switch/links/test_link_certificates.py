"""Certificates replaced under a running gate: the next links use them, open ones live on."""

import contextlib
import logging
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from switch.gate.link_plan import ServerLink, ServerTls
from switch.gate.tls import reload_contexts
from tests.switch.links.certificates import Certificates
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    PLAIN,
    Peer,
    RunningGate,
    connected,
    eventually,
    furnish,
    listening,
    network,
    next_of,
    purchase,
)
from tests.switch.links.test_link_dialling import dialled
from tests.switch.links.test_link_tls import client_context, is_refused

Break = Callable[[ServerTls, Path], None]


@pytest.fixture
def old(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "old", "old")


@pytest.fixture
def new(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "new", "new")


def served_by(issuer: Certificates, directory: Path, name: str = "shops") -> ServerLink:
    """A listener whose files are copies of this issuer's."""
    tls = ServerTls.model_validate(
        {
            "certificate_file": directory / f"{name}.pem",
            "key_file": directory / f"{name}.key",
            "ca_file": directory / f"{name}.ca",
            "client_certificate": "required",
            "terminals_by_certificate": {"club": ["HOST0001"], "shop": ["T0000001"]},
        }
    )
    put(tls, issuer)
    return ServerLink(role="server", name=name, address="127.0.0.1:0", tls=tls)


def put(tls: ServerTls, issuer: Certificates) -> None:
    """Replace the files of a listener."""
    certificate, key = issuer.make("switch.example", is_server=True)
    shutil.copy(certificate, tls.certificate_file)
    shutil.copy(key, tls.key_file)
    assert tls.ca_file is not None
    shutil.copy(issuer.ca, tls.ca_file)


def tls_of(link: ServerLink) -> ServerTls:
    assert link.tls is not None
    return link.tls


def shown(peer: Peer) -> bytes | None:
    """The certificate that a peer saw."""
    found = peer.writer.get_extra_info("ssl_object")
    assert isinstance(found, ssl.SSLObject)
    return found.getpeercert(binary_form=True)


def test_the_next_links_use_new_certificates_and_open_ones_live_on(
    run: Run, tmp_path: Path, old: Certificates, new: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    planned = served_by(old, tmp_path)

    async def main() -> None:
        async with RunningGate(tmp_path, [planned]) as switch:
            address = switch.addresses["shops"]
            await furnish(address, context=client_context(old, "club"))
            async with connected(address, client_context(old, "shop")) as early:
                await early.sign_on()
                put(tls_of(planned), new)
                async with connected(address, client_context(old, "shop")) as unaware:
                    assert shown(unaware) == shown(early)
                await reload_contexts(switch.gate.tls_contexts())
                assert await is_refused(address, client_context(old, "shop"))
                mixed = ssl.create_default_context(cafile=new.ca)
                mixed.load_cert_chain(*old.make("shop"))
                assert await is_refused(address, mixed), "the old issuer's clients are no longer let in"
                async with connected(address, client_context(new, "shop")) as late:
                    assert shown(late) != shown(early)
                    await late.sign_on()
                    for peer in (early, late):
                        assert await peer.code(purchase()) == "00"
            await eventually(lambda: switch.status("shops").failures == 2)

    with caplog.at_level(logging.INFO, "switch.gate"):
        run(main())
    assert "link shops: certificates read again" in caplog.text


def cut_off(tls: ServerTls, _: Path) -> None:
    tls.certificate_file.write_bytes(tls.certificate_file.read_bytes()[:200])


def of_another_key(tls: ServerTls, directory: Path) -> None:
    shutil.copy(Certificates(directory / "other").make("switch.example", is_server=True)[1], tls.key_file)


def readable_by_others(tls: ServerTls, _: Path) -> None:
    tls.key_file.chmod(0o640)


def without_issuers(tls: ServerTls, _: Path) -> None:
    assert tls.ca_file is not None
    tls.ca_file.unlink()


def issuers_that_are_none(tls: ServerTls, _: Path) -> None:
    assert tls.ca_file is not None
    tls.ca_file.write_text("nothing")


@pytest.mark.parametrize(
    "damage",
    [cut_off, of_another_key, readable_by_others, without_issuers, issuers_that_are_none],
    ids=lambda damage: damage.__name__,
)
def test_a_broken_file_is_told_and_the_old_certificates_stay(  # noqa: PLR0917
    run: Run,
    tmp_path: Path,
    old: Certificates,
    new: Certificates,
    caplog: pytest.LogCaptureFixture,
    damage: Break,
) -> None:
    broken, whole = served_by(old, tmp_path, "broken"), served_by(old, tmp_path, "whole")

    async def main() -> None:
        async with RunningGate(tmp_path, [broken, whole]) as switch:
            for planned in (broken, whole):
                put(tls_of(planned), new)
            damage(tls_of(broken), tmp_path)
            await reload_contexts(switch.gate.tls_contexts())
            for planned, issuer in ((broken, old), (whole, new)):
                async with connected(switch.addresses[planned.name], client_context(issuer, "club")) as peer:
                    assert await peer.code(network("001", "HOST0001")) == "00"

    run(main())
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    line = told.getMessage()
    assert line.startswith("link broken keeps its certificates: TLS ")
    assert str(tmp_path / "broken.") in line
    assert "\n" not in line


def test_a_dialled_link_shows_its_new_certificate_when_it_dials_again(
    run: Run, tmp_path: Path, old: Certificates, new: Certificates
) -> None:
    certificate, key = (tmp_path / "own.pem", tmp_path / "own.key")

    def place(issuer: Certificates) -> None:
        for found, path in zip(issuer.make("switch"), (certificate, key), strict=True):
            shutil.copy(found, path)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*old.make("concentrator", is_server=True))
    context.load_verify_locations(old.ca)
    context.load_verify_locations(new.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    place(old)
    tls = {
        "ca_file": old.ca,
        "certificate_file": certificate,
        "key_file": key,
        "server_name": "concentrator",
    }

    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            address, arrived = await stack.enter_async_context(listening(context))
            switch = await stack.enter_async_context(
                RunningGate(tmp_path, [PLAIN, dialled(address, tls=tls)])
            )
            await furnish(switch.addresses["terminals"])
            first = await next_of(arrived)
            await first.sign_on()
            place(new)
            await reload_contexts(switch.gate.tls_contexts())
            assert await first.code(purchase()) == "00"
            first.writer.transport.abort()
            second = await next_of(arrived)
            assert shown(second) != shown(first)
            await second.sign_on()

    run(main())
