"""A refund loop at a terminal before a real switch: it earns nothing, and is held before it goes on for long.

And what must stop a sale stops it at the switch, by the rule that a limit has become.
"""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.message import Message
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.game_bench import (
    SHOP,
    TERMINAL,
    api_with,
    are_books_in_balance,
    has_points,
    running_switch,
    shop,
)
from tests.host_api.services.rules.rule_calls import approver, editor, freeze, use_default
from tests.switch.conftest import Link, balances_of

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

LOOPS = {
    "name": "Loop",
    "name_fa": "برگشت پی‌درپی",
    "measure": "quick_returns",
    "per": "member",
    "window_minutes": 60,
    "most": 2,
    "action": "hold",
}
REDEMPTIONS = {
    "name": "Redemptions of an operator",
    "name_fa": "خرج امتیاز اپراتور",
    "measure": "redemptions",
    "per": "operator",
    "window_minutes": 1440,
    "most": 2,
}
SALES = {
    "name": "Sales of an operator",
    "name_fa": "فروش اپراتور",
    "measure": "sales",
    "per": "operator",
    "window_minutes": 1440,
    "most": 2,
}


def _buy(link: Link, card: str, rial: int, code: str = "000000", operator: str | None = None) -> Message:
    message = link.purchase(rial, code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
    if operator is not None:
        message.fields[48] = {"DF12": operator}
    return link.call(message)


def _return(link: Link, card: str, rial: int, rrn: str) -> Message:
    message = link.purchase(rial, "200000", card=card, terminal_id=TERMINAL, merchant_id=SHOP)
    message.fields[48] = {"DF0E": rrn}
    return link.call(message)


def _loop(link: Link, card: str) -> list[str]:
    """Sales that come back, the last once its points are spent; what each request was answered."""
    replies = []
    for _ in range(3):
        replies.append(_buy(link, card, 1_000_000))
        replies.append(_return(link, card, 1_000_000, replies[-1].text(37)))
        assert balances_of(replies[-1])["91"] == 300
    replies.append(_buy(link, card, 2_000_000))
    replies.append(_buy(link, card, 350_000, "009100"))
    replies.append(_return(link, card, 2_000_000, replies[-2].text(37)))
    assert balances_of(replies[-1])["91"] < 300
    replies.append(_return(link, card, 350_000, replies[-2].text(37)))
    assert balances_of(replies[-1])["91"] == 300
    return [reply.text(39) for reply in replies]


async def _card(api: RunningApi) -> tuple[int, int, str]:
    """A new member's number, and the id and number of their card, which the switch knows."""
    member = await post(api, "/v1/members", {"name": "Sara", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})

    async def is_known() -> bool:
        return (await get(api, f"/v1/cards/{card['id']}"))["switch_state"] == "active"

    await eventually(is_known)
    return int(str(member["id"])), int(str(card["id"])), str(card["number"])


async def test_a_loop_earns_nothing_and_is_held_and_a_gate_stops_an_operator(
    settings: Settings, tmp_path: Path
) -> None:
    with running_switch(tmp_path / "switch") as switch:
        async with api_with(settings, tmp_path, switch) as api:
            link = await shop(api, switch)
            member, card, number = await _card(api)
            loops = await post(api, "/v1/risk/limits", LOOPS)
            boss = await person(api, "boss", "risk:*")
            await boss.post(f"/v1/risk/limits/{loops['id']}/approval")
            assert (await asyncio.to_thread(_buy, link, number, 3_000_000)).text(39) == "00"
            codes = await asyncio.to_thread(_loop, link, number)
            assert codes == ["00"] * 10
            await has_points(api, member, 300)

            async def is_held() -> bool:
                read = await get(api, f"/v1/cards/{card}")
                return read["status"] == "blocked"

            async def is_refused() -> bool:
                return (await asyncio.to_thread(_buy, link, number, 1_000_000)).text(39) == "62"

            await eventually(is_held)
            await eventually(is_refused)
            (alert,) = items_of(await get(api, "/v1/risk/alerts"))
            assert (alert["subject"], alert["value"]) == (f"member:{member}", 5)
            await _stops_an_operator(api, link)
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
            link.close()
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")


async def _stops_an_operator(api: RunningApi, link: Link) -> None:
    member, _, number = await _card(api)
    limits = [await post(api, "/v1/risk/limits", each) for each in (SALES, REDEMPTIONS)]
    writer, boss = await editor(api), await approver(api)
    await use_default(writer)
    for limit in limits:
        await post(api, f"/v1/risk/limits/{limit['id']}/gate", None)
    version = await freeze(writer)
    asked = await writer.post("/v1/rules/publications", {"version_id": version["id"], "reason": "gates"})
    await boss.post(f"/v1/rules/publications/{asked['id']}/approval?wait_s=10", {})

    def sell() -> list[str]:
        return [
            _buy(link, number, 1_000_000, operator=operator).text(39)
            for operator in ("OP1", "OP1", "OP1", "OP2", None, None, None)
        ]

    assert await asyncio.to_thread(sell) == ["00", "00", "65", "00", "00", "00", "00"]
    await has_points(api, member, 600)

    def burn() -> list[str]:
        """An operator pays from a member's purse, gives it back, and pays again."""

        def pay() -> Message:
            return _buy(link, number, 100_000, "009100", operator="OP3")

        replies = [pay(), pay(), pay()]
        replies.append(_return(link, number, 100_000, replies[0].text(37)))
        return [reply.text(39) for reply in (*replies, pay(), pay())]

    assert await asyncio.to_thread(burn) == ["00", "00", "65", "00", "00", "65"]
    await has_points(api, member, 400)
