"""Merchants, branches, terminals and contracts for the tests, made through the served API."""

from collections.abc import Sequence
from datetime import datetime

import httpx2
from sqlalchemy import select

from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from tests.host_api.api_calls import get, items_of
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import RunningApi

SHEBA = "IR580540105180021273113007"


async def change(
    api: RunningApi, method: str, path: str, body: object | None = None, *, of: str | None = None
) -> httpx2.Response:
    """A change with the ETag of the record at `of`, or at `path` itself."""
    version = (await api.client.get(of or path)).headers["ETag"]
    return await api.client.request(method, path, json=body, headers={"If-Match": version})


async def patch(api: RunningApi, path: str, body: object, status: int = 200) -> dict[str, object]:
    """A change that has to end with `status`."""
    answer = await change(api, "PATCH", path, body)
    assert answer.status_code == status, answer.text
    changed: dict[str, object] = answer.json()
    return changed


async def make(api: RunningApi, path: str, body: object, status: int = 201) -> dict[str, object]:
    """A new record."""
    answer = await api.client.post(path, json=body)
    assert answer.status_code == status, answer.text
    made: dict[str, object] = answer.json()
    return made


async def furnish(api: RunningApi, merchant_id: str = "SHOP01", terminal_id: str = "TERM0001") -> int:
    """A merchant with a branch and a terminal in it; the branch's id."""
    if not items_of(await get(api, "/v1/guilds")):
        await make(api, "/v1/guilds", {"code": "bakers", "title": "Bakers", "title_fa": "نانوایان"})
    merchant = await make(
        api,
        "/v1/merchants",
        {"merchant_id": merchant_id, "name": "فروشگاه", "guild": "bakers", "sector": "food"},
    )
    branch = await make(
        api, f"/v1/merchants/{merchant['id']}/branches", {"name": "شعبه", "city_code": "tehran"}
    )
    await make(api, "/v1/terminals", {"terminal_id": terminal_id, "branch_id": branch["id"]})
    branch_id = branch["id"]
    assert isinstance(branch_id, int)
    return branch_id


def terms(begin: datetime, end: datetime, **changes: object) -> dict[str, object]:
    """A contract to ask for."""
    wanted: dict[str, object] = {
        "valid_from": begin.isoformat(),
        "valid_until": end.isoformat(),
        "may_earn": True,
        "may_burn": True,
        "funding": [{"party": "merchant", "share": 6000}, {"party": "programme", "share": 4000}],
        "settlement_period": "weekly",
        "settlement_days": 3,
        "commission": 150,
    }
    return wanted | changes


async def approver(api: RunningApi, name: str = "second") -> dict[str, str]:
    """Headers of somebody who may approve contracts."""
    return await new_key(api, name, "contracts:approve")


async def asked(api: RunningApi, merchant: object, wanted: object, status: int = 201) -> dict[str, object]:
    """A contract that waits."""
    return await make(api, f"/v1/merchants/{merchant}/contracts", wanted, status)


async def decide(
    api: RunningApi, contract: dict[str, object], headers: dict[str, str], what: str = "approval"
) -> httpx2.Response:
    """The answer to a decision."""
    return await api.client.post(f"/v1/contracts/{contract['id']}/{what}", json={}, headers=headers)


async def records(api: RunningApi, terminal_id: str = "TERM0001") -> Sequence[dict[str, str]]:
    """What is or was on its way to the switch of a terminal, in order."""
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [row.record for row in rows if row.record.get("DF28") == terminal_id]
