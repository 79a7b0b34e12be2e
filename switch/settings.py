"""Settings of a switch process, from the environment (prefix VAFA_SWITCH_)."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from switch.gate.link_plan import (
    Address,
    ClientCertificate,
    ClientLink,
    LinkLimits,
    LinksFault,
    ServerLink,
    ServerTls,
    TlsVersion,
    load_links,
)
from switch.ledger.stores import Engine
from switch.logs import LogFormat


def _loopback(address: IPv4Address) -> IPv4Address:
    if not address.is_loopback:
        raise ValueError("only a loopback address: this port is not encrypted")
    return address


Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]

# The listener of the settings themselves, beside those of the links file.
TERMINALS_LINK = "terminals"


class SwitchSettings(BaseSettings):
    """Where a switch listens, what it keeps, and its bounds. Port 0 takes a free one."""

    model_config = SettingsConfigDict(env_prefix="VAFA_SWITCH_", extra="forbid", frozen=True)

    bind_address: IPv4Address = Field(
        IPv4Address("127.0.0.1"), description="of the terminals' port; without TLS a loopback address"
    )
    terminals_port: Port = 7583
    operations_address: Annotated[IPv4Address, AfterValidator(_loopback)] = IPv4Address("127.0.0.1")
    operations_port: Port = 7584

    tls_certificate_file: Path | None = Field(None, description="PEM; with it the terminals' port has TLS")
    tls_key_file: Path | None = Field(None, description="PEM, mode 0600")
    tls_ca_file: Path | None = Field(None, description="PEM: issuers of the terminals' certificates")
    tls_client_certificate: ClientCertificate = Field(
        ClientCertificate.NONE, description="none, optional or required"
    )
    tls_minimum_version: TlsVersion = Field(TlsVersion.TLS_1_2, description="1.2 or 1.3")
    links_file: Path | None = Field(None, description="TOML or JSON: more listeners, and peers to dial")

    engine: Engine | None = Field(
        None, description="python or compiled; by default the compiled core, where it was built"
    )

    journal_directory: Path = Path("var/journal")
    master_key_file: Path = Path("var/keys/master.key")
    feed_token_file: Path = Path("var/keys/feed.token")
    rules_file: Path | None = Field(
        None,
        description="TOML; without it the bundled default rules; not taken once a host has published",
    )
    candidate_rules_file: Path | None = Field(
        None, description="rules that only look on: TOML; what they would decide is counted, without effect"
    )
    candidate_one_of: int = Field(
        100, ge=1, le=1_000_000, description="the candidate rules look at one of so many purchases"
    )
    console_users_file: Path = Field(
        Path("var/keys/console-users.json"), description="people at the console: vafa switch user"
    )
    alarms_file: Path | None = Field(
        None, description="TOML: alarms beside or instead of the bundled ones, and who hears of them"
    )
    upstream_file: Path | None = Field(None, description="TOML: the switch that decides a partner's cards")

    downloads_directory: Path | None = Field(
        None, description="files for terminals: firmware, parameters, offline tables"
    )

    host_terminal_id: str = Field("HOST0001", pattern=r"^[A-Za-z0-9]{1,8}$")
    host_key_generation: int = Field(1, ge=1, le=9999)

    connections_max: int = Field(1024, ge=1, le=65_536)
    frame_bytes_max: int = Field(1024, ge=64, le=65_535)
    in_flight_max: int = Field(64, ge=1, le=4096, description="requests of one link that await their reply")
    write_buffer_bytes_max: int = Field(65_536, ge=1024, le=16 << 20)
    terminals_per_link_max: int = Field(1024, ge=1, le=65_536)
    queue_age_max_ms: int = Field(
        2000, ge=10, le=600_000, description="a request that waited longer is answered 91, undecided"
    )
    handshakes_max: int = Field(64, ge=1, le=4096, description="TLS handshakes at a time")
    handshake_timeout_s: Seconds = 5.0
    idle_timeout_s: Seconds = 300.0
    sign_on_timeout_s: Seconds = 10.0
    drain_timeout_s: Seconds = 5.0
    failure_shown_s: float = Field(
        2.0, ge=0, le=86_400, description="how long health tells why a switch has failed before it ends"
    )

    cut_over: str = Field(
        "00:00",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="when a business day ends, programme's time; from noon on the next day begins early",
    )

    segment_bytes: int = Field(64 << 20, ge=4096, le=1 << 30)
    snapshot_segments: int = Field(
        4, ge=0, le=100_000, description="a snapshot is made when so many segments are full; 0: never"
    )
    journal_days: int = Field(
        0, ge=0, le=36_500, description="older segments go when two snapshots have them; 0: none goes"
    )
    feed_readers_max: int = Field(32, ge=1, le=1024)
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: LogFormat = Field(LogFormat.TEXT, description="text or json, one line each")

    @property
    def cut_over_minute(self) -> int:
        """The cut-over in minutes from midnight."""
        return int(self.cut_over[:2]) * 60 + int(self.cut_over[3:])

    @model_validator(mode="after")
    def _has_snapshots(self) -> Self:
        if self.journal_days and not self.snapshot_segments:
            raise ValueError("journal_days wants snapshot_segments")
        return self

    @model_validator(mode="after")
    def _has_whole_tls(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file belong together")
        if self.tls_certificate_file is None:
            if not self.bind_address.is_loopback:
                raise ValueError("bind_address: without TLS only a loopback address")
            if self.tls_ca_file is not None or self.tls_client_certificate is not ClientCertificate.NONE:
                raise ValueError("tls_ca_file and tls_client_certificate want tls_certificate_file")
        elif (self.tls_ca_file is None) != (self.tls_client_certificate is ClientCertificate.NONE):
            raise ValueError("tls_ca_file and tls_client_certificate optional or required belong together")
        return self

    def link_limits(self) -> LinkLimits:
        """Bounds of a link for which the links file has no other."""
        return LinkLimits(
            connections_max=self.connections_max,
            terminals_max=self.terminals_per_link_max,
            frame_bytes_max=self.frame_bytes_max,
            in_flight_max=self.in_flight_max,
            write_buffer_bytes_max=self.write_buffer_bytes_max,
            queue_age_max_ms=self.queue_age_max_ms,
            idle_timeout_s=self.idle_timeout_s,
            sign_on_timeout_s=self.sign_on_timeout_s,
        )

    def planned_links(self) -> tuple[ServerLink | ClientLink, ...]:
        """The terminals' port, then the links of the file. Raises LinksFault."""
        tls = None
        if self.tls_certificate_file is not None and self.tls_key_file is not None:
            tls = ServerTls(
                certificate_file=self.tls_certificate_file,
                key_file=self.tls_key_file,
                ca_file=self.tls_ca_file,
                client_certificate=self.tls_client_certificate,
                minimum_version=self.tls_minimum_version,
            )
        address = str(Address(str(self.bind_address), self.terminals_port))
        own = ServerLink(role="server", name=TERMINALS_LINK, address=address, tls=tls)
        others = () if self.links_file is None else load_links(self.links_file).links
        if any(link.name == TERMINALS_LINK for link in others):
            raise LinksFault(f"links file {self.links_file}: {TERMINALS_LINK} is the port of the settings")
        return own, *others
