"""Somebody joins by SMS, gets a card, buys at a real switch, and has the receipt by SMS; words by SMS."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.settings import Settings
from protocol.codec import decode
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.game_bench import SHOP, TERMINAL, api_with, has_points, running_switch, shop
from tests.host_api.services.messages.sms_provider import SmsProvider, sms_provider
from tests.switch.conftest import SPEC, Link

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

_NUMBER = "+989120000001"


async def _sms(api: RunningApi, message_id: str, text: str) -> dict[str, object]:
    return await post(
        api, "/v1/joining/sms", {"message_id": message_id, "sender": "09120000001", "text": text}
    )


async def _set_up(api: RunningApi, provider: SmsProvider) -> None:
    await post(api, "/v1/joining/policies", {"kind": "open", "ways": ["sms"], "sms_keyword": "1"})
    settings = {"kind": "sms_rest", "url": provider.url, "sender": "10008000"}
    await post(api, "/v1/messages/gateways", {"name": "خط", "settings": settings, "secret": "s3cret"})
    await post(
        api,
        "/v1/messages/templates",
        {
            "code": "receipt",
            "topic": "receipts",
            "text": "{name}: {amount}",
            "text_fa": "{name} عزیز، خرید {amount} ریالی شما ثبت شد.",
            "variables": ["amount"],
        },
    )
    await post(
        api,
        "/v1/messages/triggers",
        {
            "event_type": "transaction.recorded",
            "template": "receipt",
            "conditions": {"operation": "purchase", "approved": True},
        },
    )


async def _received(api: RunningApi, provider: SmsProvider, text: str) -> None:
    """Wait for a text at the member's number; jobs are asked for as their schedule would."""

    async def has_come() -> bool:
        if (_NUMBER, text) in provider.sent.values():
            return True
        for job in ("pull-message-triggers", "send-messages"):
            await post(api, f"/v1/jobs/{job}/runs", {}, 202)
        await asyncio.sleep(0.05)
        return False

    await eventually(has_come)


async def test_from_joining_to_the_receipt_by_sms(settings: Settings, tmp_path: Path) -> None:
    reachable = settings.model_copy(update={"webhook_loopback": True})
    with running_switch(tmp_path / "switch") as switch:
        async with sms_provider() as provider, api_with(reachable, tmp_path, switch) as api:
            link = await shop(api, switch)
            await _set_up(api, provider)
            joined = await _sms(api, "in-1", "۱ سارا")
            assert joined["outcome"] == "joined"
            member_id = joined["member_id"]
            card = await post(api, "/v1/cards", {"member_id": member_id})

            async def is_known() -> bool:
                return (await get(api, f"/v1/cards/{card['id']}"))["switch_state"] == "active"

            await eventually(is_known)
            assert await asyncio.to_thread(_buy, link, str(card["number"])) == "00"
            await _received(api, provider, "سارا عزیز، خرید ۳۰۰۰۰۰ ریالی شما ثبت شد.")
            await has_points(api, int(str(member_id)), 30)
            assert (await _sms(api, "in-2", "مانده"))["outcome"] == "balance"
            await _received(api, provider, "موجودی شما ۳۰ امتیاز است.")
            assert (await _sms(api, "in-3", "لغو ۱۱"))["outcome"] == "stopped"
            (suppressed,) = (await api.client.get("/v1/messages/suppressions")).json()["items"]
            assert (suppressed["address"], suppressed["source"]) == (_NUMBER, "sms")
            assert (await _sms(api, "in-4", "Start"))["outcome"] == "started"
            assert not (await api.client.get("/v1/messages/suppressions")).json()["items"]
            assert (await _sms(api, "in-5", "سلام"))["outcome"] == "unknown-keyword"
            assert (await _sms(api, "in-2", "مانده"))["is_repeat"] is True
            link.close()


def _buy(link: Link, card: str) -> str:
    link.send(link.purchase(300_000, card=card, terminal_id=TERMINAL, merchant_id=SHOP))
    answered = link.receive_payload()
    assert answered is not None
    return decode(SPEC, answered).text(39)
