"""Versions of the rates, and what a version makes of a month."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.policy_versions import PolicyMissing, in_force, keep_version
from host_api.services.marketers.listing import RebateTableQuery
from host_api.services.marketers.models import RebateTable
from host_api.services.marketers.months import period_of
from host_api.services.marketers.schemas import (
    RebateTableCreate,
    RebateTableRead,
    RebateTier,
    RebateTierBy,
)

_BASIS: Final = 10_000


class Rebate(NamedTuple):
    """The rate that a month reaches, and what it gives, rials."""

    basis_points: int
    rials: int


def rebate_of(tier_by: RebateTierBy, tiers: Sequence[RebateTier], turnover: int, commission: int) -> Rebate:
    """What a month gives: the rate of the highest tier reached, of all its commission.

    Computed once, of the month's sum; parts of a rial are cut off towards zero, whichever the sign.
    """
    reached = turnover if tier_by is RebateTierBy.TURNOVER else commission
    rates = [tier.basis_points for tier in tiers if tier.from_rials <= reached]
    rate = rates[-1] if rates else 0
    rials = abs(commission) * rate // _BASIS
    return Rebate(rate, rials if commission >= 0 else -rials)


def rebate_by(table: RebateTable | None, turnover: int, commission: int) -> Rebate:
    """The same by a version; without one nothing is given."""
    if table is None:
        return Rebate(0, 0)
    return rebate_of(RebateTierBy(table.tier_by), _tiers(table), turnover, commission)


async def table_of_month(session: AnySession, month: int) -> RebateTable | None:
    """The version by which a month goes: the one in force in its last instant."""
    try:
        return await in_force(session, RebateTable, period_of(month).end - timedelta(microseconds=1))
    except PolicyMissing:
        return None


async def create(session: WriteSession, caller: Caller, wanted: RebateTableCreate) -> RebateTableRead:
    """Add a version.

    Raises:
        PolicyInThePast
    """
    version = RebateTable(
        tier_by=wanted.tier_by.value, tiers=[tier.model_dump(mode="json") for tier in wanted.tiers]
    )
    await keep_version(session, version, caller, wanted.valid_from)
    return _read(version)


async def read_page(session: ReadSession, query: RebateTableQuery) -> Page[RebateTableRead]:
    """A page of versions."""
    rows, next_cursor = await read_rows(session, select(RebateTable), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


def _tiers(row: RebateTable) -> list[RebateTier]:
    return [RebateTier.model_validate(tier) for tier in row.tiers]


def _read(row: RebateTable) -> RebateTableRead:
    return RebateTableRead(
        id=row.id,
        valid_from=row.valid_from,
        created_at=row.created_at,
        created_by=row.created_by,
        tier_by=RebateTierBy(row.tier_by),
        tiers=_tiers(row),
    )
