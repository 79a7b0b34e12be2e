"""Merchants and branches: changes by version, sealed data, and terminals' records that follow their place."""

import asyncio

import pytest
from sqlalchemy import select

from host_api.core.audit import AuditEntry
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.merchants.models import Merchant
from tests.host_api.api_calls import get, items_of
from tests.host_api.people import problem
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import SHEBA, change, furnish, make, patch, records

pytestmark = pytest.mark.anyio


async def test_records_of_terminals_follow_merchant_and_branch(api: RunningApi) -> None:
    branch = await furnish(api)
    (first,) = await records(api)
    assert (first["DF21"], first["DF4D"], first["DF4E"], first["DF4F"]) == ("A", "bakers", "food", "tehran")
    await patch(api, "/v1/merchants/1", {"status": "suspended"})
    shown = await get(api, "/v1/terminals/TERM0001")
    assert (shown["status"], shown["is_served"], shown["refused_for"]) == ("active", False, "merchant")
    await patch(api, "/v1/merchants/1", {"status": "active", "guild": None, "sector": "restaurant"})
    await patch(api, f"/v1/branches/{branch}", {"city": "شیراز", "city_code": "shiraz"})
    await patch(api, f"/v1/branches/{branch}", {"tags": ["parking"]})
    await patch(api, "/v1/merchants/1", {"name": "نام تازه"})
    _, suspended, active, moved = await records(api)  # what the switch needn't know isn't sent
    assert suspended == first | {"DF21": "B"}
    assert "DF4D" not in active
    assert (active["DF21"], active["DF4E"], moved["DF4F"]) == ("A", "restaurant", "shiraz")
    await patch(api, f"/v1/branches/{branch}", {"status": "closed"})
    assert (await get(api, "/v1/terminals/TERM0001"))["refused_for"] == "branch"
    assert (await records(api))[-1]["DF21"] == "B"
    answer = await change(api, "PATCH", f"/v1/branches/{branch}", {"status": "open"})
    assert problem(answer) == (409, "branch-closed")
    closed = await api.client.post("/v1/terminals", json={"terminal_id": "TERM0002", "branch_id": branch})
    assert problem(closed) == (409, "terminal-place-closed")
    told = [event["type"] for event in items_of(await get(api, "/v1/events", limit=100))]
    assert told.count("merchant.status_changed") == told.count("branch.changed") == 2
    assert told.count("terminal.changed") == 3


async def test_what_is_sealed_is_read_by_those_who_may_change_it(api: RunningApi) -> None:
    contact = {"name": "مدیر", "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹", "email": "shop@example.com"}
    made = await make(
        api,
        "/v1/merchants",
        {"name": "فروشگاه", "sheba": "58 0540 1051 8002 1273 1130 07", "contact": contact},
    )
    assert (made["has_settlement_account"], made["has_contact"]) == (True, True)
    private = await get(api, "/v1/merchants/1/private-data")
    assert (private["sheba"], private["bank"]) == (SHEBA, "Parsian Bank")
    assert private["contact"] == contact | {"mobile": "+989123456789", "landline": None, "note": None}
    reader = await new_key(api, "reader", "merchants:read")
    assert problem(await api.client.get("/v1/merchants/1/private-data", headers=reader))[0] == 403
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        row = await session.get(Merchant, 1)
        audited = [str(entry.after) for entry in await session.scalars(select(AuditEntry))]
    assert row is not None
    assert row.sheba_sealed is not None
    for kept in (row.sheba_sealed, row.contact_sealed or b"", *(text.encode() for text in audited)):
        assert SHEBA.encode() not in kept
        assert b"9123456789" not in kept
    await patch(api, "/v1/merchants/1", {"sheba": None})
    assert (await get(api, "/v1/merchants/1/private-data"))["sheba"] is None


BRANCHES = "/v1/merchants/1/branches"
REFUSED: tuple[tuple[str, dict[str, object]], ...] = (
    ("/v1/merchants", {"sheba": "IR580540105180021273113008"}),
    ("/v1/merchants", {"guild": "a" * 17}),
    ("/v1/merchants", {"sector": "moon"}),
    (BRANCHES, {"city_code": "two words"}),
    (BRANCHES, {"location": {"latitude": 91, "longitude": 0}}),
    (BRANCHES, {"opening_hours": [{"days": ["SAT"], "from": "25:00", "until": "24:00"}]}),
)


async def test_what_can_not_be_is_refused(api: RunningApi) -> None:
    await furnish(api)
    for path, body in REFUSED:
        answer = await api.client.post(path, json={"name": "n"} | body)
        assert problem(answer) == (422, "validation-failed"), body
        assert "113008" not in answer.text


async def test_a_stale_change_is_refused_and_a_branch_keeps_what_it_was_given(api: RunningApi) -> None:
    branch = await furnish(api)
    path = f"/v1/branches/{branch}"
    version = (await api.client.get(path)).headers["ETag"]
    wanted = {
        "location": {"latitude": 35.7219, "longitude": 51.3347},
        "opening_hours": [{"days": ["SAT", "SUN"], "from": "22:00", "until": "02:00"}],
        "tags": ["parking"],
    }
    changed = await api.client.patch(path, json=wanted, headers={"If-Match": version})
    assert {name: changed.json()[name] for name in wanted} == wanted
    assert changed.json() == await get(api, path)
    stale = await api.client.patch(path, json={"name": "x"}, headers={"If-Match": version})
    assert problem(stale) == (412, "changed-meanwhile")
    assert (await api.client.patch(path, json={"name": "x"})).status_code == 422
    version = (await api.client.get("/v1/merchants/1")).headers["ETag"]
    both = await asyncio.gather(
        *(
            api.client.patch("/v1/merchants/1", json={"name": name}, headers={"If-Match": version})
            for name in ("a", "b")
        )
    )
    assert sorted(answer.status_code for answer in both) == [200, 412]


async def test_lists_find_by_guild_sector_and_city(api: RunningApi) -> None:
    await furnish(api)
    await make(api, "/v1/merchants", {"name": "دیگر", "sector": "food"})
    assert len(items_of(await get(api, "/v1/merchants", sector="food"))) == 2
    assert len(items_of(await get(api, "/v1/merchants", guild="bakers"))) == 1
    assert len(items_of(await get(api, "/v1/branches", city_code="tehran", status="open"))) == 1
