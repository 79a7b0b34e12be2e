"""What the tests of prizes, codes and the shop have in common."""

from host_api.core.access.caller import system_caller
from host_api.core.programmes import FIRST_PROGRAMME
from tests.host_api.api_calls import post
from tests.host_api.running_api import RunningApi

CALLER = system_caller("tests", FIRST_PROGRAMME)


async def member(api: RunningApi, **values: object) -> int:
    made = await post(api, "/v1/members", {"name": "Sara Test"} | values)
    return int(str(made["id"]))


async def pool(api: RunningApi, code: str = "CINEMA", codes: int = 0, **values: object) -> int:
    body = {"code": code, "title": "Cinema", "title_fa": "سینما", "worth": "20 %", "worth_fa": "۲۰ درصد"}
    made = await post(api, "/v1/code-pools", body | values)
    if codes:
        await post(api, f"/v1/code-pools/{made['id']}/generation", {"quantity": codes})
    return int(str(made["id"]))


async def prize(api: RunningApi, kind: str = "thing", **values: object) -> int:
    body = {"kind": kind, "title": "Cup", "title_fa": "لیوان"}
    made = await post(api, "/v1/prizes", body | values)
    return int(str(made["id"]))
