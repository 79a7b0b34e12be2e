"""Which links a switch has, as an operator writes them: listeners, and peers to dial. TOML or JSON.

A plain link is for this machine only; every other has TLS.
"""

import json
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

LINKS_MAX = 256
LINKS_FILE_BYTES_MAX = 4 << 20

_Document = TypeVar("_Document", bound=BaseModel)

TerminalId = Annotated[str, Field(pattern=r"^[!-~]{1,8}$")]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Milliseconds = Annotated[int, Field(ge=1, le=86_400_000)]


class LinksFault(Exception):  # noqa: N818  (not an error in the program)
    """The links can't be as they are written; the text is one line for the operator."""


class DocumentFault(Exception):  # noqa: N818  (not an error in the program)
    """A document can't be as it is written; the text is one line without its values."""


class ClientCertificate(StrEnum):
    """Whether a listener asks its peers for a certificate."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class TlsVersion(StrEnum):
    """The oldest version of TLS that is spoken."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


class Address(NamedTuple):
    """Host name or address, and port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it surely is this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_address(text: str) -> Address:
    """`host:port` or `[IPv6]:port`. Raises ValueError."""
    host, colon, digits = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets")
    if not host or not colon or not (digits.isascii() and digits.isdecimal()) or int(digits) > 65_535:
        raise ValueError(f"{text!r} is no host:port")
    return Address(host, int(digits))


def check_loopback(addresses: Iterable[str]) -> None:
    """A link without TLS stays on this machine. Raises ValueError."""
    for address in addresses:
        if not read_address(address).is_loopback:
            raise ValueError(f"{address} is no loopback address: such a link wants tls")


def _checked_address(text: str) -> str:
    read_address(text)
    return text


AddressText = Annotated[str, AfterValidator(_checked_address)]


class LinkLimits(NamedTuple):
    """Bounds of every link of a name; `connections_max` is for all its links together."""

    connections_max: int
    terminals_max: int
    frame_bytes_max: int
    in_flight_max: int
    write_buffer_bytes_max: int
    queue_age_max_ms: int
    idle_timeout_s: float
    sign_on_timeout_s: float


class GateLimits(NamedTuple):
    """Bounds over all links together, and those of a link whose settings don't say otherwise."""

    connections_max: int
    handshakes_max: int
    handshake_timeout_s: float
    link: LinkLimits


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class LimitsPart(_Part):
    """What a link has otherwise than the switch's settings say."""

    connections_max: int | None = Field(None, ge=1, le=65_536)
    terminals_max: int | None = Field(None, ge=1, le=65_536)
    frame_bytes_max: int | None = Field(None, ge=64, le=65_535)
    in_flight_max: int | None = Field(None, ge=1, le=4096)
    write_buffer_bytes_max: int | None = Field(None, ge=1024, le=16 << 20)
    queue_age_max_ms: Milliseconds | None = None
    idle_timeout_s: Seconds | None = None
    sign_on_timeout_s: Seconds | None = None

    def over(self, defaults: LinkLimits) -> LinkLimits:
        """These limits, and the defaults for the rest."""
        return defaults._replace(**self.model_dump(exclude_none=True))


class ServerTls(_Part):
    """TLS of a listener.

    `terminals_by_certificate` names, for the common name or a DNS name of a client's certificate, the
    terminals that may sign on over its link; a certificate that isn't named may not connect then.
    """

    certificate_file: Path
    key_file: Path
    ca_file: Path | None = Field(None, description="issuers of the clients' certificates")
    client_certificate: ClientCertificate = ClientCertificate.NONE
    minimum_version: TlsVersion = TlsVersion.TLS_1_2
    terminals_by_certificate: dict[str, frozenset[TerminalId]] | None = None

    @model_validator(mode="after")
    def _has_issuers(self) -> Self:
        if (self.client_certificate is ClientCertificate.NONE) != (self.ca_file is None):
            raise ValueError("ca_file and client_certificate optional or required belong together")
        if self.terminals_by_certificate is not None and self.client_certificate is ClientCertificate.NONE:
            raise ValueError("terminals_by_certificate wants client certificates")
        return self


class ClientTls(_Part):
    """TLS of a link that the switch dials; the peer's certificate is always checked against `ca_file`."""

    ca_file: Path
    certificate_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = Field(None, description="name in the peer's certificate; default the host")
    minimum_version: TlsVersion = TlsVersion.TLS_1_2

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self


LinkName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,31}$")]


class ServerLink(_Part):
    """A port at which peers arrive; each connection is a link of this name."""

    role: Literal["server"]
    name: LinkName
    address: AddressText
    tls: ServerTls | None = None
    terminals: frozenset[TerminalId] | None = Field(None, description="who may sign on; default everybody")
    limits: LimitsPart = LimitsPart()

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        if self.tls is None:
            check_loopback((self.address,))
        return self


class ClientLink(_Part):
    """A peer that the switch dials: a concentrator. The addresses are tried in turn."""

    role: Literal["client"]
    name: LinkName
    addresses: tuple[AddressText, ...] = Field(min_length=1, max_length=16)
    tls: ClientTls | None = None
    terminals: frozenset[TerminalId] | None = Field(None, description="who may sign on; default everybody")
    limits: LimitsPart = LimitsPart()
    echo_terminal_id: TerminalId | None = Field(None, description="seals the echoes of this side")
    echo_interval_s: Seconds = Field(30.0, description="an echo goes out after so long a silence")
    echo_timeout_s: Seconds = Field(10.0, description="and its answer must be here within this")
    connect_timeout_s: Seconds = 5.0
    first_wait_s: Seconds = Field(0.5, description="before the second attempt; it doubles")
    longest_wait_s: Seconds = 30.0

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        if self.tls is None:
            check_loopback(self.addresses)
        return self


PlannedLink = Annotated[ServerLink | ClientLink, Field(discriminator="role")]


class LinksDocument(_Part):
    """The links file."""

    links: tuple[PlannedLink, ...] = Field((), max_length=LINKS_MAX)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [link.name for link in self.links]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"link {twice[0]} is there twice")
        return self


def load_links(path: Path) -> LinksDocument:
    """Read a links file, JSON if its name ends so, else TOML. Raises LinksFault."""
    try:
        return read_document(path, LINKS_FILE_BYTES_MAX, LinksDocument)
    except DocumentFault as fault:
        raise LinksFault(f"links file {path}: {fault}") from None


def read_document(path: Path, bytes_max: int, model: type[_Document]) -> _Document:
    """What an operator wrote, JSON if the file's name ends so, else TOML. Raises DocumentFault."""
    try:
        if path.stat().st_size > bytes_max:
            raise DocumentFault(f"longer than {bytes_max} bytes")
        text = path.read_text("utf-8")
        return model.model_validate(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))
    except OSError as error:
        raise DocumentFault(str(error.strerror)) from None
    except ValidationError as error:
        raise DocumentFault(faults_of(error)) from None
    except (ValueError, RecursionError) as error:
        raise DocumentFault(str(error)) from None


def faults_of(error: ValidationError) -> str:
    """All faults of a document on one line, without the values."""
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    )
