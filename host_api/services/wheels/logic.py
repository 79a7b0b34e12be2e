"""Making, changing and reading wheels, and granting spins."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.groups.audience import stored_audience
from host_api.services.members import logic as members
from host_api.services.prizes import logic as prizes
from host_api.services.wheels import repository
from host_api.services.wheels.listing import WheelQuery
from host_api.services.wheels.models import SpinGrant, Wheel, WheelOdds
from host_api.services.wheels.problems import GrantUsedOtherwise, WheelElsewhere
from host_api.services.wheels.schemas import (
    OddsRead,
    SliceRead,
    WheelCreate,
    WheelRead,
    WheelStage,
    WheelState,
    WheelUpdate,
)
from host_api.services.wheels.slices import Slice, total_weight

SLICES: Final = TypeAdapter(list[Slice])

_NOT_ITS_OWN: Final = frozenset({"slices", "audience", "starts_at", "ends_at"})
_NEVER_NULL: Final = frozenset({"title", "title_fa", "starts_at", "slices"})
_ODDS_SHOWN: Final = 100


async def create(session: WriteSession, wanted: WheelCreate, caller: Caller) -> tuple[WheelRead, str]:
    """Store a draft, and its ETag; nobody can spin it before it is published.

    Raises:
        prizes.PrizeNotFound
    """
    wheel = Wheel(**_columns(wanted), odds_id=0, stage=WheelStage.DRAFT.value, created_at=utc_now())
    session.add(wheel)
    await session.flush()
    await _put_in_force(session, wheel, wanted.slices, caller)
    return await shown(session, wheel), etag(wheel)


async def change(
    session: WriteSession, wheel_id: int, if_match: str, wanted: WheelUpdate, caller: Caller
) -> tuple[WheelRead, str]:
    """Change what is given; spins from now on follow it, and those before keep their odds.

    Raises:
        WheelNotFound, ChangedMeanwhile, WheelElsewhere, prizes.PrizeNotFound, ValidationFailed
    """
    wheel = await repository.find(session, wheel_id, for_update=True)
    check_version(wheel, if_match)
    if wheel.stage == WheelStage.WITHDRAWN:
        raise WheelElsewhere
    before = await _slices(session, wheel)
    after = _agreed(wheel, before, wanted)
    for name, value in _columns(after).items():
        if getattr(wheel, name) != value:
            setattr(wheel, name, value)
    if after.slices != before:
        await _put_in_force(session, wheel, after.slices, caller)
    await session.flush()
    return await shown(session, wheel), etag(wheel)


async def publish(session: WriteSession, wheel_id: int) -> tuple[WheelRead, str]:
    """Let a draft be spun when its time comes.

    Raises:
        WheelNotFound, WheelElsewhere
    """
    return await _move(session, wheel_id, WheelStage.DRAFT, WheelStage.PUBLISHED)


async def withdraw(session: WriteSession, wheel_id: int) -> tuple[WheelRead, str]:
    """Let nobody spin from now on; a spin that was paid for is still drawn.

    Raises:
        WheelNotFound, WheelElsewhere
    """
    return await _move(session, wheel_id, WheelStage.PUBLISHED, WheelStage.WITHDRAWN)


async def read(session: ReadSession, wheel_id: int) -> tuple[WheelRead, str]:
    """A wheel, and its ETag.

    Raises:
        WheelNotFound
    """
    wheel = await repository.find(session, wheel_id)
    return await shown(session, wheel), etag(wheel)


async def read_page(session: ReadSession, query: WheelQuery) -> Page[WheelRead]:
    """A page of wheels."""
    wheels, next_cursor = await read_rows(session, select(Wheel), query)
    return Page(items=await _shown(session, wheels), next_cursor=next_cursor)


async def read_odds(session: ReadSession, wheel_id: int) -> list[OddsRead]:
    """The odds that were in force, the latest first.

    Raises:
        WheelNotFound
    """
    await repository.find(session, wheel_id)
    return [
        OddsRead(
            id=odds.id,
            wheel_id=wheel_id,
            slices=SLICES.validate_python(odds.slices),
            written_by=odds.written_by_name,
            created_at=odds.created_at,
        )
        for odds in await repository.odds_of(session, wheel_id, _ODDS_SHOWN)
    ]


async def grant_spins(
    session: WriteSession,
    wheel_id: int,
    member_id: int,
    count: int,
    *,
    service: str,
    reference: str,
    reason: str | None = None,
) -> int:
    """Give a member spins of a wheel, once for each (service, reference); how many earned ones are left.

    Raises:
        WheelNotFound, WheelElsewhere, members.MemberNotFound, GrantUsedOtherwise
        ValueError: the number isn't positive.
    """
    if count < 1:
        raise ValueError("at least one spin is granted")
    wheel = await repository.find(session, wheel_id)
    if wheel.stage == WheelStage.WITHDRAWN:
        raise WheelElsewhere
    await members.read(session, member_id)
    part = await repository.lock_member(session, wheel_id, member_id)
    known = await repository.find_grant(session, service, reference)
    if known is None:
        grant = SpinGrant(
            wheel_id=wheel_id,
            member_id=member_id,
            count=count,
            service=service,
            reference=reference,
            reason=reason,
            granted_at=utc_now(),
        )
        try:
            async with session.begin_nested():
                session.add(grant)
        except IntegrityError:
            # Another member got spins under it at the same moment.
            raise GrantUsedOtherwise from None
        part.earned += count
        await session.flush()
    elif (known.wheel_id, known.member_id, known.count) != (wheel_id, member_id, count):
        raise GrantUsedOtherwise
    return part.earned


def state_of(wheel: Wheel, now: datetime) -> WheelState:
    """Where a wheel stands at `now`."""
    if wheel.stage != WheelStage.PUBLISHED:
        return WheelState(wheel.stage)
    if now < wheel.starts_at:
        return WheelState.SCHEDULED
    return WheelState.OPEN if wheel.ends_at is None or now < wheel.ends_at else WheelState.OVER


async def shown(session: AnySession, wheel: Wheel) -> WheelRead:
    """A wheel as it is shown now."""
    return (await _shown(session, [wheel]))[0]


async def _shown(session: AnySession, wheels: list[Wheel]) -> list[WheelRead]:
    now = utc_now()
    odds = await repository.odds_by_id(session, {wheel.odds_id for wheel in wheels})
    given = await repository.given_by_slice(session, {wheel.id for wheel in wheels})
    gone = await _gone_prizes(session, odds.values())
    found = []
    for wheel in wheels:
        slices = SLICES.validate_python(odds[wheel.odds_id].slices)
        total = total_weight(slices)
        values = {name: getattr(wheel, name) for name in WheelRead.model_fields if hasattr(wheel, name)}
        values["state"] = state_of(wheel, now)
        values["slices"] = [
            _shown_slice(
                each, total, given.get((wheel.id, each.code), 0), is_prize_gone=each.prize_id in gone
            )
            for each in slices
        ]
        found.append(WheelRead.model_validate(values))
    return found


def _shown_slice(each: Slice, total: int, given: int, *, is_prize_gone: bool) -> SliceRead:
    is_used_up = each.stock is not None and given >= each.stock
    return SliceRead(
        **each.model_dump(),
        total_weight=total,
        given=None if each.stock is None else given,
        is_out=is_used_up or is_prize_gone,
    )


async def _gone_prizes(session: AnySession, odds: Iterable[WheelOdds]) -> frozenset[int]:
    """Prizes in slices of which none is left."""
    wanted = {
        each.prize_id
        for one in odds
        for each in SLICES.validate_python(one.slices)
        if each.prize_id is not None
    }
    found = [await prizes.find(session, prize_id) for prize_id in sorted(wanted)]
    return frozenset(prize.id for prize in found if not prize.is_open or prize.stock == 0)


async def _slices(session: AnySession, wheel: Wheel) -> list[Slice]:
    odds = (await repository.odds_by_id(session, [wheel.odds_id]))[wheel.odds_id]
    return SLICES.validate_python(odds.slices)


async def _put_in_force(session: WriteSession, wheel: Wheel, slices: list[Slice], caller: Caller) -> None:
    for each in slices:
        if each.prize_id is not None:
            await prizes.find(session, each.prize_id)
    odds = WheelOdds(
        wheel_id=wheel.id,
        slices=SLICES.dump_python(slices, mode="json"),
        written_by_name=caller.name,
        created_at=utc_now(),
    )
    session.add(odds)
    await session.flush()
    wheel.odds_id = odds.id
    await repository.add_stocks(session, wheel.id, [each.code for each in slices if each.stock is not None])
    await session.flush()


async def _move(
    session: WriteSession, wheel_id: int, before: WheelStage, after: WheelStage
) -> tuple[WheelRead, str]:
    wheel = await repository.find(session, wheel_id, for_update=True)
    if wheel.stage != before:
        raise WheelElsewhere
    wheel.stage = after.value
    await session.flush()
    return await shown(session, wheel), etag(wheel)


def _agreed(wheel: Wheel, slices: list[Slice], wanted: WheelUpdate) -> WheelCreate:
    before: dict[str, object] = {
        name: getattr(wheel, name) for name in WheelCreate.model_fields if name != "slices"
    }
    before["slices"] = SLICES.dump_python(slices, mode="json")
    given = wanted.model_dump(mode="json", by_alias=True, exclude_unset=True)
    given = {name: value for name, value in given.items() if value is not None or name not in _NEVER_NULL}
    try:
        return WheelCreate.model_validate(before | given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ValidationFailed(
            [
                FieldProblem(
                    field=".".join(str(part) for part in first["loc"]) or "wheel",
                    location="body",
                    code=first["type"],
                    message=first["msg"],
                    message_fa="اجزای گردونه با هم نمی‌خواند.",
                )
            ]
        ) from None


def _columns(wanted: WheelCreate) -> dict[str, object]:
    return {
        **wanted.model_dump(mode="json", exclude=set(_NOT_ITS_OWN)),
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
        "audience": stored_audience(wanted.audience),
    }
