"""API keys: programs that may call the API, each with the permissions it was given."""

import logging
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.credentials import Credential, CredentialKind, new_credential, read_credential
from host_api.core.access.permissions import EVERYTHING
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.programmes import InProgramme
from host_api.core.secret_file import write_secret_file
from host_api.core.tables import Base, Instant

_log = logging.getLogger(__name__)


class ApiKey(InProgramme, Base):
    """A key that may call the API until it expires or is revoked."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), info={"secret": True})
    name: Mapped[str] = mapped_column(String(100))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


async def ensure_first_key(session: WriteSession, path: Path) -> None:
    """Where the programme has no key yet, register the one in `path`, or make one there with mode 0600.

    The file is on disk before the row is committed: a crash between the two leaves a file that the next start
    registers, never a key nobody holds. The caller serialises starts.
    """
    if await session.scalar(select(func.count()).select_from(ApiKey)):
        return
    key = _key_kept_in(path)
    session.add(
        ApiKey(
            key_id=key.credential_id,
            secret_sha256=key.secret_sha256,
            name="first key",
            permissions=[EVERYTHING],
            created_at=utc_now(),
            expires_at=None,
            revoked_at=None,
        )
    )
    await session.flush()


def _key_kept_in(path: Path) -> Credential:
    text = path.read_text("ascii", errors="replace").strip() if path.is_file() else ""
    key = read_credential(text, CredentialKind.API_KEY)
    if key is None:
        key = new_credential(CredentialKind.API_KEY)
        write_secret_file(path, key.text + "\n")
        _log.info("first API key %s written to %s", key.credential_id, path)
    return key
