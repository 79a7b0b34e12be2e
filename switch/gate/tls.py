"""TLS of links: contexts from files, and the names in a peer's certificate (RFC 5280, RFC 8446)."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from switch.gate.link_plan import ClientCertificate, ClientTls, LinksFault, ServerTls, TlsVersion

_LOG = logging.getLogger("switch.gate")

_VERSIONS = {TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2, TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3}
_VERIFY = {
    ClientCertificate.NONE: ssl.CERT_NONE,
    ClientCertificate.OPTIONAL: ssl.CERT_OPTIONAL,
    ClientCertificate.REQUIRED: ssl.CERT_REQUIRED,
}


class HasExtraInfo(Protocol):
    """What is asked of a transport."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        """As asyncio.BaseTransport has it."""


class LinkContext:
    """The context of a link's next connections, `current`. Raises LinksFault where it can't be made."""

    def __init__(self, tls: ServerTls | ClientTls) -> None:
        self._tls = tls
        self.current = self._read()

    def reload(self) -> None:
        """Read the files again: the next connections use what they hold, open ones live on as they are.

        Raises LinksFault; then everything stays as it was.
        """
        self.current = self._read()

    def _read(self) -> ssl.SSLContext:
        tls = self._tls
        return server_context(tls) if isinstance(tls, ServerTls) else client_context(tls)


async def reload_contexts(contexts: Mapping[str, LinkContext]) -> None:
    """Reload contexts, by the names of their links; the log tells what came of each.

    A link whose files can't be used keeps what it has, whatever becomes of the others. A thread reads them.
    """
    for name, context in contexts.items():
        try:
            await asyncio.to_thread(context.reload)
        except LinksFault as fault:
            _LOG.error("link %s keeps its certificates: %s", name, fault)
        else:
            _LOG.info("link %s: certificates read again", name)


def server_context(tls: ServerTls) -> ssl.SSLContext:
    """Context of a listener. Raises LinksFault."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[tls.minimum_version]
    _load_own(context, tls.certificate_file, tls.key_file)
    context.verify_mode = _VERIFY[tls.client_certificate]
    if tls.ca_file is not None:
        _load_issuers(context, tls.ca_file)
    return context


def client_context(tls: ClientTls) -> ssl.SSLContext:
    """Context of a link that the switch dials; it checks the peer's name. Raises LinksFault."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[tls.minimum_version]
    if tls.certificate_file is not None and tls.key_file is not None:
        _load_own(context, tls.certificate_file, tls.key_file)
    _load_issuers(context, tls.ca_file)
    return context


def peer_names(transport: HasExtraInfo) -> tuple[str, ...]:
    """Common name and DNS names of the peer's certificate; empty where it has shown none.

    Only a certificate that was checked against the issuers is seen here.
    """
    certificate = transport.get_extra_info("peercert")
    if not isinstance(certificate, dict):
        return ()
    common = [
        value
        for relative in certificate.get("subject", ())
        for name, value in relative
        if name == "commonName"
    ]
    alternative = [value for name, value in certificate.get("subjectAltName", ()) if name == "DNS"]
    return tuple(dict.fromkeys([*common, *alternative]))


def permitted_terminals(
    names: tuple[str, ...],
    by_certificate: Mapping[str, frozenset[str]],
    of_link: frozenset[str] | None,
) -> frozenset[str]:
    """Who may sign on: the terminals of all the peer's names, among those of the link."""
    named = frozenset[str]().union(*(by_certificate.get(name, frozenset()) for name in names))
    return named if of_link is None else named & of_link


def _load_own(context: ssl.SSLContext, certificate_file: Path, key_file: Path) -> None:
    try:
        if key_file.stat().st_mode & 0o077:
            raise LinksFault(f"TLS key file {key_file}: others may read it; it wants mode 0600")
        # Without a password it would be asked for at the terminal.
        context.load_cert_chain(certificate_file, key_file, password="")
    except ssl.SSLError as error:
        raise LinksFault(f"TLS certificate {certificate_file} and key {key_file}: {_told(error)}") from None
    except OSError as error:
        raise LinksFault(f"TLS certificate {certificate_file} and key {key_file}: {error.strerror}") from None


def _load_issuers(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError as error:
        raise LinksFault(f"TLS issuers {ca_file}: {_told(error)}") from None
    except OSError as error:
        raise LinksFault(f"TLS issuers {ca_file}: {error.strerror}") from None


def _told(error: ssl.SSLError) -> str:
    return (error.reason or "can't be read").replace("_", " ").lower()
