"""Members join and leave, and see where they stand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_

from host_api.core.clock import from_epoch_ms, to_epoch_ms
from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.events.emission import Subject, emit
from host_api.services.draws.publication import initials_of
from host_api.services.festivals import definitions
from host_api.services.festivals.events import FESTIVAL_JOINED, FestivalJoined
from host_api.services.festivals.models import FestivalMember
from host_api.services.festivals.problems import FestivalNotForMember, FestivalNotOpen, NotInFestival
from host_api.services.festivals.schemas import (
    FestivalBoardRead,
    FestivalPlaceRead,
    FestivalState,
    MyFestival,
)
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus

_NEIGHBOURS: Final = 3
_TAKING: Final = (FestivalState.PLANNED, FestivalState.OPEN)


async def join(session: WriteSession, festival_id: int, member_id: int, now: datetime) -> MyFestival:
    """Have a member take part; again changes nothing.

    Raises:
        FestivalNotFound, FestivalNotOpen, FestivalNotForMember, members.MemberNotFound
    """
    festival = await definitions.find(session, festival_id)
    if definitions.state_of(festival, now) not in _TAKING:
        raise FestivalNotOpen
    member = await members.read(session, member_id)
    if member.status is not MemberStatus.ACTIVE or not await is_in(
        session, festival.audience, member_id, now
    ):
        raise FestivalNotForMember
    row = {
        "festival_id": festival_id,
        "member_id": member_id,
        "joined_ms": to_epoch_ms(now),
        "category": "",
        "score": 0,
        "sort_score": 0,
    }
    if await insert_missing(session, FestivalMember, [row]):
        _tell(session, festival_id, member_id, is_in=True)
    return await mine(session, festival_id, member_id)


async def leave(session: WriteSession, festival_id: int, member_id: int) -> None:
    """Have a member no longer take part; whoever comes back begins anew at the end of equal scores.

    Raises:
        FestivalNotFound, NotInFestival
    """
    await definitions.find(session, festival_id)
    gone = await session.execute(
        delete(FestivalMember)
        .where(FestivalMember.festival_id == festival_id, FestivalMember.member_id == member_id)
        .returning(FestivalMember.member_id)
        .execution_options(synchronize_session=False)
    )
    if gone.first() is None:
        raise NotInFestival
    _tell(session, festival_id, member_id, is_in=False)


async def mine(session: AnySession, festival_id: int, member_id: int) -> MyFestival:
    """Where a member stands, with the neighbours on both sides.

    Raises:
        FestivalNotFound, NotInFestival
    """
    await definitions.find(session, festival_id)
    me = await session.scalar(
        select(FestivalMember).where(
            FestivalMember.festival_id == festival_id, FestivalMember.member_id == member_id
        )
    )
    if me is None:
        raise NotInFestival
    place = tuple_(FestivalMember.sort_score, FestivalMember.joined_ms, FestivalMember.member_id)
    own = tuple_(me.sort_score, me.joined_ms, me.member_id)
    here = select(FestivalMember).where(FestivalMember.festival_id == festival_id)
    above = await session.scalars(
        here.where(place < own)
        .order_by(
            FestivalMember.sort_score.desc(), FestivalMember.joined_ms.desc(), FestivalMember.member_id.desc()
        )
        .limit(_NEIGHBOURS)
    )
    below = await session.scalars(
        here.where(place > own)
        .order_by(FestivalMember.sort_score, FestivalMember.joined_ms, FestivalMember.member_id)
        .limit(_NEIGHBOURS)
    )
    return MyFestival(
        festival_id=festival_id,
        member_id=member_id,
        joined_at=from_epoch_ms(me.joined_ms),
        category=me.category,
        mine=(await _places(session, [me]))[0],
        above=await _places(session, reversed(above.all())),
        below=await _places(session, below),
        counted_until=(await definitions.board_of(session, festival_id)).counted_until,
    )


async def top(session: AnySession, festival_id: int, category: str | None, limit: int) -> FestivalBoardRead:
    """The best of all, or of a category.

    Raises:
        FestivalNotFound
    """
    await definitions.find(session, festival_id)
    statement = select(FestivalMember).where(FestivalMember.festival_id == festival_id)
    if category is not None:
        statement = statement.where(FestivalMember.category == category)
    found = await session.scalars(
        statement.order_by(
            FestivalMember.sort_score, FestivalMember.joined_ms, FestivalMember.member_id
        ).limit(limit)
    )
    board = await definitions.board_of(session, festival_id)
    return FestivalBoardRead(
        festival_id=festival_id,
        category=category,
        places=await _places(session, found),
        counted_from=board.counted_from,
        counted_until=board.counted_until,
    )


async def _places(session: AnySession, rows: Iterable[FestivalMember]) -> list[FestivalPlaceRead]:
    return [
        FestivalPlaceRead(
            place=row.place,
            category_place=row.category_place,
            score=row.score,
            name=initials_of((await members.find(session, row.member_id)).name),
        )
        for row in rows
    ]


def _tell(session: WriteSession, festival_id: int, member_id: int, *, is_in: bool) -> None:
    payload = FestivalJoined(festival_id=festival_id, member_id=member_id, is_in=is_in)
    emit(session, FESTIVAL_JOINED, Subject("member", member_id), payload)
