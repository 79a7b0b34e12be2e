"""Numbers of members: those enrolled here count from 1; the switch has its own, above, for the counter's.

A number is a member's within a programme. It is drawn from a counter that only goes up, which programmes
share, and never from the members themselves: the greatest of those may be one of the counter. Whoever draws
holds no lock until he commits.
"""

from typing import Final

from sqlalchemy import delete, insert, select

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.services.members.models import Member, MemberNumber

# The switch numbers whom it enrols at the counter from the next one on.
LAST_HOST_NUMBER: Final = 900_000_000_000


async def draw_numbers(session: WriteSession, count: int) -> list[int]:
    """So many new member numbers, in rising order."""
    found: list[int] = []
    while len(found) < count:
        drawn = await _draw(session, count - len(found))
        # Switches of old gave members of the counter the next number behind those of the hosts.
        taken = set(await session.scalars(select(Member.id).where(Member.id.in_(drawn))))
        found += [number for number in drawn if number not in taken]
    if found and found[-1] > LAST_HOST_NUMBER:
        raise RuntimeError("no member number is left")
    return found


async def _draw(session: WriteSession, count: int) -> list[int]:
    rows = [{"drawn_at": utc_now()}] * count
    drawn = sorted(await session.scalars(insert(MemberNumber).values(rows).returning(MemberNumber.id)))
    await session.execute(
        delete(MemberNumber).where(MemberNumber.id.in_(drawn)).execution_options(synchronize_session=False)
    )
    return drawn
