"""Members with points before the stand-in of the switch, and what they do."""

from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.switch_peer import SwitchPeer

SHEBA = "IR580540105180021273113007"

Row = dict[str, object]


async def member(api: RunningApi, peer: SwitchPeer | None, number: int, points: int, **more: object) -> int:
    """A member with a mobile number, and points where the switch is the stand-in."""
    wanted: Row = {"name": "سارا", "mobile": f"0912000{number:04d}", "sheba": SHEBA} | more
    made = await post(api, "/v1/members", wanted)
    member_id = made["id"]
    assert isinstance(member_id, int)
    if peer is not None:
        peer.balances[member_id] = points
    return member_id


async def texts(api: RunningApi, topic: str) -> list[tuple[object, object]]:
    """Receiver and text of what waits to be sent."""
    listed = items_of(await get(api, "/v1/messages/texts", topic=topic))
    return [(row["receiver"], row["text"]) for row in listed]


async def code_for(api: RunningApi, topic: str) -> str:
    """The latest code that waits to be sent."""
    return str((await texts(api, topic))[-1][1]).split()[-1]


async def reaches(api: RunningApi, path: str, state: str) -> Row:
    """Wait until a record is in a state."""
    found: Row = {}

    async def is_there() -> bool:
        nonlocal found
        found = await get(api, path)
        return found["state"] == state

    await eventually(is_there)
    return found
