"""Operators: PINs as terminals check them, files as the tool makes them, shifts and their totals."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.core.audit import AuditEntry
from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from host_api.services.operators.models import Operator
from host_api.services.operators.pins import ROUNDS
from host_api.services.operators.roles import MAY_DO, TerminalRole
from protocol.feed import FEED_EVENT
from tests.firmware.terminal_health import packed_health
from tests.host_api.api_calls import get, items_of
from tests.host_api.feed_peer import transaction
from tests.host_api.people import problem
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change, furnish, make, patch
from tools.terminal_files import operators as tool

pytestmark = pytest.mark.anyio

PIN = "7391"


async def _add(api: RunningApi, code: str, role: str = "cashier", **more: object) -> dict[str, object]:
    body = {"merchant": 1, "code": code, "name": f"اپراتور {code}", "role": role}
    return await make(api, "/v1/operators", body | more)


async def _file(api: RunningApi, branch: int) -> list[dict[str, object]]:
    file = await make(api, f"/v1/branches/{branch}/operators-files", {})
    operators = file["operators"]
    assert isinstance(operators, list)
    return operators


async def test_the_file_is_the_tools_own_and_the_pin_is_nowhere(api: RunningApi) -> None:
    branch = await furnish(api)
    await _add(api, "7", pin=PIN)
    given = (await _add(api, "9", "manager", branches=[branch]))["pin"]
    assert isinstance(given, str)
    records = await _file(api, branch)
    for record, pin in zip(records, (PIN, given), strict=True):
        name, role, salt = record["id"], record["role"], record["salt"]
        operator = tool.read_operator(f"{name}:{role}")
        assert record == json.loads(json.dumps(tool.operator_record(operator, pin, bytes.fromhex(str(salt)))))
    tool.check_operators([tool.read_operator(f"{entry['id']}:{entry['role']}") for entry in records])
    assert [record["role"] for record in records] == ["cashier", "supervisor"]
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        rows = (await session.scalars(select(Operator))).all()
        entries = [f"{entry.before}{entry.after}" for entry in await session.scalars(select(AuditEntry))]
    for hidden in (PIN, str(records[0]["check"]), str(records[0]["salt"])):
        assert not any(hidden.encode() in (row.pin_sealed or b"") for row in rows)
        assert not any(hidden in entry for entry in entries)
    assert any("'codes': ['7', '9']" in entry for entry in entries)
    shown = await api.client.get("/v1/operators/1")
    assert not {"pin", "check", "salt"} & set(shown.json())
    events = (await api.client.get("/v1/events")).text
    assert PIN not in events
    reader = await new_key(api, "reader", "operators:read", "operators:write")
    refused = await api.client.post(f"/v1/branches/{branch}/operators-files", headers=reader)
    assert problem(refused) == (403, "not-permitted")


async def test_terminals_derive_the_same_check(api: RunningApi) -> None:
    branch = await furnish(api)
    await _add(api, "9", "supervisor", pin=PIN)
    (record,) = await _file(api, branch)
    packed_health()  # puts the firmware on the path
    from terminal.security.operator_pin import ROUNDS as ROUNDS_THERE
    from terminal.security.operator_pin import PinDerivation
    from terminal.transactions import registry

    assert ROUNDS == ROUNDS_THERE == tool.ROUNDS
    derivation = PinDerivation(bytearray(PIN.encode()), bytes.fromhex(str(record["salt"])), ROUNDS)
    while not derivation.advance(ROUNDS):
        pass
    assert bytes(derivation.value()).hex() == record["check"]
    assert hashlib.sha256(PIN.encode()).hexdigest() != record["check"]
    levels = {TerminalRole.CASHIER: registry.CASHIER, TerminalRole.SUPERVISOR: registry.SUPERVISOR}
    for role, level in levels.items():
        rows = [registry.find(name) for name in registry.names()]
        assert set(MAY_DO[role]) == {row[0] for row in rows if row and registry.ANYONE < row[3] <= level}


async def test_who_gets_into_a_branchs_file(api: RunningApi) -> None:
    branch = await furnish(api)
    other = (await make(api, "/v1/merchants/1/branches", {"name": "دوم"}))["id"]
    assert problem(await api.client.post(f"/v1/branches/{branch}/operators-files")) == (
        409,
        "operators-without-supervisor",
    )
    soon = (utc_now() + timedelta(days=9)).isoformat()
    await _add(api, "1", "supervisor")
    await _add(api, "2", branches=[other])
    await _add(api, "3", expires_at=soon)
    await _add(api, "4", expires_at="2020-01-01T00:00:00Z")
    await _add(api, "5")
    assert [record["id"] for record in await _file(api, branch)] == ["1", "3", "5"]
    await patch(api, "/v1/operators/5", {"status": "locked"})
    await patch(api, "/v1/operators/3", {"branches": [other]})
    assert [record["id"] for record in await _file(api, branch)] == ["1"]
    taken = await api.client.post(
        "/v1/operators", json={"merchant": 1, "code": "1", "name": "n", "role": "cashier"}
    )
    assert problem(taken) == (409, "operator-code-taken")
    elsewhere = await furnish(api, "SHOP02", "TERM0002")
    wrong = await change(api, "PATCH", "/v1/operators/1", {"branches": [elsewhere]})
    assert problem(wrong) == (409, "operator-branch-unknown")
    assert len(items_of(await get(api, "/v1/operators", merchant=1, status="active"))) == 4
    export = await api.client.get("/v1/operators/export", params={"columns": "code,branches", "merchant": 1})
    assert export.text.splitlines()[2] == f"2,{other}"
    before = await _file(api, branch)
    changed = (await change(api, "POST", "/v1/operators/1/pin", {"pin": "2580"}, of="/v1/operators/1")).json()
    assert (changed["pin"], changed["code"]) == (None, "1")
    assert before != await _file(api, branch)
    document = await make(api, "/v1/terminals/TERM0001/operator-documents", {})
    settings = document["settings"]
    assert isinstance(settings, dict)
    assert settings == {"merchant_id": "SHOP01", "operators": await _file(api, branch)}


async def test_pins_that_are_guessed_first_are_refused_and_not_repeated(api: RunningApi) -> None:
    await furnish(api)
    for pin in ("1234", "9876", "0000", "123", "1234567890123", "12a4", "۱۲۹۴"):
        body = {"merchant": 1, "code": "7", "name": "n", "role": "cashier", "pin": pin}
        answer = await api.client.post("/v1/operators", json=body)
        assert problem(answer) == (422, "validation-failed"), pin
        assert f'"{pin}"' not in answer.text


async def test_a_shift_is_counted_by_hand_and_by_the_terminals_transactions(api: RunningApi) -> None:
    branch = await furnish(api)
    await _add(api, "7")
    now = utc_now()
    opened = now - timedelta(hours=8)
    body = {"operator_id": 1, "branch_id": branch, "terminal_id": "TERM0001", "opening_cash": 5_000_000}
    shift = await make(api, "/v1/shifts", body | {"opened_at": opened.isoformat()})
    begin_ms = to_epoch_ms(opened)
    events = [
        transaction(1, at_ms=begin_ms - 1),
        transaction(2, at_ms=begin_ms, amount=1_000_000, net_amount=900_000),
        transaction(3, at_ms=begin_ms + 5, amount=500_000, net_amount=500_000),
        transaction(4, at_ms=begin_ms + 6, response_code="51"),
        transaction(5, at_ms=begin_ms + 7, terminal_id="TERM0002"),
    ]
    lines = [FEED_EVENT.validate_python(event) for event in events]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, lines)
    totals = await get(api, f"/v1/shifts/{shift['id']}/totals")
    assert totals["basis"] == "terminal"
    assert "does not name the operator" in str(totals["basis_text"])
    operations = totals["operations"]
    assert isinstance(operations, list)
    (purchases,) = operations
    assert (purchases["operation"], purchases["count"]) == ("purchase", 2)
    assert (purchases["amount"], purchases["net_amount"]) == (1_500_000, 1_400_000)
    path = f"/v1/shifts/{shift['id']}"
    early = {"closing_cash": 1, "closed_at": (opened - timedelta(hours=1)).isoformat()}
    assert problem(await change(api, "POST", f"{path}/closing", early, of=path)) == (409, "shift-time-wrong")
    closing = {"closing_cash": 6_400_000, "closed_at": (opened + timedelta(hours=4)).isoformat()}
    closed = (await change(api, "POST", f"{path}/closing", closing, of=path)).json()
    assert (closed["cash_taken"], closed["closed_by"]) == (1_400_000, "first key")
    assert problem(await change(api, "POST", f"{path}/closing", closing, of=path)) == (409, "shift-closed")
    within = body | {"opened_at": (opened + timedelta(hours=3)).isoformat()}
    assert problem(await api.client.post("/v1/shifts", json=within)) == (409, "shifts-overlap")
    after = body | {"opened_at": (opened + timedelta(hours=4)).isoformat(), "terminal_id": None}
    second = await make(api, "/v1/shifts", after)
    assert (await get(api, f"/v1/shifts/{second['id']}/totals"))["basis"] == "nothing"
    for changes, status, code in (
        ({"opened_at": (now - timedelta(days=8)).isoformat()}, 409, "shift-time-wrong"),
        ({"opened_at": (now + timedelta(days=1)).isoformat()}, 409, "shift-time-wrong"),
        ({"operator_id": 99}, 404, "operator-not-found"),
        ({"branch_id": 99}, 404, "branch-not-found"),
        ({"terminal_id": "NOWHERE1"}, 404, "terminal-not-found"),
    ):
        assert problem(await api.client.post("/v1/shifts", json=body | changes)) == (status, code)
    await patch(api, "/v1/operators/1", {"status": "locked"})
    assert problem(await api.client.post("/v1/shifts", json=body)) == (409, "operator-not-there")
    rows = (await api.client.get("/v1/shifts/export", params={"columns": "id,cash_taken"})).text.splitlines()
    assert rows[1:] == ["2,", "1,1400000"]
