"""API keys: who may call the API.

A key is ``vafa_<key id>_<secret>``. The secret has 256 bits from the system's random source, so a plain
SHA-256 of it can be kept: there is nothing to guess. The key id only finds the row.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader
from sqlalchemy import LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.clock import utc_now
from host_api.core.database import Base, Database, Instant, WriteSession
from host_api.core.errors import Unauthorised
from host_api.core.runtime import runtime_of

_log = logging.getLogger(__name__)

_SHAPE = re.compile(r"vafa_([0-9a-f]{8})_([0-9a-f]{64})", re.ASCII)
_NO_SUCH_KEY = bytes(32)

_header = APIKeyHeader(
    name="X-API-Key",
    scheme_name="ApiKey",
    description="The first key is written to `var/keys/host_api.key` at the first start.",
    auto_error=False,
)


class ApiKey(Base):
    """A key that may call the API until it is revoked."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the id of the API key."""

    key_id: str


def new_key_text() -> str:
    """A fresh key in its text form."""
    return f"vafa_{secrets.token_hex(4)}_{secrets.token_hex(32)}"


def register_key(session: WriteSession, key_text: str, name: str) -> None:
    """Accept `key_text` from the next commit on.

    Raises:
        ValueError: the text doesn't have the shape of a key.
    """
    match = _SHAPE.fullmatch(key_text)
    if match is None:
        raise ValueError("the text is not an API key")
    session.add(
        ApiKey(
            key_id=match[1], secret_sha256=_digest(match[2]), name=name, created_at=utc_now(), revoked_at=None
        )
    )


async def caller_of_key(database: Database, key_text: str | None) -> Caller:
    """The caller that `key_text` belongs to.

    Raises:
        Unauthorised: the key is missing, malformed, unknown or revoked.
    """
    match = _SHAPE.fullmatch(key_text or "")
    if match is None:
        raise Unauthorised
    # A session of its own, closed at once: a request never holds two connections of the pool.
    async with database.reading() as session:
        key = await session.get(ApiKey, match[1])
    known = key.secret_sha256 if key is not None else _NO_SUCH_KEY
    if not hmac.compare_digest(known, _digest(match[2])) or key is None or key.revoked_at is not None:
        raise Unauthorised
    return Caller(key.key_id)


async def require_api_key(request: Request, key_text: Annotated[str | None, Security(_header)]) -> Caller:
    """Dependency of every route under /v1."""
    return await caller_of_key(runtime_of(request).database, key_text)


async def ensure_first_key(session: WriteSession, path: Path) -> None:
    """Where no key exists yet, register the one in `path`, or make one and write it there with mode 0600.

    The file is on disk before the row is committed: a crash between the two leaves a file that the next start
    registers, never a key nobody holds. The caller serialises starts.
    """
    if await session.scalar(select(func.count()).select_from(ApiKey)):
        return
    register_key(session, _key_kept_in(path), "first key")
    await session.flush()


def _key_kept_in(path: Path) -> str:
    key_text = path.read_text("ascii", errors="replace").strip() if path.is_file() else ""
    if _SHAPE.fullmatch(key_text) is None:
        key_text = new_key_text()
        _write_secret(path, key_text)
        _log.info("first API key %s written to %s", key_text[5:13], path)
    return key_text


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
