"""Searching transactions: every filter, by an index on both databases, with sums and exports."""

import csv
import io

import pytest
from sqlalchemy import event, select, text

from host_api.core.clock import from_epoch_ms
from host_api.core.database import Database, ReadSession
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.transactions import logic, search, totals
from host_api.services.transactions.listing import TransactionFilters, TransactionQuery
from host_api.services.transactions.models import Transaction
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import DAY_MS, FIRST_MS, History, project, rrn

pytestmark = pytest.mark.anyio


async def _found(api: RunningApi, **query: object) -> list[int]:
    items = items_of(await get(api, "/v1/transactions", **query))
    return sorted(int(str(item["rrn"])) for item in items)


async def _refused(api: RunningApi, **query: str) -> str:
    answer = await api.client.get("/v1/transactions", params=query)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["errors"][0]["code"])


def _history() -> History:
    """Two entries a day from 31 Shahrivar 1405 on."""
    history = History(step_ms=DAY_MS // 2)
    history.sale(1, 1_000_000)
    history.sale(2, 2_000_000, terminal_id="TERM0002", stan="000077")
    history.sale(1, 3_000_000, merchant_id="SHOP02", branch_number=2)
    history.sale(3, 4_000_000, merchant_id="SHOP02", branch_number=1, terminal_id="TERM0002")
    history.returned(3, 400_000, 40)
    history.reversal(1)
    history.declined(2, "51")
    history.redemption(2, 25, 2)
    return history


async def test_every_filter_finds_what_it_says(api: RunningApi) -> None:
    card = await post(api, "/v1/cards", {})
    card_id = card["id"]
    history = _history()
    history.sale(4, 5_000_000, card_reference=card_id)
    await project(api.runtime.database, history.lines)
    for query, wanted in (
        ({"stan": "000077", "terminal_id": "TERM0002"}, [2]),
        ({"terminal_id": "TERM0002"}, [2, 4]),
        ({"merchant_id": "SHOP02"}, [3, 4]),
        ({"merchant_id": "SHOP02", "branch_number": 2}, [3]),
        ({"member_id": 1}, [1, 3, 5, 6]),
        ({"card_id": card_id}, [9]),
        ({"card_number": card["masked_number"]}, [9]),
        ({"card_number": "936412******0000"}, []),
        ({"amount": 2_000_000}, [2]),
        ({"amount_from": 2_000_000, "amount_to": 3_000_000, "day_from": "1405-06-01"}, [2, 3, 7]),
        ({"amount_from": 3_000_000, "member_id": 1}, [3]),
        ({"response_code": "51"}, [7]),
        ({"operation": "return"}, [5]),
        ({"operation": "points_redemption"}, [8]),
        ({"standing": "reversed"}, [1]),
        ({"standing": "part_returned"}, [3]),
        ({"standing": "declined"}, [7]),
        ({"rule": "BURN-04"}, [8]),
        ({"rule": "EARN-01", "member_id": 1}, [1, 3]),
        ({"rrn": rrn(4)}, [4]),
    ):
        assert await _found(api, **query) == wanted, query
    day = from_epoch_ms(FIRST_MS + DAY_MS)
    assert await _found(api, day_from=day.date(), day_to=day.date()) == [1, 2]
    assert await _found(api, day_from="۱۴۰۵/۰۶/۳۱", day_to="1405-06-31") == [1, 2]
    instant = from_epoch_ms(FIRST_MS + 2 * DAY_MS).isoformat()
    assert await _found(api, day_from=day.date(), to=instant) == [1, 2, 3]
    assert await _refused(api, stan="000077") == "value_error"
    assert await _refused(api, card_number=str(card["number"])) == "string_pattern_mismatch"
    assert await _refused(api, merchant_id="SHOP02", branch_number="x") == "int_parsing"
    assert await _refused(api, amount_from="5") == "period-needed"
    assert await _refused(api, amount_from="5", day_from="1390-01-01") == "period-needed"
    assert await _refused(api, day_from="1405-07-02", day_to="1405-07-01") == "period"


async def test_pages_of_a_rule_neither_double_nor_hide(api: RunningApi) -> None:
    history = History(step_ms=1000)
    sales = [history.sale(1 + number % 3) for number in range(30)]
    await project(api.runtime.database, history.lines)
    seen: list[int] = []
    cursor: dict[str, object] = {}
    while True:
        page = await get(api, "/v1/transactions", rule="EARN-01", limit=7, **cursor)
        seen += [int(str(item["rrn"])) for item in items_of(page)]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == sales[::-1]


async def test_sums_and_exports_have_the_lists_filters(api: RunningApi) -> None:
    await project(api.runtime.database, _history().lines)
    summed = await get(api, "/v1/transactions/totals", merchant_id="SHOP01")
    assert (summed["count"], summed["is_complete"]) == (6, True)
    items = {(item["operation"], item["approved"]): item for item in items_of(summed)}
    assert items["purchase", True] | {"discount": 0} == {
        "operation": "purchase",
        "approved": True,
        "count": 2,
        "amount": 3_000_000,
        "discount": 0,
        "tendered": 0,
        "net_amount": 3_000_000,
        "returned_amount": 0,
    }
    assert (items["purchase", False]["count"], items["return", True]["amount"]) == (1, 400_000)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        few = await totals.totals(session, TransactionFilters(), most=3)
    assert (few.count, few.is_complete) == (3, False)
    answer = await api.client.get(
        "/v1/transactions/export",
        params={
            "member_id": 1,
            "sort": "id",
            "columns": "rrn,standing,amount,returned_amount",
            "headers": "fa",
        },
    )
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["شمارهٔ مرجع", "وضعیت", "مبلغ", "برگشتی"]
    assert rows[2] == [rrn(3), "part_returned", "3000000", "400000"]
    assert len(rows) == 5


async def test_a_clock_that_was_set_back_hides_nothing(database: Database) -> None:
    history = History(step_ms=60_000)
    for number in range(12):
        history.sale(number + 1)
    for position, minutes_back in ((5, 40), (6, 40), (7, 39), (10, 20)):
        line = history.lines[position - 1]
        line["at_ms"] = int(str(line["at_ms"])) - minutes_back * 60_000
    await project(database, history.lines)
    async with database.reading(FIRST_PROGRAMME) as session:
        every = [(row.position, row.at_ms) for row in await session.scalars(select(Transaction))]
        for begin_ms in range(FIRST_MS - 45 * 60_000, FIRST_MS + 15 * 60_000, 420_000):
            begin, end = from_epoch_ms(begin_ms), from_epoch_ms(begin_ms + 600_000)
            query = TransactionFilters.model_validate({"from": begin, "to": end})
            found = await session.scalars(await search.statement_of(session, query))
            wanted = {position for position, at_ms in every if begin_ms <= at_ms < begin_ms + 600_000}
            assert {row.position for row in found} == wanted


# What each search is to go by; SQLite names the index of a key itself.
PLANS: tuple[tuple[dict[str, object], str], ...] = (
    ({}, "pk_transactions"),
    ({"rrn": rrn(7), "standing": "stands"}, "rrn"),
    ({"member_id": 3}, "member_number"),
    ({"member_id": 3, "response_code": "00", "standing": "stands", "rule": "EARN-01"}, "member_number"),
    ({"card_id": 3}, "card_reference"),
    ({"terminal_id": "TERM0001", "merchant_id": "SHOP01"}, "terminal_id"),
    ({"terminal_id": "TERM0001", "stan": "000003"}, "terminal_id_stan"),
    ({"merchant_id": "SHOP02", "operation": "purchase"}, "merchant_id"),
    ({"merchant_id": "SHOP02", "branch_number": 3}, "merchant_id_branch_number"),
    ({"response_code": "51"}, "response_code"),
    ({"operation": "return"}, "operation"),
    ({"standing": "returned"}, "standing"),
    ({"amount": 7}, "amount"),
    ({"rule": "EARN-01", "merchant_id": "SHOP01"}, "pk_transaction_rules"),
    ({"member_id": 3, "day_from": "1405-06-01", "day_to": "1405-06-31"}, "member_number"),
    ({"amount_from": 7, "day_from": "1405-06-20"}, "pk_transactions"),
    ({"rule": "EARN-01", "day_from": "1405-06-20"}, "pk_transaction_rules"),
)


async def _plans(session: ReadSession, query: TransactionQuery, *, is_sqlite: bool) -> list[str]:
    """How the database goes about each bounded statement of a page."""
    sent: list[tuple[str, object]] = []

    def keep(*parts: object) -> None:
        sent.append((str(parts[2]), parts[3]))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", keep)
    try:
        await logic.read_page(session, query)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    connection = await session.connection()
    plans = []
    for statement, parameters in sent:
        if "LIMIT" in statement:
            explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
            rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]
            plans.append("\n".join(str(row[-1]) for row in rows))
    return plans


async def test_no_search_sorts_or_reads_everything(database: Database) -> None:
    """With ten million rows a sort or a scan takes seconds."""
    history = History(step_ms=1000)
    for number in range(300):
        history.sale(1 + number % 40, 1000 + number)
    await project(database, history.lines)
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    async with database.reading(FIRST_PROGRAMME) as session:
        if not database.is_sqlite:
            # Three hundred rows are read through before any index; ten million are not.
            for way in ("seqscan", "bitmapscan", "sort"):
                await session.execute(text(f"SET LOCAL enable_{way} = off"))
        for given, index in PLANS:
            query = TransactionQuery.model_validate(given | {"limit": 5})
            plans = await _plans(session, query, is_sqlite=database.is_sqlite)
            for plan in plans:
                found = [word for word in ("TEMP B-TREE", "Sort", "Seq Scan", "SCAN") if word in plan]
                assert not found, (given, plan)
            name = index if index.startswith("pk_") else f"ix_transactions_programme_id_{index}_position"
            if database.is_sqlite and index.startswith("pk_"):
                name = f"sqlite_autoindex_{index.removeprefix('pk_')}_1"
            assert name in plans[-1], (given, plans)
