"""What the tests of credit packages have in common."""

from datetime import date, timedelta

from sqlalchemy import select

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.credit_packages.models import CreditContract, CreditEntry, CreditInstalment
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi

PATH = "/v1/credit-packages"

Json = dict[str, object]


async def package(api: RunningApi, **changes: object) -> int:
    """A million rials at 18 % a year by ACT/365, usable for 30 days, in three monthly instalments."""
    wanted: Json = {
        "title": "A million",
        "title_fa": "یک میلیون",
        "rials": 1_000_000,
        "cost_rials": 5_000,
        "valid_days": 30,
        "rate_bp": 1_800,
        "months_of": "gregorian",
        "instalments": 3,
        "due_adjustment": "none",
    }
    return number((await post(api, PATH, wanted | changes))["id"])


async def second(api: RunningApi) -> Person:
    """Somebody who decides."""
    return await person(api, "second", "credit_packages:*")


async def guest_contract(api: RunningApi, decider: Person, package_id: int, **changes: object) -> int:
    """A contract of a guest, in force from today on."""
    guest = await post(api, "/v1/guests", {"name": "مشتری کارگزاری"})
    wanted: Json = {"package_id": package_id, "guest_id": guest["id"], "reason": "مشتری کارگزاری"}
    asked = await post(api, f"{PATH}/contracts", wanted | changes)
    done = await decider.post(f"{PATH}/contracts/{asked['id']}/approval", {})
    assert done["state"] == "in_force"
    return number(asked["id"])


async def age(api: RunningApi, contract_id: int, days: int) -> date:
    """Have all that a contract knows lie so many days further back; its first day."""
    by = timedelta(days=days)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        contract = await session.get_one(CreditContract, contract_id)
        assert contract.started_on is not None and contract.last_day is not None
        contract.started_on, contract.last_day = contract.started_on - by, contract.last_day - by
        if contract.accrued_through is not None:
            contract.accrued_through -= by
        if contract.overdue_since is not None:
            contract.overdue_since -= by
        for entry in await session.scalars(select(CreditEntry).where(CreditEntry.contract_id == contract_id)):
            entry.day -= by
        for row in await session.scalars(
            select(CreditInstalment).where(CreditInstalment.contract_id == contract_id)
        ):
            row.due_on -= by
        return contract.started_on


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
    outcome = run["outcome"]
    assert isinstance(outcome, dict)
    return outcome


async def contract(api: RunningApi, contract_id: int) -> Json:
    return await get(api, f"{PATH}/contracts/{contract_id}")


async def figures(api: RunningApi, contract_id: int, *names: str) -> tuple[object, ...]:
    found = await contract(api, contract_id)
    return tuple(found[name] for name in names)


async def entries(api: RunningApi, contract_id: int, **more: object) -> list[Json]:
    return items_of(await get(api, f"{PATH}/entries", contract_id=contract_id, limit=200, **more))


async def balances(api: RunningApi, contract_id: int) -> dict[str, int]:
    """The sums of a contract's entries by account, which its figures have to agree with."""
    sums: dict[str, int] = {}
    for entry in await entries(api, contract_id):
        for side, sign in (("debit", 1), ("credit", -1)):
            account = str(entry[side])
            sums[account] = sums.get(account, 0) + sign * number(entry["rials"])
    found = await contract(api, contract_id)
    for account in ("open", "principal", "interest", "cost", "late", "paid"):
        assert found[account] == sums.get(account, 0), (account, found, sums)
    assert not sum(sums.values())
    return sums


def number(value: object) -> int:
    assert isinstance(value, int)
    return value
