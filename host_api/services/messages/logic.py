"""The queue of texts: put into it by other services, fetched and sent by the SMS gateway."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.services.members import logic as members
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.messages.listing import TextQuery
from host_api.services.messages.member_text import MemberText, Telling, TextFate
from host_api.services.messages.models import RECEIVER, TEXT, MemberLanguage, WaitingText
from host_api.services.messages.problems import TextNotFound
from host_api.services.messages.schemas import MemberLanguageRead, MessageLanguage, WaitingTextRead

# What tells of something that has happened; a code says its own end.
USEFUL_FOR: Final = timedelta(days=3)

_MOBILE: Final = BuiltIn.MOBILE.value


async def tell_member(
    session: WriteSession, member_id: int, *, topic: str, reference: str, text_fa: str, text_en: str
) -> None:
    """Queue a text for a member's mobile in their language; once for each (topic, reference).

    As `tell_members` does for many.
    """
    await tell_members(session, [Telling(member_id, topic, reference, MemberText(text_fa, text_en))])


async def tell_members(session: WriteSession, tellings: Sequence[Telling]) -> None:
    """Queue texts for members' mobiles in their languages; once for each (topic, reference).

    Nothing for those who have no mobile. For whoever has no cipher at hand, as handlers of outcomes: a text
    is kept as it is until it is sent, so it has no one-time code and no number of a person.
    """
    member_ids = {telling.member_id for telling in tellings}
    reachable = await identities.who_have_kind(session, member_ids, _MOBILE)
    if not reachable:
        return
    languages = await _languages_of(session, reachable)
    now = utc_now()
    programme_id = programme_of(session.sync_session)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    await session.flush()
    await session.execute(
        (sqlite.insert if is_sqlite else postgresql.insert)(WaitingText).on_conflict_do_nothing(),
        [
            {
                "programme_id": programme_id,
                "topic": telling.topic,
                "reference": telling.reference,
                "member_id": telling.member_id,
                "text_plain": telling.text.en
                if languages.get(telling.member_id) == MessageLanguage.ENGLISH
                else telling.text.fa,
                "is_waiting": True,
                "created_at": now,
                "expires_at": now + USEFUL_FOR,
            }
            for telling in tellings
            if telling.member_id in reachable
        ],
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
    row = WaitingText(
        topic=topic,
        reference=reference,
        member_id=receiver if isinstance(receiver, int) else None,
        is_waiting=True,
        created_at=utc_now(),
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    if isinstance(receiver, str):
        RECEIVER.seal(cipher, row, receiver)
    TEXT.seal(cipher, row, text)
    await session.flush()


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
    return TextFate.WAITING if row.is_waiting and row.expires_at > now else TextFate.LOST


async def forget(session: WriteSession, *, topic: str, reference: str) -> None:
    """Delete a text, sent or not."""
    await session.execute(
        delete(WaitingText)
        .where(WaitingText.topic == topic, WaitingText.reference == reference)
        .execution_options(synchronize_session=False)
    )


async def waiting(session: ReadSession, cipher: FieldCipher, query: TextQuery) -> Page[WaitingTextRead]:
    """Texts that are still of use and not sent."""
    statement = select(WaitingText).where(WaitingText.is_waiting, WaitingText.expires_at > utc_now())
    rows, next_cursor = await read_rows(session, statement, query)
    mobiles = await _mobiles(session, cipher, rows)
    items = []
    for row in rows:
        receiver = RECEIVER.open(cipher, row) if row.member_id is None else mobiles.get(row.member_id)
        text = row.text_plain if row.text_sealed is None else TEXT.open(cipher, row)
        if receiver and text:
            items.append(
                WaitingTextRead(
                    id=row.id, topic=row.topic, receiver=receiver, text=text, expires_at=row.expires_at
                )
            )
    return Page(items=items, next_cursor=next_cursor)


async def note_sent(session: WriteSession, text_id: int) -> None:
    """A text was sent, and is forgotten; that it was sent is not. Told again, it changes nothing.

    Raises:
        TextNotFound
    """
    row = await session.get(WaitingText, text_id, with_for_update=True)
    if row is None:
        raise TextNotFound
    if row.is_waiting:
        row.is_waiting, row.sent_at = False, utc_now()
        row.receiver_sealed = row.text_sealed = row.text_plain = None
        await session.flush()


async def mobile_of(session: AnySession, cipher: FieldCipher, member_id: int) -> str | None:
    """The number that a member's texts go to."""
    shown = await identities.shown_of(session, cipher, [member_id])
    return shown.get(member_id, {}).get(_MOBILE)


async def language_of(session: AnySession, member_id: int) -> MessageLanguage:
    """The language that a member is written to in."""
    languages = await _languages_of(session, [member_id])
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


async def _languages_of(session: AnySession, member_ids: Collection[int]) -> dict[int, str]:
    """Who has chosen a language, and which."""
    rows = await session.scalars(select(MemberLanguage).where(MemberLanguage.member_id.in_(member_ids)))
    return {row.member_id: row.language for row in rows}


async def _mobiles(
    session: AnySession, cipher: FieldCipher, rows: Sequence[WaitingText]
) -> dict[int, str | None]:
    wanted = sorted({row.member_id for row in rows if row.member_id is not None})
    shown = await identities.shown_of(session, cipher, wanted) if wanted else {}
    return {member_id: of_member.get(_MOBILE) for member_id, of_member in shown.items()}
