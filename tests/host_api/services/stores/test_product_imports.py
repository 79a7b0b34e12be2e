"""Products from files: the same from every format, wrong rows by number, and again after a stop."""

import asyncio
import io
import json
from collections.abc import Sequence

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.bulk.import_job import import_job
from host_api.core.bulk.import_table import BulkImport
from host_api.core.bulk.importing import ImportCreate, start_import
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.files.file_table import add_file
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.products import logic
from host_api.services.products.bulk import PRODUCTS_IMPORT
from host_api.services.products.models import Product, ProductGroup, ProductPrice
from host_api.services.products.schemas import StoreProductCreate
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, mark, tools_on
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import ENDED, Imported, csv_of, faults_of, give_file, report_of
from tests.host_api.services.stores.store_calls import open_store

pytestmark = pytest.mark.anyio

Cells = Sequence[str | int]

NAMES = (
    *("merchant", "group", "code", "barcode", "title", "title_fa"),
    *("tag", "unit", "price_quantity", "tax_rate", "price"),
)
HEADERS = (
    *("پذیرنده", "کد گروه", "کد", "بارکد", "عنوان انگلیسی", "عنوان"),
    *("برچسب", "واحد", "قیمت برای", "نرخ مالیات", "قیمت"),
)
KINDS = ("csv", "xlsx", "json")
SHOWN = ("barcode", "title", "tag", "unit", "price_quantity", "tax_rate", "price")


def _file(kind: str, rows: Sequence[Cells]) -> bytes:
    if kind == "csv":
        return csv_of([HEADERS, *([str(cell) for cell in row] for row in rows)], with_mark=True)
    if kind == "json":
        listed = [{name: cell for name, cell in zip(NAMES, row, strict=True) if cell != ""} for row in rows]
        return json.dumps(listed).encode()
    workbook, output = Workbook(), io.BytesIO()
    for row in [HEADERS, *rows]:
        workbook.active.append(list(row))
    workbook.save(output)
    return output.getvalue()


async def _imported(api: RunningApi, kind: str, rows: Sequence[Cells], **options: object) -> Imported:
    file_id = await give_file(api, _file(kind, rows), f"products.{kind}")
    begun = await post(api, "/v1/products/imports", {"file_id": file_id, **options}, 202)
    found: Imported = {}

    async def is_ended() -> bool:
        nonlocal found
        found = await get(api, f"/v1/products/imports/{begun['id']}")
        return found["state"] in ENDED

    await eventually(is_ended, 60)
    return found


def _figures(done: Imported) -> list[object]:
    return [done[name] for name in ("state", "created", "replaced", "skipped", "faulty")]


def _tea(merchant: int, price: str | int = "۲۵۰۰۰۰۰", **values: str | int) -> list[str | int]:
    row: dict[str, str | int] = {
        "merchant": merchant,
        "group": "TEA",
        "code": "TEA-500",
        "barcode": 6260100200302,
        "title": "Tea 500 g",
        "title_fa": "چای ۵۰۰ گرمی",
        "tag": "تازه",
        "unit": "عدد",
        "price_quantity": "",
        "tax_rate": 1000,
        "price": price,
    }
    return list((row | values).values())


def _rice(merchant: int, price: str | int = "", **values: str | int) -> list[str | int]:
    plain = {"code": "RICE", "barcode": "", "title": "Rice", "title_fa": "برنج", "tag": "", "tax_rate": ""}
    by_kilo: dict[str, str | int] = {"unit": "gram", "price_quantity": 1000}
    return _tea(merchant, price, **(plain | by_kilo | values))


async def test_every_format_gives_the_same_products(api: RunningApi) -> None:
    seen = []
    for kind in KINDS:
        store = await open_store(api, f"STORE{kind.upper()}")
        done = await _imported(api, kind, [_tea(store.merchant), _rice(store.merchant)])
        assert _figures(done) == ["done", 2, 0, 0, 0], done
        tea, rice = items_of(await get(api, "/v1/products", merchant=store.merchant))
        assert (tea["group_id"], rice["group_id"]) == (store.group, store.group)
        assert str(rice["barcode"]).startswith("2")
        assert [row[2] for row in (await report_of(api, done))[1:]] == [str(tea["id"]), str(rice["id"])]
        seen.append([tea[name] for name in SHOWN] + [rice[name] for name in SHOWN[1:]])
    tea_shown = ["6260100200302", "Tea 500 g", "تازه", "piece", 1, 1000, 2_500_000]
    assert seen == [[*tea_shown, "Rice", None, "gram", 1000, 0, None]] * 3


async def test_wrong_rows_are_told_by_number_and_nothing_is_taken(api: RunningApi) -> None:
    store = await open_store(api)
    await store.product("OLD", 1_000, barcode="12345", unit="gram", price_quantity=1000)
    rows = [
        _tea(store.merchant),
        _tea(store.merchant, "2500000.5", code="A", barcode=""),
        _tea(store.merchant, "2,500,000", code="B", barcode=""),
        _tea(store.merchant, 0, code="C", barcode="6260100200300"),
        _tea(store.merchant, code="D", barcode="", group="NONE"),
        _tea(store.merchant),
        _tea(store.merchant, code="E"),
        _tea(store.merchant, code="F", barcode="12345"),
        _tea(store.merchant + 1, code="G", barcode=""),
        _tea(store.merchant, code="OLD", barcode="", unit="piece"),
        _tea(store.merchant, code="H", barcode="", title=""),
    ]
    for kind in KINDS:
        done = await _imported(api, kind, rows, on_existing="replace")
        first = 1 if kind == "json" else 2
        by_place = [
            (1, "price", "int_type"),
            (2, "price", "int_type"),
            (3, "barcode", "barcode"),
            (3, "price", "greater_than_equal"),
            (5, "", "double-row"),
            (10, "title", "missing"),
            (4, "group", "product-group-not-found"),
            (6, "barcode", "double-barcode"),
            (7, "barcode", "barcode-taken"),
            (8, "group", "product-group-not-found"),
            (9, "unit", "unit-is-fixed"),
        ]
        expected = [(place + first, column, code) for place, column, code in by_place]
        assert faults_of(done) == expected
        assert (done["state"], done["faulty"], done["created"]) == ("refused", 10, 1)
    assert len(items_of(await get(api, "/v1/products"))) == 1
    for price in (True, 1.5):
        listed = [
            {**dict(zip(NAMES, _tea(store.merchant), strict=True)), "price_quantity": 1, "price": price}
        ]
        file_id = await give_file(api, json.dumps(listed).encode(), "products.json")
        begun = await post(api, "/v1/products/imports", {"file_id": file_id}, 202)

        async def is_refused(begun: Imported = begun) -> bool:
            found = await get(api, f"/v1/products/imports/{begun['id']}")
            return found["state"] == "refused" and faults_of(found) == [(1, "price", "int_type")]

        await eventually(is_refused)


async def test_a_code_that_is_there_fails_is_passed_over_or_has_what_the_row_gives(api: RunningApi) -> None:
    store = await open_store(api)
    tea = await store.product("TEA-500", 2_000_000, tag="نو", tax_rate=900)
    path = f"/v1/products/{tea['id']}"
    rows = [
        _tea(store.merchant, 2_100_000, barcode="", tag="", tax_rate=""),
        _rice(store.merchant),
    ]
    refused = await _imported(api, "csv", rows)
    assert (refused["state"], faults_of(refused)) == ("refused", [(2, "", "exists")])
    dry = await _imported(api, "csv", rows, on_existing="replace", is_dry_run=True)
    assert _figures(dry) == ["checked", 1, 1, 0, 0]
    assert await get(api, path) == tea
    assert _figures(await _imported(api, "csv", rows, on_existing="skip")) == ["done", 1, 0, 1, 0]
    assert await get(api, path) == tea
    again = {"on_existing": "replace", "repeat": True}
    assert _figures(await _imported(api, "csv", rows, **again)) == ["done", 0, 2, 0, 0]
    # What the row left out stayed, and a price that holds already is no new one.
    assert _figures(await _imported(api, "csv", rows, **again)) == ["done", 0, 2, 0, 0]
    changed = tea | {"title": "Tea 500 g", "title_fa": "چای ۵۰۰ گرمی", "price": 2_100_000}
    assert await get(api, path) == changed | {"price_with_tax": 2_289_000}
    history = items_of(await get(api, f"{path}/prices"))
    assert [(row["price"], row["created_by"]) for row in history] == [
        (2_100_000, "first key"),
        (2_000_000, "first key"),
    ]
    reader = await person(api, "reader", "products:read")
    answer = await api.client.post("/v1/products/imports", json={"file_id": 1}, headers=reader.headers)
    assert problem(answer)[0] == 403


async def test_an_import_that_was_stopped_begins_anew_and_takes_each_row_once(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = system_caller("test", FIRST_PROGRAMME)
    tools = await tools_on(database, settings)
    runners = Runners(tools, import_job([PRODUCTS_IMPORT]))
    runners.clock.now = utc_now()
    async with database.writing(FIRST_PROGRAMME) as session:
        merchant = mark(1, "m")
        session.add(merchant)
        await session.flush()
        session.add(ProductGroup(merchant=merchant.id, code="TEA", title="Tea", title_fa="چای"))
        rows = [_rice(merchant.id, number + 1, code=f"R{number}") for number in range(300)]
        with tools.contents.draft(FIRST_PROGRAMME, 10**6) as draft:
            draft.write(_file("csv", rows))
            draft.keep()
        content = {"name": "f", "media_type": "text/csv", "size": draft.size, "sha256": draft.sha256}
        file = await add_file(session, **content, caller=caller, now=runners.clock())  # type: ignore[arg-type]
        wanted = ImportCreate(file_id=file.id)
        await start_import(session, PRODUCTS_IMPORT, wanted, caller, language="en", now=runners.clock())

    reached, chunks = asyncio.Event(), 0
    create_many = logic.create_many

    async def stopping_at_the_second(
        session: WriteSession, wanted: Sequence[StoreProductCreate], caller: Caller
    ) -> list[Product]:
        nonlocal chunks
        made = await create_many(session, wanted, caller)
        chunks += 1
        if chunks == 2:
            reached.set()
            await asyncio.Event().wait()
        return made

    monkeypatch.setattr(logic, "create_many", stopping_at_the_second)
    runner = runners.new()
    await runner.tick()
    await asyncio.wait_for(reached.wait(), 60)
    await runner.stop()
    assert await _kept(database) == ("waiting", 0, 0)
    await runners.work_off(runners.new())
    assert await _kept(database) == ("done", 300, 300)
    assert chunks == 2 + 2


async def _kept(database: Database) -> tuple[str | None, int, int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        state = await session.scalar(select(BulkImport.state))
        products = await session.scalar(select(func.count(Product.id)))
        prices = await session.scalar(select(func.count(ProductPrice.id)))
    return state, products or 0, prices or 0
