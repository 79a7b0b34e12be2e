"""A member's records in two clubs, joined by a code that one club gives and the other is told."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.services.coalition import clubs, mailbox
from host_api.services.coalition.letter_contents import LinkAnswered, LinkAsked, LinkEnded
from host_api.services.coalition.listing import ClubLinkQuery
from host_api.services.coalition.models import ClubAccount, ClubLink, ClubLinkCode
from host_api.services.coalition.problems import (
    ClubLinkExists,
    ClubLinkMissing,
    ClubLinkNotFound,
    ClubMemberNotActive,
    LetterNotUnderstood,
)
from host_api.services.coalition.schemas import (
    ClubLinkCreate,
    ClubLinkRead,
    ClubLinkState,
    LinkCodeCreate,
    LinkCodeRead,
)
from host_api.services.member_merging.logic import records_of
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.succession import survivor_of

GOOD_FOR: Final = timedelta(minutes=15)

_CODE_BYTES: Final = 10  # 80 bits: nobody guesses one in a quarter of an hour
_GROUP: Final = 4
_STANDING: Final = (ClubLinkState.ASKED.value, ClubLinkState.ACTIVE.value)


async def make_code(session: WriteSession, wanted: LinkCodeCreate) -> LinkCodeRead:
    """Give a member a code for another club, which then links its record of them with the one here.

    Raises:
        ClubMemberNotActive
    """
    await check_active(session, wanted.member_id)
    code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    good_until = utc_now() + GOOD_FOR
    session.add(
        ClubLinkCode(member_id=wanted.member_id, digest=_digest(code), expires_at=good_until, used_at=None)
    )
    await session.flush()
    groups = (code[place : place + _GROUP] for place in range(0, len(code), _GROUP))
    return LinkCodeRead(code="-".join(groups), good_until=good_until)


async def ask(session: WriteSession, wanted: ClubLinkCreate) -> ClubLinkRead:
    """Have the other club link its record with the member's here; it answers by letter.

    Raises:
        ClubNotFound, ClubNotOpen, ClubMemberNotActive, ClubLinkExists
    """
    club = await clubs.find_open(session, wanted.club_id)
    account = await clubs.lock_account(session, club.id)
    await check_active(session, wanted.member_id)
    if await _standing(session, club.id, wanted.member_id):
        raise ClubLinkExists
    row = ClubLink(
        club_id=club.id,
        member_id=wanted.member_id,
        reference=await clubs.next_reference(session, account),
        state=ClubLinkState.ASKED.value,
        made_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    digest = _digest(wanted.code.translate(str.maketrans("", "", " -")).lower())
    await mailbox.write(session, account, LinkAsked(reference=row.reference, code_sha256=digest))
    return shown(row)


async def end(session: WriteSession, link_id: int) -> ClubLinkRead:
    """Part the records, in both clubs.

    Raises:
        ClubLinkNotFound
    """
    row = await session.get(ClubLink, link_id)
    if row is None:
        raise ClubLinkNotFound
    account = await clubs.lock_account(session, row.club_id)
    await session.refresh(row)
    if row.state in _STANDING:
        row.state = ClubLinkState.ENDED.value
        await mailbox.write(session, account, LinkEnded(reference=row.reference))
    return shown(row)


async def take_asked(session: WriteSession, account: ClubAccount, letter: LinkAsked) -> None:
    """The other club tells a code: where it is one of ours the records are linked.

    Raises:
        LetterNotUnderstood
    """
    await clubs.check_reference(session, account.club_id, letter.reference)
    now = utc_now()
    code = await session.scalar(
        select(ClubLinkCode)
        .where(
            ClubLinkCode.digest == letter.code_sha256,
            ClubLinkCode.used_at.is_(None),
            ClubLinkCode.expires_at > now,
        )
        .with_for_update()
    )
    is_made = (
        code is not None
        and not await _standing(session, account.club_id, code.member_id)
        and await by_reference(session, account.club_id, letter.reference) is None
    )
    if code is not None and is_made:
        code.used_at = now
        session.add(
            ClubLink(
                club_id=account.club_id,
                member_id=code.member_id,
                reference=letter.reference,
                state=ClubLinkState.ACTIVE.value,
                made_at=now,
            )
        )
    await mailbox.write(session, account, LinkAnswered(reference=letter.reference, is_made=is_made))


async def take_answer(session: WriteSession, account: ClubAccount, letter: LinkAnswered) -> None:
    """The other club has linked the records, or not.

    Raises:
        LetterNotUnderstood
    """
    row = await by_reference(session, account.club_id, letter.reference)
    if row is None:
        raise LetterNotUnderstood
    if row.state == ClubLinkState.ASKED:  # else it was ended meanwhile
        row.state = (ClubLinkState.ACTIVE if letter.is_made else ClubLinkState.REFUSED).value


async def take_end(session: WriteSession, account: ClubAccount, letter: LinkEnded) -> None:
    """The other club has parted the records; of a link that was refused here nothing is known."""
    row = await by_reference(session, account.club_id, letter.reference)
    if row is not None:
        row.state = ClubLinkState.ENDED.value


async def of_member(session: AnySession, club_id: int, member_id: int) -> ClubLink:
    """A member's link with a club, also one of a record that went into theirs.

    Raises:
        ClubLinkMissing
    """
    found = [row for row in await _standing(session, club_id, member_id) if row.state == ClubLinkState.ACTIVE]
    if not found:
        raise ClubLinkMissing
    return found[0]


async def member_of(session: AnySession, link: ClubLink) -> int | None:
    """The active member whom a link leads to, through all merges; None where there is none."""
    try:
        member = await members.find(session, await survivor_of(session, link.member_id))
    except members.MemberNotFound:
        return None
    return member.id if member.status == MemberStatus.ACTIVE else None


async def by_reference(session: AnySession, club_id: int, reference: str) -> ClubLink | None:
    """The link that both clubs call so."""
    return await session.scalar(
        select(ClubLink).where(ClubLink.club_id == club_id, ClubLink.reference == reference)
    )


async def check_active(session: AnySession, member_id: int) -> None:
    """See that a member may do something.

    Raises:
        ClubMemberNotActive
    """
    try:
        member = await members.find(session, member_id)
    except members.MemberNotFound:
        raise ClubMemberNotActive from None
    if member.status != MemberStatus.ACTIVE:
        raise ClubMemberNotActive


async def read(session: AnySession, link_id: int) -> ClubLinkRead:
    """One link.

    Raises:
        ClubLinkNotFound
    """
    row = await session.get(ClubLink, link_id)
    if row is None:
        raise ClubLinkNotFound
    return shown(row)


async def read_page(session: ReadSession, query: ClubLinkQuery) -> Page[ClubLinkRead]:
    """A page of links."""
    rows, next_cursor = await read_rows(session, select(ClubLink), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def _standing(session: AnySession, club_id: int, member_id: int) -> Sequence[ClubLink]:
    rows = await session.scalars(
        select(ClubLink)
        .where(
            ClubLink.club_id == club_id,
            ClubLink.member_id.in_(await records_of(session, member_id)),
            ClubLink.state.in_(_STANDING),
        )
        .order_by(ClubLink.id)
    )
    return rows.all()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def shown(row: ClubLink) -> ClubLinkRead:
    """A link as callers see it."""
    return ClubLinkRead(
        id=row.id,
        club_id=row.club_id,
        member_id=row.member_id,
        reference=row.reference,
        state=ClubLinkState(row.state),
        made_at=row.made_at,
    )
