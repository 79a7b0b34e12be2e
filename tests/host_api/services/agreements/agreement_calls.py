"""Texts of agreements, drafted by one person and published by another, and gates that wait for them."""

from tests.host_api.api_calls import post
from tests.host_api.points_bench import Person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.rules.rule_calls import approver, editor, freeze

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
    version = await freeze(writer)
    asked = await writer.post("/v1/rules/publications", {"version_id": version["id"], "reason": "gates"})
    done = await boss.post(f"/v1/rules/publications/{asked['id']}/approval?wait_s=10", {})
    assert done["state"] == "published", done
    return written
