"""Sales, gifts, returns, debts and batches of tills, with what they do to stock and books; no switch."""

import csv
import io
from datetime import timedelta

import pytest

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.products.amounts import half_up, part_of
from host_api.services.sales import points
from host_api.services.sales.models import StoreSale
from host_api.services.sales.problems import SaleTransactionDiffers
from host_api.services.store_accounts.books import absorb
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import History, project, rrn
from tests.host_api.services.stores.store_calls import Json, Store, cash, number, open_store
from tests.host_api.services.stores.store_file_parser import parse

pytestmark = pytest.mark.anyio


def test_halves_go_up_and_parts_have_the_whole() -> None:
    assert [half_up(each, 10) for each in (0, 4, 5, 14, 15)] == [0, 0, 1, 1, 2]
    for whole in (0, 1, 99, 1_000_003):
        parts = [part_of(whole, count + 1, 7) - part_of(whole, count, 7) for count in range(7)]
        assert sum(parts) == whole
        assert min(parts) >= 0


async def _faults(api: RunningApi, path: str, body: Json) -> tuple[str, list[str]]:
    answer = await api.client.post(path, json=body)
    return problem(answer)[1], [entry["field"] for entry in answer.json()["errors"]]


async def _lines(store: Store, sale: Json) -> list[Json]:
    lines = (await get(store.api, f"/v1/store-sales/{sale['id']}"))["lines"]
    assert isinstance(lines, list)
    return lines


async def test_sale_gift_and_return_move_stock_and_money(api: RunningApi) -> None:
    store = await open_store(api)
    # 333 rial with 10 % tax; and goods by the gram at 450,555 a kilo.
    await store.product("CUP", 333, tax_rate=1000)
    await store.product("TEA", 450_555, unit="gram", price_quantity=1000, tax_rate=900)
    await store.product("DRAFT", None)
    await store.receive("CUP", 5)
    await store.receive("TEA", 2_000)
    # 999 + 99.9 → 100; 150 g are 67,583.25 → 67,583, and 6,082.47 → 6,082.
    total = 999 + 100 + 67_583 + 6_082
    sale = await store.sell("1", total, ("CUP", 3), ("TEA", 150))
    assert (sale["net"], sale["tax"], sale["total"]) == (68_582, 6_182, total)
    assert (sale["points_state"], sale["member_id"]) == ("none", None)
    assert (await store.level("CUP"), await store.level("TEA")) == (2, 1_850)
    # The same again is the same; another under its number is refused.
    assert (await store.sell("1", total, ("CUP", 3), ("TEA", 150)))["id"] == sale["id"]
    other = store.document("1", ("CUP", 1), payments=cash(366))
    assert await _faults(api, "/v1/store-sales", other) == ("till-reference-used", ["reference"])
    wrong = store.document("2", ("CUP", 3), ("NONE", 1), ("DRAFT", 1))
    assert await _faults(api, "/v1/store-sales", wrong) == (
        "store-lines-refused",
        ["lines.1.product", "lines.2.unit_price"],
    )
    short = store.document("2", ("TEA", 10), ("CUP", 3), payments=cash(1099 + 4912))
    assert await _faults(api, "/v1/store-sales", short) == ("not-in-stock", ["lines.1.quantity"])
    unpaid = store.document("2", ("CUP", 1), payments=cash(365))
    assert (await _faults(api, "/v1/store-sales", unpaid))[0] == "store-payments-differ"
    late = store.document("2", ("CUP", 1), at=(utc_now() - timedelta(93)).isoformat(), payments=cash(366))
    assert (await _faults(api, "/v1/store-sales", late))[0] == "store-sale-time-refused"
    gift = await post(api, "/v1/store-gifts", store.document("G1", ("CUP", 1)))
    assert (gift["kind"], gift["total"], await store.level("CUP")) == ("gift", 0, 1)
    # Whole again by parts, to the rial: a third of 999 and of 100, twice, and what is left of them.
    back: list[tuple[int, int]] = []
    for count, (net, tax) in enumerate(((333, 33), (333, 33), (333, 34))):
        body = {
            "till": "T1",
            "reference": f"R{count}",
            "sale_reference": "1",
            "lines": [{"number": 1, "quantity": 1}],
            "refunds": cash(net + tax),
            "reason": "رنگ دیگر",
        }
        made = await post(api, "/v1/store-returns", body)
        assert (await post(api, "/v1/store-returns", body))["id"] == made["id"]
        assert made["points_request_id"] is None
        back.append((number(made, "net"), number(made, "tax")))
    assert (sum(net for net, _ in back), sum(tax for _, tax in back)) == (999, 100)
    assert [line["returned"] for line in await _lines(store, sale)] == [3, 0]
    more: Json = {**body, "reference": "R9"}
    assert await _faults(api, "/v1/store-returns", more) == ("store-lines-refused", ["lines.0.quantity"])
    assert await store.level("CUP") == 4
    assert await store.trial_balance() == (
        {"cash": 67_583 + 6_082, "sales": -67_583, "tax": -6_082},
        0,
    )
    assert await store.ledger_sums() == {store.products["CUP"]: 4, store.products["TEA"]: 1_850}


async def test_a_return_that_was_undone_takes_no_points_back(api: RunningApi) -> None:
    store = await open_store(api)
    await post(api, "/v1/terminals", {"terminal_id": "TERM0001", "branch_id": store.branch})
    history = History()
    stands, undone = history.sale(1), history.sale(1)
    back, not_back = [history.returned(sale, 1_000_000, 100) for sale in (stands, undone)]
    history.reversal(not_back)
    await project(api.runtime.database, history.lines)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        await points.check_return(session, rrn(back), StoreSale(rrn=rrn(stands)), 1_000_000)
        for returned, sale, rials in ((back, stands, 999_999), (not_back, undone, 1_000_000)):
            with pytest.raises(SaleTransactionDiffers):
                await points.check_return(session, rrn(returned), StoreSale(rrn=rrn(sale)), rials)


async def test_a_branch_goes_below_zero_only_where_it_may(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("CUP", 100)
    body = store.document("1", ("CUP", 2), payments=cash(200))
    assert (await _faults(api, "/v1/store-sales", body))[0] == "not-in-stock"
    rule = f"/v1/stock-rules/{store.branch}"
    assert (await get(api, rule))["may_go_below_zero"] is False
    assert (await api.client.put(rule, json={"may_go_below_zero": True})).status_code == 200
    await post(api, "/v1/store-sales", body)
    assert await store.level("CUP") == -2
    assert (await api.client.put(rule, json={"may_go_below_zero": False})).status_code == 200
    await store.receive("CUP", 1)  # what comes in is never refused
    assert await store.level("CUP") == -1


async def test_counting_books_differences_and_sales_meanwhile_stay(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("CUP", 100)
    await store.product("JAR", 100)
    await store.receive("CUP", 10)
    await store.receive("JAR", 4)
    count = await post(api, "/v1/stock-counts", {"branch_id": store.branch})
    second = await api.client.post("/v1/stock-counts", json={"branch_id": store.branch})
    assert problem(second) == (409, "stock-count-open")
    path = f"/v1/stock-counts/{count['id']}"
    found = [
        {"product_id": store.products["CUP"], "counted": 8},
        {"product_id": store.products["JAR"], "counted": 4},
    ]
    assert (await api.client.post(f"{path}/lines", json={"lines": found})).status_code == 201
    await store.sell("1", 300, ("CUP", 3))
    assert (await post(api, f"{path}/closing", None))["state"] == "closed"
    assert (await store.level("CUP"), await store.level("JAR")) == (5, 4)
    assert problem(await api.client.post(f"{path}/closing")) == (409, "stock-count-ended")
    entries = items_of(await get(api, "/v1/stock-entries", kind="count"))
    assert [(row["product_id"], row["change"]) for row in entries] == [(store.products["CUP"], -2)]
    lines = items_of(await get(api, f"{path}/lines"))
    assert [(line["expected"], line["difference"]) for line in lines] == [(10, -2), (4, 0)]
    assert await store.ledger_sums() == {store.products["CUP"]: 5, store.products["JAR"]: 4}


async def test_debts_are_settled_to_zero_and_the_accounting_files_agree(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("CUP", 1_000, tax_rate=1000)
    await store.receive("CUP", 10)
    sara, reza = [number(await post(api, "/v1/members", {"name": name}), "id") for name in ("سارا", "رضا")]
    act: Json = {"till": "T1", "branch_id": store.branch, "member_id": sara}
    await post(api, "/v1/store-debts", act | {"reference": "D1", "amount": 400, "note": "مانده"})
    # No switch is there: the sale stands, and only its points wait.
    sale = await api.client.post(
        "/v1/store-sales?wait_s=0",
        json=store.document("1", ("CUP", 2), member_id=sara, payments=cash(200), debt=2_000),
    )
    assert (sale.status_code, sale.json()["points_state"]) == (202, "sent")
    undecided = {
        "till": "T1",
        "reference": "R1",
        "sale_reference": "1",
        "lines": [{"number": 1, "quantity": 1}],
        "debt": 1_100,
        "reason": "برگشت",
    }
    assert (await _faults(api, "/v1/store-returns", undecided))[0] == "store-points-undecided"
    assert await store.level("CUP") == 8
    settled = act | {"reference": "S1", "amount": 400, "method": "card"}
    first = await post(api, "/v1/store-settlements", settled)
    assert (await post(api, "/v1/store-settlements", settled))["id"] == first["id"]
    too_much = act | {"reference": "S2", "amount": 2_001}
    assert (await _faults(api, "/v1/store-settlements", too_much))[0] == "store-debt-exceeded"
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, system_caller("tests", FIRST_PROGRAMME))
        await absorb(session, 1, sara, reza)
    debtors = items_of(await get(api, "/v1/store-debtors", merchant=store.merchant))
    assert [(row["member_id"], row["balance"]) for row in debtors] == [(reza, 2_000)]
    paid = {"till": "T1", "branch_id": store.branch, "member_id": reza}
    await post(api, "/v1/store-settlements", paid | {"reference": "S3", "amount": 1_500})
    await post(api, "/v1/store-settlements", paid | {"reference": "S4", "amount": 500, "method": None})
    assert not items_of(await get(api, "/v1/store-debtors", merchant=store.merchant))
    balances, together = await store.trial_balance()
    assert together == 0
    assert balances == {
        "card": 400,
        "cash": 1_700,
        "opening": -400,
        "receivable": 0,
        "sales": -2_000,
        "tax": -200,
        "write_off": 500,
    }
    exported = await api.client.get("/v1/store-entries/export", params={"merchant": store.merchant})
    rows = list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))
    today = tehran_date(utc_now())
    days = {"first_day": str(today - timedelta(1)), "last_day": str(today + timedelta(1))}
    file = await api.client.get("/v1/store-entries/file", params={"merchant": str(store.merchant)} | days)
    merchant_id, lines = parse(file.text)
    assert merchant_id == "STORE01"
    assert [line.amount for line in lines] == [int(row["Amount"]) for row in rows]
    assert [line.account for line in lines] == [row["Account"] for row in rows]
    for member in (sara, reza):
        assert sum(line.amount for line in lines if line.member == member) == 0
    assert {(line.kind, line.branch) for line in lines} == {
        (kind, 1) for kind in ("debt", "sale", "settlement", "merge", "write_off")
    }


async def test_a_batch_stores_what_it_can_and_names_the_lines_of_the_rest(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("CUP", 100)
    await store.receive("CUP", 3)
    at = (utc_now() - timedelta(hours=5)).isoformat()
    documents: list[Json] = [
        _offline("1", 2, unit_price=90, at=at),
        _offline("2", 2),
        {"kind": "sale", "reference": "3", "lines": [{"product": "CUP", "quantity": 0}]},
        {"kind": "loan", "reference": "4"},
        {
            "kind": "return",
            "reference": "R1",
            "sale_reference": "1",
            "lines": [{"number": 1, "quantity": 1}],
            "refunds": cash(90),
            "reason": "برگشت",
        },
        _offline("5", 2),
        {"kind": "gift", "reference": "G1", "lines": [{"product": "CUP", "quantity": 9}]},
    ]
    batch = {"till": "T9", "branch_id": store.branch, "documents": documents}
    first = await post(api, "/v1/till-batches", batch)
    results = first["results"]
    assert isinstance(results, list)
    assert [row["is_stored"] for row in results] == [True, False, False, False, True, True, False]
    refused = [
        [entry["field"] for entry in row["refusal"]["faults"]] for row in results if not row["is_stored"]
    ]
    assert refused == [["lines.0.quantity"], ["lines.0.quantity"], ["kind"], ["lines.0.quantity"]]
    again = await post(api, "/v1/till-batches", batch)
    repeated = again["results"]
    assert isinstance(repeated, list)
    assert [row["id"] for row in repeated] == [row["id"] for row in results]
    assert await store.level("CUP") == 0
    sales = items_of(await get(api, "/v1/store-sales", till="T9", sort="id"))
    assert [(sale["reference"], sale["total"]) for sale in sales] == [("1", 180), ("5", 200)]
    assert (await store.trial_balance())[1] == 0


def _offline(reference: str, quantity: int, unit_price: int | None = None, **values: object) -> Json:
    line: Json = {"product": "CUP", "quantity": quantity}
    price = 100 if unit_price is None else unit_price
    if unit_price is not None:
        line["unit_price"] = unit_price
    document: Json = {"kind": "sale", "reference": reference, "lines": [line]}
    return document | {"payments": cash(quantity * price)} | values
