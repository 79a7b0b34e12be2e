"""Versions of the policy of points between members, and what a version lets a member do."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.period_limits import PeriodLimits, check_period_limits
from host_api.core.policy_versions import PolicyMissing, in_force, keep_version
from host_api.services.agreements import logic as agreements
from host_api.services.agreements.schemas import GatedProcess
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.point_transfers.listing import PointTransferPolicyQuery, is_in_state
from host_api.services.point_transfers.models import PointTransfer, PointTransferPolicy
from host_api.services.point_transfers.problems import (
    GiverNotAllowed,
    TooLittleLeft,
    TransferUnitsOutOfRange,
)
from host_api.services.point_transfers.schemas import (
    PointTransferPolicyCreate,
    PointTransferPolicyRead,
    PointTransferState,
)
from host_api.services.transactions.holdings import holdings_of

# What was asked and is not late counts too, so that no code is sent for what a limit then refuses.
_COUNTED = (
    PointTransferState.SENT.value,
    PointTransferState.DONE.value,
    PointTransferState.DOUBTFUL.value,
    PointTransferState.CANCELLING.value,
)


async def create(
    session: WriteSession, caller: Caller, wanted: PointTransferPolicyCreate
) -> PointTransferPolicyRead:
    """Add a version.

    Raises:
        PolicyInThePast
    """
    version = PointTransferPolicy(
        **wanted.model_dump(exclude={"valid_from", "audience", "limits"}),
        limits=wanted.limits.model_dump(),
        audience=stored_audience(wanted.audience),
    )
    await keep_version(session, version, caller, wanted.valid_from)
    return _read(version)


async def read_current(session: AnySession) -> PointTransferPolicyRead:
    """The version in force, open or not.

    Raises:
        PolicyMissing
    """
    return _read(await in_force(session, PointTransferPolicy, utc_now()))


async def read_page(session: ReadSession, query: PointTransferPolicyQuery) -> Page[PointTransferPolicyRead]:
    """A page of versions."""
    rows, next_cursor = await read_rows(session, select(PointTransferPolicy), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def check(
    session: WriteSession, member_id: int, units: int, now: datetime, *, transfer_id: int | None = None
) -> PointTransferPolicy:
    """See that a member, who is locked from here on, may give so many units; the version that says so.

    Parameters:
        transfer_id: the gift itself, where it is there already.

    Raises:
        MemberNotFound, PolicyMissing, GiverNotAllowed, TransferUnitsOutOfRange, PeriodLimitReached,
        TooLittleLeft, AgreementNotAccepted
    """
    member = await members.lock(session, member_id)
    policy = await in_force(session, PointTransferPolicy, now)
    if not policy.is_open:
        raise PolicyMissing
    is_new = now < member.created_at + timedelta(days=policy.waiting_days)
    if member.status != MemberStatus.ACTIVE or is_new:
        raise GiverNotAllowed
    if not await is_in(session, policy.audience, member_id, now):
        raise GiverNotAllowed
    await agreements.check_accepted(session, member_id, GatedProcess.POINT_TRANSFER)
    if not policy.least_units <= units <= policy.most_units:
        raise TransferUnitsOutOfRange
    is_counted = or_(PointTransfer.state.in_(_COUNTED), is_in_state(PointTransferState.ASKED))
    await check_period_limits(
        session,
        PeriodLimits.model_validate(policy.limits),
        units,
        now,
        amount=PointTransfer.units,
        at=PointTransfer.asked_at,
        where=[PointTransfer.member_id == member_id, is_counted, PointTransfer.id != (transfer_id or 0)],
    )
    if policy.least_left:
        await _check_left(session, policy, member_id, units, now)
    return policy


async def _check_left(
    session: AnySession, policy: PointTransferPolicy, member_id: int, units: int, now: datetime
) -> None:
    """By the projection, less what is on its way to the switch; the switch itself sees to what is there."""
    holdings = await holdings_of(session, member_id, now)
    on_its_way = await session.scalar(
        select(func.coalesce(func.sum(PointTransfer.units), 0)).where(
            PointTransfer.member_id == member_id, PointTransfer.state == PointTransferState.SENT.value
        )
    )
    if holdings.spendable.get("points", 0) - int(on_its_way or 0) - units < policy.least_left:
        raise TooLittleLeft


def _read(row: PointTransferPolicy) -> PointTransferPolicyRead:
    return PointTransferPolicyRead(
        id=row.id,
        valid_from=row.valid_from,
        created_at=row.created_at,
        created_by=row.created_by,
        is_open=row.is_open,
        purse=row.purse,
        least_units=row.least_units,
        most_units=row.most_units,
        limits=PeriodLimits.model_validate(row.limits),
        least_left=row.least_left,
        waiting_days=row.waiting_days,
        code_from_units=row.code_from_units,
        audience=row.audience,
    )
