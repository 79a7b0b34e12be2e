"""What the tests of sellers have in common: somebody who sells honey, members who buy, and two persons."""

from dataclasses import dataclass, field
from datetime import timedelta

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.storefronts.orders import following
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row, member, reaches
from tests.host_api.switch_peer import SwitchPeer

FRONTS = "/v1/storefronts"
ORDERS = f"{FRONTS}/orders"


def number(row: Row, name: str = "id") -> int:
    found = row[name]
    assert isinstance(found, int)
    return found


@dataclass
class Honey:
    """A member who sells honey at 100,000 rial, shown to all; a point is worth 1,000 rial."""

    api: RunningApi
    second: Person
    member_id: int
    seller_id: int
    front_id: int
    good_id: int
    buyers: list[int] = field(default_factory=list)

    async def privilege(self, **values: object) -> int:
        """One that has been approved."""
        wanted: Row = {"storefront_id": self.front_id, "title": "Autumn", "title_fa": "پاییز"}
        made = await post(self.api, f"{FRONTS}/privileges", wanted | values)
        await self.second.post(f"{FRONTS}/privileges/{made['id']}/approval", status=200)
        return number(made)

    async def order(self, buyer: int, **values: object) -> Row:
        """What became of an order, once the switch has decided its payment."""
        wanted: Row = {"member_id": buyer, "good_id": self.good_id}
        placed = await awaited(self.api, ORDERS, wanted | values)
        return await leaves(self.api, f"{ORDERS}/{placed['id']}", "paying")

    async def step(self, order: Row, *steps: str) -> Row:
        for step in steps:
            body: Row | None = {} if step == "delivery" else None
            order = await post(self.api, f"{ORDERS}/{order['id']}/{step}", body, 200)
        return order

    async def pass_time(self, order: Row, **ago: float) -> bool:
        """End what its time ends, so much later."""
        async with self.api.runtime.database.writing(FIRST_PROGRAMME) as session:
            return await following.end_due(session, number(order), utc_now() + timedelta(**ago))

    async def reaches(self, order: Row, state: str) -> Row:
        return await reaches(self.api, f"{ORDERS}/{order['id']}", state)

    async def moved(self, reference: str, state: str) -> Row:
        """A movement of the seller's, once it is in a state."""
        found = items_of(await get(self.api, "/v1/sellers/movements"))
        ids = [number(row) for row in found if row["reference"] == reference]
        assert ids, reference
        return await movement_reaches(self.api, reference, state)

    async def account(self) -> tuple[int, int]:
        """What the seller owes, and what is held."""
        row = await get(self.api, f"/v1/sellers/{self.seller_id}")
        return number(row, "owed_rials"), number(row, "held_rials")

    async def sums(self) -> Row:
        """The statement's sums by kind; with them it comes from its opening to its closing."""
        today = f"{tehran_date(utc_now()):%Y-%m-%d}"
        found = await get(self.api, f"/v1/sellers/{self.seller_id}/statement", **{"from": today, "to": today})
        listed = found["sums"]
        assert isinstance(listed, list)
        by_kind: Row = {row["kind"]: row["rials"] for row in listed}
        assert found["closing_rials"] == sum(row["rials"] for row in listed) == (await self.account())[0]
        return by_kind


async def awaited(api: RunningApi, path: str, body: Row) -> Row:
    """The answer to something that the switch is asked for, whether it waited for the decision or not."""
    answer = await api.client.post(f"{path}?wait_s=10", json=body)
    assert answer.status_code in (201, 202), answer.text
    found: Row = answer.json()
    return found


async def leaves(api: RunningApi, path: str, state: str) -> Row:
    """Wait until a record is in no such state any more."""
    found: Row = {}

    async def is_elsewhere() -> bool:
        nonlocal found
        found = await get(api, path)
        return found["state"] != state

    await eventually(is_elsewhere)
    return found


async def pay(api: RunningApi, sale_id: int, body: Row) -> Row:
    """What became of a payment of an instalment sale from a purse."""
    asked = await awaited(api, f"/v1/instalment-sales/{sale_id}/payments", body)
    found: Row = {}

    async def is_decided() -> bool:
        nonlocal found
        payments = (await get(api, f"/v1/instalment-sales/{sale_id}"))["payments"]
        assert isinstance(payments, list)
        (found,) = (row for row in payments if row["id"] == asked["id"])
        return found["state"] != "asked"

    await eventually(is_decided)
    return found


async def movement_reaches(api: RunningApi, reference: str, state: str) -> Row:

    found: Row = {}

    async def is_there() -> bool:
        nonlocal found
        rows = items_of(await get(api, "/v1/sellers/movements"))
        (found,) = (row for row in rows if row["reference"] == reference)
        return found["state"] == state

    await eventually(is_there)
    return found


async def honey(
    api: RunningApi, peer: SwitchPeer | None, *, buyers: int = 1, points: int = 1_000, **terms: object
) -> Honey:
    """A storefront with one good thing, and buyers with points."""
    second = await person(api, "second", "sellers:approve", "storefronts:approve", "paid_notices:approve")
    sara = await member(api, peer, 1, points)
    await post(api, "/v1/member-interests", {"code": "food", "title": "Food", "title_fa": "خوراک"})
    asked = await post(api, "/v1/sellers", {"member_id": sara})
    approval: Row = {"credit_limit_rials": 1_000_000, "point_rials": 1_000, "commission_bp": 200}
    await second.post(f"/v1/sellers/{asked['id']}/approval", approval, 200)
    front: Row = {
        "seller_id": asked["id"],
        "name": "عسل کوهستان",
        "contact": "09120000001",
        "return_days": 7,
    }
    opened = await post(api, FRONTS, front | terms)
    await second.post(f"{FRONTS}/{opened['id']}/approval", status=200)
    good: Row = {
        "storefront_id": opened["id"],
        "name": "عسل گون",
        "description": "برداشت تابستان، یك كیلویی",
        "interest": "food",
        "price_rials": 100_000,
        "stock": 10,
    }
    added = await post(api, f"{FRONTS}/goods", good)
    await second.post(f"{FRONTS}/goods/{added['id']}/approval", status=200)
    made = Honey(api, second, sara, number(asked), number(opened), number(added))
    for count in range(buyers):
        made.buyers.append(await member(api, peer, 2 + count, points))
    return made
