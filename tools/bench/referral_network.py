"""The referral network of a national club, on SQLite and on PostgreSQL: a million members in one tree.

The tree grows as such networks do: half of the members come under somebody with a weight of how many came
there before, so that few have very many branches; half under anybody. Everything runs through the service's
own logic, each act in a transaction of its own that is durable when it ends: `register` hangs a new member on
a branch, counts along the upline and sends the record on its way to the switch; `purchase` is one purchase of
the feed, ten levels of introducers paid; `purchases` are ten thousand in batches of five hundred, as the feed
brings them, `purchases_cpu` the processor time of this process for them; `payouts` makes requests to the
ledger of what is due to members; `member_view` reads code, levels with counts and income of the member with
the largest downline, `branches` a page of those directly below; `move` hangs a branch of about a thousand
members elsewhere. `levels` is how many introducers a buyer has, `memory` the most that the whole process ever
held, with the benchmark's own tree.

`upline_…` are three ways of keeping a tree, in bare SQL: introducers beside each member, as the service has
it; a closure table of the nearest twenty; the parent alone, asked level by level. Each gives ten levels above
ten thousand buyers, in the first 200,000 members of the same tree.
"""

import asyncio
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from host_api.core.tables import Base
from host_api.core.tehran_time import tehran_date
from host_api.services.members.models import Member
from host_api.services.referral_network import payouts, registrations, tree, views
from host_api.services.referral_network.codes import new_code
from host_api.services.referral_network.listing import BranchQuery
from host_api.services.referral_network.models import DownlineCount, NetworkPlace, NetworkPolicy
from host_api.services.referral_network.policy_schemas import (
    DEEPEST,
    IncomeShare,
    NetworkLevelRule,
    NetworkPolicyContent,
)
from host_api.services.referral_network.projection import NetworkProjector
from host_api.services.referral_network.schemas import CodeRegistration
from protocol.feed import GrantLine, TransactionEvent
from tools.bench.bulk_load import BulkLoad, bulk_load
from tools.bench.measure import Report, Result, machine
from tools.bench.network_designs import designs
from tools.bench.postgresql_server import running_postgresql
from tools.bench.switch_fault import BenchFault

LEVELS: Final = 10
_FEED_BATCH: Final = 500
_PAID_AT_ONCE: Final = 200
_CALLER: Final = system_caller("bench", FIRST_PROGRAMME)


class Size(NamedTuple):
    """How much is measured."""

    members: int
    purchases: int
    acts: int
    paid: int
    beside: int


FULL = Size(members=1_000_000, purchases=10_000, acts=100, paid=1_000, beside=200_000)
QUICK = Size(members=5_000, purchases=500, acts=10, paid=100, beside=5_000)


def run(*, quick: bool) -> Report:
    """All figures. Raises BenchFault."""
    size = QUICK if quick else FULL
    above = grown(size.members)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="vafa-bench-") as directory:
        url = f"sqlite:///{Path(directory) / 'host_api.sqlite3'}"
        results += asyncio.run(_measured("sqlite", url, Path(directory), above, size))
        _tell("sqlite: three designs")
        results += designs("sqlite", str(Path(directory) / "designs.sqlite3"), above[: size.beside], LEVELS)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="vafa-bench-") as directory,
            running_postgresql(is_durable=True) as server,
        ):
            with server.new_database() as url:
                results += asyncio.run(_measured("postgresql", url, Path(directory), above, size))
            with server.new_database() as url:
                _tell("postgresql: three designs")
                results += designs("postgresql", url, above[: size.beside], LEVELS)
    except RuntimeError as fault:
        raise BenchFault(str(fault)) from None
    return Report("referral-network", machine(), results)


def grown(members: int) -> list[int]:
    """The introducer of each member from 1 on, 0 for the first."""
    chance = random.Random(1)
    above = [0, 0]
    ends = [1]
    for number in range(2, members + 1):
        introducer = chance.choice(ends) if chance.random() < 0.5 else chance.randrange(1, number)
        above.append(introducer)
        ends += (introducer, number)
    return above


def _upline(above: Sequence[int], number: int) -> list[int]:
    found: list[int] = []
    while above[number] and len(found) < DEEPEST:
        number = above[number]
        found.append(number)
    return found


def _fill(load: BulkLoad, above: Sequence[int], extra: int) -> None:
    """Members, their places and counts; `extra` members beyond have no place yet."""
    now = utc_now()
    before = now - timedelta(days=30)
    members = len(above) - 1

    def people() -> Iterator[tuple[object, ...]]:
        for number in range(1, members + extra + 1):
            joined_at = before if number <= members else now
            yield (number, FIRST_PROGRAMME, "n", "initial", "active", joined_at, "office", "new", 1)

    names = (
        "id",
        "programme_id",
        "name",
        "tier",
        "status",
        "created_at",
        "joined_via",
        "activity",
        "version",
    )
    tables = [Base.metadata.tables[model.__tablename__] for model in (Member, NetworkPlace, DownlineCount)]
    load.drop_indexes(tables)
    load.put(tables[0], names, people())
    is_sqlite = load.dialect.name == "sqlite"
    counts: dict[tuple[int, int], int] = {}

    chance = random.Random(4)

    def places() -> Iterator[tuple[object, ...]]:
        given: set[str] = set()
        for number in range(1, members + 1):
            while (code := new_code(chance.choice)) in given:
                pass
            given.add(code)
            upline = _upline(above, number)
            for level, higher in enumerate(upline, 1):
                counts[higher, level] = counts.get((higher, level), 0) + 1
            introducer = above[number] or None
            kept = upline if is_sqlite else json.dumps(upline)
            yield (FIRST_PROGRAMME, number, code, introducer, kept, before, before, before, before)

    load.put(
        tables[1],
        (
            *("programme_id", "member_id", "code", "introducer", "upline"),
            *("registered_at", "since", "counts_from", "introduction_paid_at"),
        ),
        places(),
    )
    load.put(
        tables[2],
        ("programme_id", "member_id", "level", "members"),
        ((FIRST_PROGRAMME, number, level, count) for (number, level), count in counts.items()),
    )
    load.make_indexes(tables)


async def _measured(name: str, url: str, directory: Path, above: Sequence[int], size: Size) -> list[Result]:
    settings = Settings.model_validate({"database_url": url, "var_directory": directory / "var", "port": 0})
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    await database.dispose()
    with bulk_load(settings.sqlalchemy_url, lambda line: _tell(f"{name}: {line}")) as load:
        _fill(load, above, size.acts)
    database = Database(settings.sqlalchemy_url)
    try:
        await database.gather_statistics()
        found = await _Bench(database, above, size).figures()
    finally:
        await database.dispose()
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.append(("memory", memory_mb, "MB"))
    for figure, value, unit in found:
        _tell(f"{name}: {figure} {value:.3f} {unit}")
    return [Result(f"{figure}.{name}", round(value, 3), unit) for figure, value, unit in found]


def _tell(line: str) -> None:
    sys.stderr.write(f"referral-network: {line}\n")
    sys.stderr.flush()


class _Bench:
    def __init__(self, database: Database, above: Sequence[int], size: Size) -> None:
        self._database = database
        self._above = above
        self._size = size
        self._members = len(above) - 1
        self._position = 0
        self._chance = random.Random(2)

    async def figures(self) -> list[tuple[str, float, str]]:
        """Name, value, unit."""
        await self._policy()
        acts = self._size.acts
        buyers = [self._chance.randint(1, self._members) for _ in range(self._size.purchases)]
        levels = statistics.mean(min(LEVELS, len(_upline(self._above, buyer))) for buyer in buyers)
        registers = iter(range(self._members + 1, self._members + acts + 1))
        register_ms = await _median_ms(acts, lambda: self._register(next(registers)))
        singles = iter(buyers)
        purchase_ms = await _median_ms(acts, lambda: self._buy([next(singles)]))
        begun, begun_cpu = time.perf_counter(), time.process_time()
        for first in range(0, len(buyers), _FEED_BATCH):
            await self._buy(buyers[first : first + _FEED_BATCH])
        purchases_s, purchases_cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
        payouts_per_s = await self._pay()
        largest, branch = self._largest()
        return [
            ("register_ms", register_ms, "ms"),
            ("purchase_ms", purchase_ms, "ms"),
            ("member_view_ms", await _median_ms(acts, lambda: self._view(largest)), "ms"),
            ("branches_ms", await _median_ms(acts, lambda: self._branches(largest)), "ms"),
            ("move_ms", await _median_ms(1, lambda: self._move(branch)), "ms"),
            ("purchases", purchases_s, "s"),
            ("purchases_cpu", purchases_cpu_s, "s"),
            ("payouts", payouts_per_s, "payouts/s"),
            ("levels", levels, "levels"),
        ]

    async def _policy(self) -> None:
        content = NetworkPolicyContent(
            depth=LEVELS, levels=[NetworkLevelRule(introducer=IncomeShare(rate=100))] * LEVELS
        )
        now = utc_now()
        async with self._database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, _CALLER)
            session.add(
                NetworkPolicy(
                    in_force_from=now,
                    content=content.model_dump(mode="json"),
                    state="approved",
                    asked_by="bench",
                    asked_by_name="bench",
                    asked_at=now,
                )
            )

    async def _register(self, member_id: int) -> None:
        async with self._database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, _CALLER)
            place = await tree.find(session, self._chance.randint(1, self._members))
            code = "" if place is None else place.code or ""
            await registrations.register(session, _CALLER, CodeRegistration(member_id=member_id, code=code))

    async def _buy(self, buyers: Sequence[int]) -> None:
        events = []
        for buyer in buyers:
            self._position += 1
            events.append(_purchase(self._position, buyer))
        async with self._database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, _CALLER)
            await NetworkProjector().apply(session, events)

    async def _pay(self) -> float:
        due = tehran_date(utc_now()) + timedelta(days=1)
        paid = 0
        begun = time.perf_counter()
        while paid < self._size.paid:
            async with self._database.writing(FIRST_PROGRAMME) as session:
                audit_as(session, _CALLER)
                await tree.pass_gate(session)
                found = await payouts.pay_due(session, due, _PAID_AT_ONCE)
            paid += found
            if not found:
                break
        return paid / (time.perf_counter() - begun)

    def _largest(self) -> tuple[int, int]:
        """The member with the largest downline, and one with about a thousand below."""
        below = [0] * (self._members + 1)
        for number in range(self._members, 0, -1):  # an introducer's number is smaller
            below[self._above[number]] += below[number] + 1
        wanted = min(1_000, self._members // 10)
        return 1, min(range(2, self._members + 1), key=lambda number: abs(below[number] - wanted))

    async def _view(self, member_id: int) -> None:
        async with self._database.reading(FIRST_PROGRAMME) as session:
            await views.of_member(session, member_id)

    async def _branches(self, member_id: int) -> None:
        async with self._database.reading(FIRST_PROGRAMME) as session:
            await views.branches_of(session, member_id, BranchQuery())

    async def _move(self, member_id: int) -> None:
        async with self._database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, _CALLER)
            await tree.pass_gate(session)
            place, introducer = await tree.find(session, member_id), await tree.find(session, 1)
            if place is not None:
                await tree.hang(session, place, introducer)


async def _median_ms(times: int, act: Callable[[], Awaitable[None]]) -> float:
    found: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        await act()
        found.append(time.perf_counter() - begun)
    return statistics.median(found) * 1000


def _purchase(position: int, member_id: int) -> TransactionEvent:
    return TransactionEvent(
        position=position,
        at_ms=to_epoch_ms(utc_now()),
        mti="0200",
        processing_code="000000",
        terminal_id="TERM0001",
        merchant_id="SHOP01",
        branch_number=1,
        stan="000001",
        transmitted_at="0321063112",
        rrn=f"{position:012d}",
        card_reference=None,
        member_number=member_id,
        amount=2_500_000,
        discount=0,
        tendered=0,
        net_amount=2_500_000,
        currency="364",
        response_code="00",
        rule_table_version=1,
        reverses=None,
        concerns=None,
        hold_until_s=None,
        line_count=0,
        grants=(
            GrantLine(
                rule="EARN-01",
                version=1,
                type="earn",
                purse="points",
                beneficiary=f"member:{member_id}",
                desired=250,
                granted=250,
                reason="granted",
            ),
        ),
        transfers=(),
        lots=(),
        records=(),
        balances={},
    )
