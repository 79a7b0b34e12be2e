"""Affiliate links: clicks up to a bound, the window, and one attribution for each customer (MKT-06)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.marketers import affiliates, logic
from host_api.services.marketers.affiliate_schemas import (
    AffiliateAttributionCreate,
    AffiliateClickCreate,
    AffiliateLinkCreate,
)
from host_api.services.marketers.models import AffiliateClick, AffiliateDay
from host_api.services.marketers.personal_data import PERSONAL_DATA
from host_api.services.marketers.problems import AffiliateLinkNotFound, AttributedAlready, NoClickInWindow
from host_api.services.marketers.schemas import MarketerCreate
from host_api.services.referral_network import tree
from host_api.services.referral_network.policy_schemas import NetworkPolicyCreate
from host_api.services.referral_network.problems import CodeRegisteredBefore
from tests.host_api.services.brokerage.trade_bench import cipher_of
from tests.host_api.services.referral_network.network_bench import ASKER, Club

pytestmark = pytest.mark.anyio


def _joins(member: int, visitor: str) -> AffiliateAttributionCreate:
    return AffiliateAttributionCreate(member_id=member, visitor=f"visitor-{visitor}")


async def test_clicks_and_attributions(database: Database) -> None:
    club = Club(database)
    await club.join(range(1, 7))
    await club.policy(NetworkPolicyCreate())
    start = utc_now()

    async def click(code: str, visitor: str) -> bool:
        async with club.writing() as session:
            wanted = AffiliateClickCreate(code=code, visitor=f"visitor-{visitor}")
            return (await affiliates.click(session, wanted, start)).is_counted

    async with club.writing() as session:
        for member, code in ((1, "ONE"), (2, "TWO")):
            made, _ = await logic.create(session, MarketerCreate(member_id=member))
            link = AffiliateLinkCreate(
                marketer_id=made.id,
                code=code,
                title=code,
                target_url="https://club.example/join",
                window_days=10,
                most_clicks_a_day=2,
            )
            await affiliates.create(session, link)
    assert [await click("ONE", who) for who in ("a", "a", "b", "c", "c")] == [True, False, True, False, False]
    assert await click("TWO", "a")  # the last click is the one that counts
    with pytest.raises(AffiliateLinkNotFound):
        await click("THREE", "a")

    late = start + timedelta(days=10)
    for member, visitor, now, expected in (
        (3, "a", late, NoClickInWindow),
        (3, "c", start, NoClickInWindow),
        (3, "a", late - timedelta(seconds=1), None),
        (3, "b", start, AttributedAlready),
        (4, "b", start, None),
    ):
        async with club.writing() as session:
            call = affiliates.attribute(session, ASKER, _joins(member, visitor), now)
            if expected is None:
                await call
            else:
                with pytest.raises(expected):
                    await call
    await club.register(5, 6)
    with pytest.raises(CodeRegisteredBefore):
        async with club.writing() as session:
            await affiliates.attribute(session, ASKER, _joins(5, "b"), start)

    async with club.writing() as session:
        places = await tree.branches_of(session, [3, 4])
        assert {member: place.upline[0] for member, place in places.items()} == {3: 2, 4: 1}
        days = await session.execute(
            select(AffiliateDay.link_id, func.sum(AffiliateDay.clicks), func.sum(AffiliateDay.uncounted))
            .group_by(AffiliateDay.link_id)
            .order_by(AffiliateDay.link_id)
        )
        assert [tuple(row) for row in days] == [(1, 2, 2), (2, 1, 0)]
        assert await affiliates.forget_clicks(session, start + timedelta(days=91), 2) == 2
        assert await session.scalar(select(func.count(AffiliateClick.id))) == 1


async def test_export_and_erasing(database: Database, settings: Settings) -> None:
    club = Club(database)
    await club.join([1])
    cipher = await cipher_of(database, settings)
    async with club.writing() as session:
        made, _ = await logic.create(session, MarketerCreate(member_id=1))
        link = AffiliateLinkCreate(
            marketer_id=made.id, code="SARA", title="سارا", target_url="https://club.example/join"
        )
        await affiliates.create(session, link)
        assert "statements" in await PERSONAL_DATA.export(session, cipher, 1)
        assert await PERSONAL_DATA.hindrances(session, 1) == []
        await PERSONAL_DATA.erase(session, cipher, 1)
    async with database.reading(FIRST_PROGRAMME) as session:
        closed, _ = await affiliates.read(session, 1)
        assert (closed.title, closed.is_active) == ("حذف‌شده", False)
