"""Contracts of guests: late runs, what is told late, discounts, payments, corrections (CRP-01 to CRP-08)."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.credit_packages import accruing
from host_api.services.credit_packages.ledger import lock
from host_api.services.credit_packages.models import CreditContract
from host_api.services.credit_packages.personal_data import PERSONAL_DATA
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.credit_packages.credit_calls import (
    PATH,
    age,
    balances,
    contract,
    entries,
    figures,
    guest_contract,
    number,
    package,
    second,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api(settings: Settings, tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path)) as running:
        yield running


async def _accrue(api: RunningApi, contract_id: int, through: date, *holidays: date) -> int:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        found = await lock(session, contract_id)
        return await accruing.accrue(session, found, through, frozenset(holidays))


async def _use(api: RunningApi, contract_id: int, day: date, rials: int, reference: str) -> None:
    wanted = {"reference": reference, "day": day.isoformat(), "rials": rials}
    await post(api, f"{PATH}/contracts/{contract_id}/uses", wanted)


async def test_late_early_and_repeated_runs_come_to_the_same(api: RunningApi) -> None:
    decider = await second(api)
    package_id = await package(api, valid_days=100, cost_rials=0)
    # One that runs each day, one that runs late, one that hears of its first use only then.
    ids = [await guest_contract(api, decider, package_id) for _ in range(3)]
    (first,) = {await age(api, contract_id, 50) for contract_id in ids}
    today = first + timedelta(days=50)
    yesterday = today - timedelta(days=1)
    for contract_id in ids[:2]:
        await _use(api, contract_id, first, 500_000, "A")
    for days in range(50):
        assert await _accrue(api, ids[0], first + timedelta(days=days)) == 1
    assert await _accrue(api, ids[1], yesterday) == 50
    assert await _accrue(api, ids[2], yesterday) == 50
    await _use(api, ids[2], first, 500_000, "A")
    assert await _accrue(api, ids[2], yesterday) == 50
    interest = round(500_000 * Fraction(18, 100) * Fraction(50, 365))
    for contract_id in ids:
        assert await figures(api, contract_id, "interest", "accrued_interest") == (interest, interest)
    posted = [(row["kind"], row["day"], row["rials"]) for row in await entries(api, ids[0])]
    assert posted == [(row["kind"], row["day"], row["rials"]) for row in await entries(api, ids[1])]
    # Run again, nothing is posted; of less use, told late, counter entries are, and nothing is rewritten.
    assert await _accrue(api, ids[0], yesterday) == 0
    before = await entries(api, ids[0])
    await _use(api, ids[0], first + timedelta(days=10), -100_000, "B")
    await _accrue(api, ids[0], yesterday)
    after = await entries(api, ids[0])
    assert after[: len(before)] == before
    assert {row["credit"] for row in after[len(before) + 1 :]} == {"interest"}
    less = interest - round(100_000 * Fraction(18, 100) * Fraction(40, 365))
    assert abs(number((await contract(api, ids[0]))["interest"]) - less) <= 1
    await balances(api, ids[0])
    # The same is told once, and another thing under its reference never.
    again = {"reference": "B", "day": (first + timedelta(days=10)).isoformat(), "rials": -100_000}
    path = f"{PATH}/contracts/{ids[0]}/uses"
    assert (await post(api, path, again))["consumed"] == 400_000
    for change, expected in (
        ({"rials": -1}, "credit-reference-used"),
        ({"reference": "C", "rials": 600_001}, "credit-too-little-open"),
        ({"reference": "C", "day": (today + timedelta(days=9)).isoformat()}, "credit-too-little-open"),
    ):
        assert problem(await api.client.post(path, json=again | change)) == (409, expected)


async def test_turnover_lets_interest_off_also_when_told_late(api: RunningApi) -> None:
    decider = await second(api)
    tiers = [{"turnover": 1_000, "discount_bp": 1_000}, {"turnover": 5_000, "discount_bp": 5_000}]
    package_id = await package(
        api, valid_days=100, rate_bp=3_650, turnover_days=10, turnover_tiers=tiers, instalments=1
    )
    contract_id = await guest_contract(api, decider, package_id)
    first = await age(api, contract_id, 20)
    today = first + timedelta(days=20)
    await _use(api, contract_id, first, 1_000_000, "A")
    await _accrue(api, contract_id, today - timedelta(days=1))
    assert await figures(api, contract_id, "interest") == (20_000,)
    guest = (await contract(api, contract_id))["guest_id"]
    told = {"guest_id": guest, "day": first.isoformat(), "rials": 1_000, "reference": "T-1"}
    for _ in range(2):
        await post(api, f"{PATH}/turnovers", told)
    changed = await api.client.post(f"{PATH}/turnovers", json=told | {"rials": 9})
    assert problem(changed) == (409, "credit-reference-used")
    await _accrue(api, contract_id, today - timedelta(days=1))
    # It counts on the ten days after its own.
    discounts = await entries(api, contract_id, kind="discount")
    assert [row["rials"] for row in discounts] == [100] * 10
    assert discounts[0]["day"] == (first + timedelta(days=1)).isoformat()
    assert await figures(api, contract_id, "interest") == (19_000,)
    quoted = await post(
        api,
        f"{PATH}/quotes",
        {
            "uses": [
                {
                    "package_id": package_id,
                    "rials": 1_000_000,
                    "first_day": first.isoformat(),
                    "end_day": today.isoformat(),
                    "turnover": turnover,
                }
                for turnover in (0, 5_000)
            ]
        },
        200,
    )
    assert (quoted["interest"], quoted["discount"], quoted["cost"]) == (40_000, 10_000, 10_000)


async def test_overdue_principal_is_charged_and_receipts_pay_it(api: RunningApi) -> None:
    decider = await second(api)
    package_id = await package(
        api, valid_days=100, rate_bp=0, late_rate_bp=3_650, instalments=2, cost_rials=0, instalment_months=1
    )
    contract_id = await guest_contract(api, decider, package_id)
    today = await age(api, contract_id, 45) + timedelta(days=45)
    await _use(api, contract_id, today - timedelta(days=45), 1_000_000, "A")
    await _accrue(api, contract_id, today - timedelta(days=1))
    found = await contract(api, contract_id)
    due = date.fromisoformat(str(found["overdue_since"]))
    late = 500 * (today - due).days  # 500,000 at 0.1 % a day, from the due day on
    assert (found["overdue"], found["late"]) == (500_000, late)
    guest = found["guest_id"]
    wanted = {
        "guest_id": guest,
        "rials": late + 500_000,
        "receipt": "R-1",
        "paid_on": today.isoformat(),
    }
    too_much = await api.client.post(f"{PATH}/payments", json=wanted | {"rials": late + 1_000_001})
    assert problem(too_much) == (409, "credit-payment-too-large")
    asked = await post(api, f"{PATH}/payments", wanted)
    assert problem(await api.client.post(f"{PATH}/payments", json=wanted)) == (409, "credit-reference-used")
    own = await api.client.post(f"{PATH}/payments/{asked['id']}/approval", json={})
    assert problem(own) == (403, "second-person-needed")
    assert (await decider.post(f"{PATH}/payments/{asked['id']}/approval", {}))["state"] == "applied"
    names = ("late", "principal", "overdue", "overdue_since", "paid")
    assert await figures(api, contract_id, *names) == (0, 500_000, 0, None, late + 500_000)
    # What is left is let off by two persons, as an entry of its own.
    correction = {"contract_id": contract_id, "debt": "principal", "rials": -500_000, "reason": "بخشودگی"}
    wish = await post(api, f"{PATH}/corrections", correction)
    assert (await decider.post(f"{PATH}/corrections/{wish['id']}/approval", {}))["state"] == "done"
    found = await contract(api, contract_id)
    assert (found["principal"], found["open"], found["state"]) == (0, 0, "settled")
    await balances(api, contract_id)


async def test_packages_are_bounded_listed_and_exported(api: RunningApi) -> None:
    decider = await second(api)
    owner = await person(api, "owner", "budgets:*")
    budget = await post(
        api, "/v1/budgets", {"title": "Credit", "owner": "Credit", "purse": 92, "units": 1_500_000}
    )
    changes = items_of(await get(api, "/v1/budgets/changes", state="asked"))
    await owner.post(f"/v1/budgets/changes/{changes[0]['id']}/approval", {})
    package_id = await package(api, budget_id=budget["id"])
    contract_id = await guest_contract(api, decider, package_id, reference="BRK-1")
    guest = (await contract(api, contract_id))["guest_id"]
    wanted = {"package_id": package_id, "guest_id": guest, "reason": "دوباره"}
    taken = await api.client.post(f"{PATH}/contracts", json=wanted | {"reference": "BRK-1"})
    assert problem(taken) == (409, "credit-reference-used")
    asked = await post(api, f"{PATH}/contracts", wanted)
    answer = await api.client.post(
        f"{PATH}/contracts/{asked['id']}/approval", json={}, headers=decider.headers
    )
    assert problem(answer) == (409, "credit-package-not-sold")  # 500,000 are left in the budget
    await decider.post(f"{PATH}/contracts/{asked['id']}/rejection", {})
    file = await api.client.get(f"{PATH}/contracts/export", params={"state": "in_force", "headers": "en"})
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["Contract"], row["Open"], row["Reference"]) == (str(contract_id), "1000000", "BRK-1")
    totals = await get(api, f"{PATH}/totals")
    assert totals["next_package_id"] is None
    holiday = {"day": "2027-03-21", "title": "Nowruz", "title_fa": "نوروز"}
    made = await post(api, f"{PATH}/holidays", holiday)
    again = await api.client.post(f"{PATH}/holidays", json=holiday)
    assert problem(again) == (409, "credit-holiday-taken")
    assert (await api.client.delete(f"{PATH}/holidays/{made['id']}")).status_code == 204
    assert items_of(await get(api, f"{PATH}/holidays")) == []


async def test_what_is_owed_hinders_erasing_and_is_exported(api: RunningApi) -> None:
    sara = number((await post(api, "/v1/members", {"name": "سارا"}))["id"])
    package_id = await package(api)
    wanted = {"package_id": package_id, "member_id": sara, "reason": "سارا خواسته است"}
    await post(api, f"{PATH}/contracts", wanted)
    cipher = api.runtime.vault.cipher
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert PERSONAL_DATA.hindrances is not None
        (hindrance,) = await PERSONAL_DATA.hindrances(session, sara)
        assert hindrance.code == "credit-contracts-open"
        exported = await PERSONAL_DATA.export(session, cipher, sara)
        assert list(exported) == ["contracts"]
        assert PERSONAL_DATA.erase is not None
        (erased,) = await PERSONAL_DATA.erase(session, cipher, sara)
        assert isinstance(erased, CreditContract) and erased.reason is None
