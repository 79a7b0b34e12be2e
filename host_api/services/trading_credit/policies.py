"""Versions of the policy of trading credit."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.period_limits import PeriodLimits
from host_api.core.policy_versions import in_force, keep_version
from host_api.services.groups.audience import stored_audience
from host_api.services.trading_credit.listing import TradingCreditPolicyQuery
from host_api.services.trading_credit.models import TradingCreditPolicy
from host_api.services.trading_credit.schemas import TradingCreditPolicyCreate, TradingCreditPolicyRead


async def create(
    session: WriteSession, caller: Caller, wanted: TradingCreditPolicyCreate
) -> TradingCreditPolicyRead:
    """Add a version.

    Raises:
        PolicyInThePast
    """
    version = TradingCreditPolicy(
        **wanted.model_dump(exclude={"valid_from", "audience", "limits"}),
        limits=wanted.limits.model_dump(),
        audience=stored_audience(wanted.audience),
    )
    await keep_version(session, version, caller, wanted.valid_from)
    return _read(version)


async def read_current(session: AnySession) -> TradingCreditPolicyRead:
    """The version in force, open or not.

    Raises:
        PolicyMissing
    """
    return _read(await in_force(session, TradingCreditPolicy, utc_now()))


async def read_page(session: ReadSession, query: TradingCreditPolicyQuery) -> Page[TradingCreditPolicyRead]:
    """A page of versions."""
    rows, next_cursor = await read_rows(session, select(TradingCreditPolicy), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


def _read(row: TradingCreditPolicy) -> TradingCreditPolicyRead:
    return TradingCreditPolicyRead(
        id=row.id,
        valid_from=row.valid_from,
        created_at=row.created_at,
        created_by=row.created_by,
        is_open=row.is_open,
        purse=row.purse,
        least_units=row.least_units,
        most_units=row.most_units,
        limits=PeriodLimits.model_validate(row.limits),
        rate_units=row.rate_units,
        rate_rials=row.rate_rials,
        valid_days=row.valid_days,
        audience=row.audience,
    )
