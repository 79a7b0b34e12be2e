"""Queries of the wheels service."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.services.wheels.models import Spin, SpinGrant, Wheel, WheelMember, WheelOdds, WheelStock
from host_api.services.wheels.problems import SpinNotFound, WheelNotFound
from host_api.services.wheels.schemas import SpinSource, SpinState


class NoneLeft(Exception):  # noqa: N818
    """A slice's stock is used up."""


async def find(session: AnySession, wheel_id: int, *, for_update: bool = False) -> Wheel:
    """A wheel.

    Raises:
        WheelNotFound
    """
    wheel = await session.get(Wheel, wheel_id, with_for_update=for_update or None)
    if wheel is None:
        raise WheelNotFound
    return wheel


async def fresh(session: WriteSession, wheel_id: int) -> Wheel:
    """A wheel as it is now, whatever the session has read of it before.

    Raises:
        WheelNotFound
    """
    wheel = await session.get(Wheel, wheel_id, populate_existing=True)
    if wheel is None:
        raise WheelNotFound
    return wheel


async def odds_by_id(session: AnySession, odds_ids: Collection[int]) -> dict[int, WheelOdds]:
    """Slices as they were in force, by their id."""
    rows = await session.scalars(select(WheelOdds).where(WheelOdds.id.in_(odds_ids)))
    return {row.id: row for row in rows}


async def odds_of(session: AnySession, wheel_id: int, limit: int) -> Sequence[WheelOdds]:
    """A wheel's odds, the latest first."""
    rows = await session.scalars(
        select(WheelOdds).where(WheelOdds.wheel_id == wheel_id).order_by(WheelOdds.id.desc()).limit(limit)
    )
    return rows.all()


async def lock_member(session: WriteSession, wheel_id: int, member_id: int) -> WheelMember:
    """A member's part in a wheel, whose spins are counted by nobody else until the transaction ends."""
    await insert_missing(session, WheelMember, [{"wheel_id": wheel_id, "member_id": member_id, "earned": 0}])
    row = await session.scalar(
        select(WheelMember)
        .where(WheelMember.wheel_id == wheel_id, WheelMember.member_id == member_id)
        .with_for_update()
    )
    if row is None:
        raise LookupError("a member's part in a wheel has gone")
    return row


async def earned(session: AnySession, wheel_id: int, member_id: int) -> int:
    """Earned spins that are left."""
    statement = select(WheelMember.earned).where(
        WheelMember.wheel_id == wheel_id, WheelMember.member_id == member_id
    )
    return await session.scalar(statement) or 0


async def count_spins(
    session: AnySession, wheel_id: int, member_id: int, source: SpinSource, since: datetime | None
) -> int:
    """How many spins a member has had in this way, since an instant or at all."""
    statement = select(func.count(Spin.id)).where(
        Spin.wheel_id == wheel_id,
        Spin.member_id == member_id,
        Spin.source == source.value,
        Spin.state != SpinState.REFUSED.value,
    )
    if since is not None:
        statement = statement.where(Spin.asked_at >= since)
    return await session.scalar(statement) or 0


async def take_one(session: WriteSession, wheel_id: int, code: str, stock: int) -> None:
    """Count one more of a slice as given.

    Raises:
        NoneLeft: `stock` of them are given already.
    """
    taken = await session.scalar(
        update(WheelStock)
        .where(WheelStock.wheel_id == wheel_id, WheelStock.code == code, WheelStock.given < stock)
        .values(given=WheelStock.given + 1)
        .returning(WheelStock.given)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise NoneLeft


async def lock_stocks(session: WriteSession, wheel_ids: Collection[int]) -> None:
    """Keep the stocks of all slices of wheels from others until the transaction ends."""
    await session.execute(
        select(WheelStock.wheel_id)
        .where(WheelStock.wheel_id.in_(wheel_ids))
        .order_by(WheelStock.wheel_id, WheelStock.code)
        .with_for_update()
    )


async def lock_spins(session: WriteSession, spin_ids: Collection[int]) -> None:
    """Keep spins from others until the transaction ends."""
    await session.execute(select(Spin).where(Spin.id.in_(spin_ids)).order_by(Spin.id).with_for_update())


async def given_by_slice(session: AnySession, wheel_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """How often slices with a stock were given, by wheel and code."""
    rows = await session.scalars(
        select(WheelStock).where(WheelStock.wheel_id.in_(wheel_ids)).execution_options(populate_existing=True)
    )
    return {(row.wheel_id, row.code): row.given for row in rows}


async def add_stocks(session: WriteSession, wheel_id: int, codes: Collection[str]) -> None:
    """Begin to count how often slices are given; those counted before go on."""
    rows = [{"wheel_id": wheel_id, "code": code, "given": 0} for code in codes]
    await insert_missing(session, WheelStock, rows)


async def find_spin(session: AnySession, spin_id: int, *, for_update: bool = False) -> Spin:
    """One spin.

    Raises:
        SpinNotFound
    """
    spin = await session.get(Spin, spin_id, with_for_update=for_update or None)
    if spin is None:
        raise SpinNotFound
    return spin


async def find_grant(session: AnySession, service: str, reference: str) -> SpinGrant | None:
    """The spins granted under a service's reference."""
    return await session.scalar(
        select(SpinGrant).where(SpinGrant.service == service, SpinGrant.reference == reference)
    )
