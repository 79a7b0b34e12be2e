"""Texts of agreements, drafted by one person and published by another, and gates that wait for them."""

from tests.host_api.api_calls import post
from tests.host_api.points_bench import Person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import reaches
from tests.host_api.services.rules.rule_calls import approver, editor

Row = dict[str, object]

TEXT: Row = {
    "title_fa": "شرایط باشگاه",
    "title_en": "Terms of the club",
    "text_fa": "{name} عضو شمارهٔ {number} است.\nامتیازها یک سال اعتبار دارند.",
    "text_en": "{name} is member {number}.\nPoints are valid for a year.",
}


async def published(api: RunningApi, lawyer: Person, agreement: Row, **more: object) -> Row:
    """A text of an agreement; the owner drafts it."""
    drafted = await post(api, f"/v1/agreements/{agreement['id']}/versions", TEXT | more)
    return await lawyer.post(f"/v1/agreements/versions/{drafted['id']}/publication", {})


async def gates_in_force(api: RunningApi) -> Row:
    """The gates, written into the draft and published by two persons."""
    written = await post(api, "/v1/agreements/gates", {})
    writer, boss = await editor(api), await approver(api)
    answer = await api.client.post("/v1/rules/versions", json={"note": "gates"}, headers=writer.headers)
    version = answer.json()["id"]
    await reaches(api, f"/v1/rules/versions/{version}", "ready")
    asked = await writer.post("/v1/rules/publications", {"version_id": version, "reason": "gates"})
    path = f"/v1/rules/publications/{asked['id']}"
    await api.client.post(f"{path}/approval", json={}, headers=boss.headers)
    await reaches(api, path, "published")
    return written
