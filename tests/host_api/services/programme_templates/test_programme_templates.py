"""Ready programmes: whole or not at all, once for each wish, and with rules by which a first swipe earns."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from host_api.core.access.users import Role
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.cards.products.models import CardProduct
from host_api.services.programme_templates.logic import templates
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.versions.models import RuleVersion
from switch.rules.compiler import compile_rules
from switch.rules.table import RuleTable
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import NO_TLS, RunningApi
from tests.switch.conftest import HOST, TERMINAL, Link, SwitchProcess, balances_of, furnish
from tests.switch.publication.uploads import publish

pytestmark = pytest.mark.anyio

PATH = "/v1/programme-templates"

Row = dict[str, object]


def _wanted(code: str, **changes: object) -> Row:
    owner = {"username": f"{code}-owner", "display_name": "رضا"}
    return {"code": code, "name": code, "mode": "sandbox", "owner": owner} | changes


async def test_a_ready_programme_is_made_whole_and_once(api: RunningApi) -> None:
    listed = (await api.client.get(PATH)).json()
    assert [row["name"] for row in listed] == sorted(templates()) and len(listed) == 5
    made = await post(api, f"{PATH}/chain-store/programmes", _wanted("shops"))
    assert str(made["first_password"])
    again = await post(api, f"{PATH}/chain-store/programmes", _wanted("shops"))
    assert again == made | {"first_password": None}
    programme = made["programme"]
    assert isinstance(programme, dict)
    headers = await new_key(api, "owner", "*", programme=int(programme["id"]))
    async with httpx2.AsyncClient(
        base_url=api.base_url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
    ) as client:
        shops = RunningApi(api.runtime, client, api.base_url)
        products = items_of(await get(shops, "/v1/card-products"))
        assert sorted(str(row["code"]) for row in products) == ["GOLD", "STORE"]
        names = [str(row["name"]) for row in items_of(await get(shops, "/v1/roles"))]
        assert "Branch manager · مدیر شعبه" in names and len(names) == 5
        assert (await get(shops, "/v1/modules/trading_credit"))["is_on"] is False
        refused = await client.post(f"{PATH}/union/programmes", json=_wanted("third"))
        assert problem(refused) == (403, "not-permitted")

        async def is_compiled() -> bool:
            (version,) = items_of(await get(shops, "/v1/rules/versions"))
            assert version["state"] != "faulty", version
            return version["state"] == "ready" and version["errors"] == 0

        await eventually(is_compiled, 60)
    # Nothing of it is in the first programme.
    assert items_of(await get(api, "/v1/rules/versions")) == []
    assert (await get(api, "/v1/modules/trading_credit"))["is_on"] is True


async def test_what_can_not_be_made_whole_leaves_nothing(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(api, f"{PATH}/union/programmes", _wanted("union"))
    before = await _counts(api)
    for path, body, expected in (
        ("union", _wanted("union", name="other"), (409, "programme-code-taken")),
        ("restaurant", _wanted("union"), (409, "programme-code-taken")),
        ("union", _wanted("club"), (409, "programme-code-taken")),
        ("union", _wanted("new", owner=_wanted("union")["owner"]), (409, "username-taken")),
        ("airline", _wanted("new"), (404, "programme-template-not-found")),
    ):
        answer = await api.client.post(f"{PATH}/{path}/programmes", json=body)
        assert problem(answer) == expected, body
    # Its last part can't be made: the module is one that no club does without.
    faulty = templates()["union"].model_copy(update={"modules_off": ("wheels", "members")})
    monkeypatch.setitem(dict(templates()), "union", faulty)
    monkeypatch.setattr("host_api.services.programme_templates.logic.templates", lambda: {"union": faulty})
    answer = await api.client.post(f"{PATH}/union/programmes", json=_wanted("new"))
    assert problem(answer) == (409, "module-needed")
    assert await _counts(api) == before


async def _counts(api: RunningApi) -> list[int]:
    """Rows of all programmes."""
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        return [
            await session.scalar(
                select(func.count()).select_from(table), execution_options={"any_programme": True}
            )
            or 0
            for table in (Programme, Role, CardProduct, RuleVersion)
        ]


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.running:
            found.kill()


async def _table(api: RunningApi, name: str) -> RuleTable:
    """The rules with which a programme of this kind begins, compiled."""
    made = await post(api, f"{PATH}/{name}/programmes", _wanted(name))
    programme = made["programme"]
    assert isinstance(programme, dict)
    async with api.runtime.database.reading(int(programme["id"])) as session:
        return compile_rules(json.dumps(await draft.document_of(session)), f"{name}.json")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_a_first_swipe_earns_by_each_template(api: RunningApi, switch: SwitchProcess) -> None:
    # A stamp is earned once a day: the one whose only earning that is comes first.
    tables = [(name, await _table(api, name)) for name in sorted(templates(), reverse=True)]

    def swipe() -> None:
        with closing(Link(switch.terminals)) as host, closing(Link(switch.terminals)) as till:
            host.sign_on(HOST)
            furnish(host)
            till.sign_on(TERMINAL)
            before = 0
            for number, (name, table) in enumerate(tables, 1):
                assert {code for code, _ in publish(host, table, number)} == {"00"}, name
                reply = till.call(till.purchase(3_000_000))
                assert reply.text(39) == "00", name
                held = sum(balances_of(reply).values())
                assert held > before, name
                before = held

    await asyncio.to_thread(swipe)
