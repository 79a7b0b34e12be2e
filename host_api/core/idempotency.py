"""Idempotency keys: a write that is sent again gets the stored answer and changes nothing.

The key is claimed in the transaction of the write itself, and the answer is stored in it too: either all of
it is there, or nothing and the caller may send again. Two requests with one key at the same time queue for
the claim's row.
"""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from fastapi import Request, Response
from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.sealed_field import SealedField
from host_api.core.errors import KeyUsedOtherwise
from host_api.core.late_route import LateRoute
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant

_RECEIVED = "received_content"
_HEADERS_KEPT = ("content-type", "location", "etag")


class AnsweredRequest(InProgramme, Base):
    """A request that came with a key, and its answer."""

    __tablename__ = "answered_requests"
    __table_args__ = (
        UniqueConstraint("programme_id", "caller", "key"),
        Index("ix_answered_requests_at", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    caller: Mapped[str] = mapped_column(String(72))
    key: Mapped[str] = mapped_column(String(64))
    request_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[Instant]
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)


ANSWER = SealedField("answered_requests.body", AnsweredRequest.body)


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request has claimed and whose answer is still to be stored."""

    session: WriteSession
    cipher: FieldCipher
    programme_id: int
    row_id: int


class Repeated(Exception):  # noqa: N818
    """The request was answered before; here is the answer again."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class ServiceRoute(LateRoute):
    """The route of every service: it stores answers under their idempotency keys, and gives them again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """The handler, around FastAPI's own; the write's transaction is still open when that returns."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except Repeated as repeated:
                return repeated.response
            claim = getattr(request.state, "idempotency_claim", None)
            if isinstance(claim, Claim):
                await _store(claim, response)
            return response

        return answer


async def claim(
    session: WriteSession, cipher: FieldCipher, caller: Caller, request: Request, key: str
) -> Claim:
    """Claim `key` for the caller's request.

    Raises:
        Repeated: this request was answered before.
        KeyUsedOtherwise: another request was.
    """
    owner = caller.key
    digest = await _digest(request)
    row_id = await _insert(session, caller, owner=owner, key=key, digest=digest)
    if row_id is not None:
        return Claim(session, cipher, caller.programme_id, row_id)
    kept = await session.scalar(
        select(AnsweredRequest).where(AnsweredRequest.caller == owner, AnsweredRequest.key == key)
    )
    if kept is None or kept.request_sha256 != digest:
        raise KeyUsedOtherwise
    headers = dict(line.split(": ", 1) for line in kept.headers.decode("latin-1").splitlines())
    headers |= {"Idempotency-Replayed": "true", "Cache-Control": "no-store"}
    body = cipher.open(caller.programme_id, ANSWER.name, kept.id, kept.body).encode("latin-1")
    raise Repeated(Response(body, kept.status, headers))


def note_received(request: Request, content: bytes) -> None:
    """Tell what stands for the request's body, which was taken in as a stream before its key is claimed."""
    setattr(request.state, _RECEIVED, content)


async def _insert(
    session: WriteSession, caller: Caller, *, owner: str, key: str, digest: bytes
) -> int | None:
    """The claim's row, None where the key is taken.

    PostgreSQL waits here for a transaction that has claimed the key and is not over.
    """
    values = {
        "programme_id": caller.programme_id,
        "caller": owner,
        "key": key,
        "request_sha256": digest,
        "at": utc_now(),
        "status": 0,
        "headers": b"",
        "body": b"",
    }
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = (sqlite.insert if is_sqlite else postgresql.insert)(AnsweredRequest).values(values)
    row_id: int | None = await session.scalar(
        statement.on_conflict_do_nothing().returning(AnsweredRequest.id)
    )
    return row_id


async def _store(claim: Claim, response: Response) -> None:
    headers = "\n".join(
        f"{name}: {response.headers[name]}" for name in _HEADERS_KEPT if name in response.headers
    )
    # An answer may hold what is sealed everywhere else.
    text = bytes(response.body).decode("latin-1")
    body = claim.cipher.seal(claim.programme_id, ANSWER.name, claim.row_id, text)
    await claim.session.execute(
        update(AnsweredRequest)
        .where(AnsweredRequest.id == claim.row_id)
        .values(status=response.status_code, headers=headers.encode("latin-1"), body=body)
        .execution_options(synchronize_session=False)
    )


async def _digest(request: Request) -> bytes:
    """SHA-256 of method, address and body, or what was received in place of a body that was a stream."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    received = getattr(request.state, _RECEIVED, None)
    digest.update(received if isinstance(received, bytes) else await request.body())
    return digest.digest()
