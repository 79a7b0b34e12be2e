"""Who wants to hear nothing: members of promotional messages, numbers and addresses of anything but codes."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.core.iran.number_fault import NumberFault
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.services.members import logic as members
from host_api.services.members.identities.kinds import BuiltIn, canonical
from host_api.services.messages.consent.listing import SuppressionQuery
from host_api.services.messages.consent.models import ADDRESS, MessageConsent, MessageSuppression
from host_api.services.messages.consent.schemas import (
    MessageConsentRead,
    MessageConsents,
    SuppressionRead,
    SuppressionSource,
)
from host_api.services.messages.states import Channel
from host_api.services.messages.topics import logic as topics

_KINDS = {Channel.SMS: BuiltIn.MOBILE, Channel.EMAIL: BuiltIn.EMAIL}


class SuppressionNotFound(Problem):
    """No suppression has this id."""

    status = 404
    code = "suppression-not-found"
    title = "Suppression not found"
    title_fa = "شماره یا نشانی مسدود پیدا نشد"
    detail = "There is no suppressed number or address with this id."
    detail_fa = "شماره یا نشانی مسدودی با این شناسه وجود ندارد."


async def consents_of(session: AnySession, member_id: int) -> MessageConsents:
    """What a member has said for each channel; where nothing, what the policy makes of it.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    said = {row.channel: row for row in await rows_of(session, member_id)}
    is_allowed = not (await topics.policy(session)).asks_consent
    return MessageConsents(
        items=[
            MessageConsentRead(
                member_id=member_id, channel=channel, is_allowed=is_allowed, changed_at=None, changed_by=None
            )
            if (row := said.get(channel.value)) is None
            else _read(row)
            for channel in Channel
        ]
    )


async def change_consent(
    session: WriteSession, caller: Caller, member_id: int, channel: Channel, *, is_allowed: bool
) -> MessageConsentRead:
    """Write down what a member says.

    Raises:
        members.MemberNotFound
    """
    await members.lock(session, member_id)
    row = await session.scalar(
        select(MessageConsent).where(
            MessageConsent.member_id == member_id, MessageConsent.channel == channel.value
        )
    )
    if row is None:
        row = MessageConsent(member_id=member_id, channel=channel.value)
        session.add(row)
    row.is_allowed, row.changed_at, row.changed_by = is_allowed, utc_now(), caller.name
    await session.flush()
    return _read(row)


async def said_by(session: AnySession, member_ids: Collection[int]) -> dict[tuple[int, str], bool]:
    """What some members have said, by member and channel."""
    rows = await session.execute(
        select(MessageConsent.member_id, MessageConsent.channel, MessageConsent.is_allowed).where(
            MessageConsent.member_id.in_(member_ids)
        )
    )
    return {(member_id, channel): is_allowed for member_id, channel, is_allowed in rows}


async def suppress(
    session: WriteSession, cipher: FieldCipher, channel: Channel, address: str, source: SuppressionSource
) -> SuppressionRead:
    """Have nothing but codes sent there; again changes nothing.

    Raises:
        ValidationFailed: it is no address of the channel.
    """
    address = _canonical(channel, address)
    row = await _find(session, cipher, channel, address)
    if row is None:
        row = MessageSuppression(channel=channel.value, source=source.value, since=utc_now())
        session.add(row)
        await session.flush()
        ADDRESS.seal(cipher, row, address)
        await session.flush()
    return _shown(cipher, row)


async def allow(session: WriteSession, cipher: FieldCipher, channel: Channel, address: str) -> bool:
    """Take a suppression back; whether there was one."""
    row = await _find(session, cipher, channel, _canonical(channel, address))
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    return True


async def remove(session: WriteSession, suppression_id: int) -> None:
    """Take a suppression back.

    Raises:
        SuppressionNotFound
    """
    row = await session.get(MessageSuppression, suppression_id, with_for_update=True)
    if row is None:
        raise SuppressionNotFound
    await session.delete(row)
    await session.flush()


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: SuppressionQuery
) -> Page[SuppressionRead]:
    """A page of suppressions."""
    rows, next_cursor = await read_rows(session, select(MessageSuppression), query)
    return Page(items=[_shown(cipher, row) for row in rows], next_cursor=next_cursor)


async def suppressed_among(
    session: AnySession, cipher: FieldCipher, addresses: Mapping[Channel, Collection[str]]
) -> set[tuple[Channel, str]]:
    """Which of some addresses want nothing; one statement for each channel that has any suppression."""
    programme_id = programme_of(session.sync_session)
    kept = set(await session.scalars(select(MessageSuppression.channel).distinct()))
    found: set[tuple[Channel, str]] = set()
    for channel, asked in addresses.items():
        if channel.value not in kept:
            continue
        by_index = {
            index: address
            for address in asked
            for index in cipher.indexes(programme_id, ADDRESS.name, address)
        }
        hits = await session.scalars(
            select(MessageSuppression.address_index).where(
                MessageSuppression.channel == channel.value,
                MessageSuppression.address_index.in_(by_index),
            )
        )
        found |= {(channel, by_index[index]) for index in hits if index is not None}
    return found


async def forget(session: WriteSession, member_id: int) -> list[MessageConsent]:
    """Erase what a member has said; a suppression of a number is the number's and stays."""
    rows = await rows_of(session, member_id)
    for row in rows:
        await session.delete(row)
    return rows


async def rows_of(session: AnySession, member_id: int) -> list[MessageConsent]:
    """What a member has said."""
    return list(await session.scalars(select(MessageConsent).where(MessageConsent.member_id == member_id)))


async def _find(
    session: AnySession, cipher: FieldCipher, channel: Channel, address: str
) -> MessageSuppression | None:
    programme_id = programme_of(session.sync_session)
    return await session.scalar(
        select(MessageSuppression)
        .where(MessageSuppression.channel == channel.value, ADDRESS.equals(cipher, programme_id, address))
        .limit(1)
    )


def _canonical(channel: Channel, address: str) -> str:
    kind = _KINDS.get(channel)
    try:
        if kind is not None:
            return canonical(kind.value, address)
    except (NumberFault, ValueError):
        pass
    raise ValidationFailed(
        [
            FieldProblem(
                field="address",
                location="body",
                code="address-of-channel",
                message="This is no address of the channel",
                message_fa="این نشانی از آن این کانال نیست.",
            )
        ]
    )


def _read(row: MessageConsent) -> MessageConsentRead:
    return MessageConsentRead(
        member_id=row.member_id,
        channel=Channel(row.channel),
        is_allowed=row.is_allowed,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _shown(cipher: FieldCipher, row: MessageSuppression) -> SuppressionRead:
    return SuppressionRead(
        id=row.id,
        channel=Channel(row.channel),
        address=ADDRESS.open(cipher, row) or "",
        source=SuppressionSource(row.source),
        since=row.since,
    )
