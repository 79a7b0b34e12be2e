"""Terminals: registry, moves, retirement, keys, parameters as firmware takes them, health of the fleet."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.routing import Route

from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.terminals import parameters
from host_api.services.terminals.parameter_schemas import TerminalSettings
from switch.fleet.health import HealthBook
from switch.operations.access import Access
from switch.operations.fleet import FleetEndpoint
from tests.firmware.terminal_health import packed_health
from tests.host_api.api_calls import get, items_of
from tests.host_api.people import problem
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api, serving
from tests.host_api.services.acceptance_bench import change, furnish, make, patch, records
from tools.update.parameters import pack, unpack

pytestmark = pytest.mark.anyio

TOKEN = "operations-token-of-the-tests"


async def test_a_terminal_is_moved_blocked_and_retired(api: RunningApi) -> None:
    await furnish(api)
    elsewhere = await furnish(api, "SHOP02", "TERM0002")
    path = "/v1/terminals/TERM0001"
    registry = {"model": "X-990", "serial_number": "SN-42", "firmware_channel": "pilot"}
    changed = await patch(api, path, registry | {"sim_number": "8998112000000000012"})
    assert {name: changed[name] for name in registry} == registry
    assert len(await records(api)) == 1  # nothing of that is the switch's
    await patch(api, path, {"branch_id": elsewhere})
    await patch(api, path, {"status": "blocked", "model": None})
    await patch(api, path, {"status": "active"})
    _, moved, blocked, active = await records(api)
    assert (moved["DF22"], moved["DF21"], blocked["DF21"], active["DF21"]) == ("SHOP02", "A", "B", "A")
    assert problem(await change(api, "PATCH", path, {"branch_id": 999})) == (404, "branch-not-found")
    retired = await patch(api, path, {"status": "retired"})
    assert (retired["is_served"], retired["refused_for"]) == (False, "terminal")
    for method, address, body in (
        ("PATCH", path, {"status": "active"}),
        ("POST", f"{path}/key-rotations", None),
    ):
        assert problem(await change(api, method, address, body, of=path)) == (409, "terminal-retired")
    await patch(api, "/v1/merchants/2", {"guild": None})
    assert len(await records(api)) == 5
    (found,) = items_of(await get(api, "/v1/terminals", firmware_channel="pilot", is_served="false"))
    assert found["terminal_id"] == "TERM0001"


async def test_a_key_rotation_tells_what_is_to_be_done(api: RunningApi) -> None:
    await furnish(api)
    path = "/v1/terminals/TERM0001"
    rotated = (await change(api, "POST", f"{path}/key-rotations", of=path)).json()
    assert rotated["terminal"]["key_generation"] == 2
    assert (await records(api))[-1]["DF25"] == "0002"
    commands = [step["command"] for step in rotated["steps"]]
    assert commands[0].startswith("vafa keys package --terminal TERM0001 --generation 2 ")
    assert commands[-1].startswith("vafa keys inject TERM0001.keys")


async def test_the_nearest_gives_a_parameter_and_the_document_can_be_signed(api: RunningApi) -> None:
    branch = await furnish(api)
    given: dict[str, dict[str, object]] = {
        "merchant/1": {"merchant_name_fa": "فروشگاه", "amount_limit": 5_000_000, "logout_ms": 60_000},
        f"branch/{branch}": {"amount_limit": 7_000_000, "paper_mm": 80},
        "terminal/1": {"paper_mm": 58},
    }
    for holder, settings in given.items():
        path = f"/v1/terminal-parameters/{holder}"
        assert (await api.client.get(path)).headers["ETag"] == '"0"'
        await patch(api, path, settings)
        stale = await api.client.patch(path, json=settings, headers={"If-Match": '"0"'})
        assert problem(stale) == (412, "changed-meanwhile")
    await patch(api, "/v1/terminal-parameters/merchant/1", {"logout_ms": None})
    effective = await get(api, "/v1/terminals/TERM0001/effective-parameters")
    assert effective["settings"] == {
        "merchant_id": "SHOP01",
        "merchant_name_fa": "فروشگاه",
        "amount_limit": 7_000_000,
        "paper_mm": 58,
    }
    assert effective["origins"] == {
        "merchant_id": "merchant",
        "merchant_name_fa": "merchant",
        "amount_limit": "branch",
        "paper_mm": "terminal",
    }
    document = await make(api, "/v1/terminals/TERM0001/parameter-documents", {"above": 11})
    assert (document["sequence"], document["settings"]) == (12, effective["settings"])
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    body = document["settings"]
    assert isinstance(body, dict)
    signed = unpack(pack(body, "TERM0001", 12, key))
    assert (signed.settings, signed.sequence) == (body, 12)
    assert (await make(api, "/v1/terminals/TERM0001/parameter-documents", {}))["sequence"] == 13
    for wrong in ({"terminal_id": "X"}, {"amount_limit": 0}, {"paper_mm": 60}, {"amount_limit": "9"}):
        assert problem(await change(api, "PATCH", path, wrong)) == (422, "validation-failed")
    assert (await api.client.get("/v1/terminal-parameters/branch/999")).status_code == 404


def test_firmware_accepts_what_the_schema_accepts_and_refuses_the_rest() -> None:
    packed_health()  # puts the firmware on the path
    from terminal.links.settings import LinkSettings
    from terminal.system.config import Config, ConfigFault

    base: dict[str, object] = {
        "terminal_id": "TERM0001",
        "merchant_id": "SHOP01",
        "switch_host": "h",
        "switch_port": 1,
    }
    checked = 0
    for name, schema in TerminalSettings.model_json_schema()["properties"].items():
        (kind,) = (entry for entry in schema["anyOf"] if entry["type"] != "null")
        if "minimum" not in kind:
            continue
        for value, is_right in (
            (kind["minimum"], True),
            (kind["maximum"], True),
            (kind["minimum"] - 1, False),
            (kind["maximum"] + 1, False),
        ):
            faults = []
            for reader in (Config, LinkSettings):
                try:
                    reader(base | {name: value})
                except ConfigFault:
                    faults.append(reader)
            if name not in ("upkeep_interval_s", "restart_idle_s"):  # read where downloads are
                assert (faults == []) == is_right, (name, value)
                checked += 1
    assert checked > 60


async def test_a_document_that_no_terminal_has_room_for_is_not_issued(api: RunningApi) -> None:

    await furnish(api)
    room = parameters.LARGEST_BODY_BYTES
    room -= len(json.dumps({"merchant_id": "SHOP01", "x": ""}, separators=(",", ":")))
    for size, fits in ((room, True), (room + 1, False)):
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            issue = parameters.issue_document(session, "TERM0001", more={"x": "x" * size})
            if fits:
                document = await issue
                key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                assert len(pack(document.settings, "TERM0001", 1, key)) == 3072
            else:
                with pytest.raises(parameters.ParametersTooLarge):
                    await issue


@asynccontextmanager
async def _api_with_fleet(settings: Settings, tmp_path: Path, book: HealthBook) -> AsyncIterator[RunningApi]:
    """The API beside the switch's own endpoint of health, on a real socket."""
    fleet = Starlette(routes=[Route("/terminals/health", FleetEndpoint(book, Access(TOKEN)).get)])
    async with serving(fleet) as url:
        runtime = runtime_with(settings, tmp_path, operations_url=url, token=TOKEN)
        async with running_api(runtime) as api:
            yield api


async def test_health_is_told_and_the_silent_are_listed(settings: Settings, tmp_path: Path) -> None:
    book = HealthBook()
    now_ms = to_epoch_ms(utc_now())
    book.note("TERM0001", packed_health(), now_ms)
    book.note("TERM0002", b"\x08\x01\x0c", now_ms - 2 * 3600 * 1000)
    for number in range(1500):  # other clubs' terminals, more than a page of the switch's
        book.note(f"A{number:07d}", b"", now_ms)
    async with _api_with_fleet(settings, tmp_path, book) as api:
        branch = await furnish(api)
        for number in range(2, 6):
            await make(api, "/v1/terminals", {"terminal_id": f"TERM000{number}", "branch_id": branch})
        await patch(api, "/v1/terminals/TERM0004", {"status": "blocked"})
        one = await get(api, "/v1/terminals/TERM0001/health")
        told = ("firmware", "battery_percent", "signal_dbm", "paper", "is_silent", "parameter_sequence")
        assert [one[name] for name in told] == ["1.12.300", 87, -71, "low", False, 9]
        await make(api, "/v1/terminals/TERM0001/parameter-documents", {"above": 9})
        assert (await get(api, "/v1/terminals/TERM0001/health"))["awaits_parameters"] is True
        everybody = items_of(await get(api, "/v1/terminals/health"))
        assert [entry["is_silent"] for entry in everybody] == [False, True, True, False, True]
        silent: list[object] = []
        page: dict[str, object] = {"next_cursor": None}
        while True:
            more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = await get(api, "/v1/terminals/health", silent="true", limit=1, **more)
            silent += [entry["terminal_id"] for entry in items_of(page)]
            if page["next_cursor"] is None:
                break
        assert silent == ["TERM0002", "TERM0003", "TERM0005"]
        patient = await get(api, "/v1/terminals/health", silent="true", silent_after_minutes=180)
        assert [entry["terminal_id"] for entry in items_of(patient)] == ["TERM0003", "TERM0005"]
        assert (await api.client.get("/v1/terminals/NOWHERE1/health")).status_code == 404
        stranger = await new_key(api, "stranger", "members:read")
        assert problem(await api.client.get("/v1/terminals/health", headers=stranger))[0] == 403


async def test_without_a_switch_it_is_clear_what_is_wrong(
    api: RunningApi, settings: Settings, tmp_path: Path
) -> None:
    answer = await api.client.get("/v1/terminals/health")
    assert problem(answer) == (409, "switch-operations-not-configured")
    away = runtime_with(settings, tmp_path, operations_url="http://127.0.0.1:9")
    async with running_api(away) as other:
        assert problem(await other.client.get("/v1/terminals/health")) == (502, "switch-unreachable")
