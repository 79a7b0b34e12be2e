"""Versions of the policy of points to cash, and what a version makes of units."""

from typing import NamedTuple

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.period_limits import PeriodLimits
from host_api.core.policy_versions import PolicyMissing, in_force, keep_version
from host_api.services.cash_outs.listing import CashOutPolicyQuery
from host_api.services.cash_outs.models import CashOutPolicy
from host_api.services.cash_outs.schemas import CashOutAccounts, CashOutPolicyCreate, CashOutPolicyRead
from host_api.services.groups.audience import stored_audience

_BASIS = 10_000


class Worth(NamedTuple):
    """What units are worth, what of it the club keeps, and what is paid; in rials."""

    gross: int
    fee: int
    net: int


def worth_of(policy: CashOutPolicy, units: int) -> Worth:
    """What a version makes of units; parts of a rial are cut off."""
    gross = units * policy.rate_rials // policy.rate_units
    fee = policy.fee_rials + gross * policy.fee_basis_points // _BASIS
    return Worth(gross, fee, gross - fee)


async def create(session: WriteSession, caller: Caller, wanted: CashOutPolicyCreate) -> CashOutPolicyRead:
    """Add a version.

    Raises:
        PolicyInThePast
    """
    version = CashOutPolicy(
        **wanted.model_dump(exclude={"valid_from", "audience", "limits", "accounts"}),
        limits=wanted.limits.model_dump(),
        accounts=wanted.accounts.model_dump(),
        audience=stored_audience(wanted.audience),
    )
    await keep_version(session, version, caller, wanted.valid_from)
    return _read(version)


async def open_now(session: AnySession) -> CashOutPolicy:
    """The version under which members can ask.

    Raises:
        PolicyMissing
    """
    policy = await in_force(session, CashOutPolicy, utc_now())
    if not policy.is_open:
        raise PolicyMissing
    return policy


async def read_current(session: AnySession) -> CashOutPolicyRead:
    """The version in force, open or not.

    Raises:
        PolicyMissing
    """
    return _read(await in_force(session, CashOutPolicy, utc_now()))


async def read_page(session: ReadSession, query: CashOutPolicyQuery) -> Page[CashOutPolicyRead]:
    """A page of versions."""
    rows, next_cursor = await read_rows(session, select(CashOutPolicy), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


def _read(row: CashOutPolicy) -> CashOutPolicyRead:
    return CashOutPolicyRead(
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
        fee_rials=row.fee_rials,
        fee_basis_points=row.fee_basis_points,
        approval_above_units=row.approval_above_units,
        audience=row.audience,
        accounts=CashOutAccounts.model_validate(row.accounts),
    )
