"""Who may hold which card and how many, exactly, also when all come at once; and what becomes of cards."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.cards.models import Card
from host_api.services.cards.states import CardStatus, ChangeReason, may_follow
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.cards.bench import branch, card, member, product, received_order, until

pytestmark = pytest.mark.anyio


async def _codes(api: RunningApi, path: str, *bodies: object) -> Counter[str]:
    answers = await asyncio.gather(*(api.client.post(path, json=body) for body in bodies))
    return Counter("made" if answer.status_code == 201 else problem(answer)[1] for answer in answers)


async def test_limits_hold_when_all_come_at_once(api: RunningApi) -> None:
    holders = [await member(api) for _ in range(3)]
    place = await branch(api)
    await product(api, "ONE", limit_per_member=1)
    await product(api, "FIVE", limit_total=5)
    await product(api, "DAY", limit_per_branch_day=2, limit_per_branch=4)
    same = [{"member_id": holders[0], "card_type": "ONE"}] * 4
    assert await _codes(api, "/v1/cards", *same) == {"made": 1, "card-limit-reached": 3}
    many = [{"member_id": holders[at % 3], "card_type": "FIVE"} for at in range(8)]
    assert await _codes(api, "/v1/cards", *many) == {"made": 5, "card-limit-reached": 3}
    here = [{"member_id": holders[at % 3], "card_type": "DAY", "branch_id": place} for at in range(4)]
    assert await _codes(api, "/v1/cards", *here) == {"made": 2, "card-limit-reached": 2}
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(Card).where(Card.card_type == "DAY").values(issued_at=utc_now() - timedelta(days=1))
        )
    assert await _codes(api, "/v1/cards", *here) == {"made": 2, "card-limit-reached": 2}
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(Card).where(Card.card_type == "DAY").values(issued_at=utc_now() - timedelta(days=1))
        )
    assert await _codes(api, "/v1/cards", here[0]) == {"card-limit-reached": 1}


async def test_a_product_says_who_may_hold_it(api: RunningApi) -> None:
    gold, other = await member(api, tier="gold", club_level="staff"), await member(api, tier="gold")
    made = await product(api, "VIP", kind="vip", tiers=["gold"], club_levels=["staff"], number_digits="21")
    issued = await card(api, member_id=gold, card_type="VIP")
    assert str(issued["number"]).startswith("936421")
    refused = await post(api, "/v1/cards", {"member_id": other, "card_type": "VIP"}, 409)
    assert refused["type"] == "urn:vafa:problem:card-product-not-for-member"
    await post(api, "/v1/card-products", {"code": "PHONE", "title": "a", "title_fa": "a"}, 409)
    await post(api, "/v1/card-products", {"code": "VIP", "title": "a", "title_fa": "a"}, 409)
    path = f"/v1/card-products/{made['id']}"
    for version, status in (('"1"', 200), ('"1"', 412)):
        answer = await api.client.patch(path, json={"status": "retired"}, headers={"If-Match": version})
        assert answer.status_code == status, answer.text
    await post(api, "/v1/cards", {"member_id": gold, "card_type": "VIP"}, 409)
    await post(api, "/v1/cards", {"member_id": gold, "card_type": "NONE"}, 404)


async def test_stock_is_ordered_received_moved_counted_and_given_out(api: RunningApi) -> None:
    place, holder = await branch(api), await member(api)
    await product(api, "STK", validity_months=24)
    order = await received_order(api, "STK", 12)
    assert (order["made"], order["received"]) == (12, 12)
    await post(api, f"/v1/card-orders/{order['id']}/receipt", None, 409)
    wish: dict[str, object] = {"card_type": "STK", "to_branch_id": place, "quantity": 13}
    await post(api, "/v1/card-stock/allotments", wish, 409)
    await post(api, "/v1/card-stock/allotments", wish | {"quantity": 5})
    take: dict[str, object] = {"member_id": holder, "card_type": "STK", "branch_id": place}
    assert await _codes(api, "/v1/cards/issue", *[take] * 7) == {"made": 5, "no-card-in-stock": 2}
    given = items_of(await get(api, "/v1/cards", member_id=holder))
    assert len({entry["id"] for entry in given}) == 5
    assert {entry["branch_id"] for entry in given} == {place}
    assert all(str(entry["expires_on"]) > str(tehran_date(utc_now())) for entry in given)
    stock = await get(api, "/v1/card-stock", card_type="STK", branch_id=place)
    assert (stock["in_stock"], stock["issued"]) == (0, 5)
    # Two cards that somebody brings along: one of the club's own stock, one that nobody knows.
    own = await card(api, card_type="STK")
    await post(api, "/v1/card-stock/allotments", wish | {"quantity": 2})
    count = {"card_type": "STK", "branch_id": place, "numbers": [own["number"], "9364120000000007"]}
    counted = await post(api, "/v1/card-stock/counts", count)
    assert (counted["expected"], counted["counted"], counted["unknown"]) == (2, 2, 1)
    assert counted["misplaced"] == [own["id"]]
    missing = counted["missing"]
    assert isinstance(missing, list)
    assert len(missing) == 2
    settled = f"/v1/card-stock/counts/{counted['id']}/settlement"
    await post(api, settled, None, 200)
    await post(api, settled, None, 409)
    assert (await get(api, f"/v1/cards/{missing[0]}"))["status"] == "destroyed"
    assert (await get(api, f"/v1/cards/{own['id']}"))["branch_id"] == place
    by_number = {"member_id": holder, "number": own["number"]}
    assert (await post(api, "/v1/cards/issue", by_number))["id"] == own["id"]
    await post(api, "/v1/cards/issue", by_number, 409)


async def test_a_card_goes_only_where_its_state_may_lead(api: RunningApi) -> None:
    holder = await member(api)
    await product(api, "FEE", replacement_fee=200_000)
    issued = await card(api, member_id=holder, card_type="FEE")
    path = f"/v1/cards/{issued['id']}"
    await post(api, f"{path}/release", {}, 409)
    assert (await post(api, f"{path}/block", {"reason": "lost", "note": "in a taxi"}, 200))[
        "status"
    ] == "blocked"
    await post(api, f"{path}/block", {"reason": "lost"}, 409)
    assert (await post(api, f"{path}/release", {}, 200))["status"] == "active"
    await post(api, f"{path}/block", {"reason": "stolen"}, 200)
    await post(api, f"{path}/release", {}, 409)
    duplicates = [{"reason": "stolen"}] * 3
    assert await _codes(api, f"{path}/replacement", *duplicates) == {
        "made": 1,
        "card-transition-not-allowed": 2,
    }
    old, new = (
        await get(api, path),
        items_of(await get(api, "/v1/cards", member_id=holder, status="active"))[0],
    )
    assert (old["status"], new["replaces_id"]) == ("replaced", issued["id"])
    history = items_of(await get(api, f"{path}/transitions", sort="id"))
    assert [(entry["to_status"], entry["reason"], entry["fee"]) for entry in history] == [
        ("active", "issued", 0),
        ("blocked", "lost", 0),
        ("active", "found", 0),
        ("blocked", "stolen", 0),
        ("replaced", "stolen", 200_000),
    ]
    assert history[1]["note"] == "in a taxi"
    await post(api, f"/v1/cards/{new['id']}/destruction", {"reason": "damaged"}, 200)
    await post(api, f"/v1/cards/{new['id']}/replacement", {"reason": "damaged"}, 409)


def test_nothing_follows_the_end_and_only_the_journal_turns_back() -> None:
    for after in CardStatus:
        assert not any(may_follow(CardStatus.DESTROYED, after, reason) for reason in ChangeReason)
    assert may_follow(CardStatus.REPLACED, CardStatus.ACTIVE, ChangeReason.UNDONE)
    assert not may_follow(CardStatus.REPLACED, CardStatus.ACTIVE, ChangeReason.FOUND)
    assert not may_follow(CardStatus.ACTIVE, CardStatus.NEW, ChangeReason.BY_CLUB)


async def test_cards_expire_the_day_after_their_last(api: RunningApi) -> None:
    holder = await member(api)
    issued = [await card(api, member_id=holder) for _ in range(3)]
    today = tehran_date(utc_now())
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        rows = (await session.scalars(select(Card).order_by(Card.id))).all()
        for row, day in zip(rows, (today - timedelta(days=1), today, None), strict=True):
            row.expires_on = day
    run = await post(api, "/v1/jobs/expire-cards/runs", {}, 202)
    await until(api, f"/v1/jobs/{run['id']}", "succeeded")
    states = [(await get(api, f"/v1/cards/{entry['id']}"))["status"] for entry in issued]
    assert states == ["expired", "active", "active"]


async def test_family_cards_stay_in_the_household(api: RunningApi) -> None:
    father, child, stranger = [await member(api) for _ in range(3)]
    related = [{"member_id": child, "relation": "child"}]
    await post(api, "/v1/households", {"head_id": father, "members": related})
    await product(api, "FAM", is_family_allowed=True)
    path = f"/v1/members/{father}/family-cards"
    wish: dict[str, object] = {"card_type": "FAM", "relation": "child", "limit_per_day": 100}
    await post(api, path, wish | {"holder_member_id": stranger}, 409)
    await post(api, path, wish | {"card_type": "LOYALTY"}, 409)
    own = await post(api, path, wish | {"holder_member_id": child})
    lent = await post(api, path, wish)
    cards = [made["card"] for made in (own, lent)]
    assert [entry["member_id"] for entry in cards if isinstance(entry, dict)] == [child, father]
    assert len(items_of(await get(api, "/v1/family-cards", principal_member_id=father))) == 2
    lent_card = lent["card"]
    assert isinstance(lent_card, dict)
    family_path = f"/v1/family-cards/{lent_card['id']}"
    changed = await api.client.patch(family_path, json={"limit_per_day": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["limit_per_day"], changed.headers["ETag"]) == (None, '"2"')
    replaced = await post(api, f"/v1/cards/{lent_card['id']}/replacement", {"reason": "damaged"})
    successor = replaced["card"]
    assert isinstance(successor, dict)
    kept = await get(api, f"/v1/family-cards/{successor['id']}")
    assert (kept["relation"], kept["principal_member_id"]) == ("child", father)
    assert (await api.client.get(family_path)).status_code == 404
