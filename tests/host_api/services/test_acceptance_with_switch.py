"""A real switch refuses the terminals of a suspended merchant, and knows moves, keys and health."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.codec import decode
from protocol.message import Message
from tests.firmware.terminal_health import packed_health
from tests.host_api.api_calls import get
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import change, furnish, patch
from tests.switch.conftest import FEED_TOKEN, SPEC, Link, SwitchProcess

pytestmark = pytest.mark.anyio

TERMINAL = "TERM0001"
SERVED, REFUSED, WRONG_KEY = "00", "58", "63"


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


async def _acknowledged(api: RunningApi) -> None:
    """Wait until the switch has the record as it is now."""

    async def is_active() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_active)


def _sign_on(switch: SwitchProcess, generation: int = 1) -> str:
    """Field 39 of the answer to a sign-on; whoever is served sends an echo with health then."""
    link = Link(switch.terminals)
    try:
        mac = link.mac(TERMINAL, generation)
        link.send(link.network("001", TERMINAL), mac)
        code = _code(link)
        if code == SERVED:
            echo = link.network("301", TERMINAL)
            link.send(Message("0800", {**echo.fields, 48: {"DF5C": packed_health()}}), mac)
            assert _code(link) == SERVED
        return code
    finally:
        link.close()


def _code(link: Link) -> str:
    payload = link.receive_payload()
    assert payload is not None
    return decode(SPEC, payload).text(39)


async def test_the_switch_follows(api: RunningApi, switch: SwitchProcess) -> None:
    branch = await furnish(api)
    path = f"/v1/terminals/{TERMINAL}"

    async def answered(generation: int = 1) -> str:
        await _acknowledged(api)
        return await asyncio.to_thread(_sign_on, switch, generation)

    assert await answered() == SERVED
    shown = await get(api, f"{path}/health")
    assert (shown["firmware"], shown["battery_percent"], shown["is_silent"]) == ("1.12.300", 87, False)
    await patch(api, "/v1/merchants/1", {"status": "suspended"})
    assert await answered() == REFUSED
    await patch(api, "/v1/merchants/1", {"status": "active"})
    assert await answered() == SERVED
    rotated = await change(api, "POST", f"{path}/key-rotations", of=path)
    assert rotated.status_code == 201
    assert await answered() == WRONG_KEY
    assert await answered(2) == SERVED
    await patch(api, path, {"status": "blocked"})
    assert await answered(2) == REFUSED
    await patch(api, path, {"status": "active"})
    await patch(api, f"/v1/branches/{branch}", {"status": "closed"})
    assert await answered(2) == REFUSED
    assert (await get(api, path))["refused_for"] == "branch"
