"""Sales at one moment: of the last pieces, and of one document that is sent several times."""

import asyncio

import pytest

from tests.host_api.api_calls import get, items_of
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.stores.store_calls import cash, open_store

pytestmark = pytest.mark.anyio


async def test_no_piece_is_sold_twice_and_no_document_stored_twice(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("CUP", 100)
    await store.product("JAR", 100)
    await store.receive("CUP", 3)
    await store.receive("JAR", 3)
    # The lines stand in either order: no two sales wait for one another.
    orders = (("CUP", "JAR"), ("JAR", "CUP"))
    several = [
        store.document(f"{count}", *((code, 1) for code in orders[count % 2]), payments=cash(200))
        for count in range(5)
    ]
    answers = await asyncio.gather(*(api.client.post("/v1/store-sales", json=body) for body in several))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409]
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"not-in-stock"}
    assert (await store.level("CUP"), await store.level("JAR")) == (0, 0)

    await store.receive("CUP", 3)
    same = store.document("same", ("CUP", 1), payments=cash(100))
    answers = await asyncio.gather(*(api.client.post("/v1/store-sales", json=same) for _ in range(3)))
    stored = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(stored) == 1
    assert await store.level("CUP") == 2
    assert len(items_of(await get(api, "/v1/store-sales", reference="same"))) == 1
    assert await store.ledger_sums() == {store.products["CUP"]: 2, store.products["JAR"]: 0}
    assert await store.trial_balance() == ({"cash": 700, "sales": -700}, 0)
