"""The queue of messages: filled by other services, sent by gateways or fetched by a program that sends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.jobs.run_store import enqueue
from host_api.services.members import logic as members
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.messages.gateways.logic import active
from host_api.services.messages.member_text import MemberText, Telling, TemplateTelling, TextFate
from host_api.services.messages.models import RECEIVER, TEXT, MemberLanguage, WaitingText
from host_api.services.messages.problems import TextNotFound
from host_api.services.messages.schemas import MemberLanguageRead, MessageLanguage
from host_api.services.messages.states import Channel, MessageState
from host_api.services.messages.topics.logic import channels_of, of_codes
from host_api.services.messages.topics.models import MessageTopic

SEND_MESSAGES: Final = "send-messages"

# What tells of something that has happened; a code says its own end.
USEFUL_FOR: Final = timedelta(days=3)

_MOBILE: Final = BuiltIn.MOBILE.value
# What a member needs to be reached; an inbox everybody has.
KINDS: Final = {Channel.SMS: _MOBILE, Channel.EMAIL: BuiltIn.EMAIL.value}


async def tell_member(
    session: WriteSession, member_id: int, *, topic: str, reference: str, text_fa: str, text_en: str
) -> None:
    """Queue a text for a member in their language; once for each (topic, reference).

    As `tell_members` does for many.
    """
    await tell_members(session, [Telling(member_id, topic, reference, MemberText(text_fa, text_en))])


async def tell_members(session: WriteSession, tellings: Sequence[Telling]) -> None:
    """Queue texts for members in their languages by their topics' channels; once for (topic, reference).

    Nothing for those who can't be reached. For whoever has no cipher at hand, as handlers of outcomes: a text
    is kept as it is until it is sent, so it has no one-time code and no number of a person.
    """
    if not tellings:
        return
    ways = await _ways(
        session, {telling.member_id for telling in tellings}, {each.topic for each in tellings}
    )
    languages = await languages_of(session, {telling.member_id for telling in tellings})
    now = utc_now()
    await _queue(
        session,
        [
            {
                **_beginning(ways, telling.topic, channel),
                "topic": telling.topic,
                "reference": telling.reference,
                "member_id": telling.member_id,
                "text_plain": telling.text.en
                if languages.get(telling.member_id) == MessageLanguage.ENGLISH
                else telling.text.fa,
                "created_at": now,
                "due_at": now,
                "expires_at": now + USEFUL_FOR,
            }
            for telling in tellings
            if (channel := ways.channel(telling.topic, telling.member_id)) is not None
        ],
    )


async def tell_by_template(
    session: WriteSession,
    tellings: Sequence[TemplateTelling],
    *,
    topic: str,
    version_id: int,
    broadcast_id: int | None = None,
    useful_for: timedelta = USEFUL_FOR,
) -> int:
    """Queue messages that are written from a template as they are sent; for how many members."""
    ways = await _ways(session, {telling.member_id for telling in tellings}, {topic})
    now = utc_now()
    rows = [
        {
            **_beginning(ways, topic, channel),
            "topic": topic,
            "reference": telling.reference,
            "member_id": telling.member_id,
            "template_version_id": version_id,
            "values": dict(telling.values),
            "broadcast_id": broadcast_id,
            "created_at": now,
            "due_at": telling.due_at,
            "expires_at": telling.due_at + useful_for,
        }
        for telling in tellings
        if (channel := ways.channel(topic, telling.member_id)) is not None
    ]
    await _queue(session, rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Ways:
    """How members can be reached, and what is decided for topics."""

    topics: Mapping[str, MessageTopic]
    reachable: Mapping[Channel, set[int]]

    def channel(self, topic: str, member_id: int) -> Channel | None:
        """The first of a topic's channels by which the member can be reached."""
        for channel in channels_of(self.topics.get(topic)):
            if channel not in self.reachable or member_id in self.reachable[channel]:
                return channel
        return None


async def _ways(session: AnySession, member_ids: set[int], codes: set[str]) -> _Ways:
    topics = await of_codes(session, codes)
    wanted = {channel for code in codes for channel in channels_of(topics.get(code))}
    return _Ways(
        topics,
        {
            channel: await identities.who_have_kind(session, member_ids, kind)
            for channel, kind in KINDS.items()
            if channel in wanted
        },
    )


def _beginning(ways: _Ways, topic: str, channel: Channel) -> dict[str, object]:
    decided = ways.topics.get(topic)
    is_held = decided is not None and not decided.is_automatic
    state = MessageState.HELD if is_held else MessageState.WAITING
    return {"channel": channel.value, "state": state.value, "is_waiting": True}


async def _queue(session: WriteSession, rows: Sequence[Mapping[str, object]]) -> None:
    """Those whose topic and reference are not there yet."""
    if not rows:
        return
    programme_id = programme_of(session.sync_session)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    await session.flush()
    await session.execute(
        (sqlite.insert if is_sqlite else postgresql.insert)(WaitingText).on_conflict_do_nothing(),
        [{"programme_id": programme_id, **row} for row in rows],
    )


async def send_sealed(
    session: WriteSession,
    cipher: FieldCipher,
    receiver: int | str,
    *,
    topic: str,
    reference: str,
    text: str,
    expires_at: datetime,
) -> None:
    """Queue a text that nobody but its receiver may read, in place of an earlier one of (topic, reference).

    Parameters:
        receiver: a member's id, or the mobile number of somebody who is none.
    """
    await forget(session, topic=topic, reference=reference)
    now = utc_now()
    row = WaitingText(
        topic=topic,
        reference=reference,
        member_id=receiver if isinstance(receiver, int) else None,
        is_waiting=True,
        is_code=True,
        created_at=now,
        due_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    if isinstance(receiver, str):
        RECEIVER.seal(cipher, row, receiver)
    TEXT.seal(cipher, row, text)
    await session.flush()
    if Channel.SMS in await active(session):  # a code is of no use a minute later
        enqueue(session, SEND_MESSAGES, {}, system_caller("messages", row.programme_id), now=now)


async def fates(session: AnySession, topic: str, references: Collection[str]) -> dict[str, TextFate]:
    """What became of texts of a topic, asked for some hundreds at once; one that was never kept is lost."""
    rows = await session.scalars(
        select(WaitingText).where(WaitingText.topic == topic, WaitingText.reference.in_(references))
    )
    now = utc_now()
    known = {row.reference: _fate(row, now) for row in rows}
    return {reference: known.get(reference, TextFate.LOST) for reference in references}


def _fate(row: WaitingText, now: datetime) -> TextFate:
    if row.sent_at is not None:
        return TextFate.SENT
    is_with_gateway = row.state == MessageState.SENDING.value
    return TextFate.WAITING if is_with_gateway or (row.is_waiting and row.expires_at > now) else TextFate.LOST


async def forget(session: WriteSession, *, topic: str, reference: str) -> None:
    """Delete a text, sent or not."""
    await session.execute(
        delete(WaitingText)
        .where(WaitingText.topic == topic, WaitingText.reference == reference)
        .execution_options(synchronize_session=False)
    )


async def note_sent(session: WriteSession, text_id: int) -> None:
    """A text was sent, and is forgotten; that it was sent is not. Told again, it changes nothing.

    Raises:
        TextNotFound
    """
    row = await session.get(WaitingText, text_id, with_for_update=True)
    if row is None:
        raise TextNotFound
    if row.is_waiting:
        row.is_waiting, row.sent_at, row.state = False, utc_now(), MessageState.SENT.value
        row.receiver_sealed = row.text_sealed = row.text_plain = row.values = None
        await session.flush()


async def mobile_of(session: AnySession, cipher: FieldCipher, member_id: int) -> str | None:
    """The number that a member's texts go to."""
    shown = await identities.shown_of(session, cipher, [member_id])
    return shown.get(member_id, {}).get(_MOBILE)


async def language_of(session: AnySession, member_id: int) -> MessageLanguage:
    """The language that a member is written to in."""
    languages = await languages_of(session, [member_id])
    return MessageLanguage(languages.get(member_id, MessageLanguage.PERSIAN))


async def read_language(session: AnySession, member_id: int) -> MemberLanguageRead:
    """The same, of a member that there is.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    return MemberLanguageRead(member_id=member_id, language=await language_of(session, member_id))


async def choose_language(
    session: WriteSession, member_id: int, language: MessageLanguage
) -> MemberLanguageRead:
    """Have a member written to in a language from now on.

    Raises:
        members.MemberNotFound
    """
    await members.lock(session, member_id)
    row = await session.scalar(select(MemberLanguage).where(MemberLanguage.member_id == member_id))
    if row is None:
        session.add(MemberLanguage(member_id=member_id, language=language.value))
    else:
        row.language = language.value
    await session.flush()
    return MemberLanguageRead(member_id=member_id, language=language)


async def languages_of(session: AnySession, member_ids: Collection[int]) -> dict[int, str]:
    """Of some members: who has chosen a language, and which."""
    rows = await session.scalars(select(MemberLanguage).where(MemberLanguage.member_id.in_(member_ids)))
    return {row.member_id: row.language for row in rows}
