"""TLS over a stream of this board. Who reads or writes first shakes hands, and learns of a refusal."""

import errno

import tls

from terminal.hal.connections import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Stream

# What Mbed TLS says of a certificate that it does not trust, and our word for it.
_REFUSALS = (("expired", "expired"), ("future", "expired"), ("Common Name", "name"), ("trusted CA", "issuer"))


def context_of(read: "Callable[[str], bytes]") -> tls.SSLContext:
    """What a client needs. `read` gives what the settings `tls_ca_file` and so on name, in DER form.

    Raises:
        OSError: one of them can't be read, or is damaged.
    """
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED  # type: ignore[attr-defined]  # the stubs lack it
    try:
        context.load_verify_locations(read("tls_ca_file"))
        certificate = read("tls_certificate_file")
        if certificate:
            context.load_cert_chain(certificate, read("tls_key_file"))
    except ValueError:
        raise OSError(errno.EINVAL)  # noqa: B904
    return context


class TlsStream(Connection):
    """A client's end.

    Args:
        carrier: open, with nothing sent yet; a stream of this board.
        context: issuers, and our own certificate.
        server_name: must be in the server's certificate.
    """

    def __init__(self, carrier: "Stream", context: tls.SSLContext, server_name: str) -> None:
        assert isinstance(carrier, Connection)  # noqa: S101
        wrapped = context.wrap_socket(carrier.raw, server_hostname=server_name, do_handshake_on_connect=False)
        super().__init__(wrapped)
        self.refusal = ""

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """As Connection."""
        try:
            return await super().readinto(buffer)
        except ValueError as fault:
            raise self._refused(fault)  # noqa: B904

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """As Connection."""
        try:
            super().write(data)
        except ValueError as fault:
            raise self._refused(fault)  # noqa: B904

    async def drain(self) -> None:
        """As Connection."""
        try:
            await super().drain()
        except ValueError as fault:
            raise self._refused(fault)  # noqa: B904

    def _refused(self, fault: ValueError) -> OSError:
        self.refusal = "certificate"
        for words, reason in _REFUSALS:
            if words in str(fault):
                self.refusal = reason
                break
        return OSError(errno.EACCES)
