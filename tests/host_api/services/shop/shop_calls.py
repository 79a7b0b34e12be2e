"""What the tests of the shop have in common."""

from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi

Json = dict[str, object]


async def member(api: RunningApi, **values: object) -> int:
    made = await post(api, "/v1/members", {"name": "Sara Test"} | values)
    return int(str(made["id"]))


async def item(api: RunningApi, kind: str = "goods", /, **values: object) -> int:
    """An item for 100 points, in a category of its own kind."""
    categories = await get(api, "/v1/shop/categories")
    found = [each["id"] for each in _list(categories["items"]) if each["code"] == kind.upper()]
    if not found:
        body = {"code": kind.upper(), "title": kind, "title_fa": kind}
        found = [(await post(api, "/v1/shop/categories", body))["id"]]
    own: Json = {"category_id": found[0], "kind": kind, "title": kind, "title_fa": kind, "price": 100}
    made = await post(api, "/v1/shop/items", own | values)
    return int(str(made["id"]))


async def order(
    api: RunningApi,
    member_id: int,
    *lines: tuple[int, int],
    status: int = 201,
    wait_s: int = 10,
    **values: object,
) -> Json:
    """Order so many of items."""
    wanted = [{"item_id": item_id, "quantity": quantity} for item_id, quantity in lines]
    body = {"member_id": member_id, "lines": wanted} | values
    answer = await api.client.post("/v1/shop/orders?wait_s=10", json=body)
    assert answer.status_code == status, answer.text
    result: Json = answer.json()
    return result


def lines_of(placed: Json) -> list[Json]:
    return _list(placed["lines"])


def states_of(placed: Json) -> list[object]:
    """The order's state and its lines'."""
    return [placed["state"], *(line["state"] for line in lines_of(placed))]


async def progress(api: RunningApi, line: Json, *states: str) -> None:
    for state in states:
        await post(api, f"/v1/shop/order-lines/{line['id']}/progress", {"state": state})


async def stock(api: RunningApi, item_id: int) -> object:
    return (await get(api, f"/v1/shop/items/{item_id}"))["stock"]


async def decided(api: RunningApi, placed: Json) -> Json:
    """The order once nothing of it is on its way any more."""
    found: Json = {}

    async def is_over() -> bool:
        nonlocal found
        found = await get(api, f"/v1/shop/orders/{placed['id']}")
        return found["state"] in ("accepted", "refused")

    await eventually(is_over)
    return found


def _list(value: object) -> list[Json]:
    assert isinstance(value, list)
    return value
