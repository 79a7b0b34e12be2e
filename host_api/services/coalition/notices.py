"""What a person should look at in the coalition."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession
from host_api.core.service import Notice
from host_api.services.coalition.exchange_schemas import ClubExchangeState
from host_api.services.coalition.models import ClubAccount, ClubExchange, ClubLetter

_LETTERS_LATE: Final = timedelta(hours=1)


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Units that the switch would not give back, and letters that don't arrive."""
    return (*await _unreturned(session), *await _late_letters(session))


async def _late_letters(session: ReadSession) -> Sequence[Notice]:
    since = await session.scalar(
        select(func.min(ClubLetter.written_at))
        .join(ClubAccount, ClubAccount.club_id == ClubLetter.club_id)
        .where(ClubLetter.number > ClubAccount.arrived_number)
    )
    if since is None or since > utc_now() - _LETTERS_LATE:
        return ()
    return (
        Notice(
            "club-letters-late",
            "Letters to another club have not arrived for an hour; see how far they have come",
            "نامه‌هایی به باشگاه دیگر بیش از یک ساعت است نرسیده‌اند؛ ببینید تا کجا رفته‌اند.",
            since,
        ),
    )


async def _unreturned(session: ReadSession) -> Sequence[Notice]:
    found = await session.execute(
        select(func.count(ClubExchange.id), func.min(ClubExchange.asked_at)).where(
            ClubExchange.state == ClubExchangeState.UNRETURNED.value
        )
    )
    count, since = found.one()
    if not count or not isinstance(since, datetime):
        return ()
    return (
        Notice(
            "club-exchange-unreturned",
            f"The switch has refused to give back {count} exchanges with other clubs; try them again",
            f"سوئیچ برگشت {count} مبادله با باشگاه‌های دیگر را نپذیرفته است؛ دوباره بفرستید.",
            since,
        ),
    )
