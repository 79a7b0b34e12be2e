"""Auctions: who leads whatever the order of the switch's answers, late bids, and all points' ends."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.ledger.outcomes import outcome_of
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.shop.auctions import bidding, logic
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.auctions.schemas import AuctionCreate, BidCreate
from host_api.services.shop.catalogue.models import ShopCategory, ShopItem
from host_api.services.shop.order.models import ShopOrderLine
from tests.host_api.services.grouping.history import member, store

pytestmark = pytest.mark.anyio

CALLER = system_caller("app", FIRST_PROGRAMME)
MEMBERS = range(1, 6)


class Room:
    """An auction of the only cup, and what its bidders do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.auction_id = 0

    async def open(self, *, ends_in_s: float = 3600, **values: object) -> None:
        await store(self.database, [member(number) for number in MEMBERS])
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, CALLER)
            category = ShopCategory(code="C", title="c", title_fa="c", position=1)
            session.add(category)
            await session.flush()
            item = ShopItem(
                category_id=category.id,
                kind="goods",
                title="Cup",
                title_fa="فنجان",
                file_ids=[],
                cost=0,
                purse=91,
                price=100,
                stock=1,
                return_days=7,
                release_hours=0,
                is_open=False,
                created_at=utc_now(),
            )
            session.add(item)
            await session.flush()
            wanted: dict[str, object] = {
                "item_id": item.id,
                "ends_at": utc_now() + timedelta(seconds=ends_in_s),
                "start_units": 50,
                "step_units": 10,
            }
            made = await logic.create(
                session, AuctionCreate.model_validate(wanted | values), CALLER, utc_now()
            )
            self.auction_id = made.id

    async def bid(self, member_id: int, units: int) -> str:
        """The refusal's code, or nothing."""
        try:
            async with self.database.writing(FIRST_PROGRAMME) as session:
                audit_as(session, CALLER)
                await bidding.bid(
                    session, self.auction_id, BidCreate(member_id=member_id, units=units), CALLER
                )
        except Problem as problem:
            return problem.code
        return ""

    async def answer(self, reference: str, state: RequestState = RequestState.APPROVED) -> None:
        """Have the switch end a request."""
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, CALLER)
            row = (
                await session.scalars(select(LedgerRequest).where(LedgerRequest.reference == reference))
            ).one()
            row.state, row.rrn = state.value, f"{row.id:012d}"
            await bidding.on_outcome(session, outcome_of(row))

    async def bids(self) -> list[tuple[int, int, str]]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            rows = await session.scalars(select(ShopBid).order_by(ShopBid.id))
            return [(row.member_id, row.units, row.state) for row in rows]

    async def auction(self) -> ShopAuction:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await session.get_one(ShopAuction, self.auction_id)

    async def set_end(self, ends_at: datetime) -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, CALLER)
            (await session.get_one(ShopAuction, self.auction_id)).ends_at = ends_at

    async def settle(self) -> bool:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, CALLER)
            return await logic.settle(session, self.auction_id, utc_now())

    async def stock(self) -> int | None:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await session.scalar(select(ShopItem.stock))


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


async def test_the_highest_and_earliest_bid_wins_in_whatever_order_it_is_answered(room: Room) -> None:
    await room.open()
    assert await room.stock() == 0
    assert await room.bid(1, 49) == "shop-bid-too-low"
    # Nobody leads yet, so all of them are high enough.
    assert [await room.bid(number, units) for number, units in ((1, 70), (2, 80), (3, 80), (4, 60))] == [
        ""
    ] * 4
    assert await room.bid(2, 500) == "shop-bid-undecided"
    for reference in ("3:bid", "1:bid", "2:bid"):
        await room.answer(reference)
    await room.answer("4:bid", RequestState.DECLINED)
    assert [state for _, _, state in await room.bids()] == ["returning", "leading", "returning", "refused"]
    assert await room.bid(5, 89) == "shop-bid-too-low"
    await room.answer("1:back:1")
    await room.answer("3:back:1", RequestState.DECLINED)
    assert [state for _, _, state in await room.bids()] == ["returned", "leading", "unreturned", "refused"]
    async with room.database.writing(FIRST_PROGRAMME) as session:
        await bidding.retry(session, 3, CALLER)
    async with room.database.reading(FIRST_PROGRAMME) as session:
        assert await bidding.notices(session) == ()
    await room.answer("3:back:2")
    # Who raises the own bid gets the earlier one back.
    assert await room.bid(2, 100) == ""
    await room.answer("5:bid")
    assert (await room.bids())[1][2] == "returning"
    await room.answer("2:back:1")
    # One that the switch still decides is waited for; one in doubt is given back when it is known.
    assert await room.bid(3, 200) == ""
    assert await room.bid(4, 300) == ""
    await room.answer("7:bid", RequestState.DOUBTFUL)
    await room.set_end(utc_now() - timedelta(seconds=1))
    assert await room.bid(1, 900) == "shop-auction-not-open"
    assert not await room.settle()
    await room.answer("6:bid", RequestState.REVERSED)
    assert await room.settle()
    assert not await room.settle()
    await room.answer("7:bid")
    assert [state for _, _, state in await room.bids()][4:] == ["won", "refused", "returning"]
    auction = await room.auction()
    assert (auction.state, auction.units, await room.stock()) == ("sold", 100, 0)
    async with room.database.reading(FIRST_PROGRAMME) as session:
        lines = (await session.scalars(select(ShopOrderLine))).all()
        asked = (await session.scalars(select(LedgerRequest.kind).order_by(LedgerRequest.id))).all()
    assert [(line.member_id, line.unit_price, line.state, line.order_id) for line in lines] == [
        (2, 100, "paid", auction.order_id)
    ]
    assert lines[0].rrn is not None
    assert asked.count("debit") == 7


async def test_a_late_bid_puts_the_end_off_as_far_as_it_goes(room: Room) -> None:
    await room.open(ends_in_s=3600, extend_within_s=60, extend_by_s=300, extend_most_minutes=7)
    planned = (await room.auction()).ends_at
    assert await room.bid(1, 50) == ""
    await room.answer("1:bid")
    assert (await room.auction()).ends_at == planned
    soon = utc_now() + timedelta(seconds=50)
    await room.set_end(soon)
    assert await room.bid(2, 60) == ""
    # Only a bid that is paid for, and leads, puts it off; its answer may come after the end.
    await room.answer("2:bid", RequestState.DECLINED)
    assert (await room.auction()).ends_at == soon
    assert await room.bid(3, 70) == ""
    await room.set_end(utc_now() - timedelta(seconds=1))
    assert not await room.settle()
    await room.answer("3:bid")
    auction = await room.auction()
    async with room.database.reading(FIRST_PROGRAMME) as session:
        bid_at = (await session.get_one(ShopBid, 3)).bid_at
    assert auction.ends_at == bid_at + timedelta(seconds=300)
    assert not await room.settle()
    assert auction.latest_end_at == planned + timedelta(minutes=7)
    async with room.database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, CALLER)
        changed = await session.get_one(ShopAuction, room.auction_id)
        changed.ends_at = changed.latest_end_at = utc_now() + timedelta(seconds=30)
    assert await room.bid(4, 80) == ""
    await room.answer("4:bid")
    auction = await room.auction()
    assert auction.ends_at == auction.latest_end_at


async def test_what_is_cancelled_or_unsold_leaves_nothing(room: Room) -> None:
    await room.open()
    assert await room.bid(1, 50) == ""
    assert await room.bid(2, 60) == ""
    await room.answer("1:bid")
    async with room.database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, CALLER)
        await logic.cancel(session, room.auction_id, "broken", CALLER)
    await room.answer("2:bid")
    assert [state for _, _, state in await room.bids()] == ["returning", "returning"]
    assert (await room.stock(), (await room.auction()).state) == (1, "cancelled")
    assert await room.bid(1, 100) == "shop-auction-not-open"
    assert not await room.settle()


async def test_of_many_at_the_end_each_is_decided_once(room: Room) -> None:
    await room.open(extend_within_s=0)
    await asyncio.gather(*(room.bid(number, 50 + 10 * number) for number in MEMBERS))
    made = len(await room.bids())
    await asyncio.gather(*(room.answer(f"{number}:bid") for number in range(1, made + 1)))
    await room.set_end(utc_now() - timedelta(seconds=1))
    assert sorted(await asyncio.gather(*(room.settle() for _ in range(3)))) == [False, False, True]
    bids = await room.bids()
    best = max(units for _, units, _ in bids)
    assert [units for _, units, state in bids if state == "won"] == [best]
    assert {state for _, units, state in bids if units < best} == {"returning"}
    async with room.database.reading(FIRST_PROGRAMME) as session:
        kinds = (await session.scalars(select(LedgerRequest.kind))).all()
    assert (kinds.count("debit"), kinds.count("return")) == (made, made - 1)
