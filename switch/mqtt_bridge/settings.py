"""Settings of a bridge process, from the environment (prefix VAFA_MQTT_BRIDGE_)."""

import ssl
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from switch.gate.link_plan import Address, ClientTls, LinksFault, read_address
from switch.gate.tls import client_context
from switch.logs import LogFormat

Seconds = Annotated[float, Field(gt=0, le=3600)]
_AddressText = Annotated[str, Field(max_length=260, pattern=r"^.+:[0-9]{1,5}$")]


class BridgeSettings(BaseSettings):
    """Broker, switch and bounds. Without TLS either is reached on this machine only."""

    model_config = SettingsConfigDict(env_prefix="VAFA_MQTT_BRIDGE_", extra="forbid", frozen=True)

    broker: _AddressText = Field("127.0.0.1:1883", description="host:port")
    broker_ca_file: Path | None = Field(None, description="PEM: issuers of the broker's certificate; TLS")
    broker_certificate_file: Path | None = Field(None, description="PEM: the bridge's own, to the broker")
    broker_key_file: Path | None = Field(None, description="PEM, mode 0600")
    username: str | None = None
    password_file: Path | None = Field(None, description="mode 0600")
    client_id: str = Field("vafa-bridge", pattern=r"^[A-Za-z0-9-]{1,23}$", description="one bridge each")

    switch: _AddressText = Field("127.0.0.1:7583", description="host:port of a terminals' link")
    switch_ca_file: Path | None = Field(None, description="PEM: issuers of the switch's certificate; TLS")
    switch_certificate_file: Path | None = Field(None, description="PEM: the bridge's own, to the switch")
    switch_key_file: Path | None = Field(None, description="PEM, mode 0600")

    terminals_max: int = Field(1024, ge=1, le=65_536, description="links to the switch at a time")
    waiting_max: int = Field(16, ge=1, le=1024, description="messages of one terminal that may wait")
    frame_bytes_max: int = Field(1024, ge=64, le=4096)
    connect_timeout_s: Seconds = 5.0
    publish_timeout_s: Seconds = Field(10.0, description="until the broker has acknowledged a reply")
    retry_first_s: Seconds = Field(0.5, description="before the broker is tried again; doubles")
    retry_limit_s: Seconds = 30.0

    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: LogFormat = Field(LogFormat.TEXT, description="text or json, one line each")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        for name, ca_file in (("broker", self.broker_ca_file), ("switch", self.switch_ca_file)):
            address = read_address(getattr(self, name))
            if ca_file is None and not address.is_loopback:
                raise ValueError(f"{name}: without {name}_ca_file only a loopback address")
        return self

    @property
    def broker_address(self) -> Address:
        """Where the broker listens."""
        return read_address(self.broker)

    @property
    def switch_address(self) -> Address:
        """Where the switch listens."""
        return read_address(self.switch)

    def broker_tls(self) -> ssl.SSLContext | None:
        """For the broker. Raises LinksFault."""
        return _context("broker", self.broker_ca_file, self.broker_certificate_file, self.broker_key_file)

    def switch_tls(self) -> ssl.SSLContext | None:
        """For the switch. Raises LinksFault."""
        return _context("switch", self.switch_ca_file, self.switch_certificate_file, self.switch_key_file)

    def password(self) -> str | None:
        """The first line of the password file. Raises LinksFault."""
        path = self.password_file
        if path is None:
            return None
        try:
            if path.stat().st_mode & 0o077:
                raise LinksFault(f"password file {path}: others may read it; it wants mode 0600")
            return path.read_text("utf-8").strip()
        except OSError as error:
            raise LinksFault(f"password file {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise LinksFault(f"password file {path}: no text") from None


def _context(
    name: str, ca_file: Path | None, certificate_file: Path | None, key_file: Path | None
) -> ssl.SSLContext | None:
    if ca_file is None:
        return None
    try:
        return client_context(
            ClientTls(ca_file=ca_file, certificate_file=certificate_file, key_file=key_file)
        )
    except ValidationError:
        raise LinksFault(f"{name}: certificate_file and key_file belong together") from None
