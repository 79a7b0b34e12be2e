"""Members' inboxes: what the club writes, what members write back, and who has read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.members import logic as members
from host_api.services.messages.events import INBOX_WRITTEN, InboxWritten
from host_api.services.messages.inbox.listing import FromMembersQuery, InboxQuery
from host_api.services.messages.inbox.models import TEXT, InboxMessage
from host_api.services.messages.inbox.schemas import InboxMessageRead, InboxWrite

_TOPIC: Final = "inbox"
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Post:
    """What the club puts into an inbox."""

    member_id: int
    topic: str
    subject: str = field(repr=False)
    text: str = field(repr=False)


async def post(session: WriteSession, cipher: FieldCipher, posts: Sequence[Post], now: datetime) -> None:
    """Put messages into inboxes."""
    rows = [
        InboxMessage(
            member_id=each.member_id,
            is_from_member=False,
            topic=each.topic,
            subject=each.subject[:100],
            created_at=now,
            read_at=None,
        )
        for each in posts
    ]
    session.add_all(rows)
    await session.flush()
    for row, each in zip(rows, posts, strict=True):
        TEXT.seal(cipher, row, each.text)
    await session.flush()


async def write(
    session: WriteSession, cipher: FieldCipher, member_id: int, wanted: InboxWrite, *, is_from_member: bool
) -> InboxMessageRead:
    """A member writes to the club, or the club to one member.

    Raises:
        members.MemberNotFound
    """
    await members.lock(session, member_id)
    row = InboxMessage(
        member_id=member_id,
        is_from_member=is_from_member,
        topic=_TOPIC,
        subject=wanted.subject,
        created_at=utc_now(),
        read_at=None,
    )
    session.add(row)
    await session.flush()
    TEXT.seal(cipher, row, wanted.text)
    if is_from_member:
        emit(
            session,
            INBOX_WRITTEN,
            Subject("member", member_id),
            InboxWritten(inbox_message_id=row.id, member_id=member_id),
        )
    await session.flush()
    return _read(cipher, row)


async def read_page(
    session: ReadSession, cipher: FieldCipher, member_id: int, query: InboxQuery
) -> Page[InboxMessageRead]:
    """A page of a member's inbox.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    statement = select(InboxMessage).where(InboxMessage.member_id == member_id)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(cipher, row) for row in rows], next_cursor=next_cursor)


async def from_members(
    session: ReadSession, cipher: FieldCipher, query: FromMembersQuery
) -> Page[InboxMessageRead]:
    """A page of what members wrote."""
    statement = select(InboxMessage).where(InboxMessage.is_from_member)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(cipher, row) for row in rows], next_cursor=next_cursor)


async def note_read(session: WriteSession, member_id: int, up_to_id: int, *, by_member: bool) -> None:
    """The member has read what the club wrote up to a message, or the club what the member wrote.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    await session.execute(
        update(InboxMessage)
        .where(
            InboxMessage.member_id == member_id,
            InboxMessage.id <= up_to_id,
            InboxMessage.is_from_member.is_(not by_member),
            InboxMessage.read_at.is_(None),
        )
        .values(read_at=utc_now())
        .execution_options(synchronize_session=False)
    )


async def of_member(session: AnySession, cipher: FieldCipher, member_id: int) -> list[InboxMessageRead]:
    """All of a member's inbox, for export."""
    rows = await session.scalars(
        select(InboxMessage)
        .where(InboxMessage.member_id == member_id)
        .order_by(InboxMessage.id.desc())
        .limit(_MOST)
    )
    return [_read(cipher, row) for row in rows]


async def forget(session: WriteSession, member_id: int) -> None:
    """Erase a member's inbox."""
    await session.execute(
        delete(InboxMessage)
        .where(InboxMessage.member_id == member_id)
        .execution_options(synchronize_session=False)
    )


def _read(cipher: FieldCipher, row: InboxMessage) -> InboxMessageRead:
    return InboxMessageRead(
        id=row.id,
        member_id=row.member_id,
        is_from_member=row.is_from_member,
        topic=row.topic,
        subject=row.subject,
        text=TEXT.open(cipher, row) or "",
        created_at=row.created_at,
        read_at=row.read_at,
    )
