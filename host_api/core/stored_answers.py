"""Finds answers that are kept for repeats and show somebody who is erased, and empties them."""

from collections.abc import Collection

from sqlalchemy import select

from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.idempotency import ANSWER, AnsweredRequest

_EMPTY = "{}"


async def empty_answers(
    session: WriteSession, cipher: FieldCipher, texts: Collection[str], *, after_id: int, limit: int
) -> tuple[int, int | None]:
    """Empty those of the next `limit` answers in which one of the texts stands; a repeat then gets nothing.

    Returns:
        How many were emptied, and where to go on; None after the last.
    """
    # Answers are kept as bytes are read in Latin-1.
    wanted = [text.encode().decode("latin-1") for text in texts]
    rows = list(
        await session.scalars(
            select(AnsweredRequest)
            .where(AnsweredRequest.id > after_id)
            .order_by(AnsweredRequest.id)
            .limit(limit)
        )
    )
    emptied = 0
    for row in rows:
        if not row.body:
            continue
        body = cipher.open(row.programme_id, ANSWER.name, row.id, row.body)
        if any(text in body for text in wanted):
            row.body = cipher.seal(row.programme_id, ANSWER.name, row.id, _EMPTY)
            emptied += 1
    await session.flush()
    return emptied, rows[-1].id if len(rows) == limit else None
