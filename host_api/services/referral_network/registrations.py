"""Referrer codes: a member's own, and the one that a new member registers."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.tehran_time import tehran_date
from host_api.services.members import selection
from host_api.services.members.logic import MemberNotFound
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.selection import MemberBrief
from host_api.services.referral_network import changes, incomes, payouts, policies, tree
from host_api.services.referral_network.codes import new_code, read_code
from host_api.services.referral_network.events import MEMBER_INTRODUCED, MemberIntroduced
from host_api.services.referral_network.incomes import Candidate
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.policies import Policy
from host_api.services.referral_network.policy_schemas import NetworkIntroductionTime, NetworkPayoutTime
from host_api.services.referral_network.problems import (
    BranchesFull,
    CodeRegisteredBefore,
    CodeUnknown,
    MemberNotInNetwork,
    RegistrationTooLate,
)
from host_api.services.referral_network.schemas import (
    CodeRegistration,
    NetworkChangeKind,
    ReferrerCode,
    RegistrationRead,
)
from host_api.services.referral_network.scoring import PARTS, IncomeKind, Line, both_sides

_TRIES: Final = 20


async def code_of(session: WriteSession, member_id: int) -> ReferrerCode:
    """A member's code, made where they have none yet.

    Raises:
        MemberNotFound, MemberNotInNetwork
    """
    await active_member(session, member_id)
    await tree.pass_gate(session)
    place = await tree.open_place_of(session, member_id)
    if place.code is None:
        await _give_code(session, place)
    return ReferrerCode(member_id=member_id, code=place.code or "")


async def register(session: WriteSession, caller: Caller, wanted: CodeRegistration) -> RegistrationRead:
    """Hang a new member on the branch of whose code they typed, and give both sides what is for it.

    Raises:
        CodeUnknown, MemberNotFound, MemberNotInNetwork, NetworkClosed, CodeRegisteredBefore,
        RegistrationTooLate, BranchesFull, OwnBranch
    """
    now = utc_now()
    member = await active_member(session, wanted.member_id)
    await tree.pass_gate(session)
    policy = await policies.needed(session, now)
    introducer = await _with_code(session, wanted.code)
    place = await tree.open_place_of(session, member.id)
    _check_may_register(place, member, policy, now)
    await check_branches(session, introducer.member_id, policy, now)
    await tree.hang(session, place, introducer)
    place.registered_at = now
    begin_branch(place, policy, now)
    await session.flush()
    granted = await _give_points(session, policy, place, introducer, now)
    changes.note(
        session,
        NetworkChangeKind.JOINED,
        place.member_id,
        by_name=caller.name,
        other_member_id=introducer.member_id,
    )
    payload = MemberIntroduced(member_id=place.member_id, introducer=introducer.member_id)
    emit(session, MEMBER_INTRODUCED, Subject("member", place.member_id), payload)
    await tree.tell_switch(session, [place], now)
    return RegistrationRead(
        member_id=place.member_id,
        introducer=introducer.member_id,
        since=now,
        until=place.until,
        units=sum(line.parts for line in granted if line.member_id == place.member_id) // PARTS,
    )


async def active_member(session: WriteSession, member_id: int) -> MemberBrief:
    """A member who may take part, whom nobody else changes meanwhile; asked for before the gate.

    Raises:
        MemberNotFound, MemberNotInNetwork
    """
    found = await selection.lock(session, [member_id])
    if not found:
        raise MemberNotFound
    if found[0].status != MemberStatus.ACTIVE:
        raise MemberNotInNetwork
    return found[0]


async def check_branches(session: AnySession, member_id: int, policy: Policy, now: datetime) -> None:
    """See that one more branch may hang on a member; those that have run out don't count.

    Raises:
        BranchesFull
    """
    if policy.content.branches_max is None:
        return
    held = await session.scalar(
        select(func.count())
        .select_from(NetworkPlace)
        .where(
            NetworkPlace.introducer == member_id,
            NetworkPlace.closed_at.is_(None),
            or_(NetworkPlace.until.is_(None), NetworkPlace.until >= tehran_date(now)),
        )
    )
    if (held or 0) >= policy.content.branches_max:
        raise BranchesFull


def begin_branch(place: NetworkPlace, policy: Policy | None, now: datetime) -> None:
    """Have a branch count from now on, for as long as the policy says."""
    days = None if policy is None else policy.content.branch_days
    place.since = place.counts_from = now
    place.until = None if days is None else tehran_date(now) + timedelta(days=days)
    place.expired_at = place.suspended_at = None


async def _with_code(session: AnySession, typed: str) -> NetworkPlace:
    code = read_code(typed)
    found: NetworkPlace | None = None
    if code is not None:
        found = await session.scalar(
            select(NetworkPlace).where(NetworkPlace.code == code).execution_options(populate_existing=True)
        )
    if found is None:
        raise CodeUnknown
    found = await tree.last_of_merges(session, found)
    if found.closed_at is not None:
        raise CodeUnknown
    briefs = await selection.briefs(session, [found.member_id])
    if not briefs or briefs[0].status != MemberStatus.ACTIVE:
        raise MemberNotInNetwork
    return found


def _check_may_register(place: NetworkPlace, member: MemberBrief, policy: Policy, now: datetime) -> None:
    if place.registered_at is not None or place.introducer is not None:
        raise CodeRegisteredBefore
    days = policy.content.register_within_days
    if days is not None and now >= member.joined_at + timedelta(days=days):
        raise RegistrationTooLate


async def _give_points(
    session: WriteSession, policy: Policy, place: NetworkPlace, introducer: NetworkPlace, now: datetime
) -> list[Line]:
    found = await tree.branches_of(session, [place.member_id, introducer.member_id])
    sides = found[place.member_id], found[introducer.member_id]
    lines = [*both_sides(policy.content.code_points, IncomeKind.CODE, *sides)]
    if policy.content.introduction_on is NetworkIntroductionTime.REGISTRATION:
        lines += both_sides(policy.content.introduction_points, IncomeKind.INTRODUCTION, *sides)
        place.introduction_paid_at = now
    granted = await incomes.grant(
        session, [Candidate(policy, now, place.member_id, None, line) for line in lines]
    )
    if policy.content.payout is NetworkPayoutTime.IMMEDIATE:
        await payouts.pay_at_once(session, tehran_date(now), {line.member_id for line in granted})
    return granted


async def _give_code(session: WriteSession, place: NetworkPlace) -> None:
    for _ in range(_TRIES):
        try:
            async with session.begin_nested():
                place.code = new_code()
                await session.flush()
        except IntegrityError:
            await session.refresh(place)
        else:
            return
    raise RuntimeError("no referrer code is left")
