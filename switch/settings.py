"""Settings of a switch process, from the environment (prefix VAFA_SWITCH_)."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _loopback(address: IPv4Address) -> IPv4Address:
    if not address.is_loopback:
        raise ValueError("only a loopback address: the links themselves are not encrypted")
    return address


Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class SwitchSettings(BaseSettings):
    """Where a switch listens, what it keeps, and its bounds. Port 0 takes a free one."""

    model_config = SettingsConfigDict(env_prefix="VAFA_SWITCH_", extra="forbid", frozen=True)

    bind_address: Annotated[IPv4Address, AfterValidator(_loopback)] = IPv4Address("127.0.0.1")
    terminals_port: Port = 7583
    operations_port: Port = 7584

    journal_directory: Path = Path("var/journal")
    master_key_file: Path = Path("var/keys/master.key")
    feed_token_file: Path = Path("var/keys/feed.token")
    rules_file: Path | None = Field(None, description="TOML; without it the bundled default rules")

    host_terminal_id: str = Field("HOST0001", pattern=r"^[A-Za-z0-9]{1,8}$")
    host_key_generation: int = Field(1, ge=1, le=9999)

    connections_max: int = Field(1024, ge=1, le=65_536)
    frame_bytes_max: int = Field(1024, ge=64, le=65_535)
    in_flight_max: int = Field(64, ge=1, le=4096, description="requests of one link that await their reply")
    write_buffer_bytes_max: int = Field(65_536, ge=1024, le=16 << 20)
    idle_timeout_s: Seconds = 300.0
    sign_on_timeout_s: Seconds = 10.0
    drain_timeout_s: Seconds = 5.0

    segment_bytes: int = Field(64 << 20, ge=4096, le=1 << 30)
    feed_readers_max: int = Field(32, ge=1, le=1024)
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
