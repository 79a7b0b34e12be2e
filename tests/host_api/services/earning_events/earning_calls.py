"""Types, members and events of the tests, made through the served API."""

from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi

Json = dict[str, object]

JOURNEY: Json = {
    "code": "custom:boarding",
    "title": "Journey",
    "title_fa": "سفر",
    "attributes": [
        {
            "name": "miles",
            "title": "Miles",
            "title_fa": "مایل",
            "kind": "number",
            "maximum": 20000,
            "is_metric": True,
        }
    ],
    "metric": "miles",
}


async def add_member(api: RunningApi, **values: object) -> int:
    return int(str((await post(api, "/v1/members", {"name": "سارا", **values}))["id"]))


async def add_type(api: RunningApi, **changes: object) -> Json:
    return await post(api, "/v1/earning-event-types", {**JOURNEY, **changes})


async def use_template(api: RunningApi, template: str) -> Json:
    return await post(api, "/v1/earning-event-templates", {"template": template})


def journey(member: int, reference: str, **changes: object) -> Json:
    """What is told of a journey of 500 miles."""
    event: Json = {
        "event": "custom:boarding",
        "member_id": member,
        "reference": reference,
        "source": "partner",
        "attributes": {"miles": 500},
    }
    return event | changes


async def tell(api: RunningApi, event: Json, status: int = 201, wait_s: int = 10) -> Json:
    return await post(api, f"/v1/earning-events?wait_s={wait_s}", event, status)


async def refusal(api: RunningApi, path: str, body: object) -> str:
    """The code of the problem that a call ends with."""
    answer = await api.client.post(path, json=body)
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["type"]).rpartition(":")[2]


async def event_in(api: RunningApi, event_id: object, *states: str) -> Json:
    """The event, once it is in one of these states."""
    found: Json = {}

    async def is_there() -> bool:
        nonlocal found
        found = await get(api, f"/v1/earning-events/{event_id}")
        return found["state"] in states

    try:
        await eventually(is_there)
    except TimeoutError:
        raise AssertionError(found) from None
    return found


async def run_job(api: RunningApi, name: str) -> Json:
    """Have a job run now, and wait until it is over; what came of it."""
    begun = await post(api, f"/v1/jobs/{name}/runs", {}, 202)
    run: Json = {}

    async def is_over() -> bool:
        nonlocal run
        run = await get(api, f"/v1/jobs/{begun['id']}")
        return run["state"] not in {"waiting", "running"}

    await eventually(is_over)
    assert run["state"] == "succeeded", run
    return run
