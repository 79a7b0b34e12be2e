"""Trades are imported, earn before a real switch, are corrected, count for a marketer; the books agree."""

import asyncio
import json
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from host_api.services.brokerage import sources
from host_api.services.marketers import closing
from host_api.services.marketers.months import month_of, year_and_month
from host_api.services.referral_network.policy_schemas import NetworkPolicyCreate
from switch.rules.compiler import compile_rules
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import give_file
from tests.host_api.services.earning_events.earning_calls import event_in, run_job
from tests.host_api.services.game_bench import api_with, are_books_in_balance, has_points, running_switch
from tests.host_api.services.referral_network.network_bench import Club
from tests.switch.conftest import HOST, Link, SwitchProcess
from tests.switch.publication.uploads import DEFAULT_RULES, upload

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

Row = dict[str, object]


def _publish(switch: SwitchProcess) -> None:
    """The rules of both ready-made clubs, as their file has them."""
    text = Path(sources.__file__).with_name("club_templates.toml").read_text("utf-8")
    rules = ""
    for part in text.split("[[")[1:]:
        heading, _, body = part.partition("]]\n")
        if heading.endswith(".rules"):
            rules += "[[rules]]\n" + body.partition("\n#")[0] + "\n"
    table = compile_rules(DEFAULT_RULES.read_text("utf-8") + rules, "trades")
    link = Link(switch.terminals)
    link.sign_on(HOST)
    for message in upload(link, table.packed, 1, deflated=zlib.compress(table.packed)):
        answer = link.call(message)
        assert answer.fields[39] == "00", answer
    link.close()


async def _imported(api: RunningApi, kind: str, rows: list[Row], **options: object) -> Row:
    file_id = await give_file(api, json.dumps(rows).encode(), f"{kind}.json")
    begun = await post(
        api,
        f"/v1/brokerage/{kind}/imports",
        {"file_id": file_id, "on_existing": "skip", **options},
        202,
    )
    found: Row = {}

    async def is_over() -> bool:
        nonlocal found
        found = await get(api, f"/v1/brokerage/{kind}/imports/{begun['id']}")
        return found["state"] not in {"waiting", "running"}

    await eventually(is_over, 30)
    assert found["state"] == "done", found
    await run_job(api, "settle-brokerage")
    return found


async def _customer(api: RunningApi) -> tuple[object, int]:
    """A marketer, and a member who came by their link."""
    await Club(api.runtime.database).policy(NetworkPolicyCreate())
    await post(api, "/v1/marketers/rebate-tables", {"tiers": [{"from_rials": 0, "basis_points": 1000}]})
    seller = await post(api, "/v1/members", {"name": "سارا"})
    marketer = await post(api, "/v1/marketers", {"member_id": seller["id"]})
    await post(
        api,
        "/v1/affiliate-links",
        {
            "marketer_id": marketer["id"],
            "code": "SARA",
            "title": "سارا",
            "target_url": "https://club.example/join",
        },
    )
    clicked = await post(api, "/v1/affiliate-clicks", {"code": "SARA", "visitor": "c2f9b1d07e5a"})
    assert clicked["is_counted"] is True
    member = await post(api, "/v1/members", {"name": "نگار"})
    await post(api, "/v1/affiliate-attributions", {"member_id": member["id"], "visitor": "c2f9b1d07e5a"})
    return marketer["id"], int(str(member["id"]))


async def _points_follow(api: RunningApi, member: int, rows: list[Row], points: int) -> None:
    await _imported(api, "trades", rows)
    for row in rows:
        (trade,) = items_of(await get(api, "/v1/brokerage/trades", reference=row["reference"]))
        if trade["event_id"] is not None:
            await event_in(api, trade["event_id"], "earned")
    await has_points(api, member, points)


async def _statement(api: RunningApi, marketer: object, at: datetime) -> Row:
    """Of the month of `at`, closed as if it were over."""
    await run_job(api, "follow-trades-of-customers")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        assert await closing.close_due(session, int(str(marketer)), at + timedelta(days=40)) >= 1
    year, month = year_and_month(month_of(tehran_date(at)))
    (found,) = items_of(await get(api, "/v1/marketers/statements", year=year, month=month))
    return found


async def test_from_import_to_statement(settings: Settings, tmp_path: Path) -> None:
    with running_switch(tmp_path / "switch") as switch:
        _publish(switch)
        async with api_with(settings, tmp_path, switch) as api:
            for template in ("broker-club", "fund-club"):
                await post(api, "/v1/brokerage/club-templates", {"template": template})
            marketer, member = await _customer(api)
            at = utc_now()
            bought: Row = {
                "source": "BROKER",
                "reference": "T1",
                "member_id": member,
                "symbol": "فولاد",
                "side": "خرید",
                "traded_at": at.isoformat(),
                "quantity": 10_000,
                "price_rials": 5_000,
                "commission_rials": 200_000,
            }
            issued = bought | {
                "source": "FUND",
                "reference": "F1",
                "symbol": "گنج",
                "asset_type": "fund_unit",
                "quantity": 10,
                "price_rials": 1_000_000,
                "commission_rials": 0,
            }
            redeemed = issued | {"reference": "F2", "side": "sell", "quantity": 4}
            # 200,000 of commission give 10, 50,000,000 of volume 5, and 10,000,000 issued 20.
            await _points_follow(api, member, [bought, issued, redeemed], 35)
            # Of 400,000 and 100,000,000: 20 and 10 in place of 15.
            twice = bought | {"revision": 2, "quantity": 20_000, "commission_rials": 400_000}
            await _points_follow(api, member, [twice], 50)
            # The issue is cancelled, and its 20 go back; told twice, that is one cancellation.
            cancelled = issued | {"revision": 2, "is_cancelled": True}
            await _points_follow(api, member, [cancelled], 30)
            again = await _imported(api, "trades", [cancelled, twice], repeat=True)
            assert (again["created"], again["skipped"]) == (0, 2)

            turnover = await get(api, "/v1/brokerage/turnover", member_id=member)
            assert turnover == {
                "buy": {"trades": 1, "turnover_rials": 100_000_000, "commission_rials": 400_000},
                "sell": {"trades": 1, "turnover_rials": 4_000_000, "commission_rials": 0},
            }
            holding: Row = {
                "source": "BROKER",
                "member_id": member,
                "symbol": "فولاد",
                "as_of": at.isoformat(),
                "quantity": 20_000,
                "value_rials": 101_000_000,
            }
            await _imported(api, "positions", [holding])
            portfolio = await get(api, f"/v1/brokerage/portfolios/{member}")
            assert (portfolio["broker_rials"], portfolio["fund_rials"]) == (101_000_000, 0)
            exported = await api.client.get("/v1/brokerage/symbol-days/export?headers=en")
            assert "فولاد" in exported.text
            statement = await _statement(api, marketer, at)
            assert (statement["turnover_rials"], statement["commission_rials"]) == (104_000_000, 400_000)
            assert (statement["payable_rials"], statement["state"]) == (40_000, "due")
            report = await post(api, "/v1/reconciliations", None)
            assert report["is_balanced"] is True, report
        await asyncio.to_thread(switch.stop)
    assert are_books_in_balance(tmp_path / "switch")
