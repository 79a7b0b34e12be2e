"""One-time codes for members: sent to their mobile for one act, and compared."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.isolation import programme_of
from host_api.core.persian_text import persian_digits
from host_api.core.texted_codes import CodeOutcome, TextedCode, issue_code, try_code
from host_api.services.members import logic as members
from host_api.services.messages.code_problems import (
    MemberCodeOver,
    MemberCodeWrong,
    NoMobile,
    TooManyMemberCodes,
)
from host_api.services.messages.logic import forget, language_of, mobile_of, send_sealed
from host_api.services.messages.models import MemberCode
from host_api.services.messages.schemas import MessageLanguage

_MOST_A_DAY: Final = 20
_APART: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


async def send_code(
    session: WriteSession,
    cipher: FieldCipher,
    member_id: int,
    *,
    topic: str,
    reference: str,
    text_fa: str,
    text_en: str,
) -> datetime:
    """Text a member a fresh code for (topic, reference), in place of any earlier one; until when it is good.

    Parameters:
        text_fa, text_en: what the code is for; the code follows behind it.

    Raises:
        members.MemberNotFound, NoMobile, TooManyMemberCodes
    """
    await members.lock(session, member_id)  # counts are right however many are asked for at once
    receiver = await mobile_of(session, cipher, member_id)
    if receiver is None:
        raise NoMobile
    now = utc_now()
    row = await _find(session, topic, reference)
    await _check_pace(session, member_id, row, now)
    code, kept = issue_code(
        _key(session, cipher, topic),
        purpose=_purpose(topic, reference),
        receiver=receiver,
        now=now,
        random_below=secrets.randbelow,
        random_bytes=secrets.token_bytes,
    )
    if row is None:
        row = MemberCode(topic=topic, reference=reference, member_id=member_id, times_sent=0)
        session.add(row)
    _keep(row, kept)
    row.sent_at, row.times_sent = now, row.times_sent + 1
    is_english = await language_of(session, member_id) is MessageLanguage.ENGLISH
    text = f"{text_en}: {code}" if is_english else f"{text_fa}: {persian_digits(code)}\n{code}"
    await send_sealed(
        session,
        cipher,
        member_id,
        topic=topic,
        reference=reference,
        text=text,
        expires_at=kept.expires_at,
    )
    return kept.expires_at


async def try_member_code(
    session: WriteSession, cipher: FieldCipher, member_id: int, typed: str, *, topic: str, reference: str
) -> Problem | None:
    """Compare what was typed with the code sent for (topic, reference); None where it is right.

    A problem is given back, not raised: the try counts, so the transaction is committed.
    """
    row = await _find(session, topic, reference, for_update=True)
    if row is None or row.member_id != member_id:
        return MemberCodeOver()
    kept = TextedCode(row.salt, row.digest, row.expires_at, row.tries_left)
    receiver = await mobile_of(session, cipher, member_id) or ""
    outcome, kept = try_code(
        _key(session, cipher, topic),
        kept,
        typed,
        purpose=_purpose(topic, reference),
        receiver=receiver,
        now=utc_now(),
    )
    _keep(row, kept)
    await session.flush()
    if outcome is CodeOutcome.ACCEPTED:
        await forget(session, topic=topic, reference=reference)
        return None
    return MemberCodeWrong() if outcome is CodeOutcome.WRONG else MemberCodeOver()


async def _check_pace(session: AnySession, member_id: int, row: MemberCode | None, now: datetime) -> None:
    today = await session.scalar(
        select(func.sum(MemberCode.times_sent)).where(
            MemberCode.member_id == member_id, MemberCode.sent_at > now - _DAY
        )
    )
    if (today or 0) >= _MOST_A_DAY or (row is not None and now < row.sent_at + _APART):
        raise TooManyMemberCodes


async def _find(
    session: AnySession, topic: str, reference: str, *, for_update: bool = False
) -> MemberCode | None:
    statement = select(MemberCode).where(MemberCode.topic == topic, MemberCode.reference == reference)
    if for_update:
        statement = statement.with_for_update()
    return await session.scalar(statement)


def _keep(row: MemberCode, kept: TextedCode) -> None:
    row.salt, row.digest = kept.salt, kept.digest
    row.expires_at, row.tries_left = kept.expires_at, kept.tries_left


def _purpose(topic: str, reference: str) -> str:
    return f"{topic} {reference}"


def _key(session: AnySession, cipher: FieldCipher, topic: str) -> bytes:
    """The programme's key for codes of a topic, 32 bytes: another one after a rotation."""
    return cipher.index(programme_of(session.sync_session), "member_codes.code", topic)[-32:]
