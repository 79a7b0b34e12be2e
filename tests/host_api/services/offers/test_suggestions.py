"""The suggester: the ranking as its weights have it, and what the receipts of members say by it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.models import Member
from host_api.services.offers import logic as offers
from host_api.services.offers.schemas import OfferCreate
from host_api.services.offers.suggestions import logic
from host_api.services.offers.suggestions.job import SUGGEST_ALL, SUGGEST_CHANGED, suggestion_jobs
from host_api.services.offers.suggestions.weighing import (
    FULL,
    Facts,
    Proposal,
    Reason,
    Weights,
    best_of_each,
    names_of_weights,
    ranked,
    score_of_member,
    weigh,
)
from host_api.services.transactions.models import Lot
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.fixed_cipher import CIPHER
from tests.host_api.services.campaigns.campaign_bench import NOON, WRITER
from tests.host_api.services.grouping.history import Journal, member, store
from tests.host_api.services.offers.test_offers import DISCOUNT

DAY = timedelta(days=1)

facts = st.builds(
    Facts,
    amount=st.integers(-(10**12), 10**12),
    count=st.integers(-5, 10**6),
    last_purchase_at=st.none() | st.integers(0, 2600).map(lambda days: NOON - days * DAY),
    shops=st.dictionaries(st.tuples(st.sampled_from("AB"), st.integers(1, 2)), st.integers(1, 99)),
    units=st.integers(-(10**6), 10**6),
    ending=st.integers(0, 10**6),
    interests=st.frozensets(st.sampled_from("xyz")),
)
proposals = st.builds(
    Proposal,
    offer_id=st.integers(1, 9),
    is_gift=st.booleans(),
    points_needed=st.integers(0, 10**6),
    merchants=st.frozensets(st.sampled_from("AB")),
    branches=st.frozensets(st.sampled_from(["A/1", "B/2"])),
    interests=st.frozensets(st.sampled_from("xyz")),
)
weights = st.builds(
    Weights, **{name: st.integers(1 if "days" in name else 0, 100) for name in names_of_weights()}
)


@given(facts, st.lists(proposals, max_size=5), weights)
def test_scores_have_bounds_and_one_order(known: Facts, offered: list[Proposal], by: Weights) -> None:
    weighed = [weigh(one, known, by, NOON) for one in offered]
    for one in weighed:
        assert 0 <= one.score <= FULL
        assert all(0 <= figure <= FULL for figure in one.reasons.values())
    assert ranked(weighed) == ranked(reversed(weighed)) or len({one.offer_id for one in weighed}) < len(
        weighed
    )
    best = best_of_each(weighed, by.least_score)
    assert len({one.is_gift for one in best}) == len(best)
    assert 0 <= score_of_member(known, by, NOON) <= FULL


def test_each_reason_counts_by_its_weight() -> None:
    known = Facts(
        last_purchase_at=NOON - 30 * DAY,
        shops={("A", 1): 3, ("B", 1): 1},
        units=500,
        interests=frozenset("x"),
    )
    proposal = Proposal(1, False, points_needed=1000, branches=frozenset(["A/1"]), interests=frozenset("xy"))
    found = weigh(proposal, known, Weights(), NOON)
    assert found.reasons == {
        Reason.REACH: 500,
        Reason.AFFINITY: 750,
        Reason.INTEREST: 1000,
        Reason.DORMANCY: 500,
    }
    assert found.score == (30 * 500 + 30 * 750 + 20 * 1000 + 20 * 500) // 100
    only = replace(Weights(), reach=0, affinity=0, interest=0)
    assert weigh(proposal, known, only, NOON).score == 500


async def _told(database: Database) -> dict[int, tuple[str | None, str | None]]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(Member).order_by(Member.id))
        return {row.id: (row.till_text_fa, row.till_text) for row in rows}


@pytest.mark.anyio
async def test_receipts_say_the_best_and_follow_what_members_do(
    database: Database, settings: Settings
) -> None:
    journal = Journal()
    for _ in range(3):
        journal.sale(1, NOON - 2 * DAY, 1000, merchant_id="SHOP01")
        journal.sale(2, NOON - 2 * DAY, 1000, merchant_id="SHOP02")
    lot = Lot(account="member:1", purse="points", available_from_s=0, expires_at_s=10**11, amount=1000)
    people = [member(1), member(2), member(3, status="blocked", till_text="old", till_text_fa="کهنه")]
    await store(database, people, journal, lot)
    ids = {}
    async with database.writing(FIRST_PROGRAMME) as session:
        for shop in ("SHOP01", "SHOP02"):
            wanted = DISCOUNT | {"merchants": [shop], "till_text": f"in {shop}", "till_text_fa": f"در {shop}"}
            offer = await offers.create(session, OfferCreate.model_validate(wanted), WRITER)
            await offers.publish(session, CIPHER, offer.id, WRITER)
            ids[shop] = offer.id
    every_night, anew = suggestion_jobs(10**9)
    runners = Runners(
        await tools_on(database, settings), replace(every_night, schedule=None), replace(anew, schedule=None)
    )
    runners.clock.now = NOON

    async def run(name: str) -> dict[str, object]:
        run_id = await runners.enqueue(name)
        await runners.work_off(runners.new())
        done = await runners.run(run_id)
        assert done.state == "succeeded", done.error_kind
        return dict(done.outcome or {})

    assert await run(SUGGEST_CHANGED) == {"members": 0, "receipts": 0}
    assert await run(SUGGEST_ALL) == {"members": 3, "receipts": 3}
    expected = {1: ("در SHOP01", "in SHOP01"), 2: ("در SHOP02", "in SHOP02"), 3: (None, None)}
    assert await _told(database) == expected
    async with database.reading(FIRST_PROGRAMME) as reading:
        rows = list(await reading.scalars(select(OutboxRow).order_by(OutboxRow.id)))
        shown = await logic.of_member(reading, 1, NOON)
    assert [(row.subject_id, row.record.get("DF08"), row.record.get("DF09")) for row in rows] == [
        (number, *texts) for number, texts in expected.items()
    ]
    assert [one.offer_id for one in shown.suggestions] == [ids["SHOP01"], ids["SHOP02"]]
    assert shown.suggestions[0].reasons[Reason.AFFINITY] == FULL
    assert (shown.at_till, shown.told_at) == ("in SHOP01", NOON)
    # Whoever goes to another shop from now on soon reads of that one; nothing is sent twice.
    more = Journal()
    for position in range(7, 17):
        more.sale(1, NOON, 1000, position=position, rrn=f"{position:012d}", merchant_id="SHOP02")
    await store(database, [], more)
    assert await run(SUGGEST_CHANGED) == {"members": 1, "receipts": 1}
    assert (await _told(database))[1] == ("در SHOP02", "in SHOP02")
    assert await run(SUGGEST_CHANGED) == {"members": 0, "receipts": 0}
    async with database.writing(FIRST_PROGRAMME) as session:
        await offers.end(session, ids["SHOP02"])
    assert await run(SUGGEST_CHANGED) == {"members": 2, "receipts": 2}
    assert {texts[1] for texts in (await _told(database)).values()} == {"in SHOP01", None}
