"""Offers: who gets one by which allocation, claims under races, use at tills, ends; places and privileges."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.draws import logic as draws
from host_api.services.draws import publication
from host_api.services.groups import logic as groups
from host_api.services.groups.models import GroupMember
from host_api.services.groups.schemas import GroupCreate
from host_api.services.offers import claims, drawing, jobs, logic, passages, privileges, problems
from host_api.services.offers.models import Offer, OfferedMember
from host_api.services.offers.passages import Passage, distance_m
from host_api.services.offers.schemas import OfferCreate, UseWanted
from host_api.services.offers.seasons import holds_on
from host_api.services.transactions.models import TransactionRule
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.fixed_cipher import CIPHER
from tests.host_api.services.campaigns.campaign_bench import NOON, WRITER
from tests.host_api.services.grouping.history import Journal, member, store
from tests.host_api.services.lotteries.draw_check import verify

pytestmark = pytest.mark.anyio

PLAIN: dict[str, object] = {
    "kind": "privilege",
    "title": "Fast checkout",
    "title_fa": "صندوق سریع",
    "text": "Go to the till with the golden sign.",
    "text_fa": "به صندوق با نشان طلایی بروید.",
    "privilege": "fast-checkout",
    "first_day": "2026-11-01",
    "last_day": "2027-03-20",
}
DISCOUNT: dict[str, object] = {
    **{name: value for name, value in PLAIN.items() if name != "privilege"},
    "kind": "discount",
    "rule_id": "R-1",
}


async def _open(database: Database, cipher: FieldCipher = CIPHER, /, **changes: object) -> int:
    async with database.writing(FIRST_PROGRAMME) as session:
        offer = await logic.create(session, OfferCreate.model_validate(PLAIN | changes), WRITER)
        await logic.publish(session, cipher, offer.id, WRITER)
        return offer.id


async def _claim(database: Database, offer: int, member_id: int, now: datetime = NOON) -> str:
    """The state, or the problem's code."""
    try:
        async with database.writing(FIRST_PROGRAMME) as session:
            return (await claims.claim(session, offer, member_id, WRITER, now)).state
    except Problem as fault:
        return fault.code


async def _use(database: Database, offer: int, now: datetime = NOON, **wanted: Any) -> str:
    try:
        async with database.writing(FIRST_PROGRAMME) as session:
            return (await claims.use(session, offer, UseWanted(**wanted), now)).state
    except Problem as fault:
        return fault.code


async def _die(*_arguments: object) -> None:
    raise SystemError


async def _run(database: Database, settings: Settings, name: str, **arguments: Any) -> dict[str, object]:
    runners = Runners(await tools_on(database, settings), jobs.ALLOCATE, jobs.NOTE)
    runners.clock.now = NOON
    run_id = await runners.enqueue(name, arguments=arguments)
    await runners.work_off(runners.new())
    run = await runners.run(run_id)
    assert run.state == "succeeded", run.error_kind
    return dict(run.outcome or {})


async def _offered(database: Database, offer: int) -> dict[int, str]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(OfferedMember).where(OfferedMember.offer_id == offer))
        return {row.member_id: row.state for row in rows}


async def test_the_last_one_is_claimed_once_and_each_member_as_often_as_allowed(database: Database) -> None:
    await store(database, [member(number) for number in range(1, 9)])
    offer = await _open(database, stock=3, per_member=2)
    found = await asyncio.gather(*(_claim(database, offer, number) for number in (1, 2, 3, 4, 5, 1, 2)))
    assert found.count("claimed") == 3
    assert set(found) <= {"claimed", "offer-gone", "offer-claimed-already"}
    holder = next(iter(await _offered(database, offer)))
    assert await _use(database, offer, member_id=holder) == "used"
    assert await _use(database, offer, member_id=holder) == "offer-not-claimed"
    assert await _claim(database, offer, holder) == "offer-gone"
    async with database.writing(FIRST_PROGRAMME) as session:
        (await session.get_one(Offer, offer)).stock = None
    assert await _claim(database, offer, holder) == "claimed"
    assert await _use(database, offer, member_id=holder) == "used"
    assert await _claim(database, offer, holder) == "offer-claimed-already"


async def test_an_offer_is_for_its_audience_its_days_and_its_shops(database: Database) -> None:
    await store(database, [member(1, tier="gold"), member(2), member(3, tier="gold", status="blocked")])
    offer = await _open(
        database,
        audience={"f": "tier", "op": "=", "v": "gold"},
        weekdays=["SUN"],  # NOON is one
        branches=["SHOP01/2"],
        use_days=2,
    )
    assert [await _claim(database, offer, number) for number in (1, 2, 3)] == [
        "claimed",
        "offer-not-for-member",
        "offer-not-for-member",
    ]
    assert await _claim(database, offer, 1, NOON + timedelta(days=1)) == "offer-not-open"
    assert (
        await _use(database, offer, member_id=1, merchant_id="SHOP01", branch_number=1) == "offer-elsewhere"
    )
    late = NOON + timedelta(days=7)
    assert (
        await _use(database, offer, late, member_id=1, merchant_id="SHOP01", branch_number=2)
        == "offer-not-claimed"
    )
    assert await _use(database, offer, member_id=1, merchant_id="SHOP01", branch_number=2) == "used"


async def test_all_the_best_and_the_drawn_of_an_audience(database: Database, settings: Settings) -> None:
    journal = Journal()
    for number in range(1, 41):
        journal.sale(number, NOON - timedelta(days=number), 1_000_000 * number)
    await store(
        database,
        [member(number, tier="gold" if number > 30 else "initial") for number in range(1, 41)],
        journal,
    )
    everybody = await _open(database, allocation="all", audience={"f": "tier", "op": "=", "v": "gold"})
    await _run(database, settings, logic.ALLOCATE_OFFER, offer_id=everybody)
    assert await _offered(database, everybody) == dict.fromkeys(range(31, 41), "offered")
    assert await _claim(database, everybody, 1) == "offer-not-for-member"
    best = await _open(database, allocation="score", places=5)
    assert (await _run(database, settings, logic.ALLOCATE_OFFER, offer_id=best))["members"] == 5
    # Of these purchases the latest count more than their amounts.
    assert set((await _offered(database, best)).values()) == {"offered"}


async def test_members_can_check_the_draw_of_an_offer(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 10)
    await store(database, [member(number) for number in range(1, 41)])
    cipher = (await tools_on(database, settings)).vault.cipher
    drawn = await _open(database, cipher, allocation="draw", places=7)
    async with database.writing(FIRST_PROGRAMME) as session:
        # Whoever has it already by other ways takes no place.
        assert await claims.offer_to(session, drawn, 5, source="campaign 1", now=NOON)
        before = await publication.shown(session, cipher, await drawing.draw_of(session, drawn))
    assert (before.state, before.seed, before.winners) == ("committed", None, [])
    with monkeypatch.context() as patch:  # killed between the draw and its winners' rows
        patch.setattr(drawing, "wins_behind", _die)
        with pytest.raises(AssertionError):
            await _run(database, settings, logic.ALLOCATE_OFFER, offer_id=drawn)
    await _run(database, settings, logic.ALLOCATE_OFFER, offer_id=drawn)
    async with database.reading(FIRST_PROGRAMME) as reading:
        draw_id = await drawing.draw_of(reading, drawn)
        after = await publication.shown(reading, cipher, draw_id)
        wins = await draws.wins_of(reading, draw_id)
        proofs = await publication.proofs(reading, draw_id, wins[0].member_id)
        lines = (await publication.part(reading, draw_id, 0)).lines
    assert (after.commitment, len(wins), len(lines)) == (before.commitment, 7, 39)
    assert await _offered(database, drawn) == dict.fromkeys(
        sorted({win.member_id for win in wins} | {5}), "offered"
    )
    told = after.model_dump_json()
    assert verify(tmp_path, "draw", told, "\n".join(lines)) == (0, "All right.\n")
    assert verify(tmp_path, "draw", told, "\n".join(reversed(lines)))[0] == 1
    assert verify(tmp_path, "ticket", proofs.model_dump_json(), told)[0] == 0
    # A second run gives nothing more.
    assert (await _run(database, settings, logic.ALLOCATE_OFFER, offer_id=drawn))["members"] == 0


async def test_a_claim_opens_the_rule_and_its_use_or_end_closes_it(
    database: Database, settings: Settings
) -> None:
    await store(database, [member(number) for number in range(1, 4)])
    async with database.writing(FIRST_PROGRAMME) as session:
        wanted = GroupCreate.model_validate(
            {"code": "NOWRUZ", "title": "Nowruz", "title_fa": "نوروز", "kind": "static", "effect": "segment"}
        )
        group = (await groups.create(session, wanted)).id
    offer = await _open(database, **(DISCOUNT | {"group_id": group, "privilege": None, "use_days": 1}))

    async def inside() -> set[int]:
        async with database.reading(FIRST_PROGRAMME) as session:
            return set(await session.scalars(select(GroupMember.member_id)))

    for number in (1, 2, 3):
        assert await _claim(database, offer, number) == "claimed"
    assert await inside() == {1, 2, 3}
    await _run(database, settings, jobs.NOTE_OFFERS)  # from here on it looks
    journal = Journal()
    sale = journal.sale(1, NOON, 1000)
    journal.sale(2, NOON, 1000)
    journal.sale(3, NOON, 1000, response_code="51")
    await store(database, [], journal)
    async with database.writing(FIRST_PROGRAMME) as session:
        session.add_all([TransactionRule(rule="R-1", position=position) for position in (1, 2, 3)])
    assert (await _run(database, settings, jobs.NOTE_OFFERS))["used"] == 2
    assert await _offered(database, offer) == {1: "used", 2: "used", 3: "claimed"}
    assert await inside() == {3}
    # The first sale is undone: the offer is the member's again.
    undoing = Journal()
    undoing.sale(1, NOON, 1000, position=4, rrn="000000000004", mti="0400", reverses_rrn=sale)
    await store(database, [], undoing)
    assert (await _run(database, settings, jobs.NOTE_OFFERS))["restored"] == 1
    assert await inside() == {1, 3}
    async with database.writing(FIRST_PROGRAMME) as session:
        await logic.end(session, offer)
    assert (await _run(database, settings, jobs.NOTE_OFFERS))["ended"] == 2
    assert await inside() == set()
    assert await _offered(database, offer) == {1: "expired", 2: "used", 3: "expired"}


async def test_passing_by_tells_of_the_nearest_not_at_night_and_not_too_often(database: Database) -> None:
    await store(database, [member(1), member(2, status="blocked")])
    place = {"latitude": 35.700000, "longitude": 51.400000, "radius_m": 300}
    near = await _open(database, place=place)
    wide = await _open(database, place={**place, "latitude": 35.702000, "radius_m": 400})
    await _open(database, place={**place, "latitude": 35.8})
    here = Passage(member_id=1, latitude=35.7, longitude=51.4)

    async def told(now: datetime) -> tuple[int | None, str | None, list[int]]:
        async with database.writing(FIRST_PROGRAMME) as session:
            found = await passages.passes(session, here, now)
            return found.told_offer_id, found.held_back, [offer.offer_id for offer in found.near]

    night = datetime(2026, 11, 22, 19, tzinfo=UTC)  # 22:30 in Tehran
    assert await told(NOON) == (near, None, [near, wide])
    assert await told(NOON + timedelta(minutes=1)) == (None, "too_often", [near, wide])
    assert await told(NOON + timedelta(hours=4)) == (wide, None, [near, wide])
    assert await told(night) == (None, "quiet_hours", [near, wide])
    # Tomorrow both are known already; after a week they may be told again.
    assert await told(NOON + timedelta(days=1)) == (None, "too_often", [near, wide])
    assert (await told(NOON + timedelta(days=8)))[0] == near
    with pytest.raises(problems.OfferNotForMember):
        async with database.writing(FIRST_PROGRAMME) as session:
            await passages.passes(session, Passage(member_id=2, latitude=35.7, longitude=51.4), NOON)


def test_distances() -> None:
    # A degree of a great circle of the mean earth is 111,195 m.
    assert distance_m(0, 0, 1_000_000, 0) == 111_195
    assert distance_m(35_700_000, 51_400_000, 35_700_000, 51_400_000) == 0
    assert distance_m(0, 179_999_000, 0, -179_999_000) == 222


async def test_privileges_follow_the_tier(database: Database) -> None:
    await store(database, [member(1, tier="gold"), member(2), member(3, tier="gold", status="blocked")])
    await _open(database, audience={"f": "tier", "op": "=", "v": "gold"})

    async def held(member_id: int) -> list[str]:
        async with database.reading(FIRST_PROGRAMME) as session:
            found = await privileges.of_member(session, member_id, NOON)
            return [one.privilege for one in found.privileges]

    assert [await held(number) for number in (1, 2, 3)] == [["fast-checkout"], [], []]


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2027, 3, 20), True),  # 29 Esfand 1405, which has no 30th
        (date(2027, 3, 21), True),  # 1 Farvardin
        (date(2027, 4, 2), True),  # 13 Farvardin
        (date(2027, 4, 3), False),
        (date(2027, 3, 10), False),
    ],
)
def test_a_season_runs_over_the_end_of_the_year(day: date, holds: bool) -> None:
    seasons = [{"from": "12-30", "to": "01-13"}]
    assert holds_on(day, first=date(2026, 1, 1), last=date(2028, 1, 1), seasons=seasons) is holds


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "gift"},
        {"prize_id": 4},
        {"last_day": "2026-10-01"},
        {"allocation": "draw"},
        {"places": 3},
        {"till_text": "only one"},
        {"till_text": "a", "till_text_fa": "آ" * 49},
        {"seasons": [{"from": "07-31", "to": "08-01"}]},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(spoilt: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OfferCreate.model_validate(PLAIN | spoilt)
