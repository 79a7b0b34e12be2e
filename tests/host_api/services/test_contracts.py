"""Contracts: two persons, one after the other, warnings in time, and what rules are told of them."""

from datetime import datetime, timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.files.file_table import find_file
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.merchants.contracts.logic import KEEP_FILE_FOR, in_force
from host_api.services.merchants.contracts.terms import Acceptance, funding_and_scope
from switch.rules.schema.document import RuleSet
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import approver, asked, decide, furnish, make, patch, terms

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def _approved(
    api: RunningApi, headers: dict[str, str], merchant: int, begin: datetime, end: datetime, **changes: object
) -> dict[str, object]:
    answer = await decide(api, await asked(api, merchant, terms(begin, end, **changes)), headers)
    assert answer.status_code == 200, answer.text
    contract: dict[str, object] = answer.json()
    return contract


async def test_one_asks_another_approves_and_the_next_takes_its_place(api: RunningApi) -> None:
    await furnish(api)
    now, second = utc_now(), await approver(api)
    first = await asked(api, 1, terms(now - DAY, now + 300 * DAY))
    assert (first["state"], first["number"], first["is_in_force"]) == ("asked", 1, False)
    assert problem(await decide(api, first, dict(api.client.headers))) == (403, "second-person-needed")
    answer = await decide(api, first, second)
    assert (answer.status_code, answer.json()["is_in_force"]) == (200, True)
    assert problem(await decide(api, first, second)) == (409, "already-decided")
    # The first one has ruled since yesterday; what comes in its place begins now, whatever it says.
    early = await _approved(api, second, 1, now - 5 * DAY, now + 100 * DAY, commission=7)
    assert str(early["begins_at"]) > now.isoformat()[:19]
    assert (await get(api, "/v1/contracts/1"))["ends_at"] == early["begins_at"]
    later = await _approved(api, second, 1, now + 50 * DAY, now + 90 * DAY)
    assert (await get(api, "/v1/contracts/2"))["ends_at"] == later["begins_at"]
    between = await asked(api, 1, terms(now + 10 * DAY, now + 51 * DAY))
    assert problem(await decide(api, between, second)) == (409, "contracts-overlap")
    assert problem(await decide(api, between, second, "withdrawal"))[0] == 403
    assert (await decide(api, between, dict(api.client.headers), "withdrawal")).json()["state"] == "withdrawn"
    over = await asked(api, 1, terms(now - 5 * DAY, now - DAY))
    assert problem(await decide(api, over, second)) == (409, "contract-over")
    assert (await decide(api, over, second, "rejection")).json()["state"] == "rejected"
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        found = [await in_force(session, 1, now + days * DAY) for days in (-2, 1, 60, 95)]
    assert [None if contract is None else contract.number for contract in found] == [None, 2, 3, None]


REFUSED: tuple[dict[str, object], ...] = (
    {"funding": [{"party": "merchant", "share": 9990}]},
    {"funding": [{"party": "merchant", "share": 9995}, {"party": "programme", "share": 5}]},
    {"funding": [{"party": "partner", "share": 10000}]},
    {"funding": [{"party": "merchant", "share": 5000}] * 2},
    {"valid_until": "2020-01-01T00:00:00Z"},
    {"branches": [1, 1]},
    {"commission": 10001},
)


async def test_terms_that_can_not_be_are_refused(api: RunningApi) -> None:
    await furnish(api)
    now = utc_now()
    for changes in REFUSED:
        answer = await api.client.post("/v1/merchants/1/contracts", json=terms(now, now + DAY, **changes))
        assert problem(answer) == (422, "validation-failed"), changes


async def test_branches_and_papers_have_to_be_there(api: RunningApi) -> None:
    await furnish(api)
    elsewhere = await furnish(api, "SHOP02", "TERM0002")
    now = utc_now()
    of_another = await api.client.post(
        "/v1/merchants/1/contracts", json=terms(now, now + DAY, branches=[elsewhere])
    )
    assert problem(of_another) == (409, "contract-branch-unknown")
    lost = await api.client.post("/v1/merchants/1/contracts", json=terms(now, now + DAY, file_id=9))
    assert problem(lost) == (409, "contract-file-unknown")
    paper = await api.client.post("/v1/files", files={"file": ("paper.pdf", b"%PDF-1.7\n%%EOF\n")})
    assert paper.status_code == 201, paper.text
    until = now + 365 * DAY
    await asked(api, 1, terms(now, until, file_id=paper.json()["id"], text="متن"))
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        file = await find_file(session, paper.json()["id"], now=until + KEEP_FILE_FOR - DAY)
    assert file is not None
    assert file.audience == "contracts:read"
    kept = await api.client.delete(f"/v1/files/{file.id}")
    assert problem(kept) == (409, "file-in-use")
    assert [(entry["code"], entry["message"]) for entry in kept.json()["errors"]] == [
        ("contract", "It is the paper of contract 1")
    ]
    assert (await api.client.get(f"/v1/files/{file.id}/content")).content.startswith(b"%PDF")


def _document(acceptances: list[Acceptance]) -> dict[str, object]:
    """A rule document with a budget and a rule for each."""
    name = {"fa": "خرید", "en": "purchase"}
    return {
        "format": 2,
        "programme": "club",
        "budgets": [
            {"id": f"B{place}", "amount": 1_000_000, "unit": "units", "funded_by": acceptance.funded_by()}
            for place, acceptance in enumerate(acceptances)
        ],
        "rules": [
            {
                "rule_id": f"EARN-{place}",
                "status": "active",
                "kind": "earn",
                "name": name,
                "trigger": "purchase",
                "scope": acceptance.scope(),
                "budget": f"B{place}",
                "effects": [
                    {"type": "earn", "purse": "points", "calc": {"mode": "rate", "give": 1, "per": 1000}}
                ],
            }
            for place, acceptance in enumerate(acceptances)
        ],
    }


async def test_rules_are_told_who_pays_and_where(api: RunningApi) -> None:
    first = await furnish(api)
    for number in range(2, 7):
        await furnish(api, f"SHOP0{number}", f"TERM000{number}")
    closed = await make(api, "/v1/merchants/1/branches", {"name": "بسته"})
    now, second = utc_now(), await approver(api)
    partner = [{"party": "partner", "number": 7, "share": 10}, {"party": "merchant", "share": 9990}]
    begin, end = now - DAY, now + DAY
    await _approved(api, second, 1, begin, end, branches=[first, closed["id"]], purses=["points", "coins"])
    await _approved(api, second, 2, begin, end)
    await _approved(api, second, 3, begin, end)
    await _approved(api, second, 4, begin, end, funding=partner, may_burn=False)
    await _approved(api, second, 5, begin, end)
    await _approved(api, second, 6, begin, end, may_earn=False, may_burn=False)
    await patch(api, f"/v1/branches/{closed['id']}", {"status": "closed"})
    await patch(api, "/v1/merchants/5", {"status": "suspended"})
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        found = await funding_and_scope(session, now)
        assert await funding_and_scope(session, now + 2 * DAY) == []
    by_scope = {str(acceptance.scope()): acceptance for acceptance in found}
    assert set(by_scope) == {
        "{'branches': ['SHOP01/1']}",
        "{'merchants': ['SHOP02', 'SHOP03']}",
        "{'merchants': ['SHOP04']}",
    }
    four = by_scope["{'merchants': ['SHOP04']}"]
    assert (four.may_earn, four.may_burn, four.purses) == (True, False, None)
    assert four.funded_by() == [
        {"party": "merchant", "share": 999},
        {"party": "partner", "number": 7, "share": 1},
    ]
    assert by_scope["{'branches': ['SHOP01/1']}"].purses == ("coins", "points")
    rules = RuleSet.model_validate(_document(found))
    assert [budget.funded_by[0].party for budget in rules.budgets].count("merchant") == 3


async def test_what_ends_soon_is_told_once_for_each_span(api: RunningApi) -> None:
    for number in range(1, 5):
        await furnish(api, f"SHOP0{number}", f"TERM000{number}")
    now, second = utc_now(), await approver(api)
    for merchant, days in ((1, 20), (2, 5), (3, 5), (4, 60)):
        await _approved(api, second, merchant, now - DAY, now + days * DAY)
    # Of the third one another follows.
    await _approved(api, second, 3, now + 4 * DAY, now + 90 * DAY)

    async def run() -> object:
        begun = await post(api, "/v1/jobs/contract-expiry/runs", {}, 202)

        async def is_over() -> bool:
            return (await get(api, f"/v1/jobs/{begun['id']}"))["state"] == "succeeded"

        await eventually(is_over)
        outcome = (await get(api, f"/v1/jobs/{begun['id']}"))["outcome"]
        assert isinstance(outcome, dict)
        return outcome["warned"]

    assert (await run(), await run()) == (2, 0)
    events = items_of(await get(api, "/v1/events", type="contract.expiring"))
    told = [event["data"] for event in events]
    wanted = [{"id": 2, "merchant": 2, "within_days": 7}, {"id": 1, "merchant": 1, "within_days": 30}]
    assert [{name: data[name] for name in wanted[0]} for data in told if isinstance(data, dict)] == wanted
