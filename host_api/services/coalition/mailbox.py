"""Letters to other clubs: written with what they tell, in one order for each club."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.jobs.run_store import enqueue
from host_api.services.coalition.letter_contents import Content
from host_api.services.coalition.models import ClubAccount, ClubLetter, PartnerClub
from host_api.services.coalition.problems import LetterNotUnderstood
from host_api.services.coalition.schemas import MOST_LETTERS, ClubLetterContent, ClubLetters

COURIER: Final = "coalition-courier"


async def write(session: WriteSession, account: ClubAccount, content: Content) -> None:
    """Write a letter; the account is locked by the caller of this. A local club gets it soon."""
    had_none_waiting = account.written_number == account.arrived_number
    account.written_number += 1
    session.add(
        ClubLetter(
            club_id=account.club_id,
            number=account.written_number,
            content=content.model_dump(mode="json"),
            written_at=utc_now(),
        )
    )
    club = await session.get(PartnerClub, account.club_id)
    if club is not None and club.is_local and had_none_waiting:
        caller = system_caller(COURIER, programme_of(session.sync_session))
        enqueue(session, COURIER, {}, caller, now=utc_now())
    await session.flush()


async def waiting(session: AnySession, account: ClubAccount, after: int) -> ClubLetters:
    """The letters behind the number `after`, some of them where there are many."""
    rows = await session.scalars(
        select(ClubLetter)
        .where(ClubLetter.club_id == account.club_id, ClubLetter.number > after)
        .order_by(ClubLetter.number)
        .limit(MOST_LETTERS)
    )
    return ClubLetters(taken=account.taken_number, letters=_shown(rows.all()))


def note_arrived(account: ClubAccount, number: int) -> None:
    """The other club has taken in letters up to this one.

    Raises:
        LetterNotUnderstood: it was never written.
    """
    if number > account.written_number:
        raise LetterNotUnderstood
    account.arrived_number = max(account.arrived_number, number)


def _shown(rows: Sequence[ClubLetter]) -> list[ClubLetterContent]:
    return [ClubLetterContent(number=row.number, content=row.content) for row in rows]
