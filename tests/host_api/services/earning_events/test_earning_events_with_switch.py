"""A member earns at a terminal and by events, spends, and loses what is taken back: before a real switch."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.rebuild import rebuild
from host_api.services.earning_events.telling.models import EarningEvent
from protocol.message import Message
from switch.rules.compiler import compile_rules
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import make
from tests.host_api.services.earning_events.earning_calls import (
    add_member,
    event_in,
    journey,
    run_job,
    tell,
    use_template,
)
from tests.switch.conftest import FEED_TOKEN, HOST, Link, SwitchProcess
from tests.switch.publication.uploads import DEFAULT_RULES, upload

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"
# As the templates propose them.
RULES = """
[[simple]]
rule_id = "EARN-03"
text = "50 points for review, once per day"
name = { fa = "نظر", en = "Review" }
[[simple]]
rule_id = "EARN-05"
text = "10 points for visit, once per day"
name = { fa = "بازدید", en = "Visit" }
[[rules]]
rule_id = "EARN-09"
status = "active"
kind = "earn"
name = { fa = "سفر", en = "Miles" }
member_text = { fa = "هر مایل، یک امتیاز", en = "A point for every mile" }
trigger = "custom:boarding"
basis = { of = "metric:miles" }
effects = [{ type = "earn", purse = "points", calc = { mode = "rate", give = 1, per = 1 } }]
"""


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        found.start()
        _publish(found)
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


def _publish(switch: SwitchProcess) -> None:
    link = Link(switch.terminals)
    link.sign_on(HOST)
    table = compile_rules(DEFAULT_RULES.read_text("utf-8") + RULES, "events")
    for message in upload(link, table.packed, 1, deflated=zlib.compress(table.packed)):
        answer = link.call(message)
        assert answer.fields[39] == "00", answer
    link.close()


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


async def _till(api: RunningApi, switch: SwitchProcess, member: int) -> tuple[Link, str, int]:
    """A shop with a signed-on terminal, the member's card, and the branch."""
    card = await post(api, "/v1/cards", {"member_id": member})
    merchant = await make(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه"})
    branch = await make(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await make(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    return link, str(card["number"]), int(str(branch["id"]))


async def _buy(link: Link, card: str, amount: int, processing_code: str = "000000") -> str:
    message = link.purchase(amount, processing_code, card=card, terminal_id=TERMINAL, merchant_id=SHOP)
    answer: Message = await asyncio.to_thread(link.call, message)
    return answer.text(39)


async def _points(api: RunningApi, member: int) -> object:
    return (await get(api, f"/v1/members/{member}/balances"))["points"]


async def _has_points(api: RunningApi, member: int, points: int) -> None:
    async def has() -> bool:
        return await _points(api, member) == points

    await eventually(has)


async def _try_again_now(api: RunningApi) -> None:
    """As if the day had passed after which what is owed is tried again."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(EarningEvent).where(EarningEvent.next_try_at.is_not(None)).values(next_try_at=utc_now())
        )
    await run_job(api, "send-earning-events")


async def test_earning_spending_and_taking_back(
    api: RunningApi, switch: SwitchProcess, settings: Settings
) -> None:
    member = await add_member(api)
    for template in ("journey", "review", "visit"):
        await use_template(api, template)
    link, card, branch = await _till(api, switch, member)
    assert await _buy(link, card, 2_500_000) == "00"  # 250 points
    values = {"miles": 1250, "flight": "IR721", "day": "1405-08-20"}
    flown = await tell(api, journey(member, "IR721", attributes=values))
    assert (flown["state"], flown["points"], flown["amount"]) == ("earned", 1250, 1250)
    assert flown["text"] == "A point for every mile"

    # A review earns once it is approved; the second of the day gives nothing, by the rule's cap.
    for sku, expected in (("MILK", 50), ("BREAD", 0)):
        body = {
            "member_id": member,
            "subject_kind": "product",
            "subject": sku,
            "text": f"خوب بود، {sku} تازه",
        }
        review = await post(api, "/v1/reviews", body)
        approved = await post(api, f"/v1/reviews/{review['id']}/approval", None)
        earned = await event_in(api, approved["event_id"], "earned")
        assert earned["points"] == expected
        if expected:
            abusive = review["id"]
    await post(api, "/v1/visit-points", {"branch_id": branch, "ways": ["terminal"]})
    here = await post(api, "/v1/visits?wait_s=10", {"member_id": member, "terminal_id": TERMINAL})
    assert (here["points"], here["way"]) == (10, "terminal")
    await _has_points(api, member, 250 + 1250 + 50 + 10)

    # 1,000 of the points are spent at the terminal: the journey can't go back whole, the review can.
    assert await _buy(link, card, 1_000_000, "009100") == "00"
    await _has_points(api, member, 560)
    await post(api, f"/v1/earning-events/{flown['id']}/taking-back", {"reason": "cancelled"})
    await event_in(api, flown["id"], "owing")
    withdrawn = await post(api, f"/v1/reviews/{abusive}/withdrawal", {"reason": "توهین"})
    assert withdrawn["state"] == "withdrawn"
    await event_in(api, withdrawn["event_id"], "taken_back")
    await _has_points(api, member, 510)
    await _try_again_now(api)
    assert (await event_in(api, flown["id"], "owing"))["points"] == 1250

    # Once there is enough again, the rest goes back, once.
    assert await _buy(link, card, 10_000_000) == "00"  # 1,000 points
    await _has_points(api, member, 1510)
    await _try_again_now(api)
    done = await event_in(api, flown["id"], "taken_back")
    takings = done["takings"]
    assert isinstance(takings, list)
    assert [taking["state"] for taking in takings] == ["failed", "failed", "done"]
    await _has_points(api, member, 260)
    report = await api.calls.reconciliation.create_reconciliation()
    assert report.is_balanced is True, report
    (points,) = [total for total in report.totals if (total.holder, total.purse) == ("member", "points")]
    assert points.switch == points.projection == 260
    await asyncio.to_thread(link.close)


async def test_a_rebuild_awards_nothing_again(
    settings: Settings, tmp_path: Path, switch: SwitchProcess
) -> None:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as api:
        member = await add_member(api)
        prize = await post(
            api,
            "/v1/prizes",
            {"kind": "units", "title": "Points", "title_fa": "امتیاز", "purse": 91, "units": 100},
        )
        words = {
            "title": "Two purchases",
            "title_fa": "دو خرید",
            "text": "Buy twice",
            "text_fa": "دو بار بخرید",
        }
        level = {"at_least": 2, "title": "Second", "title_fa": "دوم", "prize_id": prize["id"]}
        await post(
            api,
            "/v1/achievements",
            {"code": "two", **words, "measure": "count", "window": "lifetime", "levels": [level]},
        )
        link, card, _ = await _till(api, switch, member)
        for _ in range(2):
            assert await _buy(link, card, 1_000_000) == "00"
        await _has_points(api, member, 200)
        path = f"/v1/members/{member}/achievements/evaluation"
        first, second = await asyncio.gather(post(api, path, None), post(api, path, None))
        assert first["achievements"] == second["achievements"]
        await _has_points(api, member, 300)
        await asyncio.to_thread(link.close)
    served = runtime.settings
    await rebuild(served)
    async with running_api(
        runtime_with(
            settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
        )
    ) as api:
        await run_job(api, "evaluate-achievements")
        assert len(items_of(await get(api, "/v1/achievement-awards"))) == 1
        report = await api.calls.reconciliation.create_reconciliation()
        assert report.is_balanced is True, report
        assert await _points(api, member) == 300
