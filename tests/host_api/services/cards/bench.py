"""What the tests of cards have in common: records to begin with, and jobs that are waited for."""

from pathlib import Path

from sqlalchemy import text

from host_api.core.database import Database
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi


async def member(api: RunningApi, **values: object) -> int:
    made = await post(api, "/v1/members", {"name": "Sara Test"} | values)
    return int(str(made["id"]))


async def branch(api: RunningApi, merchant_id: str = "SHOP01") -> int:
    merchant = await post(api, "/v1/merchants", {"merchant_id": merchant_id, "name": "Shop"})
    made = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "One", "city": "Tehran"})
    return int(str(made["id"]))


async def product(api: RunningApi, code: str, **values: object) -> dict[str, object]:
    body = {"code": code, "title": code, "title_fa": code}
    return await post(api, "/v1/card-products", body | values)


async def card(api: RunningApi, **values: object) -> dict[str, object]:
    return await post(api, "/v1/cards", values)


async def received_order(api: RunningApi, code: str, quantity: int, **values: object) -> dict[str, object]:
    """An order whose cards are in stock."""
    order = await post(api, "/v1/card-orders", {"card_type": code, "quantity": quantity} | values, 202)
    await until(api, f"/v1/card-orders/{order['id']}", "ordered")
    await post(api, f"/v1/card-orders/{order['id']}/receipt", None, 202)
    return await until(api, f"/v1/card-orders/{order['id']}", "received")


async def until(api: RunningApi, path: str, state: str, field: str = "state") -> dict[str, object]:
    """The record at a path once it is in this state."""
    found: dict[str, object] = {}

    async def is_there() -> bool:
        nonlocal found
        found = await get(api, path)
        return found[field] == state

    await eventually(is_there)
    return found


async def at_rest(database: Database) -> str:
    """All that the database has on disk, as text: files of SQLite, every table of PostgreSQL."""
    if database.is_sqlite:
        path = Path(database.url.database or "")
        files = [found for found in path.parent.glob(f"{path.name}*") if found.is_file()]
        return "".join(file.read_bytes().decode("latin-1") for file in files)
    async with database.reading() as session:
        tables = await session.scalars(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        )
        rows = []
        for table in tables.all():
            found = await session.execute(text(f'SELECT CAST(t AS text) FROM "{table}" t'))
            rows += [str(row[0]) for row in found]
        return "\n".join(rows)
