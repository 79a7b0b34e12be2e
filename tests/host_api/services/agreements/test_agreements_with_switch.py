"""A member who has not accepted is refused, or earns nothing; after accepting the next swipe earns."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.message import Message
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.agreements.agreement_calls import gates_in_force, published
from tests.host_api.services.game_bench import (
    SHOP,
    TERMINAL,
    api_with,
    are_books_in_balance,
    has_points,
    running_switch,
    shop,
)
from tests.host_api.services.payouts.payouts_bench import code_for
from tests.host_api.services.rules.rule_calls import editor, use_default
from tests.switch.conftest import balances_of

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


async def test_gates_hold_until_the_member_accepts(settings: Settings, tmp_path: Path) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            link = await shop(api, switch)
            member, card = await _card(api)

            async def swipe(rial: int = 1_000_000, code: str = "000000") -> Message:
                message = link.purchase(rial, code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
                return await asyncio.to_thread(link.call, message)

            lawyer = await person(api, "lawyer", "agreements:*")
            await use_default(await editor(api, "first editor"))
            assert balances_of(await swipe())["91"] == 100

            terms = await post(api, "/v1/agreements", {"code": "terms", "processes": ["sale"]})
            data = await post(api, "/v1/agreements", {"code": "data", "processes": ["earn", "spend"]})
            of_terms, of_data = await published(api, lawyer, terms), await published(api, lawyer, data)
            written = await gates_in_force(api)
            assert written["refusing_rules"] == [f"AGR-{terms['id']}"]

            refused = await swipe()
            assert refused.text(39) == "57"
            assert "Please accept the club's agreement first" in str(refused.fields)

            await _accept(api, member, of_terms)

            async def is_let_through() -> bool:
                return (await swipe()).text(39) == "00"

            await eventually(is_let_through)
            assert balances_of(await swipe())["91"] == 100
            assert (await swipe(10_000, "009100")).text(39) == "57"

            await _accept(api, member, of_data)

            async def is_told() -> bool:
                return (await get(api, f"/v1/members/{member}"))["switch_state"] == "active"

            await eventually(is_told)
            assert balances_of(await swipe())["91"] == 200
            assert (await swipe(10_000, "009100")).text(39) == "00"
            await has_points(api, member, 190)
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")


async def _card(api: RunningApi) -> tuple[int, str]:
    member = await post(api, "/v1/members", {"name": "Sara", "tier": "gold", "mobile": "09120000001"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})

    async def is_known() -> bool:
        return (await get(api, f"/v1/cards/{card['id']}"))["switch_state"] == "active"

    await eventually(is_known)
    return int(str(member["id"])), str(card["number"])


async def _accept(api: RunningApi, member: int, version: dict[str, object]) -> None:
    wanted = {"member_id": member, "content_hash": version["content_hash"]}
    await post(api, "/v1/agreements/acceptance-codes", wanted)
    code = await code_for(api, "agreements")
    proof = {"kind": "code", "code": code}
    await post(api, "/v1/agreements/acceptances", wanted | {"channel": "app", "proof": proof})
