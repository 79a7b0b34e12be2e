"""The catalogue: the tree of groups, prices with their history and chart, bar codes and labels."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from host_api.core.clock import utc_now
from host_api.core.linear_barcode import bars_path, ean_13
from host_api.services.products.labels import LabelQuery, draw_sheet
from host_api.services.products.problems import LabelSheetNotFound, ProductHasNoPrice
from host_api.services.products.schemas import ProductUnit, StoreProductRead
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.stores.store_calls import number, open_store

TEA = StoreProductRead(
    id=5,
    merchant=1,
    group_id=2,
    code="TEA-500",
    barcode="6260100200302",
    title="Tea",
    title_fa="چای ممتاز شکستهٔ بهارهٔ لاهیجان «ویژهٔ نوروز» ۵۰۰ گرمی <نو>",
    tag="تازه",
    unit=ProductUnit.PIECE,
    price_quantity=1,
    tax_rate=1000,
    price=2_500_000,
    price_with_tax=2_750_000,
    is_open=True,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
)


def test_a_sheet_has_each_label_with_its_price_and_bars() -> None:
    rice = TEA.model_copy(
        update={"id": 6, "barcode": "12345", "unit": ProductUnit.GRAM, "price_quantity": 1000, "tag": None}
    )
    query = LabelQuery(products="5x2,6", columns=2, rows=2)
    sheet = draw_sheet([5, 5, 6], {5: TEA, 6: rice}, query)
    root = ElementTree.fromstring(sheet)
    assert (root.get("width"), root.get("height")) == ("210mm", "297mm")
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("تازه – ۲٬۷۵۰٬۰۰۰ ریال") == 2
    assert "۲٬۷۵۰٬۰۰۰ ریال / ۱۰۰۰ گرم" in texts
    assert texts.count("6260100200302") == 2
    # A long name is written smaller, and its weight is whole.
    assert [text for text in texts if "۵" in text and "گرمی" in text]
    assert bars_path(ean_13("6260100200302"), 1) in sheet
    # The first label lies on the right, where a Persian reader begins.
    lefts = [float(rect.get("x", "")) for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert lefts == [105.0, 8.0, 105.0]
    with pytest.raises(ProductHasNoPrice):
        draw_sheet([5], {5: TEA.model_copy(update={"price_with_tax": None})}, query)


@pytest.mark.anyio
async def test_groups_make_a_tree_of_eight_levels(api: RunningApi) -> None:
    store = await open_store(api)
    top = store.group
    path = [top]
    for level in range(2, 9):
        body = {"merchant": store.merchant, "parent_id": path[-1], "code": f"L{level}"}
        made = await post(api, "/v1/product-groups", body | {"title": "L", "title_fa": "گروه"})
        path.append(number(made, "id"))
    deep = {"merchant": store.merchant, "parent_id": path[-1], "code": "L9", "title": "L", "title_fa": "گروه"}
    assert problem(await api.client.post("/v1/product-groups", json=deep))[1] == "product-group-too-deep"
    below_itself = await change(api, "PATCH", f"/v1/product-groups/{path[1]}", {"parent_id": path[4]})
    assert problem(below_itself)[1] == "product-group-too-deep"
    moved = await change(api, "PATCH", f"/v1/product-groups/{path[4]}", {"parent_id": top})
    assert moved.json()["parent_id"] == top

    await store.product("TEA", 1_000, group_id=path[5])
    # Groups above a product's own find it too.
    for group in (top, path[4], path[5]):
        assert len(items_of(await get(api, "/v1/products", group_id=group))) == 1
    assert not items_of(await get(api, "/v1/products", group_id=path[1]))


@pytest.mark.anyio
async def test_prices_codes_and_labels(api: RunningApi) -> None:
    store = await open_store(api)
    tea = await store.product("TEA", 1_000, tax_rate=900)
    assert (tea["price"], tea["price_with_tax"]) == (1_000, 1_090)
    barcode = tea["barcode"]
    assert isinstance(barcode, str)
    assert barcode.startswith("2")
    assert ean_13(barcode)
    wrong = {
        "group_id": store.group,
        "code": "X",
        "title": "X",
        "title_fa": "ایکس",
        "barcode": "6260100200300",
    }
    assert (await api.client.post("/v1/products", json=wrong)).status_code == 422
    double = wrong | {"barcode": barcode}
    assert problem(await api.client.post("/v1/products", json=double)) == (409, "product-code-taken")
    prices = f"/v1/products/{tea['id']}/prices"
    await post(api, prices, {"price": 1_300})
    await post(api, prices, {"price": 1_200})
    await post(api, prices, {"price": 2_000, "valid_from": (utc_now() + timedelta(40)).isoformat()})
    past = {"price": 1, "valid_from": (utc_now() - timedelta(1)).isoformat()}
    assert problem(await api.client.post(prices, json=past)) == (422, "policy-in-the-past")
    assert (await get(api, f"/v1/products/{tea['id']}"))["price"] == 1_200
    history = items_of(await get(api, prices))
    assert [row["price"] for row in history] == [2_000, 1_200, 1_300, 1_000]
    until = (utc_now() + timedelta(41)).isoformat()
    answer = await get(api, f"/v1/products/{tea['id']}/price-chart", step="month", steps=4, until=until)
    steps = answer["steps"]
    assert isinstance(steps, list)
    assert len(steps) == 4
    # The day on which this runs may end a month or begin one: what holds is told of all steps together.
    assert (steps[0]["opening"], steps[-1]["closing"]) == (None, 2_000)
    assert max(step["highest"] or 0 for step in steps) == 2_000
    assert min(step["lowest"] for step in steps if step["lowest"]) == 1_000
    assert sum(step["changes"] for step in steps) == 4
    for before, after in pairwise(steps):
        assert before["closing"] == after["opening"]
    for extreme in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert await get(api, f"/v1/products/{tea['id']}/price-chart", steps=400, until=extreme)

    sheet = await api.client.get("/v1/product-labels", params={"products": f"{tea['id']}x30"})
    assert sheet.headers["content-type"].startswith("image/svg+xml")
    assert sheet.text.count("<rect") == 24
    second = await api.client.get("/v1/product-labels", params={"products": f"{tea['id']}x30", "sheet": 2})
    assert second.text.count("<rect") == 6
    third = await api.client.get("/v1/product-labels", params={"products": f"{tea['id']}x30", "sheet": 3})
    assert problem(third)[1] == LabelSheetNotFound.code
