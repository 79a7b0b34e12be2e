"""Scores and places: the databases count, in pieces, what a plain reading of the journal does."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.settings import Settings
from host_api.services.festivals import counting
from host_api.services.festivals.models import FestivalMember
from host_api.services.merchants.models import Branch, Merchant
from tests.host_api.services.festivals.festival_club import START, festival_club
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

MEMBERS, OTHER = 40, 2
TEHRAN: Final = timedelta(hours=3, minutes=30)
TIERS = ("initial", "silver", "gold")
INDICATORS = [
    {"kind": "purchase_amount", "per": 700, "points": 3, "most": 90},
    {"kind": "purchase_count", "points": 5},
    {"kind": "merchants", "points": 100},
    {"kind": "branches", "per": 2, "points": 7},
    {"kind": "days", "points": 11},
    {"kind": "visits", "points": 13},
    {"kind": "introduced", "points": 1000},
]


@dataclass
class Seen:
    """What a member did within the festival, read plainly."""

    amount: int = 0
    count: int = 0
    branches: set[tuple[str, int]] = field(default_factory=set)
    days: set[object] = field(default_factory=set)
    visits: set[object] = field(default_factory=set)
    introduced: int = 0

    @property
    def score(self) -> int:
        merchants = {merchant for merchant, _ in self.branches}
        return (
            min(self.amount // 700, 30) * 3
            + self.count * 5
            + len(merchants) * 100
            + len(self.branches) // 2 * 7
            + len(self.days) * 11
            + len(self.visits) * 13
            + self.introduced * 1000
        )


def _history(choose: random.Random, begin: datetime, end: datetime) -> tuple[Journal, dict[int, Seen]]:
    journal, seen = Journal(), defaultdict[int, Seen](Seen)
    for _ in range(400):
        number = choose.randint(1, MEMBERS)
        at = begin + (end - begin) * choose.uniform(-0.3, 1.3)
        amount, merchant, branch = choose.randint(1, 2000), f"S{choose.randint(1, 4)}", choose.randint(1, 3)
        back = choose.choice([0] * 6 + [amount, amount // 2])
        rrn = journal.sale(
            number, at, amount, merchant_id=merchant, branch_number=branch, returned_amount=back
        )
        if back:
            journal.give_back(number, at + timedelta(days=20), back, rrn)
        if begin <= at < end:
            mine, day = seen[number], (at + TEHRAN).date()
            mine.amount += amount - back
            if back < amount:
                mine.count += 1
                mine.branches.add((merchant, branch))
                mine.days.add(day)
                mine.visits.add((merchant, branch, day))
    journal.sale(1, begin, 10**6, response_code="51")
    journal.sale(1, begin, 10**6, mti="0100")
    journal.sale(1, begin, 10**6, reversed_by_rrn="000000000001")
    journal.sale(None, begin, 10**6)
    return journal, seen


async def test_scores_and_places_are_those_of_a_plain_reading(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MEMBERS_AT_ONCE", 7)
    club = await festival_club(database, settings)
    choose = random.Random(5)
    begin, end = START, START + timedelta(days=10)
    journal, seen = _history(choose, begin, end)
    people = [member(number, tier=TIERS[number % 3]) for number in range(1, MEMBERS + 1)]
    for number in range(1, 10):
        joined = begin + timedelta(days=choose.uniform(-2, 12))
        introducer = choose.randint(1, 5)
        people.append(
            member(
                100 + number,
                joined=joined,
                introducer=introducer,
                status="blocked" if number == 9 else "active",
            )
        )
        seen[introducer].introduced += number != 9 and begin <= joined < end
    await store(database, people, journal)
    festival = await club.festival(indicators=INDICATORS, category_by="tier")
    taking = [number for number in range(1, MEMBERS + 1) if number % 8]
    await club.join(festival, *taking)
    for number in taking:
        await club.joined_at(festival, number, START - timedelta(minutes=number % 5))
    await _stranger(database, festival)
    await club.settle()
    # Nothing of what is still to come counts.
    assert {row.score for row in await club.members(festival)} <= {0, 1000}
    club.clock.turn(days=10)
    await club.settle()
    rows = await club.members(festival)
    assert {row.member_id: row.score for row in rows} == {number: seen[number].score for number in taking}
    assert len({row.score for row in rows}) > 10
    order = sorted(rows, key=lambda row: (-row.score, row.joined_ms, row.member_id))
    assert [(row.member_id, row.place) for row in order] == [
        (row.member_id, place) for place, row in enumerate(rows, 1)
    ]
    for tier in TIERS:
        within = [row for row in rows if row.category == tier]
        assert [row.category_place for row in within] == list(range(1, len(within) + 1))
        assert {row.member_id % 3 for row in within} == {TIERS.index(tier)}
    # Made anew, nothing differs.
    await club.settle()
    assert [row.place for row in await club.members(festival)] == [row.place for row in rows]
    async with database.reading(OTHER) as session:
        (stranger,) = await session.scalars(select(FestivalMember))
        assert (stranger.score, stranger.place) == (5, None)


async def _stranger(database: Database, festival: int) -> None:
    """Somebody of another programme, in a festival with the same id."""
    async with database.writing() as session:
        session.add(
            Programme(id=OTHER, code="other", name="o", mode="live", status="active", created_at=utc_now())
        )
    async with database.writing(OTHER) as session:
        session.add(
            FestivalMember(
                festival_id=festival, member_id=3, joined_ms=0, category="", score=5, sort_score=-5
            )
        )


async def test_cities_are_those_of_the_branches_of_last_purchases(
    database: Database, settings: Settings
) -> None:
    club = await festival_club(database, settings)
    begin, end = START, START + timedelta(days=10)
    async with database.writing(FIRST_PROGRAMME) as session:
        session.add(Merchant(id=1, merchant_id="S1", name="m", created_at=utc_now()))
        await session.flush()
        session.add_all(
            Branch(merchant_key=1, branch_number=number, name="b", created_at=utc_now(), **places)
            for number, places in enumerate(
                ({"city_code": "shiraz", "city": "شیراز"}, {"city": "یزد"}, {}), start=1
            )
        )
    journal, hour = Journal(), timedelta(hours=1)
    for member_id, branch, at in (
        *((1, 2, begin + hour), (1, 1, begin + 2 * hour), (1, 2, begin - hour), (1, 2, end + hour)),
        *((2, 1, begin + hour), (2, 2, begin + 2 * hour), (3, 3, begin + hour), (4, 9, begin + hour)),
    ):
        journal.sale(member_id, at, 500, merchant_id="S1", branch_number=branch)
    journal.sale(1, begin + 3 * hour, 500, merchant_id="S1", branch_number=2, reversed_by_rrn="000000000001")
    await store(database, [member(number) for number in range(1, 6)], journal)
    festival = await club.festival(category_by="branch_city")
    await club.join(festival, *range(1, 6))
    club.clock.turn(days=11)
    await club.settle()
    rows = await club.members(festival)
    assert {row.member_id: row.category for row in rows} == {1: "shiraz", 2: "یزد", 3: "", 4: "", 5: ""}
