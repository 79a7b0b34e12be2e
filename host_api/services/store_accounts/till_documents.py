"""Documents that tills number themselves: each is stored once, however often it is sent."""

import hashlib
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.database import AnySession
from host_api.core.errors import Problem
from host_api.core.tables import Identifier

TillCode = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$",
        description="The till or program that numbers its documents, such as `T1`.",
    ),
]
Reference = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{1,40}$",
        description="The till's own number of the document, once for ever; sent again, it is stored once.",
    ),
]
_MEANS_WHO: Final = frozenset({"code", "member_id"})


class TillDocument:
    """Base of rows of such documents; a unique constraint has programme, till and reference."""

    id: Mapped[Identifier]
    till: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(40))
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class TillReferenceUsed(Problem):
    """The till has used this reference for another document, or sends the same one twice at once."""

    status = 409
    code = "till-reference-used"
    title = "Reference used"
    title_fa = "شمارهٔ سند تکراری است"
    detail = (
        "This till has another document with this reference, or is sending this one twice at the same "
        "moment; the same document may be sent again."
    )
    detail_fa = (
        "این صندوق سند دیگری با همین شماره دارد یا همین سند هم‌زمان دو بار رسیده است؛ "
        "خود سند را می‌توان دوباره فرستاد."
    )
    field = "reference"


DocumentT = TypeVar("DocumentT", bound=TillDocument)


def digest_of(wanted: BaseModel, member_id: int | None) -> bytes:
    """What is the same for the same document, however its member was named; no card number is in it."""
    text = wanted.model_dump_json(exclude=set(_MEANS_WHO))
    return hashlib.sha256(f"{type(wanted).__name__}|{member_id}|{text}".encode()).digest()


async def known_document(
    session: AnySession, kind: type[DocumentT], till: str, reference: str, digest: bytes
) -> DocumentT | None:
    """The document as it was stored before; None for a new one.

    Raises:
        TillReferenceUsed: the reference has another document.
    """
    found = await session.scalar(select(kind).where(kind.till == till, kind.reference == reference))
    if found is not None and found.digest != digest:
        raise TillReferenceUsed
    return found
