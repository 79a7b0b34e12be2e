"""Two at once: one contract in force, no terminal of a suspended merchant, no overlapping shifts."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from host_api.core.clock import utc_now
from tests.host_api.api_calls import get, items_of
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import (
    approver,
    asked,
    change,
    decide,
    furnish,
    make,
    records,
    terms,
)

pytestmark = pytest.mark.anyio


async def test_of_contracts_approved_at_once_one_is_in_force_at_any_time(api: RunningApi) -> None:
    await furnish(api)
    second = await approver(api)
    now = utc_now()
    begins = [now + timedelta(days=day) for day in (10, 20, 10, 15, 40)]
    contracts = [
        await asked(api, 1, terms(begin, begin + timedelta(days=30), commission=place))
        for place, begin in enumerate(begins)
    ]
    answers = await asyncio.gather(*(decide(api, contract, second) for contract in contracts))
    assert {answer.status_code for answer in answers} <= {200, 409}
    approved = items_of(await get(api, "/v1/contracts", state="approved", sort="ends_at"))
    assert len(approved) == [answer.status_code for answer in answers].count(200) >= 1
    spans = sorted((str(contract["begins_at"]), str(contract["ends_at"])) for contract in approved)
    assert all(begin < end for begin, end in spans)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} <= {"contracts-overlap"}


async def test_one_contract_is_approved_once(api: RunningApi) -> None:
    await furnish(api)
    second = await approver(api)
    now = utc_now()
    contract = await asked(api, 1, terms(now, now + timedelta(days=30)))
    answers = await asyncio.gather(*(decide(api, contract, second) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_terminals_that_come_while_a_merchant_is_suspended_are_blocked(
    api: RunningApi,
) -> None:
    branch = await furnish(api)
    elsewhere = await furnish(api, "SHOP02", "TERM0002")
    version = (await api.client.get("/v1/merchants/1")).headers["ETag"]
    names = [f"RACE{number:04d}" for number in range(4)]
    wanted = [{"terminal_id": name, "branch_id": branch} for name in names]
    answers = await asyncio.gather(
        *(api.client.post("/v1/terminals", json=body) for body in wanted[:2]),
        api.client.patch("/v1/merchants/1", json={"status": "suspended"}, headers={"If-Match": version}),
        change(api, "PATCH", "/v1/terminals/TERM0002", {"branch_id": branch}),
        change(api, "PATCH", "/v1/terminals/TERM0001", {"branch_id": elsewhere}),
        *(api.client.post("/v1/terminals", json=body) for body in wanted[2:]),
    )
    # Whoever was followed while he waited has to read the terminal again.
    moved_there, moved_away = answers[3].status_code, answers[4].status_code
    assert {moved_there, moved_away} <= {200, 412}
    assert {answer.status_code for answer in (*answers[:3], *answers[5:])} == {200, 201}
    for name in [*names, *(["TERM0002"] if moved_there == 200 else [])]:
        assert (await records(api, name))[-1]["DF21"] == "B", name
        assert (await get(api, f"/v1/terminals/{name}"))["is_served"] is False
    last = (await records(api, "TERM0001"))[-1]
    assert (last["DF22"], last["DF21"]) == (("SHOP02", "A") if moved_away == 200 else ("SHOP01", "B"))


async def test_keys_rotate_once_for_each_who_has_read_and_sequences_never_come_twice(api: RunningApi) -> None:
    await furnish(api)
    path = "/v1/terminals/TERM0001/key-rotations"
    version = (await api.client.get("/v1/terminals/TERM0001")).headers["ETag"]
    answers = await asyncio.gather(*(api.client.post(path, headers={"If-Match": version}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412]
    assert [record["DF25"] for record in await records(api)] == ["0001", "0002"]
    issued = await asyncio.gather(
        *(make(api, "/v1/terminals/TERM0001/parameter-documents", {}) for _ in range(5))
    )
    assert sorted(str(document["sequence"]) for document in issued) == ["1", "2", "3", "4", "5"]


async def test_an_operator_and_a_terminal_have_one_shift_at_a_time(api: RunningApi) -> None:
    branch = await furnish(api)
    people = [
        await make(api, "/v1/operators", {"merchant": 1, "code": code, "name": code, "role": "cashier"})
        for code in ("1", "2")
    ]
    one, other = (person["id"] for person in people)
    body = {"branch_id": branch, "opening_cash": 0}
    answers = await asyncio.gather(
        *(api.client.post("/v1/shifts", json=body | {"operator_id": one}) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    till = body | {"terminal_id": "TERM0001"}
    await change(api, "POST", "/v1/shifts/1/closing", {"closing_cash": 0}, of="/v1/shifts/1")
    answers = await asyncio.gather(
        *(api.client.post("/v1/shifts", json=till | {"operator_id": person}) for person in (one, other))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"shifts-overlap"}
