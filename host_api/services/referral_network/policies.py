"""Policies: asked for by one person, approved by another, in force until the next one begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.budgets import logic as budgets
from host_api.services.referral_network.listing import PolicyQuery
from host_api.services.referral_network.models import NetworkPolicy
from host_api.services.referral_network.policy_schemas import (
    NetworkPolicyContent,
    NetworkPolicyCreate,
    NetworkPolicyRead,
    NetworkPolicyState,
)
from host_api.services.referral_network.problems import NetworkClosed, PolicyNotFound


class Policy(NamedTuple):
    """A policy that was approved."""

    id: int
    in_force_from: datetime
    content: NetworkPolicyContent


async def approved(session: AnySession) -> list[Policy]:
    """All that were approved, the latest to begin first; of those that begin together the later one."""
    rows = await session.scalars(
        select(NetworkPolicy)
        .where(NetworkPolicy.state == NetworkPolicyState.APPROVED.value)
        .order_by(NetworkPolicy.in_force_from.desc(), NetworkPolicy.id.desc())
    )
    return [
        Policy(row.id, row.in_force_from, NetworkPolicyContent.model_validate(row.content)) for row in rows
    ]


def in_force(policies: Sequence[Policy], at: datetime) -> Policy | None:
    """The one that was in force at an instant."""
    return next((policy for policy in policies if policy.in_force_from <= at), None)


async def needed(session: AnySession, at: datetime) -> Policy:
    """The same of all policies.

    Raises:
        NetworkClosed: there is none.
    """
    found = in_force(await approved(session), at)
    if found is None:
        raise NetworkClosed
    return found


async def ask(session: WriteSession, caller: Caller, wanted: NetworkPolicyCreate) -> NetworkPolicyRead:
    """Keep a policy for a second person to decide.

    Raises:
        BudgetNotFound, BudgetOfAnotherPurse
    """
    content = NetworkPolicyContent.model_validate(wanted.model_dump(exclude={"in_force_from"}))
    if content.budget_id is not None:
        await budgets.check_purse(session, content.budget_id, content.purse)
    row = NetworkPolicy(
        in_force_from=wanted.in_force_from or utc_now(),
        content=content.model_dump(mode="json"),
        state=NetworkPolicyState.ASKED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return shown(row)


async def approve(
    session: WriteSession, policy_id: int, caller: Caller, note: str | None
) -> NetworkPolicyRead:
    """Have a policy come into force at its time, or now where that has passed: what was scored stays.

    Raises:
        PolicyNotFound, AlreadyDecided, OwnAct
    """
    row = await _locked(session, policy_id)
    decide(row, NetworkPolicyState.APPROVED, caller)
    row.note, row.in_force_from = note, max(row.in_force_from, utc_now())
    await session.flush()
    return shown(row)


async def reject(
    session: WriteSession, policy_id: int, caller: Caller, note: str | None
) -> NetworkPolicyRead:
    """Turn a policy of another down.

    Raises:
        PolicyNotFound, AlreadyDecided, OwnAct
    """
    row = await _locked(session, policy_id)
    decide(row, NetworkPolicyState.REJECTED, caller)
    row.note = note
    await session.flush()
    return shown(row)


async def withdraw(session: WriteSession, policy_id: int, caller: Caller) -> NetworkPolicyRead:
    """Take one's own policy back before it is decided.

    Raises:
        PolicyNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _locked(session, policy_id)
    cancel(row, caller)
    await session.flush()
    return shown(row)


async def read(session: AnySession, policy_id: int) -> NetworkPolicyRead:
    """One policy.

    Raises:
        PolicyNotFound
    """
    row = await session.get(NetworkPolicy, policy_id)
    if row is None:
        raise PolicyNotFound
    return shown(row)


async def read_page(session: ReadSession, query: PolicyQuery) -> Page[NetworkPolicyRead]:
    """A page of policies."""
    rows, next_cursor = await read_rows(session, select(NetworkPolicy), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: NetworkPolicy) -> NetworkPolicyRead:
    """A policy as it is read."""
    return NetworkPolicyRead(
        id=row.id,
        state=NetworkPolicyState(row.state),
        in_force_from=row.in_force_from,
        content=NetworkPolicyContent.model_validate(row.content),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
    )


async def _locked(session: WriteSession, policy_id: int) -> NetworkPolicy:
    row = await session.get(NetworkPolicy, policy_id, with_for_update=True)
    if row is None:
        raise PolicyNotFound
    return row
