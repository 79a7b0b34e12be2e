"""Asking for grants and deciding them, and what the switch makes of each member's part."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.jobs import run_store
from host_api.core.ledger.bank import Wish, request_many
from host_api.core.ledger.movements import credit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.budgets import logic as budgets
from host_api.services.credit_grants.listing import GiftQuery, GrantQuery
from host_api.services.credit_grants.models import CreditGift, CreditGrant
from host_api.services.credit_grants.schemas import (
    CreditGiftRead,
    CreditGrantCreate,
    CreditGrantRead,
    GiftState,
    GrantState,
)
from host_api.services.groups.audience import stored_audience
from host_api.services.members import logic as members
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling

SERVICE: Final = "credit_grants"
GIVE_JOB: Final = "give-credit-grant"

_STATES: Final = {
    RequestState.APPROVED: GiftState.GIVEN,
    RequestState.DECLINED: GiftState.FAILED,
    RequestState.REVERSED: GiftState.FAILED,
    RequestState.DOUBTFUL: GiftState.DOUBTFUL,
}
# What the budget has to wait for.
_OPEN: Final = (GiftState.SENT.value, GiftState.DOUBTFUL.value)


class GrantNotFound(Problem):
    """No grant has this id."""

    status = 404
    code = "credit-grant-not-found"
    title = "Grant not found"
    title_fa = "اعطا پیدا نشد"
    detail = "There is no grant with this id."
    detail_fa = "اعطایی با این شناسه وجود ندارد."


async def ask(session: WriteSession, wanted: CreditGrantCreate, caller: Caller) -> CreditGrantRead:
    """Keep a grant for a second person to decide.

    Raises:
        members.MemberNotFound, BudgetNotFound, BudgetOfAnotherPurse
    """
    if wanted.member_id is not None:
        await members.read(session, wanted.member_id)
    await budgets.check_purse(session, wanted.budget_id, wanted.purse)
    grant = CreditGrant(
        title=wanted.title,
        reason=wanted.reason,
        budget_id=wanted.budget_id,
        purse=wanted.purse,
        units=wanted.units,
        valid_days=wanted.valid_days,
        member_id=wanted.member_id,
        audience=stored_audience(wanted.audience),
        members_at_most=wanted.members_at_most,
        text_fa=wanted.text_fa,
        text_en=wanted.text_en,
        note=None,
        is_asked=False,
        left_out=False,
        finished_at=None,
        state=GrantState.ASKED.value,
        **asked_by(caller),
    )
    session.add(grant)
    await session.flush()
    return await _shown(session, grant)


async def read(session: AnySession, grant_id: int) -> CreditGrantRead:
    """One grant.

    Raises:
        GrantNotFound
    """
    grant = await session.get(CreditGrant, grant_id)
    if grant is None:
        raise GrantNotFound
    return await _shown(session, grant)


async def read_page(session: ReadSession, query: GrantQuery) -> Page[CreditGrantRead]:
    """A page of grants."""
    grants, next_cursor = await read_rows(session, select(CreditGrant), query)
    counts = await _counts(session, [grant.id for grant in grants])
    return Page(items=[_read(grant, counts.get(grant.id, {})) for grant in grants], next_cursor=next_cursor)


async def gifts(session: ReadSession, query: GiftQuery) -> Page[CreditGiftRead]:
    """A page of what members got."""
    rows, next_cursor = await read_rows(session, select(CreditGift), query)
    return Page(items=[CreditGiftRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def approve(session: WriteSession, grant_id: int, caller: Caller, note: str | None) -> CreditGrantRead:
    """Approve what another has asked for: the most that it may cost is set aside, and the job gives it.

    Raises:
        GrantNotFound, AlreadyDecided, OwnAct, BudgetNotFound, BudgetExhausted
    """
    grant = await _lock(session, grant_id)
    decide(grant, GrantState.GIVING, caller)
    grant.note = note
    await budgets.reserve(
        session,
        grant.budget_id,
        grant.units * grant.members_at_most,
        service=SERVICE,
        reference=str(grant.id),
    )
    run_store.enqueue(session, GIVE_JOB, {"grant_id": grant.id}, caller, now=utc_now())
    await session.flush()
    return await _shown(session, grant)


async def reject(session: WriteSession, grant_id: int, caller: Caller, note: str | None) -> CreditGrantRead:
    """Reject what another has asked for.

    Raises:
        GrantNotFound, AlreadyDecided, OwnAct
    """
    grant = await _lock(session, grant_id)
    decide(grant, GrantState.REJECTED, caller)
    grant.note = note
    await session.flush()
    return await _shown(session, grant)


async def cancel(session: WriteSession, grant_id: int, caller: Caller) -> CreditGrantRead:
    """Take one's own wish back before it is decided.

    Raises:
        GrantNotFound, AlreadyDecided, ActOfAnother
    """
    grant = await _lock(session, grant_id)
    withdraw(grant, caller)
    await session.flush()
    return await _shown(session, grant)


async def give(session: WriteSession, grant: CreditGrant, member_ids: Sequence[int], caller: Caller) -> None:
    """Ask the switch to give their part to members who have not got it."""
    have = set(
        await session.scalars(
            select(CreditGift.member_id).where(
                CreditGift.grant_id == grant.id, CreditGift.member_id.in_(member_ids)
            )
        )
    )
    missing = [member_id for member_id in member_ids if member_id not in have]
    session.add_all(
        CreditGift(grant_id=grant.id, member_id=member_id, state=GiftState.SENT.value)
        for member_id in missing
    )
    text = f"grant {grant.id}: {grant.title}"
    # Nobody waits at a counter for it: it is sent until it is answered.
    await request_many(
        session,
        [
            Wish(
                credit(member_id, grant.purse, grant.units, text, valid_days=grant.valid_days),
                f"{grant.id}-{member_id}",
                grant.reason,
            )
            for member_id in missing
        ],
        service=SERVICE,
        asked_by=caller,
    )


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of members' parts, and tell those who got theirs."""
    by_grant: dict[int, dict[int, Outcome]] = {}
    for outcome in outcomes:
        grant_id, _, member_id = outcome.reference.partition("-")
        by_grant.setdefault(int(grant_id), {})[int(member_id)] = outcome
    for of_grant, by_member in by_grant.items():
        await _keep(session, of_grant, by_member)


async def _keep(session: WriteSession, grant_id: int, by_member: Mapping[int, Outcome]) -> None:
    grant = await session.get(CreditGrant, grant_id)
    rows = await session.scalars(
        select(CreditGift)
        .where(CreditGift.grant_id == grant_id, CreditGift.member_id.in_(by_member))
        .order_by(CreditGift.id)
    )
    gifts = rows.all()
    if grant is None or len(gifts) != len(by_member):
        raise LookupError("a grant has gone")
    told = []
    for gift in gifts:
        outcome = by_member[gift.member_id]
        gift.state = _STATES[outcome.state].value
        gift.response_code, gift.rrn = outcome.response_code, outcome.rrn
        gift.finished_at = utc_now()
        if gift.state == GiftState.GIVEN and grant.text_fa and grant.text_en:
            text = MemberText(grant.text_fa, grant.text_en)
            told.append(Telling(gift.member_id, SERVICE, outcome.reference, text))
    await session.flush()
    await tell_members(session, told)


async def finish(session: WriteSession, grant_id: int) -> bool:
    """End a grant of which nothing is under way: the budget has given what members got. Whether it ended."""
    grant = await _lock(session, grant_id)
    if grant.state != GrantState.GIVING or not grant.is_asked:
        return False
    count = (await _counts(session, [grant_id])).get(grant_id, {})
    if any(count.get(state) for state in _OPEN):
        return False
    grant.state, grant.finished_at = GrantState.DONE.value, utc_now()
    given = count.get(GiftState.GIVEN.value, 0)
    await budgets.consume(session, service=SERVICE, reference=str(grant_id), units=given * grant.units)
    return True


async def unfinished(session: AnySession) -> list[int]:
    """Grants whose every member was asked for."""
    rows = await session.scalars(
        select(CreditGrant.id)
        .where(CreditGrant.state == GrantState.GIVING.value, CreditGrant.is_asked.is_(True))
        .order_by(CreditGrant.id)
    )
    return list(rows)


async def _lock(session: WriteSession, grant_id: int) -> CreditGrant:
    grant = await session.get(CreditGrant, grant_id, with_for_update=True)
    if grant is None:
        raise GrantNotFound
    return grant


async def _counts(session: AnySession, grant_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    rows = await session.execute(
        select(CreditGift.grant_id, CreditGift.state, func.count())
        .where(CreditGift.grant_id.in_(grant_ids))
        .group_by(CreditGift.grant_id, CreditGift.state)
    )
    found: dict[int, dict[str, int]] = {}
    for grant_id, state, count in rows:
        found.setdefault(grant_id, {})[state] = count
    return found


async def _shown(session: AnySession, grant: CreditGrant) -> CreditGrantRead:
    return _read(grant, (await _counts(session, [grant.id])).get(grant.id, {}))


def _read(grant: CreditGrant, count: dict[str, int]) -> CreditGrantRead:
    return CreditGrantRead(
        id=grant.id,
        title=grant.title,
        reason=grant.reason,
        budget_id=grant.budget_id,
        purse=grant.purse,
        units=grant.units,
        valid_days=grant.valid_days,
        member_id=grant.member_id,
        audience=grant.audience,
        members_at_most=grant.members_at_most,
        text_fa=grant.text_fa,
        text_en=grant.text_en,
        state=GrantState(grant.state),
        waiting=count.get(GiftState.SENT.value, 0),
        given=count.get(GiftState.GIVEN.value, 0),
        failed=count.get(GiftState.FAILED.value, 0),
        doubtful=count.get(GiftState.DOUBTFUL.value, 0),
        left_out=grant.left_out,
        asked_by=grant.asked_by_name,
        asked_at=grant.asked_at,
        decided_by=grant.decided_by_name,
        decided_at=grant.decided_at,
        note=grant.note,
        finished_at=grant.finished_at,
    )
