"""What members are to get: lines that explain it, sums that are paid, totals that caps count in."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import insert, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.services.referral_network.models import Income, IncomeLine, IncomeTotal
from host_api.services.referral_network.policies import Policy
from host_api.services.referral_network.scoring import PARTS, IncomeKind, Line, cap_period, due_on
from host_api.services.referral_network.tree import add_up

_AT_ONCE = 500

# When, who and which purse: what is paid in one.
IncomeKey = tuple[date, int, int]
_TotalKey = tuple[int, str, int]


class Candidate(NamedTuple):
    """A line before caps.

    Parameters:
        source_member_id: whose purchase or introduction it comes from.
    """

    policy: Policy
    at: datetime
    source_member_id: int
    rrn: str | None
    line: Line


class TakenBack(NamedTuple):
    """What a return takes back of a line; less than zero where the return itself was undone."""

    policy: Policy
    at: datetime
    line: IncomeLine
    parts: int


async def grant(session: WriteSession, candidates: Sequence[Candidate]) -> list[Line]:
    """Write lines down in their order, each cut to what its cap leaves; behind the gate."""
    totals = await _totals(session, candidates)
    more: Counter[_TotalKey] = Counter()
    incomes: Counter[IncomeKey] = Counter()
    rows: list[dict[str, object]] = []
    granted: list[Line] = []
    for candidate in candidates:
        policy, line = candidate.policy.content, candidate.line
        total_key = _total_key(candidate)
        parts = line.parts
        if policy.cap is not None:
            parts = min(parts, policy.cap * PARTS - totals[total_key] - more[total_key])
        if parts <= 0:
            continue
        due = due_on(policy, candidate.at)
        more[total_key] += parts
        incomes[due, line.member_id, policy.purse] += parts
        granted.append(line._replace(parts=parts))
        rows.append(
            {
                "programme_id": programme_of(session.sync_session),
                "at": candidate.at,
                "member_id": line.member_id,
                "kind": line.kind.value,
                "level": line.level,
                "source_member_id": candidate.source_member_id,
                "rrn": candidate.rrn,
                "policy_id": candidate.policy.id,
                "purse": policy.purse,
                "due": due,
                "parts": parts,
                "taken_back_parts": 0,
            }
        )
    if rows:
        await session.execute(insert(IncomeLine), rows)
    await _add_incomes(session, incomes)
    await _add_totals(session, more)
    return granted


async def take_back(session: WriteSession, taken: Sequence[TakenBack]) -> None:
    """Write down what returns take back, which also makes room under the caps of that time."""
    incomes: Counter[IncomeKey] = Counter()
    totals: Counter[_TotalKey] = Counter()
    for policy, at, line, parts in taken:
        due = due_on(policy.content, at)
        line.taken_back_parts += parts
        incomes[due, line.member_id, line.purse] -= parts
        totals[line.member_id, cap_period(policy.content, line.at), line.purse] -= parts
        session.add(
            IncomeLine(
                at=at,
                member_id=line.member_id,
                kind=IncomeKind.RETURNED.value,
                level=line.level,
                source_member_id=line.source_member_id,
                rrn=line.rrn,
                policy_id=line.policy_id,
                purse=line.purse,
                due=due,
                parts=-parts,
                taken_back_parts=0,
                of_line_id=line.id,
            )
        )
    await session.flush()
    await _add_incomes(session, incomes)
    await _add_totals(session, totals)


def _total_key(candidate: Candidate) -> _TotalKey:
    policy = candidate.policy.content
    return candidate.line.member_id, cap_period(policy, candidate.at), policy.purse


async def _totals(session: AnySession, candidates: Sequence[Candidate]) -> dict[_TotalKey, int]:
    wanted = {_total_key(each) for each in candidates if each.policy.content.cap is not None}
    found: dict[_TotalKey, int] = dict.fromkeys(wanted, 0)
    periods = sorted({period for _, period, _ in wanted})
    members = iter(sorted({member_id for member_id, _, _ in wanted}))
    while some := list(islice(members, _AT_ONCE)):
        rows = await session.execute(
            select(IncomeTotal.member_id, IncomeTotal.period, IncomeTotal.purse, IncomeTotal.parts).where(
                IncomeTotal.member_id.in_(some), IncomeTotal.period.in_(periods)
            )
        )
        found |= {(member_id, period, purse): parts for member_id, period, purse, parts in rows}
    return found


async def _add_incomes(session: WriteSession, more: Counter[IncomeKey]) -> None:
    rows = [
        {"due": due, "member_id": member_id, "purse": purse, **_stamped(session, parts)}
        for (due, member_id, purse), parts in more.items()
    ]
    await add_up(session, Income, ("due", "member_id", "purse"), "parts", rows)


async def _add_totals(session: WriteSession, more: Counter[_TotalKey]) -> None:
    rows = [
        {"member_id": member_id, "period": period, "purse": purse, **_stamped(session, parts)}
        for (member_id, period, purse), parts in more.items()
    ]
    await add_up(session, IncomeTotal, ("member_id", "period", "purse"), "parts", rows)


def _stamped(session: WriteSession, parts: int) -> dict[str, object]:
    return {"programme_id": programme_of(session.sync_session), "parts": parts}
