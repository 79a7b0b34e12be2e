"""Calls of the rules service, by an owner's key or by a person with permissions of his own."""

from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi

Json = dict[str, object]

LINE = "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز، حداکثر ۵۰۰۰ امتیاز در روز"
FULL: Json = {
    "rule_id": "EARN-FULL",
    "status": "active",
    "kind": "earn",
    "name": {"fa": "امتیاز", "en": "Points"},
    "member_text": {"fa": "هر خرید ۵ امتیاز", "en": "5 points a purchase"},
    "trigger": "purchase",
    "effects": [{"type": "earn", "purse": "points", "calc": {"mode": "fixed", "give": 5}}],
    "caps": [{"of": "uses", "per": "member", "window": "day", "limit": 3}],
}


async def editor(api: RunningApi, name: str = "editor") -> Person:
    return await person(api, name, "rules:read", "rules:write", "files:write", "files:read")


async def approver(api: RunningApi, name: str = "approver") -> Person:
    return await person(api, name, "rules:read", "rules:approve")


async def get(who: Person, path: str, status: int = 200) -> Json:
    answer = await who.api.client.get(path, headers=who.headers)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def patch(who: Person, path: str, etag: str, body: Json, status: int = 200) -> Json:
    answer = await who.api.client.patch(path, json=body, headers={**who.headers, "If-Match": etag})
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def etag_of(who: Person, path: str) -> str:
    answer = await who.api.client.get(path, headers=who.headers)
    return answer.headers["ETag"]


async def add_line(who: Person, rule_id: str, text: str, **more: object) -> Json:
    return await who.post("/v1/rules/draft/rules", {"simple": {"rule_id": rule_id, "text": text, **more}})


async def freeze(who: Person, note: str = "a version") -> Json:
    found = await who.post("/v1/rules/versions?wait_s=10", {"note": note})
    assert found["state"] == "ready", found
    return found


def part_of(found: Json, *path: str) -> object:
    """What stands at a path of nested objects."""
    value: object = found
    for name in path:
        assert isinstance(value, dict)
        value = value[name]
    return value


def rule_ids_of(found: Json, name: str) -> list[str]:
    """Ids of the rules in a list."""
    listed = found[name]
    assert isinstance(listed, list)
    return [str(each["rule_id"]) for each in listed]


def code_of(found: Json) -> str:
    """Of a problem."""
    return str(found["type"]).removeprefix("urn:vafa:problem:")


async def use_default(who: Person, points: int = 100) -> None:
    """The default rules in the draft, with so many points for 100,000 toman."""
    await who.post("/v1/rules/draft/import", {"default": True})
    if points == 100:
        return
    answer = await who.api.client.get("/v1/rules/draft/rules?rule_id=EARN-01", headers=who.headers)
    (rule,) = answer.json()["items"]
    effects = [
        {"type": "earn", "purse": "points", "calc": {"mode": "rate", "per": 1_000_000, "give": points}}
    ]
    path = f"/v1/rules/draft/rules/{rule['id']}"
    changed = await patch(who, path, await etag_of(who, path), {"rule": {"effects": effects}})
    assert changed["faults"] == []
