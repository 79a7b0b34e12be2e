"""Wheels for the tests, made through the served API."""

from datetime import timedelta

import httpx2

from host_api.core.clock import utc_now
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi

NOTHING: dict[str, object] = {"code": "nothing", "title": "Nothing", "title_fa": "پوچ", "kind": "nothing"}


def piece(code: str, kind: str, weight: int, **others: object) -> dict[str, object]:
    return {"code": code, "title": code, "title_fa": "بخش", "kind": kind, "weight": weight} | others


def wanted(*slices: dict[str, object], **changes: object) -> dict[str, object]:
    """A wheel that has begun, with one free spin a day."""
    return {
        "title": "Lucky",
        "title_fa": "روز خوش",
        "starts_at": (utc_now() - timedelta(minutes=1)).isoformat(),
        "free_per_day": 1,
        "slices": list(slices) or [NOTHING | {"weight": 1}],
    } | changes


async def published(api: RunningApi, *slices: dict[str, object], **changes: object) -> int:
    wheel = await post(api, "/v1/wheels", wanted(*slices, **changes))
    await post(api, f"/v1/wheels/{wheel['id']}/publication", {})
    return int(str(wheel["id"]))


async def spin(
    api: RunningApi, wheel: int, member: int, *, buy: bool = False, headers: dict[str, str] | None = None
) -> httpx2.Response:
    body = {"member_id": member, "buy": buy}
    return await api.client.post(f"/v1/wheels/{wheel}/spins?wait_s=10", json=body, headers=headers)


async def spun(api: RunningApi, wheel: int, member: int, *, buy: bool = False) -> dict[str, object]:
    answer = await spin(api, wheel, member, buy=buy)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def slices_of(api: RunningApi, wheel: int) -> dict[str, dict[str, object]]:
    """The slices as they are shown, by code."""
    found = (await get(api, f"/v1/wheels/{wheel}"))["slices"]
    assert isinstance(found, list)
    return {str(each["code"]): each for each in found}


async def spins(api: RunningApi, wheel: int) -> list[dict[str, object]]:
    return items_of(await get(api, "/v1/wheel-spins", wheel_id=wheel, sort="id", limit=200))
