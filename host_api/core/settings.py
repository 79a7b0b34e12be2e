"""Settings of the host API, read from the environment with the prefix ``VAFA_HOST_API_``."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from host_api.core.switches.addresses import (
    DEFAULT_HOST_ID,
    DEFAULT_LINKS,
    MOST_LINKS,
    HostId,
    OperationsUrl,
    SwitchAddress,
)

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class Settings(BaseSettings):
    """Where the host API keeps its data, whom it talks to and where it serves.

    Paths left out are placed under `var_directory`. Address, host id, links, key, URL, token and journal of a
    switch are those of the first programme's; `switches_file` has the others'. A programme without a switch
    moves no points, and says so in ``GET /v1/status``.
    """

    model_config = SettingsConfigDict(env_prefix="VAFA_HOST_API_", extra="ignore")

    var_directory: Path = Field(default=Path("var"), description="Folder of data, keys and logs.")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="sqlite:///path or postgresql://user@host/name; empty: SQLite in var.",
    )
    port: int = Field(
        default=8364, ge=0, le=65535, description="Loopback TCP port to serve on; 0 picks a free one."
    )
    switches_file: Path | None = Field(
        default=None, description="TOML or JSON file with the switches of further programmes."
    )
    switch_address: SwitchAddress | None = Field(
        default=None, description="host:port of the switch's terminal side."
    )
    operations_url: OperationsUrl | None = Field(
        default=None, description="Base URL of the switch's operations port."
    )
    keyring_file: Path | None = Field(
        default=None, description="Keys that seal personal data; keep a copy apart from the database's."
    )
    master_key_file: Path | None = Field(default=None, description="32 bytes as 64 hex digits.")
    feed_token_file: Path | None = Field(default=None, description="Bearer token of the journal feed.")
    journal_directory: Path | None = Field(
        default=None, description="The switch's journal, only read: replays of past purchases want it."
    )
    host_id: HostId = Field(
        default=DEFAULT_HOST_ID, description="The terminal id under which this host signs on to the switch."
    )
    host_links: int = Field(
        default=DEFAULT_LINKS,
        ge=1,
        le=MOST_LINKS,
        description="Links to the switch; each carries many requests at a time.",
    )
    points_limit: int = Field(
        default=1_000_000,
        ge=1,
        le=999_999_999_999,
        description="The most units that one points act of the back office may move.",
    )
    return_alone_limit: int = Field(
        default=10_000_000,
        ge=0,
        le=999_999_999_999,
        description="The most rial of a sale that one person may void or return alone.",
    )

    event_retention_days: int = Field(
        default=30, ge=7, le=3650, description="How long events, deliveries and attempts are kept."
    )
    webhook_private: bool = Field(
        default=False, description="Whether webhooks and message gateways may lead into private networks."
    )
    webhook_loopback: bool = Field(
        default=False,
        description="Whether these may lead to this machine, also by plain HTTP.",
    )
    requests_per_minute: int = Field(
        default=6_000, ge=1, le=1_000_000, description="Requests that each user or API key may send."
    )
    requests_per_minute_of_unknown: int = Field(
        default=600, ge=1, le=1_000_000, description="Logins and refused requests from each address."
    )
    proxies_in_front: int = Field(
        default=0, ge=0, le=8, description="Own reverse proxies whose X-Forwarded-For entries are believed."
    )

    @field_validator(
        "switches_file",
        "switch_address",
        "operations_url",
        "keyring_file",
        "master_key_file",
        "feed_token_file",
        "journal_directory",
        mode="before",
    )
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _check_database_url(self) -> Self:
        _ = self.sqlalchemy_url
        return self

    @property
    def sqlalchemy_url(self) -> URL:
        """The database URL with the asynchronous driver filled in.

        Raises:
            ValueError: the URL can't be read, or names a database other than SQLite (in a file) or
            PostgreSQL.
        """
        text = self.database_url.get_secret_value() or f"sqlite:///{self.var_directory / 'host_api.sqlite3'}"
        try:
            url = make_url(text)
        except ArgumentError:
            raise ValueError("database_url can't be read as a URL") from None
        driver = _DRIVERS.get(url.drivername)
        if driver is None:
            raise ValueError("database_url must start with sqlite:/// or postgresql://")
        if driver.startswith("sqlite") and url.database in {None, "", ":memory:"}:
            raise ValueError("database_url must name a file: the host API keeps nothing in memory only")
        return url.set(drivername=driver)

    @property
    def keys_directory(self) -> Path:
        """Folder of the key files."""
        return self.var_directory / "keys"

    @property
    def files_directory(self) -> Path:
        """Folder of the programmes' files, sealed; the same one for all processes of a database."""
        return self.var_directory / "files"

    @property
    def api_key_path(self) -> Path:
        """File that receives the first API key."""
        return self.keys_directory / "host_api.key"

    @property
    def keyring_path(self) -> Path:
        """File of the keys under which personal data is sealed; made at the first start."""
        return self.keyring_file or self.keys_directory / "host_api.keyring"

    @property
    def master_key_path(self) -> Path:
        """File of the master key from which the host's MAC key is derived."""
        return self.master_key_file or self.keys_directory / "master.key"

    @property
    def feed_token_path(self) -> Path:
        """File of the journal feed's bearer token."""
        return self.feed_token_file or self.keys_directory / "feed.token"
