"""Random histories of a network against a naive model of it: every unit that is paid is explained."""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.jalali import date_to_jalali
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from host_api.services.referral_network import branches, merging, policies
from host_api.services.referral_network.models import (
    DownlineCount,
    Income,
    IncomeCarry,
    IncomeLine,
    NetworkPayout,
    NetworkPlace,
)
from host_api.services.referral_network.policy_schemas import (
    IncomeShare,
    IntroductionUnits,
    NetworkIntroductionTime,
    NetworkLevelRule,
    NetworkPayoutTime,
    NetworkPolicyContent,
    NetworkPolicyCreate,
)
from host_api.services.referral_network.scoring import PARTS
from tests.amounts import many
from tests.host_api.services.referral_network.network_bench import ASKER, Club

MEMBERS = range(1, 9)
_FIRST = NetworkPolicyCreate(
    depth=3,
    levels=[
        NetworkLevelRule(introducer=IncomeShare(rate=533), introduced=IncomeShare(rate=111)),
        NetworkLevelRule(introducer=IncomeShare(fixed=2)),
        NetworkLevelRule(introducer=IncomeShare(rate=50), valid_days=2),
    ],
    own_sales=IncomeShare(rate=7),
    code_points=IntroductionUnits(introducer=5, introduced=3),
    introduction_points=IntroductionUnits(introducer=11, introduced=1),
    branches_max=3,
    branch_days=4,
    payout=NetworkPayoutTime.DAILY,
)
_SECOND = _FIRST.model_copy(
    update={
        "depth": 20,
        "levels": [NetworkLevelRule(introducer=IncomeShare(rate=1))] * 20,
        "introduction_on": NetworkIntroductionTime.REGISTRATION,
        "branch_days": None,
        "branches_max": None,
        "payout": NetworkPayoutTime.IMMEDIATE,
    }
)
_THIRD = _FIRST.model_copy(
    update={"cap": 20, "payout": NetworkPayoutTime.MONTHLY, "own_sales": IncomeShare(fixed=3)}
)

_member = st.sampled_from(MEMBERS)
_days = st.integers(0, 6)
_step = st.one_of(
    st.tuples(st.just("register"), _member, _member),
    st.tuples(st.just("register"), _member, _member),
    st.tuples(st.just("move"), _member, st.none() | _member),
    st.tuples(st.just("suspend"), _member, st.just(0)),
    st.tuples(st.just("resume"), _member, st.just(0)),
    st.tuples(st.just("buy"), _member, _days),
    st.tuples(st.just("buy"), _member, _days),
    st.tuples(st.just("return"), st.integers(0, 9), st.integers(1, 3)),
    st.tuples(st.just("reverse"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("pay"), st.integers(0, 40), st.sampled_from([0, 1])),
    st.tuples(st.just("policy"), st.sampled_from([1, 2]), _days),
    st.tuples(st.just("erase"), _member, st.just(0)),
    st.tuples(st.just("merge"), _member, _member),
)
Step = tuple[str, int, int | None]


@dataclass
class _Sale:
    line: dict[str, object]
    at: datetime
    policy: NetworkPolicyContent
    gave: list[tuple[int, int]]
    amount: int = 1_000_000
    returned: int = 0
    is_reversed: bool = False
    taken: list[int] = field(default_factory=list)


@dataclass
class _Edge:
    above: int
    since: datetime
    counts_from: datetime
    days: int | None
    suspended: datetime | None = None


@dataclass
class Model:
    """The network as anybody would write it down, without an index and without a database."""

    known: list[tuple[datetime, NetworkPolicyContent]]
    edges: dict[int, _Edge] = field(default_factory=dict)
    registered: set[int] = field(default_factory=set)
    introduced: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    parts: Counter[int] = field(default_factory=Counter)
    totals: Counter[tuple[int, int]] = field(default_factory=Counter)
    sales: list[_Sale] = field(default_factory=list)

    def policy(self, at: datetime) -> NetworkPolicyContent:
        return max((each for each in enumerate(self.known) if each[1][0] <= at), key=_begin)[1][1]

    def chain(self, member: int) -> list[int]:
        found = [member]
        while found[-1] in self.edges:
            found.append(self.edges[found[-1]].above)
            assert len(found) <= len(MEMBERS), "a circle"
        return found

    def below(self, member: int) -> Counter[int]:
        return Counter(
            self.chain(other).index(member)
            for other in MEMBERS
            if other != member and member in self.chain(other)
        )

    def counts(self, member: int, at: datetime) -> bool:
        edge = self.edges[member]
        last = None if edge.days is None else tehran_date(edge.since) + timedelta(days=edge.days)
        return (
            edge.counts_from <= at
            and (edge.suspended is None or at < edge.suspended)
            and (last is None or tehran_date(at) <= last)
        )

    def grant(self, member: int, parts: int, at: datetime, policy: NetworkPolicyContent) -> int:
        """What is given of `parts` under the cap."""
        key = (member, _month(at))
        if policy.cap is not None:
            parts = max(0, min(parts, policy.cap * PARTS - self.totals[key]))
        if member in self.closed:
            return 0
        self.parts[member] += parts
        self.totals[key] += parts
        return parts

    def score(self, member: int, at: datetime, points: int) -> list[tuple[int, int]]:
        policy = self.policy(at)
        wanted: list[tuple[int, int]] = []
        if policy.own_sales:
            wanted.append((member, _share(policy.own_sales, points)))
        chain = self.chain(member)
        counted = 0
        for level, above in enumerate(chain[1 : policy.depth + 1], 1):
            if not self.counts(chain[level - 1], at):
                break
            counted += 1
            rule = policy.levels[level - 1] if level <= len(policy.levels) else NetworkLevelRule()
            own_since = self.edges[member].since
            if rule.valid_days is not None and at >= own_since + timedelta(days=rule.valid_days):
                continue
            wanted.append((above, _share(rule.introducer, points)))
            if above not in self.closed:
                wanted.append((member, _share(rule.introduced, points)))
        if (
            counted
            and member in self.registered - self.introduced
            and policy.introduction_on is NetworkIntroductionTime.FIRST_PURCHASE
        ):
            wanted.append((chain[1], policy.introduction_points.introducer * PARTS))
            wanted.append((member, policy.introduction_points.introduced * PARTS))
            if self.closed.isdisjoint({member}) or chain[1] not in self.closed:
                self.introduced.add(member)
        return [(who, self.grant(who, parts, at, policy)) for who, parts in wanted]

    def settle(self, sale: _Sale) -> None:
        """Take back of each line what is undone of its sale by now."""
        undone = sale.amount if sale.is_reversed else min(sale.returned, sale.amount)
        for index, (member, parts) in enumerate(sale.gave):
            target = parts * undone // sale.amount
            more = target - sale.taken[index]
            sale.taken[index] = target
            self.parts[member] -= more
            self.totals[member, _month(sale.at)] -= more


def _begin(each: tuple[int, tuple[datetime, NetworkPolicyContent]]) -> tuple[datetime, int]:
    return each[1][0], each[0]


def _share(share: IncomeShare | None, points: int) -> int:
    if share is None:
        return 0
    return share.fixed * PARTS if share.fixed is not None else points * (share.rate or 0)


def _month(at: datetime) -> int:
    year, month, _ = date_to_jalali(tehran_date(at))
    return year * 12 + month


@dataclass
class History:
    """The same steps taken by the service and by the model."""

    club: Club
    model: Model

    async def take(self, step: Step) -> None:
        name, first, second = step
        acting = {"register": (first,), "move": (first, second)}.get(name, ())
        if any(member in self.model.merged for member in acting):
            return  # that member is not active; only the code stands, for the other one
        try:
            await getattr(self, f"_{name}")(first, second)
        except Problem as problem:
            # Whatever was refused has changed nothing; a circle is refused always, and nothing else as one.
            assert problem.code != "referral-own-branch" or first in self.model.chain(
                self._receiver(int(second or 0))
            )

    async def _register(self, member: int, introducer: int) -> None:
        code_of, introducer = introducer, self._receiver(introducer)
        is_circle = member in self.model.chain(introducer)
        await self.club.register(member, code_of)
        assert not is_circle
        now, model = utc_now(), self.model
        policy = model.policy(now)
        assert policy.branches_max is None or model.below(introducer)[1] <= policy.branches_max
        model.edges[member] = _Edge(introducer, now, now, policy.branch_days)
        model.registered.add(member)
        model.grant(introducer, policy.code_points.introducer * PARTS, now, policy)
        model.grant(member, policy.code_points.introduced * PARTS, now, policy)
        if policy.introduction_on is NetworkIntroductionTime.REGISTRATION:
            model.introduced.add(member)
            model.grant(introducer, policy.introduction_points.introducer * PARTS, now, policy)
            model.grant(member, policy.introduction_points.introduced * PARTS, now, policy)

    async def _move(self, member: int, introducer: int | None) -> None:
        is_circle = introducer is not None and member in self.model.chain(introducer)
        await self.club.move(member, introducer)
        assert not is_circle
        now = utc_now()
        self.model.edges.pop(member, None)
        if introducer is not None:
            days = self.model.policy(now).branch_days
            self.model.edges[member] = _Edge(introducer, now, now, days)

    async def _suspend(self, member: int, _: int) -> None:
        async with self.club.writing() as session:
            await branches.suspend(session, ASKER, member, "under review")
        self.model.edges[member].suspended = utc_now()

    async def _resume(self, member: int, _: int) -> None:
        async with self.club.writing() as session:
            await branches.resume(session, ASKER, member)
        edge = self.model.edges[member]
        edge.suspended, edge.counts_from = None, utc_now()

    async def _buy(self, member: int, days: int) -> None:
        at = (utc_now() + timedelta(days=days, seconds=1)).replace(microsecond=0)
        points = 137 * (self.club.position % 5)
        line = self.club.sale(member, at, points=points)
        await self.club.feed(line)
        await self.club.feed(line)  # as if the feed were read again
        placed = await self._placed()
        policy = self.model.policy(at)
        gave = self.model.score(member, at, points) if member in placed else []
        self.model.sales.append(_Sale(line, at, policy, gave, taken=[0] * len(gave)))

    async def _return(self, index: int, parts: int) -> None:
        if index >= len(self.model.sales):
            return
        sale = self.model.sales[index]
        await self.club.feed(self.club.give_back(sale.line, sale.amount // 3 * parts, utc_now()))
        sale.returned += sale.amount // 3 * parts
        self.model.settle(sale)

    async def _reverse(self, index: int, _: int) -> None:
        if index >= len(self.model.sales):
            return
        sale = self.model.sales[index]
        await self.club.feed(self.club.reverse(sale.line, utc_now()))
        sale.is_reversed = True
        self.model.settle(sale)

    async def _pay(self, days: int, is_declined: int) -> None:
        await self.club.pay(days)
        await self.club.answer(RequestState.DECLINED if is_declined else RequestState.APPROVED)

    async def _policy(self, index: int, days: int) -> None:
        wanted = (_FIRST, _SECOND, _THIRD)[index]
        begin = utc_now() + timedelta(days=days)
        policy_id = await self.club.policy(wanted.model_copy(update={"in_force_from": begin}))
        async with self.club.database.reading(FIRST_PROGRAMME) as session:
            kept = await policies.read(session, policy_id)
        self.model.known.append((kept.in_force_from, kept.content))

    async def _erase(self, member: int, _: int) -> None:
        async with self.club.writing() as session:
            place = await session.scalar(select(NetworkPlace).where(NetworkPlace.member_id == member))
            if place is None or place.closed_at is not None:
                return
            await merging.close_erased(session, place)
        self.model.closed.add(member)

    async def _merge(self, old: int, new: int) -> None:
        model = self.model
        if old == new or not model.closed.isdisjoint({old, new}) or old not in await self._placed():
            return
        async with self.club.writing() as session:
            await merging.absorb(session, old, new)
        if old in model.chain(new) or (new not in model.edges and new not in model.chain(old)):
            edge = model.edges.get(old)
            model.edges.pop(new, None)
            if edge is not None:
                model.edges[new] = edge
            model.registered |= {new} if old in model.registered else set()
            model.introduced |= {new} if old in model.introduced else set()
        for edge in model.edges.values():
            edge.above = new if edge.above == old else edge.above
        model.edges.pop(old, None)
        model.closed.add(old)
        model.merged[old] = new

    async def _placed(self) -> set[int]:
        async with self.club.database.reading(FIRST_PROGRAMME) as session:
            return set(await session.scalars(select(NetworkPlace.member_id)))

    async def check(self) -> None:
        model = self.model
        async with self.club.database.reading(FIRST_PROGRAMME) as session:
            places = {place.member_id: place for place in await session.scalars(select(NetworkPlace))}
            counted = await session.scalars(select(DownlineCount).where(DownlineCount.members != 0))
            counts = {(row.member_id, row.level): row.members for row in counted}
            lines = (await session.scalars(select(IncomeLine))).all()
            due = (await session.scalars(select(Income))).all()
            carries = (await session.scalars(select(IncomeCarry))).all()
            sent = await session.scalars(select(NetworkPayout).where(NetworkPayout.state != "failed"))
            payouts = sent.all()
        assert {m: place.upline for m, place in places.items()} == {m: model.chain(m)[1:] for m in places}
        assert counts == {(m, level): n for m in MEMBERS for level, n in model.below(m).items()}
        explained: Counter[int] = Counter()
        for line in lines:
            explained[line.member_id] += line.parts
        assert (+explained, -explained) == (+model.parts, -model.parts)
        moved: Counter[int] = Counter()
        for income in due:
            moved[self._receiver(income.member_id)] += income.parts
        for carry in carries:
            moved[self._receiver(carry.member_id)] += carry.parts
        for payout in payouts:
            moved[self._receiver(payout.member_id)] += payout.units * PARTS
        expected: Counter[int] = Counter()
        for member, parts in model.parts.items():
            expected[self._receiver(member)] += parts
        assert (+moved, -moved) == (+expected, -expected)

    def _receiver(self, member: int) -> int:
        while member in self.model.merged:
            member = self.model.merged[member]
        return member


async def _live(database_file: Path, steps: list[Step]) -> None:
    database = Database(Settings(database_url=f"sqlite:///{database_file}").sqlalchemy_url)
    try:
        club = Club(database)
        await club.join(MEMBERS)
        history = History(club, Model([]))
        await history.take(("policy", 0, 0))
        for step in steps:
            await history.take(step)
        await history.check()
        await history.take(("pay", 100, 0))
        await history.check()
    finally:
        await database.dispose()


@settings(max_examples=many(60), deadline=None)
@given(steps=st.lists(_step, max_size=30))
def test_any_history_is_explained(prepared_sqlite: Settings, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "club.sqlite3"
        shutil.copyfile(prepared_sqlite.sqlalchemy_url.database or "", path)
        asyncio.run(_live(path, steps))
